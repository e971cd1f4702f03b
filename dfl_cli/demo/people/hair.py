"""Hair: a short crop that follows the skull, or long hair that falls from a parting. Strands are painted along the rows."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from dfl_cli.demo.people.features import smoothstep
from dfl_cli.demo.people.head import grid, row_at, surface
from dfl_cli.demo.people.noise import fractal, linear, lookup
from dfl_cli.demo.people.people import Person
from dfl_cli.demo.people.poses import Pose
from dfl_cli.demo.people.raster import Mesh, grid_normals, grid_triangles, unit

# Long hair, one half: five lines from the front edge to the middle of the back, each eight points from the parting to the
# tips; head space, millimetres, for the picture's right side.
_FALL = np.array([
    [(0, -74, 89), (27, -75, 88), (50, -62, 79), (66, -37, 61), (71, 2, 52), (71, 45, 47), (70, 92, 52), (60, 150, 62)],
    [(0, -115, 63), (35, -111, 67), (62, -88, 55), (80, -50, 42), (87, -2, 30), (90, 48, 24), (91, 100, 27), (82, 158, 34)],
    [(0, -137, 16), (42, -129, 17), (68, -102, 12), (86, -57, 4), (92, -2, -8), (93, 52, -16), (95, 106, -16), (88, 168, -8)],
    [(0, -136, -36), (36, -126, -44), (58, -100, -60), (73, -56, -76), (77, -2, -84), (76, 52, -78), (77, 108, -66), (72, 172, -50)],
    [(0, -116, -74), (0, -106, -86), (0, -86, -102), (0, -46, -112), (0, -2, -113), (0, 52, -102), (0, 108, -84), (0, 174, -62)],
], np.float32)  # fmt: skip
_LINES, _STEPS = 60, 64


class Strands(NamedTuple):
    """The color (H, W, 3: shade factor, highlight shift, cover) of hair over its (u, v), both 0..1; v runs along the strands."""

    texture: np.ndarray

    def at(self, u, v) -> np.ndarray:
        height, width = self.texture.shape[:2]
        return lookup(self.texture, u * (width - 1), v * (height - 1))


@lru_cache(maxsize=4)
def strands(person: Person) -> Strands:
    rng = np.random.default_rng(person.seed + 1)
    side = 1024
    if person.long_hair:
        fine, locks, tufts = (
            fractal(rng, (side, side), cells, n) for cells, n in (((5, 420), 1), ((3, 110), 2), ((3, 26), 2))
        )
    else:
        fine, locks, tufts = (
            fractal(rng, (side, side), cells, n) for cells, n in (((90, 520), 1), ((46, 190), 2), ((14, 50), 2))
        )
    shade = 1 + 0.17 * fine + 0.18 * locks + 0.12 * tufts
    cover = 0.45 * fine + 0.6 * locks + 0.4 * tufts
    return Strands(np.stack([np.maximum(shade, 0.25), 0.6 * locks + 0.3 * fine, cover], axis=-1).astype(np.float32))


def hair_mesh(person: Person) -> Mesh:
    """In head space. Attributes: u, v, cover 0..1 before the strands fray it, open 0..1, strand direction x, y, z."""
    return _long_hair(person) if person.long_hair else _crop(person)


@lru_cache(maxsize=2)
def _long_hair(person: Person) -> Mesh:
    """Two curtains, one for each side, that meet at the parting and at the middle of the back."""
    rng = np.random.default_rng(person.seed + 2)
    across, along = np.meshgrid(np.linspace(0, 4, _LINES), np.linspace(0, 7, _STEPS))
    control = np.pad(np.moveaxis(_FALL, 0, 1), ((1, 1), (1, 1), (0, 0)))
    control[0], control[-1] = 2 * control[1] - control[2], 2 * control[-2] - control[-3]
    control[:, 0], control[:, -1] = 2 * control[:, 1] - control[:, 2], control[:, -2] * [-1, 1, 1]
    half = _spline(_spline(control, np.linspace(0, 7, _STEPS)).swapaxes(0, 1), np.linspace(0, 4, _LINES)).swapaxes(0, 1)
    parts = []
    for sign in (1, -1):
        lump = fractal(rng, (_STEPS, _LINES), (5, 9), 3) * 1.3 + fractal(rng, (_STEPS, _LINES), (3, 24), 1) * 0.9
        swing = 3.5 * np.sin(along * 1.5 + across * 0.8 + sign) * smoothstep(2, 6, along)
        wide = half * [person.skull_width, 1, 1]
        wide = (
            wide + unit(wide * [1, 0.6, 1]) * (5.0 * smoothstep(0, 1.5, across) * smoothstep(0.2, 2, along))[..., None]
        )
        out = unit(wide * [1, 0.4, 1]) * (lump * smoothstep(0, 1.0, along) + swing)[..., None]
        points = (wide + out) * [sign, 1, 1]
        front = smoothstep(0.0, 0.35, across) * smoothstep(-0.02, 0.3, along + 0.25)
        cover = np.minimum(front * 0.8 + 0.2, smoothstep(7.0, 5.9, along) * 1.1)
        hollow = 0.35 + 0.65 * smoothstep(0.0, 0.8, along) * smoothstep(0, 0.5, across)
        hollow = hollow * (1 - 0.25 * smoothstep(5, 7, along))
        u = across / 8 + (0.5 if sign > 0 else 0.0)
        parts.append((points, np.stack([u, along / 7, cover, hollow], axis=-1), sign))
    return _join(parts)


def _join(parts) -> Mesh:
    """One mesh of both curtains. Seen from outside, columns must run to the right: on the left side, from the back to the front."""
    meshes, base = [], 0
    for points, attributes, sign in parts:
        strand = unit(np.gradient(points, axis=0))
        if sign < 0:
            points, attributes, strand = (v[:, ::-1] for v in (points, attributes, strand))
        triangles, coarse = (grid_triangles(*points.shape[:2], step) + base for step in (1, 2))
        base += points[..., 0].size
        normals = grid_normals(points, wrap=False)
        both = np.concatenate([attributes, strand], axis=-1)
        meshes.append((points.reshape(-1, 3), normals.reshape(-1, 3), triangles, both.reshape(-1, 7), coarse))
    points, normals, triangles, attributes, coarse = (np.concatenate(v) for v in zip(*meshes, strict=True))
    return Mesh(points.astype(np.float32), normals.astype(np.float32), triangles, attributes.astype(np.float32), coarse)


def _spline(knots: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Catmull-Rom curve through knots[1:-1] (one per whole number) along the first axis."""
    first = np.clip(np.floor(at).astype(int), 0, len(knots) - 4)
    t = (at - first).reshape(-1, *[1] * (knots.ndim - 1))
    a, b, c, d = (knots[first + i] for i in range(4))
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - 3 * c + d - a) * t**3)


# The hairline of a crop: lowest y with hair at each angle from the face to the nape, in degrees.
_LINE_ANGLE = np.radians([0, 12, 24, 36, 46, 54, 60, 66, 73, 78, 81, 104, 112, 140, 180])
_LINE_Y = np.array([-68, -69, -73, -75, -63, -45, -25, 2, 16, 10, -26, -24, 22, 48, 58])


@lru_cache(maxsize=2)
def _crop(person: Person) -> Mesh:
    """A shell over the skull, thick on top, thin at the sides, gone at the hairline."""
    angle, row = grid(person)
    rows = row[:, 0] < float(row_at(person, np.array(78.0)))
    angle, row = angle[rows], row[rows]
    rest = surface(person, Pose(), angle, row)
    outward = grid_normals(rest, wrap=True)
    above = np.interp(np.abs(angle), _LINE_ANGLE, _LINE_Y) - rest[..., 1]  # mm over the hairline
    top = smoothstep(-50, -110, rest[..., 1])
    height = smoothstep(-1, 34, above) * (4.0 + 10.0 * top)
    lump = fractal(np.random.default_rng(person.seed + 3), angle.shape, (14, 22), 2)
    points = rest + outward * (height * (1 + 0.07 * lump) + 0.4)[..., None]
    cover = smoothstep(-5, 13, above)
    hollow = 0.72 + 0.28 * smoothstep(0, 14, above)
    strand = unit(np.gradient(points, axis=0) + 0.35 * np.gradient(points, axis=1))
    attributes = [angle / (2 * np.pi) + 0.5, row / 14, cover, hollow, *np.moveaxis(strand, -1, 0)]
    normals = grid_normals(points, wrap=True)
    triangles, coarse = (grid_triangles(*angle.shape, step) for step in (1, 2))
    flat = np.stack(attributes, axis=-1).astype(np.float32).reshape(-1, 7)
    return Mesh(
        points.reshape(-1, 3).astype(np.float32), normals.reshape(-1, 3).astype(np.float32), triangles, flat, coarse
    )


def hair_color(person: Person, blended: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Color (N, 3), highlight shift (N,) and cover (N,) 0..1 from the mesh's attributes at the pixels."""
    u, v, cover = blended[:, 0], blended[:, 1], blended[:, 2]
    found = strands(person).at(u, v)
    root, tip = linear(person.hair_color), linear(person.hair_tip_color)
    share = np.clip(smoothstep(0.1, 1.0, v) * 0.6 + 0.25 * (found[:, 0] - 1), 0, 1)[:, None]
    color = (root * (1 - share) + tip * share) * found[:, :1] ** 1.6
    frayed = smoothstep(0.25, 0.75, cover + 0.16 * found[:, 2] * (cover < 0.98))
    return color, 1 + found[:, 1] * 0.5, np.where(cover <= 0.01, 0, frayed)
