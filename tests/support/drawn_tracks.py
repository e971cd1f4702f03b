"""Frame records with people who move along drawn paths."""

from functools import cache

import numpy as np

from dfl_cli.extract.records import FaceRecord, FrameRecord
from drawn_people import drawn


@cache  # drawing takes seconds
def shape() -> np.ndarray:
    """Landmarks (68, 2) around (0, 0), about 100 pixels high."""
    landmarks = drawn("A")[1]
    return landmarks - landmarks.mean(axis=0)


def identity_of(who: int, spread: float = 0.0, seed: int = 0) -> np.ndarray:
    """(128,): identities of different `who` have a scalar product of 0; those of one person about 1 / (1 + spread²)."""
    rng = np.random.default_rng((who, seed))
    noise = rng.normal(size=128)
    vector = np.eye(128)[who] + spread * noise / np.linalg.norm(noise)
    return np.float32(vector / np.linalg.norm(vector))


def face_at(
    x: float, y: float, identity: np.ndarray | None = None, size: float = 1.0, presence: float = 12.0
) -> FaceRecord:
    points = np.float32(shape() * size + (x, y))
    left, top = points.min(axis=0)
    right, bottom = points.max(axis=0)
    return FaceRecord((left, top, right, bottom), points, 0.9, presence, identity)


def frame_of(number: int, *faces: FaceRecord, shade: int = 100) -> FrameRecord:
    thumbnail = np.full((8, 8), shade, np.uint8)
    return FrameRecord(f"{number:05d}.png", (640, 480), "1-a", thumbnail, tuple(sorted(faces, key=lambda f: -f.area)))
