"""What shows through the openings of the face: eyeballs, and teeth and tongue. Found by following the pixel's ray inward."""

from typing import NamedTuple

import numpy as np

from dfl_cli.demo.people.features import EYE_SOCKET_DEPTH, EYEBALL_RADIUS, JAW_DROP, Eye, Lips, smoothstep
from dfl_cli.demo.people.noise import fractal, linear, lookup
from dfl_cli.demo.people.people import Person
from dfl_cli.demo.people.poses import Pose
from dfl_cli.demo.people.raster import unit

_IRIS, _PUPIL = 5.9, 2.1  # mm, radius
_FIBERS = np.float32(fractal(np.random.default_rng(5), (64, 512), (4, 90), 3))


class SurfaceHit(NamedTuple):
    """Surfaces behind an opening. color (N, 3) linear; normals (N, 3) in head space; gloss (N,); dim (N,) 0..1 of the light."""

    color: np.ndarray
    normals: np.ndarray
    gloss: np.ndarray
    dim: np.ndarray


def trace_eye(person: Person, pose: Pose, points, rays, eye: Eye) -> SurfaceHit:
    """The eyeball behind `points` (N, 3) of the opening, along the `rays` (N, 3) from the camera."""
    center = np.zeros_like(points)
    center[:, 0] = np.sign(points[:, 0]) * person.eye_distance / 2
    center[:, 1], center[:, 2] = -0.2, EYE_SOCKET_DEPTH
    normals = _hit_sphere(points - center, rays)
    across, down = 0.42 * pose.gaze[0], 0.34 * pose.gaze[1] - 0.02
    toward = np.array([np.sin(across) * np.cos(down), np.sin(down), np.cos(across) * np.cos(down)], np.float32)
    away = np.arccos(np.clip(normals @ toward, -1, 1)) * EYEBALL_RADIUS  # mm from the middle of the iris
    sideways = unit(np.cross(np.float32([0, 1, 0]), toward))
    turn = np.arctan2(normals @ np.cross(toward, sideways), normals @ sideways)
    color = _eye_color(person, away, turn, eye.along)
    # the cornea stands out of the ball: its normals lean away from the pupil's axis more than the ball's
    bulge = smoothstep(_IRIS + 1.2, _IRIS - 1.5, away)[:, None]
    normals = unit(normals + 0.35 * bulge * (normals - toward))
    lid_shade = smoothstep(-0.6, 4.2, points[:, 1] - eye.upper) * 0.62 + 0.38
    corner = 1 - 0.45 * smoothstep(0.55, 1.0, np.abs(eye.along))
    edge = smoothstep(-0.2, 1.2, eye.lower - points[:, 1]) * 0.3 + 0.7
    return SurfaceHit(
        color, normals.astype(np.float32), np.full(len(points), 6.0, np.float32), lid_shade * corner * edge
    )


def _hit_sphere(start, rays) -> np.ndarray:
    """Unit vectors from the middle of a ball to where the rays meet it (or pass nearest)."""
    middle = np.einsum("nc,nc->n", start, rays)
    offset = np.einsum("nc,nc->n", start, start) - EYEBALL_RADIUS**2
    step = -middle - np.sqrt(np.maximum(middle * middle - offset, 0))
    return unit(start + step[:, None] * rays)


def _eye_color(person: Person, away, turn, along) -> np.ndarray:
    """Pupil, iris with fibers and dark rim, white with a little red toward the corners."""
    fiber = lookup(_FIBERS, (turn / (2 * np.pi) + 0.5) * 511, away / _IRIS * 63)[:, 0]
    iris = linear(person.iris)
    warm = iris * np.float32([0.55, 0.85, 1.5])
    near = smoothstep(_PUPIL + 1.8, _PUPIL, away)[:, None]
    color = (iris * (1 - near) + warm * near) * (1 + 0.22 * fiber[:, None]) * 1.15
    color = color * (1 - 0.72 * smoothstep(_IRIS - 1.3, _IRIS - 0.1, away))[:, None]
    color = color * (1 - smoothstep(_PUPIL + 0.35, _PUPIL - 0.2, away))[:, None] + 0.004
    white = np.float32([0.62, 0.64, 0.68]) * np.ones((len(away), 1), np.float32)
    pink = smoothstep(0.5, 1.0, np.abs(along))[:, None] + 1.6 * smoothstep(-0.80, -0.97, along)[:, None]
    white = white * np.exp(-pink * np.float32([0.42, 0.45, 0.06]))
    outside = smoothstep(_IRIS - 0.35, _IRIS + 0.35, away)[:, None]
    return (color * (1 - outside) + white * outside).astype(np.float32)


_TOOTH_EDGES = np.array([0, 8.4, 15.2, 23.0, 30.0, 37.0, 46.0])  # mm along the arch from the middle


def trace_mouth(person: Person, pose: Pose, points, rays, lips: Lips) -> SurfaceHit:
    """Teeth on an upright oval cylinder; behind and between the rows the dark, with a tongue."""
    front, half, depth = 88.0 + 0.45 * person.lip_forward, 26.0, 36.0
    spot = _hit_arch(points - np.array([0, 0, front - depth]), rays, half, depth)
    x, y = spot[:, 0], spot[:, 1]
    upper_edge = person.mouth_height + 4.4 - 0.012 * x * x - 1.2 * max(pose.smile, 0)
    lower_edge = person.mouth_height + 0.84 * JAW_DROP * pose.mouth_open - 0.6 + 0.010 * x * x
    arc = half * np.arctan2(np.abs(x) * 1.25, np.maximum(half - np.abs(x), 1e-3) + 14)
    gap = np.min(np.abs(np.abs(x)[:, None] - _TOOTH_EDGES * 0.93), axis=1)
    upper = smoothstep(0.35, -0.35, y - upper_edge + 0.5 * smoothstep(1.2, 0, gap))
    lower = smoothstep(-0.35, 0.35, y - lower_edge) * 0.9 * (1 - upper)
    teeth = (
        np.float32([0.56, 0.66, 0.70]) * (1 - 0.45 * smoothstep(0.55, 0.0, gap) - 0.010 * np.minimum(arc, 30))[:, None]
    )
    gum = smoothstep(upper_edge - 9.5, upper_edge - 10.5, y)[:, None] * upper[:, None]
    teeth = teeth * (1 - gum) + np.float32([0.16, 0.15, 0.42]) * gum
    tongue = np.exp(-((x / 17) ** 2) - ((y - lower_edge - 1) / 7.5) ** 2)[:, None] * smoothstep(
        0.15, 0.5, pose.mouth_open
    )
    back = np.float32([0.012, 0.010, 0.030]) + tongue * np.float32([0.13, 0.11, 0.34])
    hard = (upper + lower)[:, None]
    color = back * (1 - hard) + teeth * hard
    normals = unit(np.stack([x / half**2, np.zeros_like(x), np.full_like(x, 0.8 / depth)], axis=-1))
    inward = np.minimum(points[:, 1] - lips.inner_upper, lips.inner_lower - points[:, 1])
    dim = (0.38 + 0.47 * smoothstep(-0.5, 3.5, inward)) * (1 - 0.75 * smoothstep(0.45, 0.95, np.abs(lips.along)))
    return SurfaceHit(color.astype(np.float32), normals.astype(np.float32), 1.6 * hard[:, 0], dim)


def _hit_arch(start, rays, half, depth) -> np.ndarray:
    """Where rays from `start` meet the upright oval cylinder about the origin (or pass it nearest)."""
    scale = np.array([1 / half, 0, 1 / depth])
    p, d = start * scale, rays * scale
    a, b = np.einsum("nc,nc->n", d, d), np.einsum("nc,nc->n", p, d)
    c = np.einsum("nc,nc->n", p, p) - 1
    step = (-b - np.sqrt(np.maximum(b * b - a * c, 0))) / np.maximum(a, 1e-9)
    return start + np.clip(step, -5, 40)[:, None] * rays
