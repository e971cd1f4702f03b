"""Which number format a training computes in, and what to say about it."""

from collections.abc import Callable

from dfl_cli.errors import UserError
from dfl_cli.terminal.console import notice
from dfl_cli.translate import tr

WORTHWHILE = 1.3  # times as fast as float32


def chosen_precision(wanted: str, *, gpu: bool, measure: Callable[[str], float] | None = None) -> str:
    """`wanted`, or what this device is quick in where that is auto. `models.engine.runtime.prepare` comes first.

    Args:
        gpu: it computes on one.
        measure: (precision) -> how many times as fast as float32; None: tries it.

    Raises:
        UserError: the device cannot compute in it.
    """
    if wanted == "float32":
        return wanted
    if wanted == "float16" and not gpu:
        notice(tr("float16 is for GPUs: on a processor it takes many times as long as float32."))
        return wanted
    if measure is None:
        from models.engine.precision import speedup as measure
    times = measure("bfloat16" if wanted == "auto" else wanted)
    if wanted == "auto":
        return automatic(times)
    if not times:
        raise UserError(
            tr("This device cannot compute in {precision}.", precision=wanted),
            saw=f"--precision {wanted}",
            fix=tr("Use --precision auto."),
        )
    if times < 1:
        notice(slower_line(wanted, times))
    return wanted


def automatic(times: float) -> str:
    """What auto means where bfloat16 is `times` as fast as float32."""
    if not times:
        notice(tr("Computing in float32: this device has no bfloat16."))
        return "float32"
    if times < WORTHWHILE:
        notice(tr("Computing in float32: bfloat16 is {times:.1f} times as fast here.", times=times))
        return "float32"
    notice(tr("Computing in bfloat16, {times:.1f} times as fast as float32 here.", times=times))
    return "bfloat16"


def slower_line(precision: str, times: float) -> str:
    return tr(
        "{precision} is slower than float32 here ({times:.2f} times as fast). --precision auto takes what is faster.",
        precision=precision,
        times=times,
    )
