"""Whether a training has broken down, judged by what its iterations show. Knows no clock, no files and no network.

Everything is counted in iterations. Levels are means of the logarithm of the losses, so that one wild batch counts little.
"""

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

SIDES = ("src", "dst")
ROW = 10  # bad steps in a row that are a verdict
FLOOR = 1e-4  # losses below it count as this much: one of 0 has no logarithm
BAND, ENOUGH = 500, 50  # calm iterations that make the usual level, and how many of them do at least
LONG, SHORT = 50, 10  # newest iterations that are compared with it: for a verdict, for calm
BROKEN, RESTLESS, CALM = math.log(2.5), math.log(1.5), math.log(1.25)  # above the usual level
WILD = math.log(20)  # above the usual level no single iteration counts for more, so that one wild batch is no verdict
PATIENCE = 200  # restless iterations after which the present level becomes the usual one
LOOK, LOOK_AGAIN = 100, 10  # iterations from a look at what the network paints to the next, and after a suspicious one
DEAD, ALIVE = 0.02, 0.1  # variety of the painted faces, see `variety`


@dataclass(frozen=True)
class Verdict:
    """The training has broken down.

    kind   "steps": no finite numbers; "losses": far above their usual level; "constant": the same picture whatever goes in
    since  saves of this iteration and before are from better times
    side   "src" or "dst", whichever is worse; empty for "steps"
    ratio  loss to usual level, for "losses"
    """

    kind: str
    since: int
    side: str = ""
    ratio: float = 0.0


class Window:
    """The newest `size` rows of logarithms of both losses, and their mean."""

    def __init__(self, size: int):
        self.size = size
        self.clear()

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def full(self) -> bool:
        return len(self) == self.size

    def clear(self) -> None:
        self._rows: deque[tuple[float, float]] = deque()
        self._sums = [0.0, 0.0]

    def add(self, row: tuple[float, float]) -> tuple[float, float] | None:
        """Returns the row that had to go for it."""
        gone = self._rows.popleft() if self.full else None
        self._rows.append(row)
        self._sums = [total + new - old for total, new, old in zip(self._sums, row, gone or (0, 0), strict=True)]
        return gone

    def mean(self) -> tuple[float, ...]:
        return tuple(total / len(self) for total in self._sums)


def excess(means: Sequence[float], level: Sequence[float]) -> tuple[float, str]:
    """By how much the worse side exceeds `level`, and which it is."""
    return max(zip((own - usual for own, usual in zip(means, level, strict=True)), SIDES, strict=True))


class Losses:
    """The losses against the level they have had in the calm iterations of this session.

    A rise is restlessness at first; it ends in calm, in a verdict, or in a new usual level. A usual level that has slowly
    risen far above the lowest there was is a verdict as well. The arguments are those of `Guard`.
    """

    def __init__(self, iteration: int, doubt: Mapping | None, *, steady: bool):
        self._band, self._long, self._short = Window(BAND), Window(LONG), Window(SHORT)
        self._began, self._first = iteration, None
        self._steady, self._lowest, self._low_at = steady, (math.inf, math.inf), iteration
        self.since: int | None = None  # the last iteration before the restlessness
        self._restless = 0  # iterations since
        if doubt is not None and doubt["level"] is not None:
            for _ in range(ENOUGH):
                self._band.add(tuple(doubt["level"]))
            self.since = doubt["since"]

    @property
    def level(self) -> tuple[float, ...] | None:
        """The usual one: mean logarithm of the src and dst loss; None while it is being learned."""
        return self._band.mean() if len(self._band) >= ENOUGH else None

    def add(self, iteration: int, losses: Sequence[float]) -> Verdict | None:
        row = tuple(math.log(max(float(loss), FLOOR)) for loss in losses)
        level = self.level
        if level is not None:
            row = tuple(min(own, usual + WILD) for own, usual in zip(row, level, strict=True))
        self._long.add(row)
        earlier = self._short.add(row)
        if level is None:
            return self._learn(row)
        if earlier and self.since is None:
            self._band.add(earlier)  # 10 late: the beginning of a rise is no part of what it is measured by
        return self._rise(iteration) or self._drift(iteration) or self._feel(iteration)

    def back_to(self, iteration: int) -> None:
        """The training goes on from a save: on probation, until the window of a verdict has filled with calm ones."""
        self._long.clear()
        self._short.clear()
        if self.level is None or excess(self.level, self._lowest)[0] > CALM:
            self._band.clear()
        self._began, self.since, self._restless = iteration, iteration, 0

    def _learn(self, row: tuple[float, float]) -> Verdict | None:
        """Whatever comes first is the usual level, unless it ends far above where it began."""
        self._band.add(row)
        if len(self._band) == SHORT:
            self._first = self._band.mean()
        if self.level is None:
            return None
        above, side = excess(self._short.mean(), self._first)
        if above <= BROKEN:
            self.since = None
            return None
        self._band.clear()
        return Verdict("losses", self._began + SHORT, side, math.exp(above))

    def _rise(self, iteration: int) -> Verdict | None:
        above, side = excess(self._long.mean(), self.level)
        if not self._long.full or above <= BROKEN:
            return None
        return Verdict("losses", iteration - LONG if self.since is None else self.since, side, math.exp(above))

    def _drift(self, iteration: int) -> Verdict | None:
        """Hours can pass between the lowest level and this verdict."""
        if not self._steady:
            return None
        if self._band.full:
            self._lowest = tuple(map(min, self._lowest, self.level))
        above, side = excess(self.level, self._lowest)
        if above < CALM:
            self._low_at = iteration
        return Verdict("losses", self._low_at - BAND, side, math.exp(above)) if above > BROKEN else None

    def _feel(self, iteration: int) -> None:
        """Tell calm from restlessness."""
        above, _ = excess(self._short.mean(), self.level)
        if self.since is None:
            if self._short.full and above > RESTLESS:
                self.since, self._restless = iteration - SHORT, 0
            return
        self._restless += 1
        if self._long.full and above < CALM:
            self.since = None
        elif self._restless >= PATIENCE:
            self._band.clear()
            self._began, self.since = iteration, None


class Pictures:
    """What the network paints, looked at now and then: faces, or the same picture whatever goes in.

    A side that has never painted faces is new, not broken.
    """

    def __init__(self, iteration: int):
        self.next_look = iteration + LOOK_AGAIN
        self.since: int | None = None  # the last look before a suspicious one
        self._fine = iteration  # the last look at which all was well
        self._alive: set[str] = set()

    def look(self, iteration: int, varieties: Sequence[float]) -> Verdict | None:
        """`varieties` of both sides, see `variety`."""
        seen = dict(zip(SIDES, varieties, strict=True))
        dead = [side for side in SIDES if side in self._alive and seen[side] < DEAD]
        self._alive |= {side for side in SIDES if seen[side] > ALIVE}
        self.next_look = iteration + (LOOK_AGAIN if dead else LOOK)
        if not dead:
            self._fine, self.since = iteration, None
        elif self.since is None:
            self.since = self._fine
        else:
            return Verdict("constant", self.since, dead[0])
        return None

    def put_off(self, iteration: int) -> None:
        """The look could not be taken."""
        self.next_look = iteration + LOOK

    def back_to(self, iteration: int) -> None:
        self._fine, self.since, self.next_look = iteration, None, iteration + LOOK_AGAIN


class Guard:
    """Losses, steps and pictures together.

    iteration  at which the session begins
    doubt      what `doubt` told at the end of an earlier session; None: all was calm
    steady     whether what the losses measure stays the same all along
    """

    def __init__(self, iteration: int, doubt: Mapping | None = None, *, steady: bool = True):
        self.losses, self.pictures = Losses(iteration, doubt, steady=steady), Pictures(iteration)
        self.row = 0  # bad steps since the last good one

    @property
    def since(self) -> int | None:
        """The last iteration before something began to look wrong; None: all is calm."""
        return min((one.since for one in (self.losses, self.pictures) if one.since is not None), default=None)

    @property
    def calm(self) -> bool:
        return self.since is None and not self.row

    def doubt(self, iteration: int) -> dict | None:
        """What is to be remembered with the weights of `iteration`: since when they look wrong, and the usual level."""
        if self.calm:
            return None
        return {"since": iteration - 1 if self.since is None else self.since, "level": self.losses.level}

    def step(self, iteration: int, losses: Sequence[float]) -> Verdict | None:
        """A step that was applied has led to `iteration`."""
        self.row = 0
        return self.losses.add(iteration, losses)

    def bad_step(self, iteration: int) -> Verdict | None:
        """A step after `iteration` was left out. When other batches do not help either, its weights are suspect as well."""
        self.row += 1
        return Verdict("steps", iteration - 1 if self.since is None else self.since) if self.row >= ROW else None

    def back_to(self, iteration: int) -> None:
        """The training goes on from a save."""
        self.row = 0
        self.losses.back_to(iteration)
        self.pictures.back_to(iteration)


def variety(painted: np.ndarray, true: np.ndarray) -> float:
    """How much of what makes `true` more than one color and one face is there in `painted`: 0 nothing, about 1 all of it.

    Both (B, H, W, 3) 0..1. What `true` does not show itself counts as painted: two pictures of one face, a single picture.
    """
    spreads = [
        (pictures.std(axis=(1, 2)).max(), np.abs(pictures - pictures[:1]).mean()) for pictures in (painted, true)
    ]
    return min((float(own / wanted) for own, wanted in zip(*spreads, strict=True) if wanted > 0.01), default=math.inf)
