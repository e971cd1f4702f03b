"""Asking the network of a merge: several faces at once."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Protocol

import numpy as np

from dfl_cli.merge.pixels.crop import Crop, ModelFace, Prediction

FACES_AT_ONCE = 8


class Predictor(Protocol):
    """A model as merging sees it."""

    face: ModelFace

    def predict(self, faces):
        """(B, R, R, 3) float32 -> swapped faces (B, R, R, 3), their masks and the masks of the given faces (B, R, R, 1), all 0..1."""


class Enhancer(Protocol):
    """A network that makes faces sharper, as merging sees it."""

    def enhance(self, faces):
        """(B, R, R, 3) float32 0..1 -> (B, n, n, 3) 0..1, n not below R."""


class Network:
    """A predictor, asked for any number of faces.

    It always gets the same number at once: what it makes of a face depends, in the last bits, on how many it sees, and must not
    depend on where a batch was interrupted. Only when memory runs out the number is halved, for good.
    """

    def __init__(self, predictor: Predictor, enhancer: Enhancer | None = None, *, at_once: int = FACES_AT_ONCE):
        """`enhancer` sharpens the swapped faces of enlarged crops."""
        self.predictor, self.enhancer, self.at_once = predictor, enhancer, at_once

    def predict(self, crops: Sequence[Crop]) -> Iterator[Prediction]:
        """What the network makes of `crops`, one for each. Raises MemoryError if it cannot take even one face."""
        crops = list(crops)
        while crops:
            try:
                predictions = self.predictor.predict(self.padded(crops[: self.at_once]))
            except MemoryError:
                if self.at_once == 1:
                    raise
                self.at_once //= 2
                continue
            found = [Prediction(*one) for one in islice(zip(*predictions, strict=True), len(crops))]
            yield from self.enhanced(crops[: self.at_once], found)
            del crops[: self.at_once]

    def enhanced(self, crops: Sequence[Crop], predictions: list[Prediction]) -> list[Prediction]:
        """`predictions`, one for each of `crops`, with the enhanced faces where they are wanted."""
        wanted = [place for place, crop in enumerate(crops) if crop.enlarged]
        if self.enhancer and wanted:
            better = self.enhancer.enhance(np.stack([predictions[place].bgr for place in wanted]))
            for place, face in zip(wanted, better, strict=True):
                predictions[place] = predictions[place]._replace(enhanced=face)
        return predictions

    def padded(self, crops: Sequence[Crop]) -> np.ndarray:
        """Their pictures (at_once, R, R, 3), black where there are fewer."""
        faces = np.zeros((self.at_once, *crops[0].picture.shape), np.float32)
        faces[: len(crops)] = [crop.picture for crop in crops]
        return faces
