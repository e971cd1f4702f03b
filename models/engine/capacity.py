"""What the device that computes can do at best, and how much of its memory was taken."""

import time
from collections.abc import Callable

from models.engine.engine import engine

BURST = 0.02  # seconds


def ceiling_gflops(precision: str, *, seconds: float = 1.5) -> float:
    """Billions of operations in a second that this device reaches: the best of large products, forward and both ways back.

    precision  number format of what goes in and comes out
    seconds    spent on it, besides compiling
    """
    kinds = engine().products(precision)
    for work, _ in kinds:
        work()
    best, end = 0.0, time.perf_counter() + seconds
    while not best or time.perf_counter() < end:
        best = max(best, *(gflop * times_a_second(work) for work, gflop in kinds))
    return best


def times_a_second(work: Callable[[], object]) -> float:
    """Of enough calls that a clock can tell."""
    count, took, began = 0, 0.0, time.perf_counter()
    while took < BURST:
        work()
        count, took = count + 1, time.perf_counter() - began
    return count / took


def peak_gpu_memory() -> int | None:
    """Bytes on the GPU that took most since the program began; None on the processor."""
    return engine().peak_gpu_memory()
