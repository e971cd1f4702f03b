"""What the doctor tries in child processes: `python -m dfl_cli.doctor.trials NAME` prints one JSON object, or fails.

Everything but `opencv` computes where training would: on the GPUs the engine sees, else on the processor.
"""

import json
import sys
import time

SIDE = 64  # pixels of the pictures that are tried
TINY = {
    "resolution": 64, "archi": "df-ud", "ae_dims": 32, "e_dims": 16, "d_dims": 16, "d_mask_dims": 8, "batch_size": 2,
}  # fmt: skip


def opencv() -> dict:
    """Import it, compress a picture and ask for its windows."""
    import cv2
    import numpy as np

    encoded = cv2.imencode(".jpg", np.zeros((8, 8, 3), np.uint8))[0]
    windows = next((line for line in cv2.getBuildInformation().splitlines() if line.strip().startswith("GUI:")), "")
    return {"version": cv2.__version__, "jpeg": bool(encoded), "windows": windows.partition(":")[2].strip()}


def tensorflow() -> dict:
    """Import it and list the GPUs it sees."""
    from models.engine import runtime

    started = time.perf_counter()
    gpus = runtime.prepare(engine="tensorflow")
    return {"gpus": gpus, "import_seconds": round(time.perf_counter() - started, 1)}


def convolution() -> dict:
    return convolve("float32")


def mixed_precision() -> dict:
    """Convolutions in both halves of float32's size, and how quick the one is that training may choose."""
    found = {kind: convolve(kind) for kind in ("bfloat16", "float16")}
    from models.engine.precision import speedup

    return {**found, "bfloat16_speedup": round(speedup("bfloat16"), 2)}


def convolve(kind: str) -> dict:
    """One convolution, first slow, then timed; the sum has to be right."""
    import numpy as np

    from models.engine import runtime

    gpus = runtime.prepare()
    from keras import ops

    x = ops.ones((4, SIDE, SIDE, 16), kind)
    kernel = ops.ones((3, 3, 16, 32), kind)
    middle = np.asarray(ops.cast(ops.conv(x, kernel, padding="same"), "float32"))[0, SIDE // 2, SIDE // 2, 0]
    if middle != 3 * 3 * 16:
        raise ArithmeticError(f"the convolution gives {middle}, not {3 * 3 * 16}")
    started = time.perf_counter()
    np.asarray(ops.cast(ops.conv(x, kernel, padding="same"), "float32"))
    return {"device": gpus[0] if gpus else "cpu", "ms": round(1000 * (time.perf_counter() - started), 2)}


def train_step() -> dict:
    return train(jit=False)


def xla() -> dict:
    return train(jit=True)


def train(*, jit: bool) -> dict:
    """Three steps of a tiny model on noise; the losses have to be numbers."""
    from dfl_cli.classes.registry import DEFAULT
    from dfl_cli.options.wizard import ask_table
    from models.engine import runtime

    gpus = runtime.prepare(seed=0)
    options = ask_table(DEFAULT.table, given={}, ask_now=False) | TINY
    model = DEFAULT.network.build(options, seed=0)
    if jit:
        model.compile(jit=True)
    batch = DEFAULT.network.noise(TINY["batch_size"], SIDE)
    started = time.perf_counter()
    second = [model.train(batch) for _ in range(2)][-1]
    compiled = time.perf_counter()
    model.train(batch)
    if not second.applied:
        raise ArithmeticError(f"losses are {second.losses}")
    return {
        "device": gpus[0] if gpus else "cpu",
        "compile_seconds": round(compiled - started, 1),
        "ms": round(1000 * (time.perf_counter() - compiled), 1),
    }


TRIALS = {trial.__name__: trial for trial in (opencv, tensorflow, convolution, train_step, mixed_precision, xla)}

if __name__ == "__main__":
    print(json.dumps(TRIALS[sys.argv[1]]()), flush=True)
