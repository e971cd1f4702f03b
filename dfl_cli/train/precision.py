"""Which precision a training computes in, where the options leave it to the program."""

from collections.abc import Callable

from dfl_cli.terminal.console import notice
from dfl_cli.translate import tr

WORTHWHILE = 1.3  # times as fast as float32


def chosen_precision(wanted: str, measure: Callable[[str], float] | None = None) -> str:
    """`wanted`, or what this device is quick in where that is auto. `models.engine.runtime.prepare` comes first.

    measure  (precision) -> how many times as fast as float32; None: tries it
    """
    if wanted != "auto":
        return wanted
    if measure is None:
        from models.engine.precision import speedup as measure
    times = measure("bfloat16")
    if times < WORTHWHILE:
        notice(tr("Computing in float32: bfloat16 is {times:.1f} times as fast here.", times=times))
        return "float32"
    notice(tr("Computing in bfloat16, {times:.1f} times as fast as float32 here.", times=times))
    return "bfloat16"
