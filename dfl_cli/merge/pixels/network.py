"""Asking the networks of a merge: several faces at once."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Protocol

import numpy as np

from dfl_cli.in_batches import FACES_AT_ONCE, InBatches
from dfl_cli.merge.pixels.crop import Crop, ModelFace, Prediction
from dfl_cli.merge.pixels.painted_masks import MaskNetwork, MaskPainter


class Predictor(Protocol):
    """A model as merging sees it."""

    face: ModelFace

    def predict(self, faces, *, corrected: bool = True):
        """(B, R, R, 3) float32 -> swapped faces (B, R, R, 3), their masks and the masks of the given faces (B, R, R, 1), all 0..1.

        corrected  False: faces lie where the model has learned to put them
        """


class Enhancer(Protocol):
    """A network that makes faces sharper, as merging sees it."""

    def enhance(self, faces):
        """(B, R, R, 3) float32 0..1 -> (B, n, n, 3) 0..1, n not below R."""


class Network:
    """A predictor, asked for any number of faces."""

    def __init__(
        self,
        predictor: Predictor,
        enhancer: Enhancer | None = None,
        xseg: MaskNetwork | None = None,
        *,
        at_once: int = FACES_AT_ONCE,
    ):
        """`enhancer` sharpens the swapped faces of enlarged crops, `xseg` paints the masks that crops want."""
        self.swaps = {
            corrected: InBatches(partial(predictor.predict, corrected=corrected), at_once)
            for corrected in (True, False)
        }
        self.enhancer = enhancer
        self.painter = MaskPainter(xseg, at_once=at_once) if xseg else None

    def predict(self, crops: Sequence[Crop]) -> Iterator[Prediction]:
        """What the networks make of `crops`, one for each. Raises MemoryError if they cannot take even one face."""
        for start in range(0, len(crops), FACES_AT_ONCE):
            some = crops[start : start + FACES_AT_ONCE]
            found = self.enhanced(some, self.swapped(some))
            yield from self.painter.paint(some, found) if self.painter else found

    def swapped(self, crops: Sequence[Crop]) -> list[Prediction]:
        """One for each of `crops`."""
        found = {}
        for corrected, swap in self.swaps.items():
            places = [place for place, crop in enumerate(crops) if crop.classic != corrected]
            found |= dict(zip(places, swap([crops[place].picture for place in places]), strict=True))
        return [Prediction(*found[place]) for place in range(len(crops))]

    def enhanced(self, crops: Sequence[Crop], predictions: list[Prediction]) -> list[Prediction]:
        """`predictions`, one for each of `crops`, with the enhanced faces where they are wanted."""
        wanted = [place for place, crop in enumerate(crops) if crop.enlarged]
        if self.enhancer and wanted:
            better = self.enhancer.enhance(np.stack([predictions[place].bgr for place in wanted]))
            for place, face in zip(wanted, better, strict=True):
                predictions[place] = predictions[place]._replace(enhanced=face)
        return predictions
