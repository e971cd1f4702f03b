"""The batches of a session, each taken from its feed and uploaded while the one before it is trained."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple


class Uploaded(NamedTuple):
    """A batch."""

    batch: tuple  # NumPy arrays
    on_device: Any  # the same for the compiled step


class Upcoming:
    """Iterator of `Uploaded`. One thread takes and uploads a single batch ahead, from `prepare` on.

    Args:
        feed: endless iterator of batches.
        upload: (batch) -> the same where the device computes, see `Device`.
    """

    def __init__(self, feed, upload: Callable):
        self.feed, self.upload = feed, upload
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="dfl-upload")
        self._coming: Future[Uploaded] | None = None
        self._returned: deque[Uploaded] = deque()

    def prepare(self) -> None:
        """Begin with the next one, unless it is there or on its way."""
        if self._coming is None and not self._returned:
            self._coming = self._thread.submit(self._take)

    def comes(self) -> bool:
        """Whether there is a next one; waits for it. If not, `next` raises what the feed or the upload raised."""
        self.prepare()
        return bool(self._returned) or self._coming.exception() is None

    def __next__(self) -> Uploaded:
        if self._returned:
            return self._returned.popleft()
        self.prepare()
        coming, self._coming = self._coming, None
        return coming.result()

    def put_back(self, batch: Uploaded) -> None:
        """Let it be the next one again."""
        self._returned.appendleft(batch)

    def close(self) -> None:
        """Wait for the batch on its way, and end the thread."""
        self._thread.shutdown()
        self._coming = None
        self._returned.clear()

    def _take(self) -> Uploaded:
        batch = next(self.feed)
        return Uploaded(batch, self.upload(batch))
