"""Saving in the background: copies are taken between two steps, another thread writes them."""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

FIRST_RETRY, LAST_RETRY = 15.0, 600.0  # seconds after a failed save; doubled from one to the next
MOST_DOUBLINGS = 10  # a disk may stay full for weeks
RECOVERABLE = (OSError, MemoryError)  # errors of a save that do not end the training
WRITER_NICENESS = 10  # of the thread that writes, above that of training


def lower_thread_priority() -> None:
    """Let this thread compute only where training leaves a core free. Linux alone knows priorities of threads."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), WRITER_NICENESS)


class SaveOutcome(NamedTuple):
    """How a save ended."""

    result: Any  # what the write returned; None if it failed
    error: OSError | MemoryError | None
    failures: int  # in a row, with this one; of a save that worked: before it
    retry_seconds: float  # until the next attempt; 0 if none is needed


class BackgroundSaver:
    """One save at a time. All methods are for the training thread; only what `snapshot` returned runs on the other one.

    Args:
        snapshot: copies what is to be saved and returns the function that writes the copies.
    """

    def __init__(self, snapshot: Callable[[], Callable[[], Any]], clock: Callable[[], float] = time.monotonic):
        self.snapshot, self.clock = snapshot, clock
        self.failures = 0
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="dfl-save", initializer=lower_thread_priority)
        self._running: Future | None = None
        self._due = False  # asked for while another one ran
        self._retry_at: float | None = None

    @property
    def busy(self) -> bool:
        """Whether a save is running or due at once."""
        return self.running or self._due

    @property
    def running(self) -> bool:
        """Whether a save was begun whose outcome `poll` has not returned yet."""
        return self._running is not None

    @property
    def due(self) -> bool:
        """Whether `poll` has something to do."""
        if self.running:
            return self._running.done()
        return self._due or (self._retry_at is not None and self.clock() >= self._retry_at)

    def save(self) -> None:
        """Begin a save; while one is running, the next begins after `poll` has returned its outcome, however often it was asked for."""
        if self.running:
            self._due = True
            return
        self._due, self._retry_at = False, None
        try:
            write = self.snapshot()
        except MemoryError as error:
            self._running = Future()
            self._running.set_exception(error)
        else:
            self._running = self._pool.submit(write)

    def run(self, work: Callable[[], None]) -> None:
        """Let the thread do `work` before it writes anything."""
        self._pool.submit(work)

    def poll(self) -> SaveOutcome | None:
        """Call this once per iteration: returns how a save ended that has ended since the last call, or begins one that is due.

        Raises:
            Exception: any error of a write that is not about the disk or the memory.
        """
        if not self.due:
            return None
        if not self.running:
            self.save()
            return None
        ended, self._running = self._running, None
        return self._outcome(ended)

    def wait(self) -> SaveOutcome | None:
        """Like `poll`, after the end of the running save."""
        if self.running:
            self._running.exception()
        return self.poll()

    def close(self) -> None:
        """Finish the running save and end the thread."""
        self._pool.shutdown()

    def _outcome(self, ended: Future) -> SaveOutcome:
        error = ended.exception()
        if error is None:
            before, self.failures = self.failures, 0
            return SaveOutcome(ended.result(), None, before, 0.0)
        if not isinstance(error, RECOVERABLE):
            raise error
        seconds = min(FIRST_RETRY * 2.0 ** min(self.failures, MOST_DOUBLINGS), LAST_RETRY)
        self.failures += 1
        self._due, self._retry_at = False, self.clock() + seconds
        return SaveOutcome(None, error, self.failures, seconds)
