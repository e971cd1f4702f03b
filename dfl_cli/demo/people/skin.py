"""Paint for the skin: one picture over (angle, row) of the head, made once for each person."""

from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.demo.people.features import brow_line, lip_edges, smoothstep
from dfl_cli.demo.people.head import LAST_ROW, angle_at, row_at, surface
from dfl_cli.demo.people.noise import fractal, linear, lookup
from dfl_cli.demo.people.people import Person
from dfl_cli.demo.people.poses import Pose

SIDE = 1024  # texels; about three to a millimetre at the front
_ANGLE = np.radians(120)  # the paint reaches this far to both sides


class Skin(NamedTuple):
    """color (SIDE, SIDE, 3) linear reflectance BGR; detail (SIDE, SIDE, 3): slope across, slope down, gloss factor."""

    color: np.ndarray
    detail: np.ndarray

    def at(self, angle, row) -> tuple[np.ndarray, np.ndarray]:
        x, y = texel(angle, row)
        return lookup(self.color, x, y), lookup(self.detail, x, y)


def texel(angle, row):
    """Where a point of the head lies in the paint."""
    return (np.asarray(angle) / _ANGLE + 1) * (SIDE - 1) / 2, np.asarray(row) / LAST_ROW * (SIDE - 1)


def _spot(person: Person, x, y):
    """Texels of points given in the frontal plane; right where the rows are level (above the mouth)."""
    row = row_at(person, np.asarray(y, float))
    return np.stack(texel(angle_at(person, np.asarray(x, float), row), row), axis=-1)


def _positions(person: Person) -> np.ndarray:
    """Head space position of each texel at rest, (SIDE, SIDE, 3)."""
    angle, row = np.meshgrid(np.linspace(-_ANGLE, _ANGLE, 256), np.linspace(0, LAST_ROW, 256))
    return cv2.resize(
        surface(person, Pose(), angle, row).astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR
    )


def _hill(place, center, size):
    x, y = np.abs(place[..., 0]), place[..., 1]
    hill = np.exp(-(((x - center[0]) / size[0]) ** 2) - ((y - center[1]) / size[1]) ** 2)
    return hill * (place[..., 2] > 20)


@lru_cache(maxsize=4)
def skin_texture(person: Person) -> Skin:
    """The skin of a person at rest: color zones, blotches, freckles, moles, beard, brows, and its fine relief."""
    rng = np.random.default_rng(person.seed)
    place = _positions(person)
    color = np.broadcast_to(linear(person.skin), (SIDE, SIDE, 3)).copy()
    color *= _zones(person, place, rng)
    color += (linear(person.hair_color) * 0.8 - color) * _scalp(person, place)[..., None]
    relief = 0.5 * fractal(rng, (SIDE, SIDE), (300, 300), 2) + 0.35 * fractal(rng, (SIDE, SIDE), (110, 130), 2)
    _freckle(person, color, rng)
    beard = _beard(person, place, rng, color)
    relief += 0.9 * beard * rng.standard_normal((SIDE, SIDE)).astype(np.float32)
    hairs = _brows(person, rng)
    color *= 1 - hairs[..., None] * (1 - linear(person.brow_color) / np.maximum(linear(person.skin), 0.02))
    relief += 1.2 * hairs
    slope = cv2.Sobel(relief, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(relief, cv2.CV_32F, 0, 1, scale=1 / 8)
    shine = (
        _hill(place, (0, -45), (40, 26)) * 0.5
        + _hill(place, (0, 28), (10, 16)) * 1.0
        + _hill(place, (42, 16), (16, 10)) * 0.4
    )
    gloss = person.shine * (0.75 + shine) * (1 - 0.7 * hairs) * (1 + 0.15 * fractal(rng, (SIDE, SIDE), (200, 200), 2))
    detail = np.stack([*slope, np.maximum(gloss, 0)], axis=-1).astype(np.float32)
    return Skin(np.clip(color, 0.004, 0.95).astype(np.float32), detail)


def _zones(person: Person, place, rng) -> np.ndarray:
    """Factors of the reflectance (SIDE, SIDE, 3): blood in cheeks, nose and ears, shade about the eyes, blotches."""
    eye_x = person.eye_distance / 2
    blood = (
        0.8 * _hill(place, (43, 30), (20, 17))
        + 0.55 * _hill(place, (0, 37), (15, 10))
        + 0.3 * _hill(place, (0, 103), (16, 10))
    )
    blood = blood + 0.7 * smoothstep(62, 72, np.abs(place[..., 0])) * (np.abs(place[..., 1] - 12) < 36)
    blood = (
        person.blush * blood
        + 0.22 * fractal(rng, (SIDE, SIDE), (14, 18), 4)
        + 0.10 * fractal(rng, (SIDE, SIDE), (90, 90), 2)
    )
    shade = (
        0.8 * _hill(place, (eye_x - 3, 10), (13, 5))
        + 0.9 * _hill(place, (eye_x, -7), (17, 7))
        + 0.5 * _hill(place, (14, 2), (6, 9))
    )
    shade = person.eye_shadow * shade + 0.05 * fractal(rng, (SIDE, SIDE), (7, 7), 3)
    grain = 1 + 0.035 * fractal(rng, (SIDE, SIDE), (330, 330), 1) + 0.02 * fractal(rng, (SIDE, SIDE), (60, 60), 2)
    red, dark = np.exp(-np.float32([0.30, 0.36, 0.05])), np.exp(-np.float32([0.30, 0.40, 0.34]))
    return red ** blood[..., None] * dark ** shade[..., None] * grain[..., None]


def _scalp(person: Person, place) -> np.ndarray:
    """Where long hair grows (SIDE, SIDE) 0..1, dark with roots; a crop brings its own cover."""
    if not person.long_hair:
        return np.zeros((SIDE, SIDE), np.float32)
    line = np.interp(np.abs(place[..., 0]), [0, 30, 50, 62, 70], [-78, -77, -64, -40, -16])
    behind = smoothstep(18, 8, place[..., 2]) * (place[..., 1] < 60)
    return np.maximum(smoothstep(2, -6, place[..., 1] - line), behind * (np.abs(place[..., 0]) > 20)).astype(np.float32)


def _freckle(person: Person, color, rng) -> None:
    """Freckles over nose and cheeks, thinner toward the forehead; a few moles anywhere."""
    stain = np.zeros((SIDE, SIDE), np.uint8)
    for x, y in zip(rng.normal(0, 30, person.freckles), rng.normal(18, 20, person.freckles), strict=True):
        if abs(x) < 66 and -85 < y < 74:
            _dot(person, stain, (x, y), (rng.uniform(0.25, 0.8), int(rng.uniform(40, 150))))
    for _ in range(person.moles):
        _dot(person, stain, (rng.uniform(-50, 50), rng.uniform(5, 80)), (rng.uniform(0.5, 1.0), 220))
    stain = cv2.GaussianBlur(stain, (0, 0), 0.9).astype(np.float32)[..., None] / 255
    color *= np.exp(-stain * np.float32([1.25, 0.95, 0.55]))


def _dot(person: Person, canvas, center, mark) -> None:
    """A round spot; `mark` is (radius in mm, value)."""
    (x, y), (radius, value) = _spot(person, *center), mark
    cv2.circle(canvas, (int(x * 16), int(y * 16)), int(radius * 3 * 16), value, -1, cv2.LINE_AA, 4)


def _beard(person: Person, place, rng, color) -> np.ndarray:
    """Darkens the shaved beard in `color` and returns how dense it is (SIDE, SIDE) 0..1."""
    x, y = np.abs(place[..., 0]), place[..., 1]
    lips = lip_edges(person, Pose(), x)
    off_lips = np.maximum(lips.outer_upper - y, y - lips.outer_lower)
    off_lips = np.where(x < person.mouth_width / 2, off_lips, 9)
    edge = np.interp(x, [0, 14, 24, 34, 48, 62, 70], [52, 52, 54, 58, 44, 22, 0])
    dense = smoothstep(-5, 9, y - edge) * (1 - smoothstep(112, 136, y)) * smoothstep(0.0, 3.0, off_lips)
    dense = (
        dense * (1 - 0.55 * np.exp(-(((x - 24) / 9) ** 2) - ((y - 84) / 9) ** 2)) * smoothstep(-15, 5, place[..., 2])
    )
    dense = (person.beard * dense * np.clip(1 + 0.16 * fractal(rng, (SIDE, SIDE), (24, 24), 3), 0, 1.5)).astype(
        np.float32
    )
    dots = np.clip(fractal(rng, (SIDE, SIDE), (560, 520), 1) - 0.2, 0, 2) * 0.6
    color *= np.exp(-(dense * (0.55 + dots))[..., None] * np.float32([0.62, 0.75, 0.92]))
    return dense


def _brows(person: Person, rng) -> np.ndarray:
    """The brows' hairs (SIDE, SIDE) 0..1, stroke by stroke: upward at the nose, then lying down toward the tail."""
    hairs = np.zeros((SIDE, SIDE), np.uint8)
    along = rng.beta(1.15, 1.25, (2, person.brow_hairs))
    across = np.clip(rng.normal(0, 0.27, (2, person.brow_hairs)), -0.55, 0.55)
    for side, us, vs in zip((-1, 1), along, across, strict=True):
        for u, v in zip(us, vs, strict=True):
            x, y = brow_line(person, np.float64(u))
            width = person.brow_thickness * (0.72 + 0.5 * u) * (1 - smoothstep(0.40, 1.05, u) * 0.80)
            lean = (
                np.interp(u, [0, 0.15, 0.5, 1], [1.35, 0.85, 0.30, -0.35]) + rng.normal(0, 0.16) - 0.9 * v * (u < 0.7)
            )
            length = rng.uniform(4.0, 7.0) * (0.75 + 0.25 * np.sin(np.pi * u))
            bend = np.linspace(0, 1, 4)
            xs = x + length * bend * np.cos(lean * (1 - 0.3 * bend))
            ys = y + v * width - length * bend * np.sin(lean * (1 - 0.3 * bend))
            points = np.round(_spot(person, side * xs, ys) * 16).astype(np.int32)
            cv2.polylines(
                hairs,
                [points],
                False,
                int(rng.uniform(110, 225) * (0.45 + 0.55 * smoothstep(0.0, 0.22, u))),
                1,
                cv2.LINE_AA,
                4,
            )
    soft = cv2.GaussianBlur(hairs, (0, 0), 2.2).astype(np.float32) / 255
    return np.clip(0.95 * cv2.GaussianBlur(hairs, (0, 0), 0.6).astype(np.float32) / 255 + 0.5 * soft, 0, 0.97)
