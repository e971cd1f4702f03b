"""Batches without end, made ahead of time by worker threads.

OpenCV and NumPy release the interpreter's lock, so threads share one cache of faces and start at once.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Generic, TypeVar

import cv2
import numpy as np

Batch = TypeVar("Batch")


class MadeAhead(Generic[Batch]):
    """Batch after batch, from batch number `start` on; a context manager, or call `close()`. Subclasses say how one is made."""

    def __init__(self, *, workers: int, start: int, name: str):
        self.workers = workers
        self._next = start
        self._ahead: deque[Future[Batch]] = deque()
        self._closing = threading.Event()
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix=name)

    def make(self, number: int) -> Batch:
        """Batch `number`, made here and now; CancelledError after `close()`."""
        raise NotImplementedError

    def __iter__(self) -> MadeAhead[Batch]:
        return self

    def __next__(self) -> Batch:
        """The next batch; StopIteration after `close()`, else what `make` raises."""
        if self._closing.is_set():
            raise StopIteration
        cv2.setNumThreads(1)  # OpenCV's own threads would fight the workers for the same cores
        while len(self._ahead) <= self.workers:  # one for each worker and one to hand out
            self._ahead.append(self._threads.submit(self.make, self._next))
            self._next += 1
        try:
            return self._ahead.popleft().result()
        except CancelledError:
            raise StopIteration from None

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Ends the threads; returns when the last has ended, within the time of one sample."""
        self._closing.set()
        self._threads.shutdown(cancel_futures=True)

    def check_open(self) -> None:
        """CancelledError after `close()`; called between samples, so that closing need not wait for a whole batch."""
        if self._closing.is_set():
            raise CancelledError


def empty_pictures(count: int, side: int, channels: Sequence[int]) -> list[np.ndarray]:
    """An array (count, side, side, c) float32 for each c of `channels`, with no meaning yet.

    Views into one block: the system hands out one large block ten times faster than some smaller ones.
    """
    sizes = [count * side * side * each for each in channels]
    parts = np.split(np.empty(sum(sizes), np.float32), np.cumsum(sizes)[:-1])
    return [part.reshape(count, side, side, -1) for part in parts]
