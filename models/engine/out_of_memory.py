"""Memory that is not enough, told apart from other failures. Loads no TensorFlow."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

LENGTH = 200  # of what is quoted
# What TensorFlow and the libraries below it say, in lower case. Each comes up with another class of error: the allocator with
# ResourceExhaustedError, oneDNN with AbortedError, cuDNN and cuBLAS with InternalError, tracing in full memory with any.
SIGNS = (
    "oom when allocating",
    "out of memory",
    "out_of_memory",
    "bad_alloc",
    "failed to allocate",
    "alloc failed",
    "alloc_failed",
    "cannot allocate memory",
    "status: 1, message: could not",  # 1: dnnl_out_of_memory
)
NATIVE = ("tensorflow.", "google.protobuf.", "keras.", "jax")  # modules whose errors are looked at for signs


class OutOfMemory(MemoryError):
    """The memory of the device, or the computer's, was not enough.

    said    what the library said about it, short
    intact  False when a step was interrupted while it changed weights: they must not be saved
    """

    def __init__(self, said: str, *, intact: bool = True):
        super().__init__(said)
        self.said, self.intact = said, intact


@contextmanager
def as_out_of_memory(intact: Callable[[], bool] = lambda: True) -> Iterator[None]:
    """Inside it, lack of memory raises OutOfMemory, whatever class of error the libraries chose.

    intact  asked then: are all weights as they were before?
    """
    try:
        yield
    except OutOfMemory:
        raise
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise OutOfMemory(quoted(error), intact=intact()) from error


def is_out_of_memory(error: Exception) -> bool:
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return True
    return type(error).__module__.startswith(NATIVE) and any(sign in str(error).lower() for sign in SIGNS)


def quoted(error: Exception) -> str:
    """The line of a long message that tells of memory, without the place in the program."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if any(sign in line.lower() for sign in SIGNS)]
    line = (telling or lines or [type(error).__name__])[-1]
    return line.partition("[[")[0].strip()[:LENGTH]
