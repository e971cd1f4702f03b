"""What XSeg costs: faces to which masks are painted, and a training step beside the plain one of SAEHD, on noise."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from dfl_cli.bench.step import complete, milliseconds, seconds, speed_facts
from dfl_cli.classes.saehd import SAEHD
from dfl_cli.classes.xseg import XSEG
from dfl_cli.in_batches import FACES_AT_ONCE
from dfl_cli.terminal.console import progress
from dfl_cli.translate import tr
from models.model_class import faces_per_iteration

ROUNDS = 10
WARM_UP = 2  # rounds that do not count: compiling, then memory is taken
SHOWN_AFTER = 2  # seconds until there is a progress bar


def measure(options: Mapping, *, devices: Sequence, rounds: int = ROUNDS) -> dict:
    """As `--json` prints it, for XSeg with the table's defaults for what `options` do not give.

    apply_faces_per_second  painted, in batches of `apply_batch`; cutting and storing masks do not count
    ms_per_iteration        of a training step: median, 10th and 90th percentile of `iterations`
    plain_ms_per_iteration  the same of SAEHD's with its defaults in the same precision, which takes turns with it
    step_ratio              median of how much longer than the plain step a step takes
    gflop_per_iteration     billions of operations that a step needs, see `models.flops`
    achieved_gflops         of these in a second
    ceiling_gflops          what the devices reach with large convolutions and products in this precision
    """
    from models.engine import runtime

    names = runtime.prepare([gpu.index for gpu in devices] or "cpu", seed=1)

    from models.engine.capacity import ceiling_gflops  # after prepare: it loads Keras

    options = complete(XSEG, options, devices)
    plain = complete(SAEHD, {"precision": options["precision"]}, devices)
    works = {
        "apply": painting(XSEG.network.build({**options, "pretrain": False}, seed=1)),
        "step": stepping(XSEG, options),
        "plain": stepping(SAEHD, plain),
    }
    times = in_turns(works, rounds)
    gflop = XSEG.network.gflop_per_iteration(options)
    highest = max(1, len(names)) * ceiling_gflops(options["precision"])
    return {
        **facts(times, options, gflop=gflop, ceiling=highest),
        "plain_model": SAEHD.name,
        "plain_batch_size": plain["batch_size"],
        "plain_gflop_per_iteration": round(SAEHD.network.gflop_per_iteration(plain), 3),
        "device": ", ".join(names) or "cpu",
    }


def painting(model) -> Callable[[], object]:
    pictures = XSEG.network.noise(FACES_AT_ONCE, model.resolution).picture
    return lambda: model.view(pictures)


def stepping(known, options: Mapping) -> Callable[[], object]:
    """A training step, until its losses are there."""
    model = known.network.build(options, seed=1)
    batch = known.network.noise(faces_per_iteration(options), options["resolution"])
    return lambda: np.asarray(model.train(batch).losses)


def in_turns(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each work in each round, so that all meet the same moments of the machine."""
    times: dict[str, list[float]] = {name: [] for name in works}
    with progress((WARM_UP + rounds) * len(works), tr("Measuring steps"), keep=False, delay=SHOWN_AFTER) as bar:
        for _ in range(WARM_UP + rounds):
            for name, work in works.items():
                times[name].append(seconds(work))
                bar.update(1)
    return {name: taken[WARM_UP:] for name, taken in times.items()}


def facts(times: Mapping[str, Sequence[float]], options: Mapping, *, gflop: float, ceiling: float) -> dict:
    """The part of the result that times decide."""
    return {
        "apply_faces_per_second": round(FACES_AT_ONCE / float(np.median(times["apply"])), 2),
        "apply_batch": FACES_AT_ONCE,
        "ms_per_iteration": milliseconds(times["step"]),
        "plain_ms_per_iteration": milliseconds(times["plain"]),
        "step_ratio": round(float(np.median(np.divide(times["step"], times["plain"]))), 3),
        "iterations": len(times["step"]),
        **speed_facts(gflop, float(np.median(times["step"])), ceiling=ceiling),
        "batch_size": options["batch_size"],
        "resolution": options["resolution"],
        "precision": options["precision"],
    }
