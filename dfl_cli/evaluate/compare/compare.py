"""Two evaluations of the same faces, and by how much their scores differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from dfl_cli.evaluate.compare.resampling import Samples, interval, samples
from dfl_cli.evaluate.compare.statistics import Statistic, statistics
from dfl_cli.evaluate.evaluate import Evaluation, Options, rounded
from dfl_cli.evaluate.faces import Chosen, Square, SrcFaces, dst_faces, same_faces, same_src_faces, src_faces
from dfl_cli.evaluate.metrics.score import Score
from samplers.files.face import Face
from samplers.files.faces import Skipped

A, B = "a", "b"
VISIBLE = 0.0005  # a difference that a table of three decimals does not show as 0


class Difference(NamedTuple):
    """value      the score of B less that of A; None where one has none
    low, high  its 95 % confidence interval; None where the spread is unknown
    better     "a" or "b" where the interval leaves no doubt and the difference can be seen, else None
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    better: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "value": rounded(self.value),
            "low": rounded(self.low),
            "high": rounded(self.high),
            "better": self.better,
        }


class Comparison(NamedTuple):
    a: Evaluation
    b: Evaluation
    differences: dict[str, Difference]

    @property
    def skipped(self) -> list[Skipped]:
        """Each face once."""
        return list({one.name: one for one in (*self.a.skipped, *self.b.skipped)}.values())


class Faces(NamedTuple):
    """What one of the two models is shown."""

    square: Square
    src: SrcFaces
    dst: Chosen


def faces_for(squares: Sequence[Square], src: Sequence[Face], dst: Sequence[Face], options: Options) -> list[Faces]:
    """The same faces for both models, each in its own square."""
    chosen = {
        square: (src_faces(src, square), dst_faces(dst, square, every=options.every, most=options.most))
        for square in set(squares)
    }
    sources = same_src_faces(*(chosen[square][0] for square in squares))
    targets = same_faces(*(chosen[square][1] for square in squares), options.every)
    return [Faces(*one) for one in zip(squares, sources, targets, strict=True)]


def compared(a: Evaluation, b: Evaluation) -> Comparison:
    """Of evaluations of the same faces. The same samples of the frames are drawn for both: what is hard for both cancels out."""
    of_a, of_b = (statistics(one.scores, one.material) for one in (a, b))
    drawn = samples(len(a.material.neighbors), len(a.material.sides["src"].truth))
    differences = {
        name: difference(a.scores[name], b.scores[name], of_a.get(name), of_b.get(name), drawn)
        for name in a.scores
        if name in b.scores
    }
    return Comparison(a, b, differences)


def difference(a: Score, b: Score, of_a: Statistic | None, of_b: Statistic | None, drawn: Samples | None) -> Difference:
    """of_a, of_b: None for a score that only all frames have; drawn: None where there are too few."""
    if a.value is None or b.value is None:
        return Difference(None)
    value = b.value - a.value
    if of_a is None or of_b is None or drawn is None:
        return Difference(value)
    drawn_a, drawn_b = of_a(drawn), of_b(drawn)
    limits = interval(drawn_b - drawn_a, value, drawn.blocks)
    gain = interval(
        goodness(drawn_b, a) - goodness(drawn_a, a), goodness(b.value, a) - goodness(a.value, a), drawn.blocks
    )
    if limits is None or gain is None:
        return Difference(value)
    doubtful = abs(value) < VISIBLE or holds_zero(limits) or holds_zero(gain)
    return Difference(value, *limits, None if doubtful else B if gain[0] > 0 else A)


def goodness(values: Any, score: Score) -> Any:
    """Higher is better. What trembles less than dst is as far from it as what trembles more."""
    return values if score.higher_is_better else -np.abs(values)


def holds_zero(limits: tuple[float, float]) -> bool:
    return limits[0] <= 0 <= limits[1]
