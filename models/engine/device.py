"""What goes to the device that computes steps, and in which order, so that it never waits for Python and Python rarely for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import keras
import numpy as np

from models.engine.engine import engine

LEVELS = np.arange(256, dtype=np.float32) / np.float32(255)  # of an 8-bit picture, as samplers compute them
PROBES = 1024  # numbers that are looked at before all are: nearly every array shows there what it is


class NotComputed(RuntimeError):
    """A step was not computed because the one before it failed."""


class Pending:
    """A step that was dispatched. Times are seconds of `time.perf_counter`, known once there is a result."""

    def __init__(self, compute: Callable[[], Any], after: Pending | None):
        self._compute, self._after = compute, after
        self.started = self.finished = 0.0
        self.future: Future | None = None

    def run(self):
        if self._after is not None and self._after.future.exception() is not None:
            raise NotComputed from self._after.future.exception()
        self._after = None  # or a whole training would hang together
        self.started = time.perf_counter()
        found = self._compute()
        self.finished = time.perf_counter()
        return found

    def result(self):
        """What the step returned or raised, when it has been computed. Raises NotComputed."""
        return self.future.result()

    def wait(self) -> None:
        """Until it has been computed or has failed."""
        self.future.exception()


class Device:
    """A queue of steps, computed one after the other by a thread of its own. This one shares the computer's memory."""

    def __init__(self):
        self._queue = ThreadPoolExecutor(1, thread_name_prefix="dfl-device")

    def upload(self, batch):
        """The arrays of `batch` where steps read them, in the same structure; called while another step is computed."""
        return batch

    def dispatch(self, train: Callable, batch, after: Pending | None = None) -> Pending:
        """Let `train(batch)` be computed next, and return at once. It is left out if `after`, dispatched before it, fails."""
        step = Pending(lambda: train(batch), after)
        step.future = self._queue.submit(step.run)
        return step

    def close(self) -> None:
        """Wait for what was dispatched, and end the thread."""
        self._queue.shutdown()


class RemoteDevice(Device):
    """A device with memory of its own. As few bytes as possible go there, and the numbers that arrive are the same, bit for bit."""

    def __init__(self, name: str):
        super().__init__()
        self.name = name
        self._levels = None

    def upload(self, batch):
        sent: list[tuple] = []  # (array, tensor) of this batch
        return keras.tree.map_structure(lambda array: self._send_once(array, sent), batch)

    def put(self, array: np.ndarray):
        """`array` in the memory of the device."""
        with engine().on(self.name):
            return engine().put(array)

    def _send_once(self, array: np.ndarray, sent: list[tuple]):
        """Without random warp the network is shown what it should answer: one array for two."""
        for other, tensor in sent:
            if same_bits(array, other):
                return tensor
        levels = as_levels(array)
        tensor = self.put(array) if levels is None else self._widened(self.put(levels))
        sent.append((array, tensor))
        return tensor

    def _widened(self, levels):
        """uint8 0..255 -> float32 0..1 on the device, from a table: its own division might round in another way."""
        if self._levels is None:
            self._levels = self.put(LEVELS)
        with engine().on(self.name):
            return keras.ops.take(self._levels, keras.ops.cast(levels, "int32"), axis=0)


def as_levels(array: np.ndarray) -> np.ndarray | None:
    """`array` as uint8 if every number of it is k/255 to the last bit, as in pictures that were decoded and not resampled; else None."""
    if array.dtype != np.float32 or levels_of(probes(array)) is None:
        return None
    return levels_of(array)


def levels_of(array: np.ndarray) -> np.ndarray | None:
    if not (array.min(initial=1) >= 0 and array.max(initial=0) <= 1):  # also where a number is none
        return None
    levels = np.rint(array * 255).astype(np.uint8)
    return levels if np.array_equal(bits(LEVELS[levels]), bits(array)) else None


def same_bits(array: np.ndarray, other: np.ndarray) -> bool:
    """Whether both hold the same numbers; a zero with a sign is another one than that without."""
    if array.shape != other.shape or array.dtype != other.dtype:
        return False
    return np.array_equal(bits(probes(array)), bits(probes(other))) and np.array_equal(bits(array), bits(other))


def probes(array: np.ndarray) -> np.ndarray:
    """A few numbers from all over `array`."""
    return np.ascontiguousarray(array.reshape(-1)[:: max(1, array.size // PROBES)])


def bits(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array).view(f"u{array.itemsize}")


def step_device() -> Device:
    """The one for the steps of this process: a single GPU gets its batches ahead.

    Several share a batch inside the compiled step, from the computer's memory.
    """
    names = engine().computing_devices()
    return Device() if len(names) > 1 or "GPU" not in names[0] else RemoteDevice(names[0])
