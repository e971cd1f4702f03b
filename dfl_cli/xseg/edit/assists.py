"""What the editor does for the person: labels of another face, of a network, of a brush and of rough marks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dfl_cli.errors import UserError
from dfl_cli.translate import tr
from dfl_cli.xseg.assist.brush import Stroke, brush, erase, merge_mask
from dfl_cli.xseg.assist.grab_cut import grab_cut
from dfl_cli.xseg.assist.moving import copy_labels
from dfl_cli.xseg.assist.outlines import polygons_of_mask
from dfl_cli.xseg.assist.segmenter import Segmenter
from dfl_cli.xseg.edit.model import ModelMasks
from dfl_cli.xseg.edit.orders import BY_NAME
from dfl_cli.xseg.edit.session import EditSession
from samplers.geometry.polygons import Polygon, PolygonType

Box = tuple[float, float, float, float]  # left, top, right, bottom; pixels


class Assists:
    """Threads share it; each call answers with all labels that the face is to have.

    masks      of the model
    segmenter  None where none was named
    """

    def __init__(self, session: EditSession, *, masks: ModelMasks, segmenter: Segmenter | None = None):
        self.session, self.masks, self.segmenter = session, masks, segmenter

    def copy(self, number: int) -> tuple[int, list[Polygon]]:
        """Whose labels they are, and the labels of the labeled face before this one by name (else the next one), moved with the landmarks.

        Raises UserError.
        """
        with self.session.lock:
            source = self.session.faces.nearest_labeled(number, BY_NAME)
        if source is None:
            raise UserError(tr("No other face has labels yet."), fix=tr("Label one by hand first."))
        there, here = self.session.info(source), self.session.info(number)
        return source, copy_labels(there.polygons, there, here)

    def brush(
        self, number: int, polygons: Sequence[Polygon], strokes: Sequence[Stroke], kind: PolygonType, *, erases: bool
    ) -> list[Polygon]:
        """Raises UserError."""
        change = erase if erases else brush
        return change(polygons, strokes, kind, self.session.info(number).shape)

    def grab_cut(
        self,
        number: int,
        polygons: Sequence[Polygon],
        box: Box,
        strokes: tuple[Sequence[Stroke], Sequence[Stroke]],
        kind: PolygonType,
    ) -> list[Polygon]:
        """strokes: on what belongs to the object, and on what does not. Raises UserError."""
        return merge_mask(polygons, grab_cut(self.session.picture(number), box, *strokes), kind)

    def segment(
        self,
        number: int,
        polygons: Sequence[Polygon],
        points: Sequence[tuple[float, float]],
        labels: Sequence[int],
        kind: PolygonType,
    ) -> list[Polygon]:
        """labels: 1 for points on the object, 0 for points beside it. Raises UserError."""
        return merge_mask(polygons, self.segmenter.segment(self.session.picture(number), points, labels), kind)

    def prediction(self, number: int) -> np.ndarray:
        """(256, 256) 0..1: the mask that the model makes of the face. Raises UserError."""
        return self.masks.mask(self.session, number)[1]

    def prefill(self, number: int) -> tuple[str | None, list[Polygon]]:
        """Name of the model (None: the built-in network), and its mask as polygons. Raises UserError."""
        name, mask = self.masks.mask(self.session, number)
        return name, polygons_of_mask(mask, shape=self.session.info(number).shape)
