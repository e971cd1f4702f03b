"""What a network that finds faces can do, and one that finds landmarks. Pictures are (H, W, 3) uint8 BGR."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True)
class Box:
    """Where a face is: pixels of the picture, not rounded; parts may lie outside of it."""

    left: float
    top: float
    right: float
    bottom: float
    score: float  # 0..1, how sure the detector is
    angle: float = 0.0  # radians of the line from the eye at the left of the picture to the other; 0 where not known

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def area(self) -> float:
        return max(self.width, 0) * max(self.height, 0)

    @property
    def center(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True)
class Located:
    """A face with its landmarks."""

    landmarks: np.ndarray  # (68, 2) float32 pixels of the picture
    presence: float  # above 0: a face, the larger the surer; below: perhaps one, such as a profile
    mesh: np.ndarray | None = None  # (478, 3) float32, where the network gives one


class Detector(Protocol):
    """Finds faces that are about upright."""

    name: str  # of the network and its version: what another one found is not mixed with it

    def find(self, picture: np.ndarray, *, coarse: bool = False) -> list[Box]:
        """The faces, quickly. coarse: those that are not small suffice, at less cost."""

    def search(self, picture: np.ndarray) -> list[Box]:
        """The faces that `find` may miss as well: small ones, those that fill the picture, those cut by its border. Slow."""


class Landmarks(Protocol):
    """Finds the landmarks of a face."""

    name: str

    def locate(self, picture: np.ndarray, box: Box) -> Located | None:
        """The face in `box`; None where there is none."""

    def follow(self, picture: np.ndarray, before: Located) -> Located | None:
        """The face that was `before` in nearly the same picture, as the frame before it; None where there is none."""
