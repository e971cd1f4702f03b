"""How long a training step takes: the compiled step of a model on faces of noise, without sampling or saving."""

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from dfl_cli.classes.model_class import ModelClass
from dfl_cli.classes.registry import CLASSES, DEFAULT
from dfl_cli.devices import device_facts
from dfl_cli.options.wizard import ask_table
from dfl_cli.terminal.console import progress
from dfl_cli.train.precision import chosen_precision
from dfl_cli.translate import tr
from models.model_class import faces_per_iteration
from samplers.face_cache import peak_memory

ITERATIONS = 20
WARM_UP = 2  # steps behind the first that do not count: memory is taken
SHOWN_AFTER = 2  # seconds until there is a progress bar


def measure(
    options: Mapping,
    *,
    model_class: str = DEFAULT.name,
    devices: Sequence,
    iterations: int = ITERATIONS,
    ceiling: bool = True,
) -> dict:
    """As `--json` prints it, for a model with the table's defaults for what `options` do not give.

    ms_per_iteration      of `iterations` steps behind the first ones, by the clock: median, 10th and 90th percentile
    first_step_seconds    with compiling
    gflop_per_iteration   billions of operations that a step needs, see `models.flops`
    achieved_gflops       of these in a second
    ceiling_gflops        what the devices reach with large convolutions and products in this precision. None without `ceiling`
    peak_memory_mb        of the process and its libraries, or of the GPU that took most; millions of bytes, None if not known
    """
    from models.engine import runtime

    names = runtime.prepare([gpu.index for gpu in devices] or "cpu", seed=1)

    from models.engine.capacity import ceiling_gflops, peak_gpu_memory  # after prepare: it loads Keras

    options = complete(CLASSES[model_class], options, devices)
    network = CLASSES[model_class].network
    with progress(1 + WARM_UP + iterations, tr("Measuring steps"), keep=False, delay=SHOWN_AFTER) as bar:
        model = network.build(options, seed=1)
        batch = network.noise(faces_per_iteration(options), options["resolution"])
        first, *times = (timed_step(model, batch, bar) for _ in range(1 + WARM_UP + iterations))
    peak = peak_gpu_memory() or peak_memory()
    times = times[WARM_UP:]
    median = float(np.median(times))
    gflop = network.gflop_per_iteration(options)
    highest = max(1, len(names)) * ceiling_gflops(options["precision"]) if ceiling else None
    return {
        "ms_per_iteration": milliseconds(times),
        "iterations": iterations,
        **speed_facts(gflop, median, ceiling=highest),
        "first_step_seconds": round(first, 1),
        "faces_per_second": round(network.faces_per_sample * faces_per_iteration(options) / median, 1),
        "peak_memory_mb": peak and round(peak / 1e6),
        "weights": sum(variable.numpy().size for variable in model.named_weights().values()),
        "model": model_class,
        "batch_size": options["batch_size"],
        "resolution": options["resolution"],
        "precision": options["precision"],
        "engine": runtime.backend(),
        "device": ", ".join(names) or "cpu",
    }


def complete(known: ModelClass, options: Mapping, devices: Sequence) -> dict:
    """Every option of the class; those it has decided itself may be among `options`."""
    fixed = {option.key for option, _ in known.fixed}
    given = {key: value for key, value in options.items() if key not in fixed}
    answers = known.with_fixed(ask_table(known.table, given=given, facts=device_facts(devices), ask_now=False))
    return {**answers, "precision": chosen_precision(answers["precision"], gpu=bool(devices))}


def timed_step(model, batch: tuple, bar) -> float:
    """Seconds until the losses of a step are there."""
    took = seconds(lambda: np.asarray(model.train(batch).losses))
    bar.update(1)
    return took


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def milliseconds(times: Sequence[float]) -> dict[str, float]:
    """Median, 10th and 90th percentile of seconds."""
    low, median, high = np.percentile(times, (10, 50, 90))
    found = {"median": median, "p10": low, "p90": high}
    return {name: round(1000 * float(value), 2) for name, value in found.items()}


def speed_facts(gflop: float, step: float, *, ceiling: float | None) -> dict[str, float | None]:
    """Of a step that takes `step` seconds; `ceiling` in billions of operations a second."""
    return {
        "gflop_per_iteration": round(gflop, 3),
        "achieved_gflops": round(gflop / step, 1),
        "ceiling_gflops": ceiling and round(ceiling, 1),
        "ceiling_fraction": ceiling and round(gflop / step / ceiling, 3),
    }
