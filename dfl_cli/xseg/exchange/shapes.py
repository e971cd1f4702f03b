"""Labels as other programs have them: pictures by name with labeled areas, before it is known whose face they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import NamedTuple

import numpy as np

from dfl_cli.errors import UserError
from dfl_cli.translate import listed, tr
from dfl_cli.xseg.assist.outlines import excluding_polygons, polygons_of_mask
from samplers.geometry.landmarks import FARTHEST
from samplers.geometry.polygons import Polygon, PolygonType

OTHERS = "*"  # in a map of labels: those it does not name
MOST_POINTS = 100_000  # of a picture; the face data of a JPEG file holds about 7,000
MOST_SHOWN = 5  # labels in a message


class Unusable(Exception):
    """Labels that are not imported; the text says why, in the person's language."""


class Meaning(Enum):
    """What becomes of the areas with a label."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    SKIP = "skip"


NAMES = {PolygonType.INCLUDE: Meaning.INCLUDE.value, PolygonType.EXCLUDE: Meaning.EXCLUDE.value}


class Shape(NamedTuple):
    """A labeled area: an outline (N, 2), or a mask (H, W) uint8 0/1 of the whole picture."""

    label: str
    outline: np.ndarray | None
    mask: np.ndarray | None = None


class LabeledPicture(NamedTuple):
    """What a file says about one picture."""

    source: str  # the file it stands in, for messages
    names: tuple[str, ...]  # of the picture, perhaps with folders; the first that is known counts
    size: tuple[int, int] | None  # height, width as the file says
    shapes: tuple[Shape, ...] | Unusable


def parse_map(given: Sequence[str]) -> dict[str, Meaning]:
    """`LABEL=include`, `hand=exclude`, `*=skip` ... as a map of lower-case labels. Raises UserError."""
    meanings = {meaning.value: meaning for meaning in (Meaning.INCLUDE, Meaning.EXCLUDE)}
    for text in given:
        label, _, word = text.rpartition("=")
        if not label.strip() or word.strip().lower() not in {meaning.value for meaning in Meaning}:
            raise UserError(
                tr("--map {text} cannot be read.", text=text),
                fix=tr("Use LABEL=include, LABEL=exclude or LABEL=skip; * is every other label."),
            )
        meanings[label.strip().lower()] = Meaning(word.strip().lower())
    return meanings


def polygons_of(shapes: Sequence[Shape], meanings: Mapping[str, Meaning], scale: tuple[float, float]) -> list[Polygon]:
    """The areas as labels of a face. Raises Unusable for labels without a meaning: half of the labels would be a wrong mask.

    scale  (x, y) from the pixels of the file to those of the face
    """
    unknown = sorted({shape.label for shape in shapes if meaning_of(shape.label, meanings) is None})
    if unknown:
        shown = listed(unknown[:MOST_SHOWN])
        raise Unusable(tr("unknown labels: {labels}; say what they mean with --map", labels=shown))
    found: list[Polygon] = []
    for shape in shapes:
        if (meaning := meaning_of(shape.label, meanings)) is not Meaning.SKIP:
            kind = PolygonType.INCLUDE if meaning is Meaning.INCLUDE else PolygonType.EXCLUDE
            found += outlines_of(shape, kind)
    if sum(len(polygon.points) for polygon in found) > MOST_POINTS:
        raise Unusable(tr("more than {count} points", count=MOST_POINTS))
    return [Polygon(polygon.type, scaled(polygon.points, scale)) for polygon in found]


def meaning_of(label: str, meanings: Mapping[str, Meaning]) -> Meaning | None:
    return meanings.get(label.strip().lower(), meanings.get(OTHERS))


def outlines_of(shape: Shape, kind: PolygonType) -> list[Polygon]:
    if shape.outline is not None:
        return [Polygon(kind, shape.outline)]
    return polygons_of_mask(shape.mask) if kind == PolygonType.INCLUDE else excluding_polygons(shape.mask)


def scaled(points: np.ndarray, scale: tuple[float, float]) -> np.ndarray:
    """(N, 2) float32; bit by bit as they came where nothing is scaled. Raises Unusable for points far from every picture."""
    moved = np.float32(points if scale == (1, 1) else np.float64(points) * scale)
    if not (np.abs(moved) <= FARTHEST).all():
        raise Unusable(tr("points outside of every image"))
    return moved


def area_points(numbers: object, problem: str) -> np.ndarray:
    """x, y, x, y ... as (N, 2) float64 of at least three points. Raises Unusable(problem)."""
    if not isinstance(numbers, list) or len(numbers) < 6 or len(numbers) % 2:
        raise Unusable(problem)
    if not {int, float}.issuperset(map(type, numbers)):
        raise Unusable(problem)
    try:
        return np.array(numbers, np.float64).reshape(-1, 2)
    except OverflowError:
        raise Unusable(problem) from None
