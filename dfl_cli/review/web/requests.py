"""What the page may send, with types and limits."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import BaseModel, Field

from dfl_cli.review.frame_editor import EditedFace
from dfl_cli.review.session import ReviewSession
from samplers.geometry.landmarks import POINTS

Pixel = Annotated[float, Field(ge=-1e5, le=1e5, allow_inf_nan=False)]
Box = tuple[Pixel, Pixel, Pixel, Pixel]
Points = Annotated[list[tuple[Pixel, Pixel]], Field(min_length=POINTS, max_length=POINTS)]
MOST_FACES = 1000  # of a frame


class SelectRequest(BaseModel):
    """One of: a face that is clicked, ranges that a lasso caught, nothing any more."""

    place: int | None = Field(None, ge=0)
    toggle: bool = False
    through: bool = False
    ranges: list[tuple[int, int]] | None = None

    def apply(self, session: ReviewSession) -> None:
        if self.place is not None:
            session.select(self.place, toggle=self.toggle, through=self.through)
        elif self.ranges is not None:
            session.lasso(self.ranges, more=self.toggle)
        else:
            session.select_none()


class BoxRequest(BaseModel):
    """A box drawn in a frame."""

    box: Box


class CropRequest(BaseModel):
    """Landmarks that are being moved."""

    points: Points

    @property
    def landmarks(self) -> np.ndarray:
        return np.float64(self.points)


class SentFace(BaseModel):
    """See EditedFace."""

    number: int | None = None
    drawn: int | None = None
    accepted: bool = False
    box: Box
    points: Points


class RepairRequest(BaseModel):
    """The faces of a frame; None: those that were found. version: of the frame when the page got it."""

    version: int
    faces: Annotated[list[SentFace], Field(max_length=MOST_FACES)] | None

    @property
    def edited(self) -> list[EditedFace] | None:
        if self.faces is None:
            return None
        return [
            EditedFace(face.number, face.drawn, face.accepted, face.box, np.float64(face.points)) for face in self.faces
        ]
