"""Asking a mask network about several faces at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dfl_cli.in_batches import FACES_AT_ONCE, InBatches
from dfl_cli.terminal.console import notice
from dfl_cli.translate import ntr
from dfl_cli.xseg.predict import MaskNetwork


class Painter:
    """A mask network, asked for any number of faces, always the same number at once: another number would be compiled again."""

    def __init__(self, network: MaskNetwork, *, at_once: int = FACES_AT_ONCE):
        self.network = network
        self.ask = InBatches(
            lambda pictures: (network.probabilities(pictures)[..., 0],), at_once, on_fewer=report_fewer
        )

    @property
    def at_once(self) -> int:
        return self.ask.at_once

    def probabilities(self, pictures: Sequence[np.ndarray]) -> list[np.ndarray]:
        """(256, 256, 3) float32 each -> (256, 256) float32 each. Raises MemoryError if the network cannot take even one face."""
        return [mask for (mask,) in self.ask(pictures)]


def report_fewer(count: int) -> None:
    said = ntr(
        "Memory ran out. Continuing with {count} face at once.",
        "Memory ran out. Continuing with {count} faces at once.",
        count=count,
    )
    notice(said)
