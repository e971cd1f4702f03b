"""Output that may fail: a log on a full disk and a terminal that has gone are no reason to end a training."""

import contextlib
import io
import sys
from collections.abc import Iterator
from typing import TextIO


class BestEffortStream:
    """Like `stream`, but a line it cannot take is lost, and nobody hears of it."""

    def __init__(self, stream: TextIO):
        self._stream = stream

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str):
        return getattr(self._stream, name)


@contextlib.contextmanager
def ignore_output_errors() -> Iterator[None]:
    """Inside it, stdout and stderr are `BestEffortStream`."""
    with (
        unbuffered(sys.stdout) as out,
        unbuffered(sys.stderr) as err,
        contextlib.redirect_stdout(BestEffortStream(out)),
        contextlib.redirect_stderr(BestEffortStream(err)),
    ):
        yield


@contextlib.contextmanager
def unbuffered(stream: TextIO) -> Iterator[TextIO]:
    """The same stream without a buffer, which would keep what could not be written and fail of it again at the end."""
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    if raw is None:  # it stands for no file
        yield stream
        return
    with contextlib.suppress(OSError):
        stream.flush()
    direct = io.TextIOWrapper(raw, encoding=stream.encoding, errors=stream.errors, write_through=True)
    try:
        yield direct
    finally:
        direct.detach()
