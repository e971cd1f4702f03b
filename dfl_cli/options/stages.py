"""A schedule of stages: until when each lasts, what changes in it, and where in it a model is.

Where a model is depends on nothing but its state.json and its losses, so that a killed run goes on as if nothing had happened.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

PLATEAU = re.compile(r"\s*(\d*\.?\d+(?:e-?\d+)?)\s+per\s+(\d+)\s*", re.ASCII)
RecentLosses = Callable[
    [int], Any
]  # n -> float array (n, number of losses) of the last n iterations, or of all if they are fewer
CHECKS = 10  # of a plateau in each span
AGE_CHECKED = 100  # iterations between two looks at the age of the best save
END_KEYS = ("until_iter", "until_plateau", "until_best_age")
RAMP_KEYS = frozenset({"from", "to", "over"})


@dataclass(frozen=True)
class Plateau:
    """The loss of the last `span` iterations is less than `share` below that of the `span` iterations before.

    The loss is the mean of all losses of the model.

    A stage's first 2 x `span` iterations never count, nor do losses from before the stage.
    """

    share: float  # of the loss, more than 0 and less than 1
    span: int  # iterations

    @classmethod
    def parse(cls, text: str) -> "Plateau":
        """From `0.01 per 10000`. Raises ValueError."""
        found = PLATEAU.fullmatch(text)
        if not found:
            raise ValueError(text)
        share, span = float(found[1]), int(found[2])
        if not 0 < share < 1 or span < 1:
            raise ValueError(text)
        return cls(share, span)

    def __str__(self) -> str:
        return f"{self.share} per {self.span}"

    def checked_at(self, steps: int) -> bool:
        """Whether `reached` looks at the losses `steps` iterations after the stage began: `CHECKS` times in each span."""
        return steps >= 2 * self.span and steps % max(1, self.span // CHECKS) == 0

    def reached(self, steps: int, losses: RecentLosses) -> bool:
        """Whether it is reached `steps` iterations after the stage began."""
        if not self.checked_at(steps):
            return False
        means = losses(2 * self.span).mean(axis=1, dtype="float64")
        if len(means) < 2 * self.span:
            return False
        before, now = means[: self.span].mean(), means[self.span :].mean()
        return bool(before - now < self.share * before)


@dataclass(frozen=True)
class Ramp:
    """A power that moves evenly from `first` to `last` while `over` iterations pass, and then stays."""

    first: float
    last: float
    over: int

    @classmethod
    def parse(cls, value: Mapping) -> "Ramp":
        """From `{from = 0.0, to = 0.1, over = 20000}`. Raises ValueError, TypeError."""
        if set(value) != RAMP_KEYS or any(isinstance(number, bool) for number in value.values()):
            raise ValueError(value)
        first, last, over = float(value["from"]), float(value["to"]), value["over"]
        if not isinstance(over, int) or over < 1 or first == last:
            raise ValueError(value)
        return cls(first, last, over)

    def at(self, steps: int) -> float:
        share = min(max(steps / self.over, 0.0), 1.0)
        return self.last if share == 1 else self.first + (self.last - self.first) * share

    @property
    def peak(self) -> float:
        """What the network is built for: an adversary exists from the ramp's first iteration to its last."""
        return max(self.first, self.last)


@dataclass(frozen=True)
class Stage:
    """One part of a schedule.

    until_iter     the iteration at which it ends; None: no such end
    until_plateau  or the loss; whichever comes first
    until_best_age  or so many iterations after the save with the best score (option keep_best); whichever comes first
    values         option -> value from this stage on
    ramps          option -> how it moves in this stage
    """

    until_iter: int | None = None
    until_plateau: Plateau | None = None
    until_best_age: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    ramps: Mapping[str, Ramp] = field(default_factory=dict)

    @property
    def ends(self) -> bool:
        return any(end is not None for end in (self.until_iter, self.until_plateau, self.until_best_age))

    @property
    def changes(self) -> dict[str, Any]:
        """Options in force while it lasts; of a ramp its peak."""
        return {**self.values, **{key: ramp.peak for key, ramp in self.ramps.items()}}

    @property
    def lasting_values(self) -> dict[str, Any]:
        """Options it leaves to the stages after it; of a ramp its end."""
        return {**self.values, **{key: ramp.last for key, ramp in self.ramps.items()}}

    def ended(self, iteration: int, began: int, losses: RecentLosses, best: int | None = None) -> bool:
        """best: the iteration of the save with the best score; None without one, and then its age ends nothing."""
        by_plateau = self.until_plateau
        return (
            self.over_by_count(iteration)
            or (by_plateau is not None and by_plateau.reached(iteration - began, losses))
            or (best is not None and self.over_by_age(iteration, max(best, began)))
        )

    def may_end(self, iteration: int, began: int) -> bool:
        """Whether `ended` may be true, whatever the losses are."""
        by_plateau = self.until_plateau
        return (
            self.over_by_count(iteration)
            or (by_plateau is not None and by_plateau.checked_at(iteration - began))
            or (self.over_by_age(iteration, began) and iteration % AGE_CHECKED == 0)
        )

    def over_by_count(self, iteration: int) -> bool:
        return self.until_iter is not None and iteration >= self.until_iter

    def over_by_age(self, iteration: int, since: int) -> bool:
        return self.until_best_age is not None and iteration - since >= self.until_best_age

    def as_data(self) -> dict[str, Any]:
        """As an answers file and state.json hold it."""
        end = {}
        if self.until_iter is not None:
            end["until_iter"] = self.until_iter
        if self.until_plateau is not None:
            end["until_plateau"] = str(self.until_plateau)
        if self.until_best_age is not None:
            end["until_best_age"] = self.until_best_age
        ramps = {key: {"from": one.first, "to": one.last, "over": one.over} for key, one in self.ramps.items()}
        return {**end, **self.values, **ramps}

    @classmethod
    def from_data(cls, table: Mapping[str, Any]) -> "Stage":
        """The opposite of `as_data`; what it holds was checked when it was written."""
        options = {key: value for key, value in table.items() if key not in END_KEYS}
        plateau = table.get("until_plateau")
        return cls(
            until_iter=table.get("until_iter"),
            until_plateau=None if plateau is None else Plateau.parse(plateau),
            until_best_age=table.get("until_best_age"),
            values={key: value for key, value in options.items() if not isinstance(value, Mapping)},
            ramps={key: Ramp.parse(value) for key, value in options.items() if isinstance(value, Mapping)},
        )


@dataclass(frozen=True)
class Schedule:
    """The stages of a run and where the model is; without stages everything lasts for ever.

    index  of the stage it is in
    began  the iteration at which that stage began
    """

    stages: tuple[Stage, ...] = ()
    index: int = 0
    began: int = 0

    @property
    def stage(self) -> Stage:
        return self.stages[self.index] if self.stages else Stage()

    @property
    def is_last(self) -> bool:
        return self.index + 1 >= len(self.stages)

    @property
    def end(self) -> int:
        """The iteration at which the last stage ends; 0 if none is given."""
        return (self.stages[-1].until_iter or 0) if self.stages else 0

    def ended(self, iteration: int, losses: RecentLosses, best: int | None = None) -> bool:
        """Whether the present stage has come to its end; `best` as in `Stage.ended`."""
        return self.stage.ended(iteration, self.began, losses, best)

    def may_end(self, iteration: int) -> bool:
        """Whether the present stage may end at `iteration`, for all that is known before it."""
        return self.stage.may_end(iteration, self.began)

    def following(self, iteration: int) -> "Schedule":
        """The next stage, which begins at `iteration`."""
        return replace(self, index=self.index + 1, began=iteration)

    def powers(self, iteration: int) -> dict[str, float]:
        """What is ramped, for the training step after `iteration`."""
        return {key: ramp.at(iteration - self.began) for key, ramp in self.stage.ramps.items()}

    def changes(self) -> dict[str, Any]:
        """Options in force by the present stage and those before it."""
        found: dict[str, Any] = {}
        for stage in self.stages[: self.index]:
            found.update(stage.lasting_values)
        return {**found, **self.stage.changes}

    def as_state(self) -> dict[str, Any]:
        """The keys of state.json; none without stages."""
        if not self.stages:
            return {}
        return {
            "stages": [stage.as_data() for stage in self.stages],
            "stage": {"index": self.index, "began": self.began},
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Schedule":
        """What state.json holds; the schedule without stages where it holds none."""
        if not state.get("stages"):
            return cls()
        where = state["stage"]
        return cls(tuple(Stage.from_data(table) for table in state["stages"]), where["index"], where["began"])

    @classmethod
    def starting_at(cls, stages: tuple[Stage, ...], iteration: int) -> "Schedule":
        """A schedule given to a model of `iteration`: stages whose `until_iter` is behind it are passed over."""
        index = 0
        while index + 1 < len(stages) and (stages[index].until_iter or iteration + 1) <= iteration:
            index += 1
        return cls(stages, index, iteration)


NO_STAGES = Schedule()
