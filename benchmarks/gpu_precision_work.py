"""What the child processes of gpu_precision.py do. Each prints its results as lines of JSON."""

import json
import statistics
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

HELD_OUT = 32  # faces of each set
SSIM_BLUR = {"ksize": (11, 11), "sigmaX": 1.5}  # the usual window, pixels
READY = "ready"  # printed by what waits for its turn


def options_of(given: dict) -> dict:
    """What the table of SAEHD answers for the rest."""
    from dfl_cli.classes.saehd import SAEHD
    from dfl_cli.options.wizard import ask_table

    return ask_table(SAEHD.table, given=given, ask_now=False)


def tell(**result) -> None:
    print(json.dumps(result), flush=True)


def noise(batch_size: int, resolution: int):
    """A batch of random pictures, all of it face; that of `dfl bench step`."""
    from models.classes.pair_batch import PairBatch

    pictures = np.random.default_rng(1).random((batch_size, resolution, resolution, 3), np.float32)
    masks = np.ones((batch_size, resolution, resolution, 1), np.float32)
    return PairBatch(*(pictures, pictures, masks, masks) * 2)


def make_samples(faces: str, file: str, seed: int, batches: int, given: dict) -> None:
    """Training batches of one seed and the faces held out, as uint8 arrays in `file`."""
    from dfl_cli.classes.pair_feed import PairFeed, sample_spec
    from samplers.face_sampler import FaceSampler
    from samplers.files.faces import open_faceset

    options = options_of(given)
    arrays, sets = {}, []
    for side, folder in (("src", "man_a"), ("dst", "man_b")):
        whole = list(open_faceset(Path(faces) / folder))
        held = set(np.linspace(0, len(whole) - 1, HELD_OUT).astype(int).tolist())
        sampler = FaceSampler(sample_spec(options, side, scale_range=(-0.15, 0.15)))
        shown = [sampler.prepare(whole[place]) for place in sorted(held)]
        arrays[f"held_{side}"] = np.stack([as_bytes(face.image) for face in shown])
        arrays[f"held_mask_{side}"] = np.stack([as_bytes(face.mask).reshape(face.image.shape[:2]) for face in shown])
        sets.append([face for place, face in enumerate(whole) if place not in held])
    size, side = options["batch_size"], options["resolution"]
    names = {"warped_src": 0, "target_src": 1, "mask_src": 2, "warped_dst": 4, "target_dst": 5, "mask_dst": 6}
    for name in names:
        arrays[name] = np.empty((batches, size, side, side, 1 if "mask" in name else 3), np.uint8)
    with PairFeed(dict(zip(("src", "dst"), sets, strict=True)), options, seed=seed, start=0) as feed:
        for number in range(batches):
            batch = next(feed)
            for name, place in names.items():
                arrays[name][number] = as_bytes(batch[place])
    with Path(f"{file}.part").open("wb") as target:
        np.savez(target, **arrays)
    Path(f"{file}.part").rename(file)


def as_bytes(picture: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def train_and_judge(files: dict, precision: str, seeds: list, iterations: int, every: int, given: dict) -> None:
    """Train a small model with each seed on its samples, and tell now and then how well it paints the faces held out."""
    import jax
    from jax_step import JaxSaehd, compute_in

    from models.classes.pair_batch import PairBatch

    compute_in(precision)
    models = {seed: JaxSaehd(options_of(given), seed=seed, precision=precision) for seed in seeds}
    first = models[seeds[0]]  # weights are arguments: what is compiled for one model serves all

    def train(state, samples, number):
        taken = {name: array[number].astype("float32") / 255 for name, array in samples.items()}
        masks = {f"em_{side}": taken[f"mask_{side}"] for side in ("src", "dst")}  # not looked at
        return first.step(state, PairBatch(**taken, **masks))

    train, paint = jax.jit(train, donate_argnums=0), jax.jit(first.reconstruct)
    for seed, model in models.items():
        while not Path(files[str(seed)]).exists():
            time.sleep(0.1)
        samples = dict(np.load(files[str(seed)]))
        held = {name: samples.pop(name) for name in list(samples) if name.startswith("held")}
        shown = [jax.device_put(np.float32(held[f"held_{side}"]) / 255) for side in ("src", "dst")]
        samples, state, told, began = jax.device_put(samples), model.first_state(), [], time.monotonic()
        for iteration in range(1, iterations + 1):
            state, found = train(state, samples, iteration - 1)
            told.append(found)
            if iteration % every == 0:
                painted = paint(state.weights, *shown)
                *losses, applied = np.mean(jax.device_get(told), axis=0).tolist()
                tell(
                    precision=precision, seed=seed, iteration=iteration, loss=losses, applied=applied,
                    scale=float(state.scale), **judge(held, painted), seconds=round(time.monotonic() - began, 2),
                )  # fmt: skip
                told = []


def judge(held: dict, painted: tuple) -> dict:
    return {
        side: fidelity(held[f"held_{side}"], np.asarray(pictures), held[f"held_mask_{side}"])
        for side, pictures in zip(("src", "dst"), painted, strict=True)
    }


def fidelity(truth: np.ndarray, painted: np.ndarray, masks: np.ndarray) -> dict:
    """PSNR in dB and SSIM inside the mask, means over faces. truth, masks uint8; painted float 0..1."""
    import cv2

    psnr, ssim = [], []
    for one, guess, mask in zip(truth / 255, painted.astype(np.float64), masks / 255, strict=True):
        mask = mask[..., None]
        psnr.append(-10 * np.log10((np.square(one - guess) * mask).sum() / (3 * mask.sum())))
        a, b = one * mask, guess * mask
        mean_a, mean_b, aa, bb, ab = (cv2.GaussianBlur(x, **SSIM_BLUR) for x in (a, b, a * a, b * b, a * b))
        c1, c2 = 0.01**2, 0.03**2
        luminance = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
        structure = (2 * (ab - mean_a * mean_b) + c2) / (aa - mean_a**2 + bb - mean_b**2 + c2)
        ssim.append((luminance * structure * mask).sum() / (3 * mask.sum()))
    return {"psnr": round(float(np.mean(psnr)), 4), "ssim": round(float(np.mean(ssim)), 5)}


def time_step(name: str, precision: str, checkpoint: str, given: dict, steps: int) -> None:
    """Compile, wait for a line on standard input, time. Batches are on the device already."""
    import jax
    from jax_step import JaxSaehd, compute_in

    compute_in(precision)
    options = options_of(given)
    model = JaxSaehd(options, seed=1, precision=precision, checkpoint=checkpoint)
    state, batch = model.first_state(), jax.device_put(noise(options["batch_size"], options["resolution"]))
    began = time.perf_counter()
    lowered = jax.jit(model.step, donate_argnums=0).lower(state, batch)
    step = lowered.compile()
    losses = []
    for number in range(5):
        state, told = jax.block_until_ready(step(state, batch))
        losses.append(np.asarray(told).tolist())
        if number == 0:
            first = time.perf_counter() - began
    print(READY, flush=True)
    sys.stdin.readline()
    for _ in range(5):
        state, told = jax.block_until_ready(step(state, batch))
    taken = []
    for _ in range(steps):
        began = time.perf_counter()
        state, told = jax.block_until_ready(step(state, batch))
        taken.append(1000 * (time.perf_counter() - began))
    began = time.perf_counter()
    for _ in range(steps):
        state, told = step(state, batch)
    jax.block_until_ready(told)
    unwaited = 1000 * (time.perf_counter() - began) / steps
    p10, p90 = np.percentile(taken, [10, 90])
    tell(
        model=name, precision=precision, checkpoint=checkpoint,
        ms_per_iteration={"median": round(statistics.median(taken), 3), "p10": round(p10, 3), "p90": round(p90, 3)},
        ms_without_waiting=round(unwaited, 3), first_step_seconds=round(first, 1),
        peak_bytes=(jax.devices()[0].memory_stats() or {}).get("peak_bytes_in_use"), compiled_bytes=bytes_of(step),
        flops=flops_of(lowered), losses=losses, options={**given},
    )  # fmt: skip


def bytes_of(step) -> int | None:
    """Of arguments, results and what is in between, as the compiler planned it."""
    plan = step.memory_analysis()
    if plan is None:
        return None
    shared = plan.argument_size_in_bytes + plan.output_size_in_bytes - plan.alias_size_in_bytes
    return shared + plan.temp_size_in_bytes


def flops_of(lowered) -> float | None:
    """Of one step as it was written, before equal parts are merged: too many where there are discriminators."""
    with suppress(NotImplementedError, RuntimeError):  # not every device can tell
        return (lowered.cost_analysis() or {}).get("flops")
    return None


def losses_of_steps(backend: str, given: dict, checkpoint: str = "none") -> None:
    """Losses of five float32 steps on noise, by the project's own step or by this script's."""
    options = options_of(given)
    batch, losses = noise(options["batch_size"], options["resolution"]), []
    if backend == "tensorflow":
        from models.engine import runtime

        runtime.prepare("cpu", seed=1)
        from models.classes.saehd import SAEHD

        model = SAEHD.build(options, seed=1)
        losses = [np.asarray(model.train(batch).losses).tolist() for _ in range(5)]
    else:
        import jax
        from jax_step import JaxSaehd, compute_in

        compute_in("float32")
        model = JaxSaehd(options, seed=1, precision="float32", checkpoint=checkpoint)
        state, step = model.first_state(), jax.jit(model.step, donate_argnums=0)
        for _ in range(5):
            state, told = step(state, batch)
            losses.append(np.asarray(told[:2]).tolist())
    tell(losses=losses)


WORK = {"samples": make_samples, "quality": train_and_judge, "speed": time_step, "losses": losses_of_steps}
