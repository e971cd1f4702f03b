"""What limits a swap: findings in its scores and in what src and dst show, each with the numbers it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np

from dfl_cli.evaluate.evaluate import Evaluation, rounded
from dfl_cli.evaluate.metrics.expression import LEAST_MOVE
from dfl_cli.evaluate.metrics.identity import direction
from dfl_cli.evaluate.metrics.score import Score, correlation
from dfl_cli.face_networks.expression import names
from samplers.files.face import Face
from samplers.pose_coverage import FEW, Directions, Gap, coverage, directions, evenly, in_gap

MOST_POSES = 2000  # faces of src whose directions are looked at: under a second

STILL_FALLING = 0.02  # of the loss in 1,000 iterations: it halves in 34,000

WORST_PART = 1 / 4  # of the frames
FEWEST_FRAMES = 12  # of fewer, the worst quarter is one or two
CONCENTRATED = 1.5  # times as many of the worst frames as of all lie in a gap that explains them
WORSE = 0.05  # of the way from floor to chance, beyond the mean of all: the worst of equal frames explain nothing
NOTABLE = 0.2  # of the worst frames; what explains fewer is not the limit
MOST_OF_ALL = 0.5  # of all frames: a gap that holds as many need not explain which are the worst

CLEAR_MOVE = 0.25  # of a blendshape, 0..1, between dst's 5th and 98th percentile: an expression, not a twitch
FEWEST_MOVES = 0.05  # of dst's frames that show an expression
RARER = 1 / 4  # of that share in src: too few to learn from
SMALLER = 1 / 2  # of dst's range in src: another neutral face alone does not make the range smaller
FOLLOWED = 0.8  # correlation: the swap makes the expression all the same

OFF_PLACE = 0.25  # pixels of the network; models trained with corrected samples lie 0.05 off
EDGE_SHOWS = 2.0  # times dst's own gradient; a perfect swap of the drawn people reaches 1.6, as colors are not matched
BLURRED = 0.5  # of the sharpness of real pictures of src; models of 64 pixels have 0.3 to 0.4 after 1,600 iterations
IN_PLACE = 1 / 3  # of the way from floor to chance: landmarks follow, so what is missing is detail
AS_GOOD_AS_REAL = 0.1  # of that way
COARSE = 0.75  # % of the eye distance; real pictures of src get 1.0 to 1.5 at 64 pixels, 0.4 to 0.6 at 128
FINER_IN_FRAME = 1.25  # pixels of the frame under one of the network's; with fewer the frame has no more detail to give


class Expression(NamedTuple):
    """An expression that a person can name: the mean of some blendshapes."""

    shapes: tuple[str, ...]
    clear: float = CLEAR_MOVE


EXPRESSIONS = {
    "closed_eyes": Expression(("eyeBlinkLeft", "eyeBlinkRight")),
    "open_mouth": Expression(("jawOpen",), 0.15),  # a wide open mouth reads 0.3
    "smile": Expression(("mouthSmileLeft", "mouthSmileRight")),
    "pursed_lips": Expression(("mouthPucker",)),
    "raised_brows": Expression(("browInnerUp",)),
    "frown": Expression(("browDownLeft", "browDownRight")),
}


class Known(NamedTuple):
    """What an evaluation does not hold."""

    src: Directions  # of src's faces
    frames: Directions  # of the scored frames, in their order
    loss_fall: float | None  # see `loss_curve.fall`


class StillLearning(NamedTuple):
    loss_fall: float  # in 1,000 iterations, 0..1

    kind = "still_learning"


class MissingDirections(NamedTuple):
    """yaw and pitch in degrees, open sides None."""

    yaw: tuple[float | None, float | None]
    pitch: tuple[float | None, float | None]
    src: int  # faces that look there
    frames: float  # share of the frames that do, 0..1
    worst_frames: float  # share of the worst, 0..1
    score: str  # by which they are the worst

    kind = "missing_directions"


class MissingExpression(NamedTuple):
    expression: str  # of EXPRESSIONS
    dst: float  # share of the frames that show it, 0..1
    src: float
    correlation: float  # of the swap with dst

    kind = "missing_expression"


class Misplaced(NamedTuple):
    pixels: float  # of the network

    kind = "misplaced"


class VisibleEdge(NamedTuple):
    seam: float  # times dst's own gradient

    kind = "visible_edge"


class Blurred(NamedTuple):
    sharpness: float  # beside real pictures of src, 0..1
    resolution: int

    kind = "blurred"


class ResolutionReached(NamedTuple):
    landmark_error: float  # % of the eye distance
    floor: float  # of the same
    resolution: int
    frame_pixels: float | None  # of the frame, under one of the network's

    kind = "resolution_reached"


class PeopleAlike(NamedTuple):
    """Cosines to the mean of src's faces."""

    src: float  # of other faces of src
    dst: float

    kind = "people_alike"


Finding = (
    StillLearning
    | MissingDirections
    | MissingExpression
    | Misplaced
    | VisibleEdge
    | Blurred
    | ResolutionReached
    | PeopleAlike
)


def as_json(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    return [{"kind": one.kind, **{key: as_number(value) for key, value in one._asdict().items()}} for one in findings]


def as_number(value):
    return rounded(value) if isinstance(value, float) else value


def known_of(found: Evaluation, src: Sequence[Face], loss_fall: float | None) -> Known:
    """src: all of its faces."""
    some = evenly(src, MOST_POSES)
    degrees = np.concatenate([degrees_of(face) for face in some])
    frames = np.concatenate([degrees_of(one.face) for one in found.faces])
    return Known(Directions(degrees, len(src) / len(some)), Directions(frames, 1), loss_fall)


def degrees_of(face: Face) -> np.ndarray:
    """(1, 2) yaw and pitch; a face whose landmarks have no pose counts as looking into the camera."""
    try:
        return np.nan_to_num(directions([face]).degrees)
    except cv2.error:
        return np.zeros((1, 2))


def limits(found: Evaluation, known: Known) -> list[Finding]:
    """What stands out, the most important first.

    A training that goes on changes everything else; then what no training can make up for, as src lacks it; then what settings
    change; then what takes a new model.
    """
    return [
        *still_learning(known),
        *missing_directions(found, known),
        *missing_expressions(found),
        *misplaced(found),
        *visible_edge(found),
        *blurred(found),
        *resolution_reached(found),
        *people_alike(found),
    ]


def still_learning(known: Known) -> Iterator[StillLearning]:
    if known.loss_fall is not None and known.loss_fall >= STILL_FALLING:
        yield StillLearning(known.loss_fall)


def missing_directions(found: Evaluation, known: Known) -> list[MissingDirections]:
    """Where src hardly looks and the worst frames do, the most of them first; by the score that this explains better."""
    if len(found.faces) < FEWEST_FRAMES:
        return []
    gaps = coverage(known.src, known.frames).gaps
    by_score = [
        explained(name, worst_frames(found.scores[name]), gaps, known.frames.degrees)
        for name in ("landmark_error", "identity_transfer")
    ]
    return max(by_score, key=lambda some: sum(one.worst_frames for one in some))


def explained(score: str, worst: np.ndarray, gaps: Sequence[Gap], degrees: np.ndarray) -> list[MissingDirections]:
    """The gaps that explain why frames are the worst by a score."""
    if not len(worst):
        return []
    found = [missing_direction(gap, degrees, worst, score) for gap in gaps]
    return sorted(filter(explains, found), key=lambda one: -one.worst_frames)


def worst_frames(score: Score) -> np.ndarray:
    """Numbers of the worst quarter of the frames that have this score; none where they are hardly worse than the others."""
    per_frame = np.full(0, np.nan) if score.per_frame is None else score.per_frame
    known = np.flatnonzero(np.isfinite(per_frame))
    badness = -per_frame[known] if score.higher_is_better else per_frame[known]
    worst = np.argsort(-badness, kind="stable")[: round(WORST_PART * len(known))]
    if from_floor(score) is None or not len(worst):
        return known[:0]
    is_worse = badness[worst].mean() - badness.mean() >= WORSE * abs(score.chance - score.floor)
    return known[worst] if is_worse else known[:0]


def missing_direction(gap: Gap, degrees: np.ndarray, worst: np.ndarray, score: str) -> MissingDirections:
    there = in_gap(degrees, gap)
    yaw, pitch = (tuple(float(side) if np.isfinite(side) else None for side in sides) for sides in (gap.yaw, gap.pitch))
    return MissingDirections(yaw, pitch, gap.src, float(there.mean()), float(there[worst].mean()), score)


def explains(one: MissingDirections) -> bool:
    return one.worst_frames >= NOTABLE and (one.worst_frames >= CONCENTRATED * one.frames or one.frames >= MOST_OF_ALL)


def missing_expressions(found: Evaluation) -> list[MissingExpression]:
    """What dst does, src hardly does, and the swap does not follow; what dst does most first."""
    material = found.material
    src = np.concatenate([material.src.centroid.expression, material.src.real.expression])
    if len(src) < FEW or len(found.faces) < FEWEST_FRAMES:
        return []
    missing = []
    for name, expression in EXPRESSIONS.items():
        columns = np.flatnonzero(np.isin(names(), expression.shapes))
        ours, theirs, shown = (
            values[:, columns].mean(axis=1) for values in (src, material.dst.expression, material.swap.expression)
        )
        one = missing_expression(name, ours, theirs, shown, expression.clear)
        missing += [one] if one else []
    return sorted(missing, key=lambda one: -one.dst)


def missing_expression(
    name: str, src: np.ndarray, dst: np.ndarray, swap: np.ndarray, clear: float
) -> MissingExpression | None:
    """src (M,), dst (N,) and the swap (N,): how much of it each face shows, 0..1."""
    low, high = np.percentile(dst, (5, 98))
    if high - low < clear or np.ptp(np.percentile(src, (5, 98))) > SMALLER * (high - low):
        return None
    level = (low + high) / 2
    ours, theirs = float((src > level).mean()), float((dst > level).mean())
    follows = correlation(swap, dst, least=LEAST_MOVE)
    if theirs < FEWEST_MOVES or ours > RARER * theirs or not follows < FOLLOWED:
        return None
    return MissingExpression(name, theirs, ours, follows)


def misplaced(found: Evaluation) -> Iterator[Misplaced]:
    pixels = found.scores["registration"].value
    if pixels is not None and pixels > OFF_PLACE:
        yield Misplaced(pixels)


def visible_edge(found: Evaluation) -> Iterator[VisibleEdge]:
    seam = found.scores["seam"].value
    if seam is not None and seam > EDGE_SHOWS:
        yield VisibleEdge(seam)


def blurred(found: Evaluation) -> Iterator[Blurred]:
    """Only where the parts of the face are in place: a swap that does not follow dst yet has other worries."""
    sharpness, away = found.scores["sharpness"], from_floor(found.scores["landmark_error"])
    if sharpness.value is None or not sharpness.floor or away is None or away > IN_PLACE:
        return
    if sharpness.value < BLURRED * sharpness.floor:
        yield Blurred(sharpness.value / sharpness.floor, resolution_of(found))


def resolution_reached(found: Evaluation) -> Iterator[ResolutionReached]:
    """Only where real pictures of src lose as much at this resolution, and dst's frames have more to show."""
    error = found.scores["landmark_error"]
    away, frame_pixels = from_floor(error), found.placement.get("frame_pixels_per_pixel")
    if away is None or away > AS_GOOD_AS_REAL or error.floor < COARSE or any(blurred(found)):
        return
    if frame_pixels is None or frame_pixels >= FINER_IN_FRAME:
        yield ResolutionReached(error.value, error.floor, resolution_of(found), frame_pixels)


def people_alike(found: Evaluation) -> Iterator[PeopleAlike]:
    if found.scores["identity_transfer"].value is None:
        centroid = direction(found.material.src.centroid.identity)
        cosines = (float((some.identity @ centroid).mean()) for some in (found.material.src.real, found.material.dst))
        yield PeopleAlike(*cosines)


def from_floor(score: Score) -> float | None:
    """Where a value lies: 0 at its floor, 1 at chance; None where that is unknown, or both are the same."""
    if None in (score.value, score.floor, score.chance) or abs(score.chance - score.floor) < 1e-9:
        return None
    return (score.value - score.floor) / (score.chance - score.floor)


def resolution_of(found: Evaluation) -> int:
    return found.material.swapped.dst.shape[1]
