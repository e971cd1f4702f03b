"""Whether the losses show that a training has diverged. Knows no clock, no files and no network.

Everything is counted in iterations. Levels are means of the logarithm of the losses, so that one outlier batch counts little.
"""

import math
from collections import deque
from collections.abc import Mapping, Sequence

from dfl_cli.train.guard.verdict import Verdict

LOSS_FLOOR = 1e-4  # losses below it count as this much: a loss of 0 has no logarithm
BASELINE_ITERATIONS, MIN_BASELINE_ITERATIONS = 500, 50  # stable ones; so many at least make a baseline
LONG_WINDOW, SHORT_WINDOW = (
    50,
    10,
)  # newest iterations that are compared with the baseline: for a verdict, for stability
DIVERGED, SUSPICIOUS, STABLE = math.log(2.5), math.log(1.5), math.log(1.25)  # above the baseline
OUTLIER_LIMIT = math.log(20)  # above the baseline no iteration counts for more, so that one outlier is no verdict
PATIENCE = 200  # suspicious iterations after which the present level becomes the baseline

Row = tuple[float, ...]  # logarithms of the losses of one iteration


class LossWindow:
    """Mean of the newest `size` rows; each row has a value per loss."""

    def __init__(self, size: int):
        self.size = size
        self.clear()

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def full(self) -> bool:
        return len(self) == self.size

    def clear(self) -> None:
        self._rows: deque[Row] = deque()
        self._sums: Row = ()

    def add(self, row: Row) -> Row | None:
        """Returns the row that was dropped for it."""
        zeros = (0.0,) * len(row)
        dropped = self._rows.popleft() if self.full else None
        self._rows.append(row)
        changes = zip(self._sums or zeros, row, dropped or zeros, strict=True)
        self._sums = tuple(total + new - old for total, new, old in changes)
        return dropped

    def mean(self) -> Row:
        return tuple(total / len(self) for total in self._sums)


class LossMonitor:
    """Compares the losses with their baseline, which is their mean in the stable iterations of this session.

    A rise is suspicious at first; it ends stable, in a verdict, or in a new baseline. A baseline that has slowly risen far
    above the lowest one is a verdict as well. The arguments are those of `Guard`.
    """

    def __init__(self, names: Sequence[str], iteration: int, suspicion: Mapping | None, *, stationary: bool):
        self.names = tuple(names)
        self._baseline, self._long, self._short = (
            LossWindow(size) for size in (BASELINE_ITERATIONS, LONG_WINDOW, SHORT_WINDOW)
        )
        self._began, self._first = iteration, None
        self._stationary, self._lowest, self._lowest_at = stationary, (math.inf,) * len(self.names), iteration
        self.since: int | None = None  # the last iteration before the losses became suspicious
        self._suspicious_iterations = 0  # iterations since then
        if suspicion is not None and suspicion["level"] is not None:
            for _ in range(MIN_BASELINE_ITERATIONS):
                self._baseline.add(tuple(suspicion["level"]))
            self.since = suspicion["since"]

    @property
    def baseline(self) -> Row | None:
        """Mean logarithm of each loss; None while it is being learned."""
        return self._baseline.mean() if len(self._baseline) >= MIN_BASELINE_ITERATIONS else None

    def add(self, iteration: int, losses: Sequence[float]) -> Verdict | None:
        row = tuple(math.log(max(float(loss), LOSS_FLOOR)) for loss in losses)
        baseline = self.baseline
        if baseline is not None:
            row = tuple(min(own, usual + OUTLIER_LIMIT) for own, usual in zip(row, baseline, strict=True))
        self._long.add(row)
        earlier = self._short.add(row)
        if baseline is None:
            return self._learn_baseline(row)
        if earlier and self.since is None:
            self._baseline.add(earlier)  # 10 late: the beginning of a rise is not part of its own reference
        return self._check_rise(iteration) or self._check_drift(iteration) or self._update_suspicion(iteration)

    def rolled_back(self, iteration: int) -> None:
        """The training continues from a save: suspicious until the window of a verdict has filled with stable iterations."""
        self._long.clear()
        self._short.clear()
        if self.baseline is None or self._excess(self.baseline, self._lowest)[0] > STABLE:
            self._baseline.clear()
        self._began, self.since, self._suspicious_iterations = iteration, iteration, 0

    def _excess(self, means: Row, reference: Row) -> tuple[float, str]:
        """By how much the worst loss exceeds `reference`, and its name."""
        return max(zip((own - usual for own, usual in zip(means, reference, strict=True)), self.names, strict=True))

    def _learn_baseline(self, row: Row) -> Verdict | None:
        """Whatever comes first is the baseline, unless it ends far above where it began."""
        self._baseline.add(row)
        if len(self._baseline) == SHORT_WINDOW:
            self._first = self._baseline.mean()
        if self.baseline is None:
            return None
        above, name = self._excess(self._short.mean(), self._first)
        if above <= DIVERGED:
            self.since = None
            return None
        self._baseline.clear()
        return Verdict("losses", self._began + SHORT_WINDOW, name, math.exp(above))

    def _check_rise(self, iteration: int) -> Verdict | None:
        above, name = self._excess(self._long.mean(), self.baseline)
        if not self._long.full or above <= DIVERGED:
            return None
        since = iteration - LONG_WINDOW if self.since is None else self.since
        return Verdict("losses", since, name, math.exp(above))

    def _check_drift(self, iteration: int) -> Verdict | None:
        """Hours can pass between the lowest baseline and this verdict."""
        if not self._stationary:
            return None
        if self._baseline.full:
            self._lowest = tuple(map(min, self._lowest, self.baseline))
        above, name = self._excess(self.baseline, self._lowest)
        if above < STABLE:
            self._lowest_at = iteration
        return (
            Verdict("losses", self._lowest_at - BASELINE_ITERATIONS, name, math.exp(above))
            if above > DIVERGED
            else None
        )

    def _update_suspicion(self, iteration: int) -> None:
        above, _ = self._excess(self._short.mean(), self.baseline)
        if self.since is None:
            if self._short.full and above > SUSPICIOUS:
                self.since, self._suspicious_iterations = iteration - SHORT_WINDOW, 0
            return
        self._suspicious_iterations += 1
        if self._long.full and above < STABLE:
            self.since = None
        elif self._suspicious_iterations >= PATIENCE:
            self._baseline.clear()
            self._began, self.since = iteration, None
