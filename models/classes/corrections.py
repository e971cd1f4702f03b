"""Taking the displacement off that a model has learned (docs/decisions/0036-where-a-face-lies.md). Loads no Keras."""

from typing import NamedTuple

import numpy as np

from models.subpixel import moved

Shift = tuple[float, float]  # pixels to the right and down


class Corrections(NamedTuple):
    """How far the input of a network is moved, so that the face it paints lies where it should: one shift for each person."""

    src: Shift = (0.0, 0.0)
    dst: Shift = (0.0, 0.0)

    def morphed(self, morph: float) -> Shift:
        """For a face that is `morph`, 0..1, of src and the rest of dst."""
        return tuple(morph * a + (1 - morph) * b for a, b in zip(self.src, self.dst, strict=True))

    def swap_input(self, faces: np.ndarray, morph: float = 1.0) -> np.ndarray:
        """dst's `faces` (B, R, R, 3) as the swap gets to see them."""
        return moved(faces, self.morphed(morph))

    def dst_mask_to(self, morph: float = 1.0) -> Shift:
        """How far the mask of dst's own face has to be moved after a swap: its input was moved for the swapped face."""
        return tuple(b - a for a, b in zip(self.morphed(morph), self.dst, strict=True))


NONE = Corrections()
