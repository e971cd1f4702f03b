"""What the page may send, with types and limits."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, Field

from dfl_cli.xseg.assist.brush import Stroke
from samplers.geometry.polygons import Polygon, PolygonType

Pixel = Annotated[float, Field(ge=-1e5, le=1e5, allow_inf_nan=False)]
Point = tuple[Pixel, Pixel]
MOST_POLYGONS, MOST_POINTS = 1000, 10_000


class SentPolygon(BaseModel):
    """type: 0 excludes, 1 includes."""

    type: Literal[0, 1]
    points: Annotated[list[Point], Field(min_length=1, max_length=MOST_POINTS)]

    @property
    def polygon(self) -> Polygon:
        return Polygon(PolygonType(self.type), np.float32(self.points))


SentPolygons = Annotated[list[SentPolygon], Field(max_length=MOST_POLYGONS)]


class SaveRequest(BaseModel):
    """The labels of a face. base: version of those that the person changed."""

    base: str
    polygons: SentPolygons


class SentStroke(BaseModel):
    """radius: pixels of the picture."""

    points: Annotated[list[Point], Field(min_length=1, max_length=MOST_POINTS)]
    radius: Annotated[float, Field(gt=0, le=1e4)]

    @property
    def stroke(self) -> Stroke:
        return Stroke(np.float64(self.points), self.radius)


Strokes = Annotated[list[SentStroke], Field(max_length=1000)]


class MarkRequest(BaseModel):
    """Marks on labels that may not be saved yet. kind: of the labels that they become."""

    polygons: SentPolygons
    kind: Literal[0, 1]


class BrushRequest(MarkRequest):
    strokes: Strokes
    erase: bool


class GrabCutRequest(MarkRequest):
    """box: left, top, right, bottom."""

    box: tuple[Pixel, Pixel, Pixel, Pixel]
    inside: Strokes
    outside: Strokes


class SegmentRequest(MarkRequest):
    """labels: 1 for points on the object, 0 for points beside it."""

    points: Annotated[list[Point], Field(min_length=1, max_length=1000)]
    labels: Annotated[list[Literal[0, 1]], Field(min_length=1, max_length=1000)]


class FindRequest(BaseModel):
    """Faces of which this browser keeps labels that were not saved."""

    names: Annotated[list[str], Field(max_length=100_000)]


def strokes_of(sent: list[SentStroke]) -> list[Stroke]:
    return [each.stroke for each in sent]


def polygons_of(sent: list[SentPolygon]) -> tuple[Polygon, ...]:
    return tuple(each.polygon for each in sent)
