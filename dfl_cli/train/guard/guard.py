"""Whether a training has diverged, judged by its steps, its losses and its reconstructions. Knows no clock and no files."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from dfl_cli.train.guard.collapse import CollapseMonitor, variety
from dfl_cli.train.guard.losses import LossMonitor
from dfl_cli.train.guard.verdict import Verdict

MAX_SKIPPED_STEPS = 10  # in a row; so many are a verdict
CHECKED_FACES = 2  # per reconstruction, for a check

Reconstruct = Callable[[int], Mapping[str, tuple[np.ndarray, np.ndarray]]]  # count -> name -> (predicted, target)


class Guard:
    """Watches one session.

    loss_names  in the order in which a step gives the losses
    iteration   at which the session begins
    suspicion   what `suspicion` returned at the end of an earlier session; None: that ended stable
    stationary  whether what the losses measure stays the same all along
    """

    def __init__(
        self, loss_names: Sequence[str], iteration: int, suspicion: Mapping | None = None, *, stationary: bool = True
    ):
        self.losses = LossMonitor(loss_names, iteration, suspicion, stationary=stationary)
        self.collapse = CollapseMonitor(iteration)
        self.skipped_in_a_row = 0  # since the last good one

    @property
    def since(self) -> int | None:
        """The last iteration before something began to look wrong; None: all is stable."""
        monitors = (self.losses, self.collapse)
        return min((one.since for one in monitors if one.since is not None), default=None)

    @property
    def stable(self) -> bool:
        return self.since is None and not self.skipped_in_a_row

    def suspicion(self, iteration: int) -> dict | None:
        """What is stored with the weights of `iteration`: since when they look wrong, and the baseline; None if stable."""
        if self.stable:
            return None
        return {"since": iteration - 1 if self.since is None else self.since, "level": self.losses.baseline}

    def after_step(self, iteration: int, losses: Sequence[float]) -> Verdict | None:
        """A step that was applied has led to `iteration`."""
        self.skipped_in_a_row = 0
        return self.losses.add(iteration, losses)

    def after_skipped_step(self, iteration: int) -> Verdict | None:
        """A step after `iteration` was skipped. When other batches do not help either, its weights are suspect as well."""
        self.skipped_in_a_row += 1
        if self.skipped_in_a_row < MAX_SKIPPED_STEPS:
            return None
        return Verdict("steps", iteration - 1 if self.since is None else self.since)

    def checks_at(self, iteration: int) -> bool:
        """Whether `check_collapse` is due then."""
        return iteration >= self.collapse.next_check

    def check_collapse(self, iteration: int, reconstruct: Reconstruct) -> Verdict | None:
        """Call this after every step; it reconstructs faces only when a check is due."""
        if not self.checks_at(iteration):
            return None
        try:
            found = reconstruct(CHECKED_FACES)
        except MemoryError:
            self.collapse.postpone(iteration)  # training can do without
            return None
        return self.collapse.check(iteration, {name: variety(*pair) for name, pair in found.items()})

    def rolled_back(self, iteration: int) -> None:
        """The training continues from a save."""
        self.skipped_in_a_row = 0
        self.losses.rolled_back(iteration)
        self.collapse.rolled_back(iteration)
