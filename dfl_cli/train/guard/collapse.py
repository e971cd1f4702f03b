"""Whether the network still reconstructs faces, or has collapsed to one picture for every input."""

import math
from collections.abc import Mapping

import numpy as np

from dfl_cli.train.guard.verdict import Verdict

CHECK_INTERVAL, RECHECK_INTERVAL = 100, 10  # iterations from one check to the next, and after a suspicious one
COLLAPSED, HEALTHY = 0.02, 0.1  # see `variety`


class CollapseMonitor:
    """Checks now and then whether each reconstruction has collapsed.

    One that has never varied is new, not collapsed.
    """

    def __init__(self, iteration: int):
        self.next_check = iteration + 1  # compiles what it needs while the first iteration is slow anyway
        self._interval = RECHECK_INTERVAL  # after it; so that checks and pictures of the preview history take turns
        self.since: int | None = None  # the last good check before a suspicious one
        self._last_healthy = iteration
        self._healthy: set[str] = set()

    def check(self, iteration: int, varieties: Mapping[str, float]) -> Verdict | None:
        """`varieties` of the reconstructions by name, see `variety`."""
        collapsed = [name for name, found in varieties.items() if name in self._healthy and found < COLLAPSED]
        self._healthy |= {name for name, found in varieties.items() if found > HEALTHY}
        self.next_check = iteration + (RECHECK_INTERVAL if collapsed else self._interval)
        self._interval = CHECK_INTERVAL
        if not collapsed:
            self._last_healthy, self.since = iteration, None
        elif self.since is None:
            self.since = self._last_healthy
        else:
            return Verdict("constant", self.since, collapsed[0])
        return None

    def postpone(self, iteration: int) -> None:
        """The check could not be made."""
        self.next_check = iteration + CHECK_INTERVAL

    def rolled_back(self, iteration: int) -> None:
        self._last_healthy, self.since, self.next_check = iteration, None, iteration + RECHECK_INTERVAL


def variety(predicted: np.ndarray, target: np.ndarray) -> float:
    """How much of what makes `target` more than one color and one face `predicted` has: 0 nothing, about 1 all of it.

    Both (B, H, W, 3) 0..1. What `target` does not show itself counts as present: two pictures of one face, a single picture.
    """
    spreads = [
        (pictures.std(axis=(1, 2)).max(), np.abs(pictures - pictures[:1]).mean()) for pictures in (predicted, target)
    ]
    return min((float(own / wanted) for own, wanted in zip(*spreads, strict=True) if wanted > 0.01), default=math.inf)
