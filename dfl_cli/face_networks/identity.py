"""Who somebody is, by SFace: 128 numbers whose scalar product with another face's tells how alike two people are."""

from __future__ import annotations

from functools import cache

import numpy as np

from dfl_cli.face_networks.bundled import read_net, tables
from dfl_cli.face_networks.crops import warp
from samplers.geometry.align import umeyama

SIDE = 112  # pixels of the network's input
SAME, UNSURE = 0.50, 0.40  # scalar products: one person from SAME on, perhaps from UNSURE on
EYES_NOSE_MOUTH = (slice(36, 42), slice(42, 48), slice(30, 31), slice(48, 49), slice(54, 55))


class Identity:
    """The network; it belongs to one thread."""

    def __init__(self):
        self._net = read_net("sface")

    def vector(self, picture: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
        """(128,) float32 of length 1."""
        five = np.stack([landmarks[part].mean(axis=0) for part in EYES_NOSE_MOUTH]).astype(np.float64)
        matrix = umeyama(five, target())[:2]
        if not np.isfinite(matrix).all():
            return np.zeros(128, np.float32)
        crop = warp(picture, matrix, SIDE)
        self._net.setInput(np.ascontiguousarray(crop[..., ::-1].transpose(2, 0, 1)[None], np.float32))
        found = self._net.forward().ravel()
        return (found / max(np.linalg.norm(found), 1e-9)).astype(np.float32)


@cache
def target() -> np.ndarray:
    """(5, 2): where the network expects eyes, nose and corners of the mouth."""
    return np.float64(tables()["identity_target"])
