"""A short evaluation, again and again while a model is trained: who the swap is, and whether it moves as dst does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dfl_cli.evaluate.faces import Square, in_order, prepared_faces
from dfl_cli.evaluate.metrics.expression import moves_along as expression_along
from dfl_cli.evaluate.metrics.expression import moving_in
from dfl_cli.evaluate.metrics.identity import identity_transfer
from dfl_cli.evaluate.metrics.pose import moves_along as turns_along
from dfl_cli.evaluate.readings import Reader, Readings
from dfl_cli.evaluate.swapping import swapped
from samplers.files.face import Face
from samplers.pose_coverage import evenly

FACES = 32  # of dst, and as many of src for its mean and for what real pictures reach
LEAST_YAW = 0.9  # correlation; a swap that does not turn with dst is no swap, however like src it looks


class Quality(NamedTuple):
    """Of a swap; None where it cannot be measured."""

    identity_transfer: float | None
    expression_correlation: float | None
    yaw_correlation: float | None

    @property
    def value(self) -> float | None:
        """The higher the better; None for a swap that does not count yet."""
        turns = self.yaw_correlation is None or self.yaw_correlation > LEAST_YAW
        if self.identity_transfer is None or self.expression_correlation is None or not turns:
            return None
        return self.identity_transfer * max(0.0, self.expression_correlation)


class SwapScorer:
    """Knows the faces; what the networks read in them is read once."""

    def __init__(self, src: Sequence[Face], dst: Sequence[Face], options: Mapping):
        square = Square.of(options)
        self.reader = Reader()
        self.dst, _ = prepared_faces(evenly(in_order(dst), FACES), square)
        real, _ = prepared_faces(evenly(in_order(src), 2 * FACES), square)
        self.before = self.read(self.dst)
        self.centroid, self.real = self.read(real[::2]), self.read(real[1::2] or real)

    def read(self, faces) -> Readings | None:
        return self.reader.read_faces(faces) if faces else None

    def score(self, model) -> Quality:
        """Of the moving averages where they are kept. Raises MemoryError."""
        if not (self.before and self.centroid and self.real):
            return Quality(None, None, None)
        with model.averaged():
            shown = swapped(model.swap, self.dst)
        swap = self.reader.read_all(shown.swap, [one.landmarks for one in self.dst])
        before = self.before
        identity = identity_transfer(swap.identity, before.identity, self.centroid.identity, self.real.identity).value
        moving = moving_in(before.expression)
        expression, _ = expression_along(swap.expression, before.expression, moving=moving)
        yaw, _ = turns_along(swap.angles[:, 0], before.angles[:, 0])
        return Quality(identity, number(expression), number(yaw))


def number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
