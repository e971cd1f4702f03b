"""What a step draws at random: a pure function of seed, name and iteration, so that a resumed run draws what one go would have."""

import zlib
from collections.abc import Callable
from contextlib import nullcontext

from keras import ops

from models.engine.engine import engine

PROCESSOR = "CPU:0"


def seeded_mask(seed: int, keep: float, *, on_processor: bool = False) -> Callable:
    """Learning-rate dropout: `draw_mask` for an optimizer that keeps a weight's step with probability `keep`.

    on_processor  draw where the memory is the computer's: slower, and leaves more of the GPU to the batch
    """

    def draw_mask(iteration, path: str, shape: tuple):
        with engine().on(PROCESSOR) if on_processor else nullcontext():
            return ops.cast(seeded_uniform(f"{seed}/{path}", iteration, shape) < keep, "float32")

    return draw_mask


def seeded_choice(seed: int, *, count: int, total: int) -> Callable:
    """A function (iteration, rows) -> 0/1 float32 (rows, total): in each row exactly `count` ones, at places of its own."""

    def choose(iteration, rows):
        uniform = seeded_uniform(f"{seed}/choice", iteration, (rows, total))
        ranks = ops.argsort(ops.argsort(uniform, axis=1), axis=1)
        return ops.cast(ranks < count, "float32")

    return choose


def seeded_uniform(name: str, iteration, shape: tuple):
    """Numbers 0..1 that depend on nothing but the arguments."""
    return engine().uniform(zlib.crc32(name.encode()) & 0x7FFFFFFF, iteration, shape)
