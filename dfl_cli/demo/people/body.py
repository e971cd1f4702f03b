"""Shoulders in a plain sweater, and the soft wall behind: they stay while the head moves."""

from functools import lru_cache

import cv2
import numpy as np

from dfl_cli.demo.people.features import smoothstep
from dfl_cli.demo.people.noise import fractal, linear
from dfl_cli.demo.people.people import Person
from dfl_cli.demo.people.raster import Mesh, grid_normals, grid_triangles

# y, half width, reach forward, reach back, roundness; millimetres
_SHOULDERS = np.array([
    (182, 38, 30, 36, 2.0), (168, 56, 42, 50, 2.0), (163, 60, 47, 55, 2.0), (166, 65, 53, 60, 2.0), (174, 76, 58, 66, 2.0),
    (186, 108, 64, 74, 2.1),
    (200, 146, 72, 84, 2.2),
    (220, 176, 84, 92, 2.4), (250, 196, 98, 98, 2.6), (300, 206, 112, 102, 2.7), (420, 210, 120, 104, 2.8),
])  # fmt: skip


@lru_cache(maxsize=2)
def body_mesh(person: Person) -> Mesh:
    """In the world. Attributes: how open it lies to the light, and a place in the knit (x, y)."""
    rows = np.linspace(0, len(_SHOULDERS) - 1, 46)
    angle, row = np.meshgrid(np.radians(np.linspace(-180, 180, 110)), rows)
    y, width, front, back, roundness = (np.interp(row, np.arange(len(_SHOULDERS)), column) for column in _SHOULDERS.T)
    width = width * (0.5 + 0.5 * person.neck_width) + 4 * person.neck_width - 4
    reach = np.where(np.cos(angle) > 0, front, back)
    radius = ((np.abs(np.sin(angle)) / width) ** roundness + (np.abs(np.cos(angle)) / reach) ** roundness) ** (
        -1 / roundness
    )
    x, z = radius * np.sin(angle), radius * np.cos(angle)
    slope = np.clip(np.abs(x) - 60, 0, None) * 0.12
    dip = 16 * np.exp(-(((row - 1) / 3.0) ** 2)) * np.clip(np.cos(angle), 0, 1)
    points = np.stack([x, y + slope + dip - 9, z - 10], axis=-1).astype(np.float32)
    points = cv2.GaussianBlur(points, (1, 5), 0, sigmaY=1.0, borderType=cv2.BORDER_REPLICATE)
    attributes = np.stack([0.55 + 0.45 * smoothstep(0, 4, row), angle, row], axis=-1).astype(np.float32)
    normals = grid_normals(points, wrap=False)
    triangles, coarse = (grid_triangles(*angle.shape, step) for step in (1, 2))
    return Mesh(points.reshape(-1, 3), normals.reshape(-1, 3), triangles, attributes.reshape(-1, 3), coarse)


@lru_cache(maxsize=2)
def knit(person: Person) -> np.ndarray:
    """Shade factor of the cloth (512, 512, 1): fine ribs, a little uneven."""
    rng = np.random.default_rng(person.seed + 4)
    ribs = np.sin(np.arange(512) * (2 * np.pi / 3.2))[None, :] * 0.07
    return (1 + ribs + 0.05 * fractal(rng, (512, 512), (120, 240), 2))[..., None].astype(np.float32)


@lru_cache(maxsize=4)
def backdrop(person: Person, size: tuple[int, int]) -> np.ndarray:
    """A wall out of focus (H, W, 3) linear: falls off toward the edges, large soft shapes."""
    rng = np.random.default_rng(person.seed + 5)
    width, height = size
    x, y = np.meshgrid(np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32))
    glow = np.exp(-((x - 0.35) ** 2) / 1.6 - ((y + 0.25) ** 2) / 1.8)
    blobs = cv2.GaussianBlur(fractal(rng, (64, 64), (3, 4), 2), (0, 0), 4)
    blobs = cv2.resize(blobs, size, interpolation=cv2.INTER_CUBIC)
    tint = np.float32([0.04, 0.0, -0.04]) * blobs[..., None]
    return linear(person.backdrop) * (0.42 + 0.62 * glow + 0.07 * blobs)[..., None] * (1 + tint)
