"""The orders that `dfl faceset sort` knows: from pictures to a ranking (spec facesets.md 6.1)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from dfl_cli.faceset.images import ImageFile, Measurements, measure_all, read_bgr
from dfl_cli.frames import time_key
from dfl_cli.terminal.console import progress
from dfl_cli.translate import tr
from samplers.files.reason import Fault, Reason
from samplers.sorting import scores as sort_scores
from samplers.sorting.best import Candidates, best_faces
from samplers.sorting.chains import difference_chain, distance_to_others, histogram_chain


@dataclass(frozen=True)
class Ranking:
    """Names of pictures in their new order, those sorted out with the reason, and scores where there are any."""

    order: list[str]
    trash: dict[str, Reason] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)


class SortOptions(NamedTuple):
    """What the person may choose beside the order."""

    target: int  # how many faces `final` keeps, about
    unlike: bool  # absdiff: the least alike next


class Order(NamedTuple):
    rank: Callable[[Sequence[ImageFile], SortOptions], Ranking]
    needs_faces: bool = True  # pictures without face data are sorted out


def rank(by: str, pictures: Sequence[ImageFile], sort_options: SortOptions) -> Ranking:
    """The order called `by` of these pictures; what cannot be read or lacks needed face data is in its trash."""
    order = ORDERS[by]
    if not order.needs_faces:
        return order.rank(pictures, sort_options)
    ranking = order.rank([one for one in pictures if one.face is not None], sort_options)
    without = {one.name: one.reason for one in pictures if one.face is None}
    return Ranking(ranking.order, {**ranking.trash, **without}, ranking.scores)


def of_picture(score: Callable) -> Callable[[ImageFile], object]:
    return lambda one: score(read_bgr(one), one.face)


def of_face(score: Callable) -> Callable[[ImageFile], object]:
    return lambda one: score(one.face)


def measure(pictures: Sequence[ImageFile], score: Callable[[ImageFile], object]) -> Measurements:
    return measure_all(pictures, score, tr("Measuring"))


def by_score(score: Callable[[ImageFile], float], *, ascending: bool = False, zero: Fault | None = None) -> Callable:
    """Greatest score first (or least); pictures with score 0 are sorted out for the fault `zero`, if there is one."""

    def ranking(pictures: Sequence[ImageFile], sort_options: SortOptions) -> Ranking:
        found = measure(pictures, score)
        scores = {one.name: value for one, value in zip(found.pictures, found.values, strict=True)}
        out = {name: Reason(zero) for name, value in scores.items() if zero and value == 0}
        kept = [name for name in scores if name not in out]
        return Ranking(
            sorted(kept, key=lambda name: scores[name] if ascending else -scores[name]),
            {**found.unreadable, **out},
            scores,
        )

    return ranking


def by_chain(score: Callable, chain: Callable[..., list[int]]) -> Callable:
    """Each picture followed by the one that `chain` finds for it, by what `score` makes of the pictures."""

    def ranking(pictures: Sequence[ImageFile], sort_options: SortOptions) -> Ranking:
        found = measure(pictures, of_picture(score))
        if not found.values:
            return Ranking([], found.unreadable)
        with progress(len(found.values), tr("Sorting"), keep=False) as bar:
            order = chain(np.stack(found.values), bar.update, sort_options)
        return Ranking([found.pictures[index].name for index in order], found.unreadable)

    return ranking


def by_difference(pictures: Sequence[ImageFile], sort_options: SortOptions) -> Ranking:
    """The one whose grey histogram is farthest from all others first."""
    found = measure(pictures, of_picture(sort_scores.masked_grey_histogram))
    sums = distance_to_others(np.stack(found.values)) if found.values else []
    scores = {one.name: float(value) for one, value in zip(found.pictures, sums, strict=True)}
    return Ranking(sorted(scores, key=lambda name: -scores[name]), found.unreadable, scores)


def by_original_name(pictures: Sequence[ImageFile], sort_options: SortOptions) -> Ranking:
    """In the order of time: by the numbers in the names of their frames."""

    def moment(one: ImageFile) -> tuple:
        return time_key(one.face.source_filename or ""), time_key(one.name)

    return Ranking([one.name for one in sorted(pictures, key=moment)])


def one_face(pictures: Sequence[ImageFile], sort_options: SortOptions) -> Ranking:
    """Frames with several faces (`00012_0`, `00012_1`) are sorted out whole."""
    numbers = {one.name: re.fullmatch(r"(\d+)_(\d+)", one.path.stem) for one in pictures}
    crowded = {int(match[1]) for match in numbers.values() if match and int(match[2])}
    out = {
        name: Reason(Fault.SHARES_ITS_FRAME) for name, match in numbers.items() if match and int(match[1]) in crowded
    }
    if not out:
        return Ranking([])
    return Ranking([one.name for one in pictures if one.name not in out], out)


def best(sharpness: Callable[[ImageFile], float]) -> Callable:
    """About as many faces as wanted, spread over the head directions, of each the best by `sharpness`."""

    def traits(one: ImageFile) -> tuple:
        pose = sort_scores.pose(one.face)
        return sharpness(one), sort_scores.grey_histogram(read_bgr(one), one.face), pose.yaw, pose.pitch

    def ranking(pictures: Sequence[ImageFile], sort_options: SortOptions) -> Ranking:
        found = measure(pictures, traits)
        if not found.values:
            return Ranking([], found.unreadable)
        columns = Candidates(*map(np.array, zip(*found.values, strict=True)))
        chosen = best_faces(columns, sort_options.target)
        rest = sorted({*range(len(found.pictures))} - {*chosen})
        return Ranking(
            [found.pictures[index].name for index in chosen],
            {**found.unreadable, **{found.pictures[index].name: Reason(Fault.NOT_AMONG_THE_BEST) for index in rest}},
            {one.name: float(value) for one, value in zip(found.pictures, columns.sharpness, strict=True)},
        )

    return ranking


ORDERS: dict[str, Order] = {
    "blur": Order(by_score(of_picture(sort_scores.blur), zero=Fault.NOT_SHARP)),
    "motion-blur": Order(by_score(of_picture(sort_scores.motion_blur), zero=Fault.NOT_SHARP)),
    "face-yaw": Order(by_score(of_face(lambda face: sort_scores.pose(face).yaw))),
    "face-pitch": Order(by_score(of_face(lambda face: sort_scores.pose(face).pitch))),
    "face-source-rect-size": Order(by_score(of_face(sort_scores.source_area))),
    "hist": Order(
        by_chain(sort_scores.histogram, lambda pictures, tell, sort_options: histogram_chain(pictures, tell)),
        needs_faces=False,
    ),
    "hist-dissim": Order(by_difference, needs_faces=False),
    "brightness": Order(by_score(of_picture(sort_scores.brightness)), needs_faces=False),
    "hue": Order(by_score(of_picture(sort_scores.hue)), needs_faces=False),
    "black": Order(by_score(of_picture(sort_scores.black), ascending=True), needs_faces=False),
    "origname": Order(by_original_name),
    "oneface": Order(one_face, needs_faces=False),
    "final-by-blur": Order(best(of_picture(sort_scores.blur))),
    "final-by-size": Order(best(of_face(sort_scores.source_area))),
    "absdiff": Order(
        by_chain(
            sort_scores.small,
            lambda pictures, tell, sort_options: difference_chain(pictures, tell, farthest=sort_options.unlike),
        ),
        needs_faces=False,
    ),
}
