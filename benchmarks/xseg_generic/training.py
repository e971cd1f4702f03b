"""Trains the thin network on composed samples; stops and resumes at any time.

python benchmarks/xseg_generic/training.py DATA RUN --resolution 64|128|256 [--minutes M] [--base N]

A run of a resolution twice that of the checkpoint grows the network by a level. DATA holds the shards
of people.py and compose.py, RUN the checkpoint, the log and the weights (averaged, float32).
The learning rate falls over the last 40 % of --minutes.
"""

import argparse
import multiprocessing
import os
import time
from pathlib import Path

import numpy as np

BATCH = {64: 8, 128: 8, 256: 8}
RATE = 7e-4
AVERAGED = 0.997  # weights kept from the step before in the running mean
KEPT = 100  # batches to be used again
HIDDEN_COUNTS = 3.5  # a pixel of the face with something before it, against any other pixel
_DENSE = 128


def compose_batches(folder: Path, resolution: int, seed: int, queue) -> None:
    """In a process of its own; reads the shards again every 600 batches, as more are drawn."""
    import compose
    import cv2

    os.nice(max(0, 19 - os.nice(0)))
    cv2.setNumThreads(1)
    rng = np.random.default_rng(seed)
    while True:
        cache = compose.load(folder, max(resolution, 128))
        for _ in range(600):
            pictures, masks = zip(*(compose.sample(rng, cache) for _ in range(BATCH[resolution])), strict=True)
            pictures, masks = np.uint8(np.stack(pictures) * 255 + 0.5), np.stack(masks)
            if resolution == 64:
                pictures, masks = compose.halved(pictures), masks[:, ::2, ::2]
            queue.put((pictures, masks))


def started(checkpoint: Path, base: int, resolution: int) -> dict[str, np.ndarray]:
    """The state to go on from: fresh, as saved, or grown from half the resolution."""
    import network

    first = {256: 0, 128: 1, 64: 2}[resolution]
    if not checkpoint.exists():
        return _new(network.initial(base, _DENSE, first, 1))
    state = dict(np.load(checkpoint))
    if f"w/conv{first}1/conv/bias" in state:
        return state
    weights = {key[5:]: value for key, value in state.items() if key.startswith("mean/")}
    return _new(network.grow(weights, base, first + 1, 2))


def _new(weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Optimizer at rest."""
    parts = {"w": 1, "m": 0, "v": 0, "mean": 1}
    return {f"{part}/{key}": value * np.float32(by) for part, by in parts.items() for key, value in weights.items()} | {
        "step": np.int64(0)
    }


def train_step(compute):
    """A compiled step: (state, pictures, masks, rate) -> loss, and the counts from which IoU is computed."""
    import network
    import tensorflow as tf

    @tf.function
    def step(weights, first, second, mean, inputs):
        pictures, kinds, rate, number = inputs
        target = tf.cast(kinds == 1, tf.float32)[..., None]
        share = 1 + (HIDDEN_COUNTS - 1) * tf.cast(kinds == 2, tf.float32)[..., None]
        with tf.GradientTape() as tape:
            logits = network.logits(
                {**weights, "compute": compute}, tf.cast(pictures, tf.float32) / 255, compute=compute
            )
            loss = tf.reduce_mean(share * tf.nn.sigmoid_cross_entropy_with_logits(target, logits))
        keys = list(weights)
        slopes = tape.gradient(loss, [weights[key] for key in keys])
        slopes, _ = tf.clip_by_global_norm(slopes, 1.0)
        unbias = tf.sqrt(1 - tf.pow(0.999, number)) / (1 - tf.pow(0.9, number))
        for key, slope in zip(keys, slopes, strict=True):
            first[key].assign(0.9 * first[key] + 0.1 * slope)
            second[key].assign(0.999 * second[key] + 0.001 * slope**2)
            weights[key].assign_sub(rate * unbias * first[key] / (tf.sqrt(second[key]) + 1e-8))
            mean[key].assign(mean[key] + (1 - AVERAGED) * (weights[key] - mean[key]))
        guess, hidden = tf.cast(logits > 0, tf.float32), tf.cast(kinds == 2, tf.float32)[..., None]
        both = tf.reduce_sum(guess * target)
        counts = [both, tf.reduce_sum(tf.maximum(guess, target)), tf.reduce_sum(hidden * (1 - guess)),
                  tf.reduce_sum(hidden), tf.reduce_sum(target)]  # fmt: skip
        return loss, tf.stack([*counts[:2], *counts[2:4], both, counts[4]])

    return step


def train(folder: Path, run: Path, *, resolution: int, minutes: float, base: int, threads: int, steady: bool) -> None:
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    run.mkdir(parents=True, exist_ok=True)
    checkpoint = run / "checkpoint.npz"
    state = started(checkpoint, base, resolution)
    parts = [
        {key[len(p) :]: tf.Variable(v) for key, v in state.items() if key.startswith(p)}
        for p in ("w/", "m/", "v/", "mean/")
    ]
    context = multiprocessing.get_context("spawn")
    queue = context.Queue(12)
    number = int(state["step"])
    worker = context.Process(target=compose_batches, args=(folder, resolution, 1000 + number, queue), daemon=True)
    worker.start()
    step, start, since = train_step(tf.bfloat16), time.time(), time.time()
    sums, losses = np.zeros(6), []
    rng, kept = np.random.default_rng(number), []
    while (gone := (time.time() - start) / (60 * minutes)) < 1:
        if number % 2 or len(kept) < 20:
            kept = [queue.get(), *kept][:KEPT]
            pictures, kinds = kept[0]
        else:  # each batch serves twice, as composing takes as long as a step
            pictures, kinds = (part[:, :, ::-1] for part in kept[rng.integers(len(kept))])
        number += 1
        rate = RATE * min(1.0, number / 100) * (1.0 if steady else min(1.0, max(0.02, (1 - gone) / 0.4)))
        loss, counts = step(*parts, (pictures, kinds, tf.constant(rate, tf.float32), tf.constant(number, tf.float32)))
        losses.append(float(loss))
        sums += counts.numpy()
        if number % 50 == 0:
            report(run, number, losses, sums, (time.time() - since) / 50)
            sums, losses, since = np.zeros(6), [], time.time()
        if number % 100 == 0:
            save(run, parts, number)
    save(run, parts, number)
    worker.terminate()


def report(run: Path, number: int, losses, sums, seconds: float) -> None:
    both, either, left_out, hidden, kept, face = sums
    line = (f"{time.strftime('%H:%M:%S')} step {number} loss {np.mean(losses):.4f} IoU {both / either:.3f} "
            f"hidden left out {left_out / max(hidden, 1):.3f} face kept {kept / max(face, 1):.3f} {seconds:.2f} s/step")  # fmt: skip
    print(line, flush=True)
    with (run / "log.txt").open("a") as log:
        log.write(line + "\n")


def save(run: Path, parts, number: int) -> None:
    names = ("w/", "m/", "v/", "mean/")
    state = {name + key: v.numpy() for name, part in zip(names, parts, strict=True) for key, v in part.items()}
    np.savez(run / "checkpoint.part.npz", step=np.int64(number), **state)
    (run / "checkpoint.part.npz").rename(run / "checkpoint.npz")
    np.savez(run / "weights.part.npz", **{key: v.numpy() for key, v in parts[3].items()})
    (run / "weights.part.npz").rename(run / "weights.npz")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--resolution", type=int, choices=(64, 128, 256), default=256)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--steady", action="store_true", help="keep the learning rate to the end")
    parser.add_argument("--base", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args()
    options = {key: getattr(chosen, key) for key in ("resolution", "minutes", "base", "threads", "steady")}
    train(chosen.data, chosen.run, **options)
