"""Sharpness is measured while the page is open: pictures of 100,000 faces take minutes to read."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

from dfl_cli.review.session import ReviewSession

BATCH = 32  # faces between two looks at whether to stop
LOOK_SECONDS = 2.0  # until the next look for faces that came back from the trash
THREADS = max((os.cpu_count() or 1) // 2, 1)  # the page needs some, too


class SharpnessWorker:
    """A context manager; `done` and `total` count faces, and `idle` is set once all were measured that were there at first."""

    def __init__(self, session: ReviewSession):
        self.session, self.done, self.total = session, 0, 0
        self._stopped, self.idle = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="sharpness", daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stopped.set()
        self._thread.join()

    @property
    def running(self) -> bool:
        return self.done < self.total

    def _run(self) -> None:
        tried: set[str] = set()
        with ThreadPoolExecutor(THREADS, thread_name_prefix="sharpness") as pool:
            while not self._stopped.is_set():
                names = [name for name in self.session.unmeasured() if name not in tried]
                tried.update(names)
                self._measure_all(names, pool)
                self.idle.set()
                self._stopped.wait(LOOK_SECONDS)

    def _measure_all(self, names: list[str], pool: ThreadPoolExecutor) -> None:
        self.done, self.total = 0, len(names)
        batches = [names[start : start + BATCH] for start in range(0, len(names), BATCH)]
        for number, measured in enumerate(pool.map(self._measure, batches), start=1):
            self.done = min(number * BATCH, len(names))
            if measured:
                self.session.take_sharpness(measured, last=number == len(batches))

    def _measure(self, names: list[str]) -> dict[str, float]:
        return {} if self._stopped.is_set() else self.session.measures.measure_sharpness(names)
