"""How long a training step takes: the compiled step of a model on faces of noise, without sampling or saving."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.options.wizard import ask_table
from models.classes.pair_batch import PairBatch

STEPS = 10


def measure(options: Mapping, *, devices: Sequence) -> dict:
    """As `--json` prints it, for a SAEHD model with the table's defaults for what `options` do not give.

    step_ms  median of ten steps after the first two
    """
    from models.engine import runtime

    names = runtime.prepare([gpu.index for gpu in devices] or "cpu", seed=1)
    options = ask_table(SAEHD.table, given=options, ask_now=False)
    model = SAEHD.network.build(options, seed=1)
    batch = noise(options["batch_size"], options["resolution"])
    first = seconds(lambda: model.train(batch))
    model.train(batch)
    step = statistics.median(seconds(lambda: model.train(batch)) for _ in range(STEPS))
    return {
        "step_ms": round(1000 * step, 1),
        "first_step_seconds": round(first, 1),
        "faces_per_second": round(2 * options["batch_size"] / step, 1),  # of src and dst
        "weights": sum(variable.numpy().size for variable in model.named_weights().values()),
        "device": ", ".join(names) or "cpu",
    }


def noise(batch_size: int, resolution: int):
    """A batch of random pictures, all of it face."""
    random = np.random.default_rng(1)
    pictures = random.random((batch_size, resolution, resolution, 3), np.float32)
    masks = np.ones((batch_size, resolution, resolution, 1), np.float32)
    return PairBatch(*(pictures, pictures, masks, masks) * 2)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
