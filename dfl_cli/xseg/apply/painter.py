"""Asking a mask network about several faces at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dfl_cli.terminal.console import notice
from dfl_cli.translate import ntr
from dfl_cli.xseg.predict import MaskNetwork

FACES_AT_ONCE = 8


class Painter:
    """A mask network, asked for any number of faces, always the same number at once: another number would be compiled again.

    When memory runs out the number is halved, for good.
    """

    def __init__(self, network: MaskNetwork, *, at_once: int = FACES_AT_ONCE):
        self.network, self.at_once = network, at_once

    def probabilities(self, pictures: Sequence[np.ndarray]) -> list[np.ndarray]:
        """(256, 256, 3) float32 each -> (256, 256) float32 each. Raises MemoryError if the network cannot take even one face."""
        found: list[np.ndarray] = []
        while len(found) < len(pictures):
            part = pictures[len(found) : len(found) + self.at_once]
            try:
                painted = self.network.probabilities(self.padded(part))
            except MemoryError:
                if self.at_once == 1:
                    raise
                self.at_once //= 2
                said = ntr(
                    "Memory ran out. Continuing with {count} face at once.",
                    "Memory ran out. Continuing with {count} faces at once.",
                    count=self.at_once,
                )
                notice(said)
                continue
            found += list(painted[: len(part), ..., 0])
        return found

    def padded(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        """(at_once, 256, 256, 3), black where there are fewer pictures."""
        batch = np.zeros((self.at_once, *pictures[0].shape), np.float32)
        batch[: len(pictures)] = pictures
        return batch
