"""Asking a network for any number of pictures, always the same number at once."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np

FACES_AT_ONCE = 8


class InBatches:
    """A network, asked for any number of pictures.

    It always gets the same number at once: what it makes of a picture depends, in the last bits, on how many it sees, and must not
    depend on where a batch was interrupted. Only when memory runs out the number is halved, for good.
    """

    def __init__(
        self,
        ask: Callable[[np.ndarray], tuple],
        at_once: int = FACES_AT_ONCE,
        *,
        on_fewer: Callable[[int], None] = lambda at_once: None,
    ):
        """ask       pictures (at_once, n, n, 3) float32 -> arrays that begin with the same number
        on_fewer  called with each halved number
        """
        self.ask, self.at_once, self.on_fewer = ask, at_once, on_fewer

    def __call__(self, pictures: Sequence[np.ndarray]) -> Iterator[tuple]:
        """What the network makes of each. Raises MemoryError if it cannot take even one."""
        pictures = list(pictures)
        while pictures:
            try:
                answers = self.ask(self.padded(pictures[: self.at_once]))
            except MemoryError:
                if self.at_once == 1:
                    raise
                self.at_once //= 2
                self.on_fewer(self.at_once)
                continue
            yield from islice(zip(*answers, strict=True), len(pictures))
            del pictures[: self.at_once]

    def padded(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        """(at_once, n, n, 3), black where there are fewer."""
        padded = np.zeros((self.at_once, *pictures[0].shape), np.float32)
        padded[: len(pictures)] = pictures
        return padded
