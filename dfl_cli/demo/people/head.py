"""The head's surface: a function of (angle, row), so that any point of it, a landmark too, can be asked for.

`angle` runs around the vertical axis (0 is the face, positive to the picture's right), `row` from the crown (0) down to
the foot of the neck (ROWS[-1]). Head space as in `features`.
"""

from functools import lru_cache

import numpy as np

from dfl_cli.demo.people.features import (
    EYE_SOCKET_DEPTH,
    EYEBALL_RADIUS,
    JAW_DROP,
    eye_edges,
    lip_edges,
    mouth_half_width,
    smoothstep,
)
from dfl_cli.demo.people.people import Person
from dfl_cli.demo.people.poses import Pose
from dfl_cli.demo.people.raster import Mesh, grid_normals, grid_triangles

# One line per knot of the skull's profile: y, half width, reach forward, reach back, roundness of the cross section
# (2 is an ellipse, more is boxier), and how much of the jaw's rise toward the ears the row follows.
_PROFILE = np.array([
    (-121, 1, 1, 1, 2.0, 0),
    (-118, 22, 24, 28, 2.0, 0),
    (-111, 42, 45, 50, 2.0, 0),
    (-99, 57, 61, 69, 2.1, 0),
    (-80, 69, 76, 85, 2.2, 0),
    (-60, 74.5, 85, 94, 2.3, 0),
    (-40, 76.5, 90, 98, 2.45, 0),
    (-20, 76, 91.5, 98, 2.5, 0),
    (0, 74, 85.5, 94, 2.45, 0.0),
    (20, 72.5, 87, 86, 2.3, 0.08),
    (45, 69, 90, 76, 2.1, 0.22),
    (65, 65.5, 92, 68, 2.0, 0.42),
    (80, 62.5, 90.5, 63, 1.95, 0.60),
    (96, 60, 91, 60, 1.9, 0.80),
    (107, 57.5, 90, 58, 1.9, 0.92),
    (114, 54, 82, 57, 1.95, 1.0),
    (117, 50, 66, 56, 2.0, 1.0),
    (119, 49, 47, 55, 2.0, 0.95),
    (134, 50, 42, 54, 2.0, 0.6),
    (160, 53, 43, 54, 2.0, 0.3),
    (190, 60, 48, 58, 2.0, 0.1),
    (225, 74, 58, 64, 2.0, 0.0),
], np.float64)  # fmt: skip
CHIN_ROW, JAW_ROW, NECK_ROW, LAST_ROW = 13.0, 15.0, 17.0, 21.0
_JAW_STEP = np.radians(15)
_JAW_RISE = np.array([[0, 2.5, 9, 20, 31, 39, 45, 48, 49.5, 50, 50, 50, 50.0]]).T  # mm above the chin, every 15 degrees


def _hermite(knots: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Smooth curve through `knots` (K, C), one per whole number, at the positions `at` (...): (..., C)."""
    slopes = np.gradient(knots, axis=0)
    first = np.clip(np.floor(at).astype(int), 0, len(knots) - 2)
    t = (at - first)[..., None]
    t2, t3 = t * t, t * t * t
    return (
        (2 * t3 - 3 * t2 + 1) * knots[first]
        + (t3 - 2 * t2 + t) * slopes[first]
        + (3 * t2 - 2 * t3) * knots[first + 1]
        + (t3 - t2) * slopes[first + 1]
    )


@lru_cache(maxsize=8)
def _profile(person: Person) -> np.ndarray:
    """`_PROFILE` of this person."""
    knots = _PROFILE.copy()
    y = knots[:, 0]
    width = np.interp(y, [-60, 0, 45, 80, 112, 130], [person.skull_width, person.face_width, person.face_width, person.jaw_width,
                                                     person.jaw_width, person.neck_width])  # fmt: skip
    knots[:, 1] *= width
    knots[:, 3] *= np.interp(y, [100, 130], [1, person.neck_width])
    knots[17:, 2] *= person.neck_width
    knots[:, 2] += person.chin_forward * np.interp(y, [70, 96, 107, 118], [0, 1, 1, 0])
    knots[:, 2] -= person.forehead_slope * np.interp(y, [-100, -70, -35], [0.6, 1, 0])
    knots[:, 0] += person.chin_length * np.interp(y, [70, 100], [0, 1]) * (y < 150)
    return knots


def row_at(person: Person, y: np.ndarray) -> np.ndarray:
    """The row that has height `y` at the middle of the face, above the jaw."""
    heights, rows = _heights(person)
    return np.interp(y, heights, rows)


@lru_cache(maxsize=4)
def _heights(person: Person) -> tuple[np.ndarray, np.ndarray]:
    rows = np.linspace(0, JAW_ROW, 600)
    return _hermite(_profile(person), rows)[:, 0], rows


def angle_at(person: Person, x: np.ndarray, row: np.ndarray) -> np.ndarray:
    """The angle at which the skull without features has the frontal position `x` on `row`."""
    _, width, front, _, roundness, _ = np.moveaxis(_hermite(_profile(person), np.asarray(row, float)), -1, 0)
    share = np.minimum(np.abs(x) / width, 0.999)
    return np.arctan2(x, front * (1 - share**roundness) ** (1 / roundness))


def surface(person: Person, pose: Pose, angle: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Points (..., 3) of the head in head space, for arrays of angles and rows of one shape."""
    return _add_features(person, pose, _skull(person, angle, row))


def surface_at(person: Person, pose: Pose, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The points (N, 3) of the face at the frontal positions x, y (N,), float64.

    Features only move points along z, so it is enough to find where the skull with its dropped jaw has x and y.
    """
    row = row_at(person, y)
    angle = angle_at(person, x, row)
    for _ in range(12):
        found_x, found_y, _ = _drop_jaw(person, pose, _skull(person, angle, row))
        row = np.clip(row + row_at(person, y) - row_at(person, found_y), 1, JAW_ROW)
        angle = angle + angle_at(person, x, row) - angle_at(person, found_x, row)
    return _add_features(person, pose, _skull(person, angle, row))


def _skull(person: Person, angle: np.ndarray, row: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, y and z of the head without its features."""
    y, width, front, back, roundness, tilt = np.moveaxis(_hermite(_profile(person), row), -1, 0)
    sine, cosine = np.sin(angle), np.cos(angle)
    reach = np.where(cosine >= 0, front, back)
    radius = ((np.abs(sine) / width) ** roundness + (np.abs(cosine) / reach) ** roundness) ** (-1 / roundness)
    x, z = radius * sine, radius * cosine
    y = y - tilt * _hermite(_JAW_RISE, np.abs(angle) / _JAW_STEP)[..., 0]
    return _ears(angle, x, y, z)


def _drop_jaw(person: Person, pose: Pose, skull):
    """The points of `_skull` with the mouth as open as the pose says."""
    x, y, z = skull
    jaw = smoothstep(person.mouth_height - 10, person.mouth_height + 18, y) * (1 - smoothstep(114, 150, y))
    jaw = jaw * smoothstep(-10, 45, z) * pose.mouth_open
    return x, y + JAW_DROP * jaw, z - 7.0 * jaw


def _add_features(person: Person, pose: Pose, skull) -> np.ndarray:
    """Face and expression on the points of `_skull`: (..., 3)."""
    frontal = smoothstep(-5, 30, skull[2])
    x, y, z = _drop_jaw(person, pose, skull)
    z = z + frontal * _relief(person, pose, x, y)
    z = _eye_relief(person, pose, x, y, z)
    return np.stack([x, y, z], axis=-1)


def _bump(x, y, center, size, height):
    """A mirrored pair of gaussian hills at +-center[0] (one hill if that is 0)."""
    dx, dy = (np.abs(x) - center[0]) / size[0], (y - center[1]) / size[1]
    return height * np.exp(-(dx * dx + dy * dy))


def _relief(person: Person, pose: Pose, x, y):
    """How far the features stand out of the skull, in mm along z."""
    smile = max(pose.smile, 0.0)
    eye_x = person.eye_distance / 2
    height = _bump(x, y, (14, -16), (16, 8), person.brow_ridge) + _bump(x, y, (36, -18), (16, 8), person.brow_ridge)
    height += _bump(x, y, (eye_x - 1, -2), (17, 13), -8.5) + _bump(x, y, (eye_x - 8, -8), (8, 8), -1.5)
    height += _bump(x, y, (eye_x + 16, 22 - 3 * smile), (20, 15), person.cheekbone + 1.2 * smile)
    height += _bump(x, y, (46, 56), (15, 18), -person.cheek_hollow * (1 - 0.8 * smile))
    height += _bump(x, y, (30, 38 - 4 * smile), (13, 12), 0.5 + 4.2 * smile)
    height += _nose(person, pose, x, y) + _mouth(person, pose, x, y)
    chin = 98 + person.chin_length + JAW_DROP * pose.mouth_open
    height += _bump(x, y, (person.chin_width * 0.55, chin), (person.chin_width, 9), 4.0) + _bump(
        x, y, (0, chin - 13), (16, 5), -2.4
    )
    return height


_NOSE_Y = np.array([-22, -12, -4, 4, 14, 24, 32, 37, 41, 44, 47, 50, 53, 60])
_NOSE_RIDGE = np.array([0, 0.6, 2.0, 6.0, 12.5, 19.0, 24.5, 26.5, 24.5, 18.0, 10.5, 5.5, 2.5, 0])
_NOSE_WIDTH = np.array([12, 9.5, 7.6, 7.0, 7.4, 8.6, 9.6, 9.4, 8.4, 7.0, 6.0, 5.5, 5.5, 5.5])
_NOSE_FINE = np.linspace(-22, 60, 165)
_NOSE_CURVE = np.convolve(np.pad(np.interp(_NOSE_FINE, _NOSE_Y, _NOSE_RIDGE), 5, "edge"), np.full(11, 1 / 11), "valid")


def _nose(person: Person, pose: Pose, x, y):
    """Ridge, tip, wings and nostrils."""
    smile = max(pose.smile, 0.0)
    v = y / person.nose_length + 1.2 * smile * smoothstep(20, 36, y)
    v = v + person.tip_up * smoothstep(20, 40, v) * (1 - smoothstep(44, 52, v))
    ridge = np.interp(v, _NOSE_FINE, _NOSE_CURVE).astype(v.dtype) * person.nose_forward + _bump(
        v, v, (0, 12), (1e9, 9), person.bridge_bump
    )
    sharp = person.bridge_width + (person.tip_width - person.bridge_width) * smoothstep(16, 34, v)
    half = np.interp(v, _NOSE_Y, _NOSE_WIDTH).astype(v.dtype) * sharp
    across = np.abs(x) / half
    height = ridge * (0.80 * np.exp(-(across**2.2)) + 0.20 * np.exp(-((across / 2.0) ** 2)))
    wing_x, spread = person.nostril_width + 1.2 * smile, person.nostril_width / 17
    height += _bump(x, v, (wing_x - 4.6 * spread, 41.0), (5.0 * spread, 5.6), 10.5)
    height += _bump(x, v, (wing_x + 2.5, 41.5), (2.6, 6.0), -1.8)
    height += _bump(x, v, (6.6 * spread, 47.0), (3.0 * spread, 1.7), -4.5)
    height += _bump(x, v, (0, 36.5), (5.5 * person.tip_width, 5.5), 1.6)
    return height + _bump(
        x, y, (0, 0.5 * (50 * person.nose_length + person.mouth_height - person.upper_lip)), (2.6, 5.0), -1.5
    )


def _mouth(person: Person, pose: Pose, x, y):
    """The lips' two rolls, the line between them, and the folds beside them."""
    lips = lip_edges(person, pose, x)
    arch = np.sqrt(np.maximum(1 - lips.along**2, 0))
    upper = np.clip((y - lips.outer_upper) / np.maximum(lips.inner_upper - lips.outer_upper, 0.3), 0, 1)
    lower = np.clip((lips.outer_lower - y) / np.maximum(lips.outer_lower - lips.inner_lower, 0.3), 0, 1)
    rolls = np.sqrt(np.clip(np.sin(np.pi * (0.08 + 0.84 * upper)), 0, 1)) * 0.72 * (upper > 0)
    rolls = rolls + np.sqrt(np.clip(np.sin(np.pi * (0.04 + 0.86 * lower)), 0, 1)) * (lower > 0) * (upper >= 1)
    middle = (lips.outer_upper + lips.outer_lower) / 2
    swell = np.exp(-(((y - middle) / 15) ** 2) - (x / 24) ** 2) * person.lip_forward
    inside = smoothstep(-0.4, 1.6, np.minimum(y - lips.inner_upper, lips.inner_lower - y)) * (np.abs(lips.along) < 1)
    groove = (
        np.exp(-(((y - (lips.inner_upper + lips.inner_lower) / 2) / 1.1) ** 2))
        * arch
        * (1 - min(pose.mouth_open * 4, 1))
    )
    half = mouth_half_width(person, pose)
    corner = lip_edges(person, pose, np.array([half])).inner_upper[0]
    smile = max(pose.smile, 0.0)
    pinch = _bump(x, y, (half + 2, corner), (4.5, 5), -2.2 - 1.5 * smile)
    return swell + 2.9 * arch * rolls - 6.0 * inside - 1.6 * groove + pinch + _fold(person, pose, x, y, (half, corner))


def fold_distance(person: Person, x, y, corner: tuple[float, float]):
    """Signed distance (mm, > 0 toward the cheek) from the fold between nostril and mouth corner, and 0..1 down along it."""
    top_y, half = 39.0 * person.nose_length, corner[0]
    along = (y - top_y) / (corner[1] + 4 - top_y)
    line = person.nostril_width + 3 + (half + 7 - person.nostril_width - 3) * np.clip(along, -0.3, 1.4) ** 1
    return (np.abs(x) - line) * 0.8, along


def _fold(person: Person, pose: Pose, x, y, corner):
    """The nasolabial fold: a step that a smile deepens."""
    distance, along = fold_distance(person, x, y, corner)
    reach = smoothstep(-0.1, 0.25, along) * (1 - smoothstep(0.7, 1.15, along))
    depth = 0.7 + 1.9 * max(pose.smile, 0.0)
    return reach * depth * (np.exp(-((np.maximum(distance, 0) - 4) ** 2) / 30) * 0.8 - np.exp(-((distance / 2.6) ** 2)))


def _eye_relief(person: Person, pose: Pose, x, y, z):
    """Lids lie on the eyeball; above the upper one runs the crease."""
    dx, dy = np.abs(x) - person.eye_distance / 2, y - 0.3
    near = dx * dx * 0.72 + dy * dy
    radius = EYEBALL_RADIUS + 1.3
    ball = EYE_SOCKET_DEPTH + np.sqrt(np.maximum(radius * radius - near, 0))
    gap = ball - z
    lid = np.where((near < radius * radius) & (z > 20), 0.5 * (gap + np.sqrt(gap * gap + 9.0)), 0)
    z = z + lid * (1 - smoothstep(0.45, 1.0, near / radius**2))
    eye = eye_edges(person, pose, x)
    arch = np.clip(1.15 - eye.along**2, 0, 1)
    crease = np.exp(-(((y - (eye.rest_upper - person.lid_crease)) / 1.2) ** 2)) * arch
    edge = np.exp(-(((y - eye.upper + 0.6) / 1.0) ** 2)) * arch
    hole = smoothstep(0, 0.8, np.minimum(y - eye.upper, eye.lower - y))
    here = (np.abs(eye.along) < 1.1) & (z > 20)
    return z + np.where(here, 0.7 * edge - 1.1 * crease * (0.4 + 0.6 * pose.eyes_open) - 0.8 * hole, 0)


def _ears(angle, x, y, z):
    """A flat shell that stands off the side of the head, with a hollow in it."""
    u, v = (z + 4) / 17, (y - 12) / 31
    lean = u + 0.30 * v
    inside = 1 - np.sqrt(lean * lean + v * v + 0.15 * v * lean)
    shell = smoothstep(0.0, 0.30, inside)
    rim = smoothstep(0.0, 0.22, inside) * (1 - smoothstep(0.26, 0.5, inside))
    hollow = smoothstep(0.34, 0.75, inside) * (1 - smoothstep(0.25, 0.7, v))
    back = np.clip(-lean, -0.6, 1)
    out = shell * (6 + 8 * back) + 3.0 * rim - 7 * hollow
    side = np.sign(angle) * (np.abs(np.sin(angle)) > 0.6)
    return x + side * out, y, z - 6.0 * shell * np.clip(back + 0.2, 0, 1) * np.abs(side)


def _spread(stops, counts) -> np.ndarray:
    """Numbers from stops[0] to stops[-1], counts[i] of them between neighbours."""
    parts = [np.linspace(a, b, n, endpoint=False) for a, b, n in zip(stops[:-1], stops[1:], counts, strict=True)]
    return np.concatenate([*parts, stops[-1:]])


@lru_cache(maxsize=8)
def grid(person: Person) -> tuple[np.ndarray, np.ndarray]:
    """Angles and rows (R, C) of the mesh: close together where the features are."""
    columns = _spread(np.radians([-180, -110, -75, -38, 38, 75, 110]), [6, 19, 19, 64, 19, 19])
    columns = np.concatenate([columns, np.radians(np.linspace(110, 180, 6, endpoint=False)[1:])])
    above = row_at(person, _spread([-34.0, -16, 14, 32, 54, 66, 92], [8, 23, 9, 16, 11, 16]))
    top = _spread([0.0, 3, above[0]], [10, 12])[:-1]
    below = _spread([above[-1], JAW_ROW, NECK_ROW, LAST_ROW], [10, 6, 22])[1:]
    rows = np.concatenate([top, above, below])
    return np.meshgrid(columns, rows)


@lru_cache(maxsize=4)
def _grid_skull(person: Person):
    return tuple(v.astype(np.float32) for v in _skull(person, *grid(person)))


def head_mesh(person: Person, pose: Pose) -> Mesh:
    """The head and neck; the attributes are angle and row."""
    angle, row = grid(person)
    points = _add_features(person, pose, _grid_skull(person)).astype(np.float32)
    normals = grid_normals(points, wrap=True)
    attributes = np.stack([angle, row], axis=-1).astype(np.float32)
    triangles, coarse = _triangles(*angle.shape)
    return Mesh(points.reshape(-1, 3), normals.reshape(-1, 3), triangles, attributes.reshape(-1, 2), coarse)


@lru_cache(maxsize=4)
def _triangles(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """The joint at the back of the head is left open: hair covers it, and angles must not be blended across it."""
    return grid_triangles(rows, columns), grid_triangles(rows, columns, 2)
