"""What the face is made of at each pixel: skin, lips, lids and lashes, and what shows through its openings."""

from typing import NamedTuple

import numpy as np

from dfl_cli.demo.people.eyes_and_mouth import trace_eye, trace_mouth
from dfl_cli.demo.people.features import eye_edges, lip_edges, mouth_half_width, smoothstep
from dfl_cli.demo.people.head import JAW_ROW, fold_distance
from dfl_cli.demo.people.noise import fractal, linear, lookup
from dfl_cli.demo.people.people import Person
from dfl_cli.demo.people.poses import Pose
from dfl_cli.demo.people.skin import skin_texture

_LIP_LINES = np.float32(fractal(np.random.default_rng(3), (128, 512), (5, 150), 2))


class FaceSurface(NamedTuple):
    """Materials of N pixels of the head.

    color (N, 3) linear; gloss, open, sunk, face (N,); tilt (N, 3) what fine relief adds to the normals, head space;
    wet: numbers of the pixels that show eyeball or mouth, and wet_normals (K, 3) in head space.
    """

    color: np.ndarray
    gloss: np.ndarray
    open: np.ndarray
    sunk: np.ndarray
    face: np.ndarray
    tilt: np.ndarray
    wet: np.ndarray
    wet_normals: np.ndarray


def face_surface(
    person: Person, pose: Pose, places: np.ndarray, attributes: np.ndarray, rays: np.ndarray
) -> FaceSurface:
    """places and rays (N, 3) in head space, attributes (N, 2) angle and row."""
    angle, row = attributes.T
    color, detail = skin_texture(person).at(angle, row)
    color, gloss = color.copy(), detail[:, 2].copy()
    tilt = -0.16 * (
        detail[:, :1] * np.stack([np.cos(angle), 0 * angle, -np.sin(angle)], axis=-1)
        + detail[:, 1:2] * np.float32([0, 1, 0])
    )
    open_, sunk = np.ones(len(row), np.float32), np.ones(len(row), np.float32)
    surface = FaceSurface(
        color, gloss, open_, sunk, _face_area(angle, row, places), tilt, np.zeros(0, int), np.zeros((0, 3))
    )
    front = places[:, 2] > 25
    eyes = np.flatnonzero(front & (np.abs(places[:, 1]) < 20))
    mouth = np.flatnonzero(front & (places[:, 1] > 30) & (np.abs(places[:, 0]) < 50) & (row < JAW_ROW))
    _dress_nose(person, surface, places)
    seen = [
        _dress_eyes(person, pose, surface, eyes, places, rays),
        _dress_mouth(person, pose, surface, mouth, places, rays),
    ]
    return surface._replace(wet=np.concatenate([s[0] for s in seen]), wet_normals=np.concatenate([s[1] for s in seen]))


def _face_area(angle, row, places) -> np.ndarray:
    """1 on the face: below the usual hairline, above the jaw's edge, in front of the ears."""
    above_jaw = smoothstep(JAW_ROW + 0.3, JAW_ROW - 0.2, row)
    before_ears = smoothstep(np.radians(82), np.radians(77), np.abs(angle))
    top = -84 + 20 * np.clip(np.abs(angle) - 0.4, 0, 1)
    return (above_jaw * before_ears * smoothstep(top - 2, top + 3, places[:, 1])).astype(np.float32)


def _mix(surface: FaceSurface, chosen, share, color) -> None:
    """Blends `color` (3,) or (K, 3) into the chosen pixels, `share` (K,) of it."""
    surface.color[chosen] = surface.color[chosen] * (1 - share[:, None]) + color * share[:, None]


def _dress_nose(person: Person, surface: FaceSurface, places) -> None:
    """Nostrils are dark holes under the wings; the crease around the wing is a little darker and redder."""
    chosen = np.flatnonzero(
        (places[:, 2] > 60) & (np.abs(places[:, 0]) < 30) & (places[:, 1] > 25) & (places[:, 1] < 62)
    )
    x, y = np.abs(places[chosen, 0]), places[chosen, 1] / person.nose_length + person.tip_up * 0.6
    spread = person.nostril_width / 17
    hole = np.exp(-((((x - 7.0 * spread - 0.3 * (47.5 - y)) / (3.4 * spread)) ** 2 + ((y - 47.6) / 1.7) ** 2) ** 1.5))
    _mix(surface, chosen, 0.93 * hole, np.float32([0.010, 0.010, 0.022]))
    crease = np.exp(-(((x - person.nostril_width - 1.6) / 1.7) ** 2) - ((y - 42.5) / 5.0) ** 2)
    surface.color[chosen] *= np.exp(-crease[:, None] * np.float32([0.55, 0.50, 0.30]))
    surface.gloss[chosen] *= 1 - 0.9 * hole
    surface.open[chosen] *= 1 - 0.6 * hole - 0.25 * crease


def _dress_eyes(person: Person, pose: Pose, surface: FaceSurface, chosen, places, rays):
    """Lashes, lid edges and crease; returns the pixels of the eyeballs and their normals."""
    x, y = places[chosen, 0], places[chosen, 1]
    eye = eye_edges(person, pose, x)
    within = np.clip(1.06 - np.abs(eye.along), 0, 1)
    reach = smoothstep(0, 0.10, within)
    crease = np.exp(-(((y - eye.rest_upper + person.lid_crease) / 0.9) ** 2)) * reach * (0.35 + 0.65 * pose.eyes_open)
    surface.color[chosen] *= np.exp(-crease[:, None] * np.float32([0.85, 0.80, 0.55]))
    rim = np.exp(-(((y - eye.lower - 0.5) / 0.9) ** 2)) * smoothstep(0, 0.15, within)
    _mix(surface, chosen, 0.40 * rim, np.float32([0.30, 0.30, 0.58]) * (0.4 + 0.6 * linear(person.skin)[2]))
    wide = person.lashes * (0.72 + 0.40 * np.clip(eye.along, -1, 1))
    lash = smoothstep(-wide - 0.5, -wide * 0.5, y - eye.upper) * smoothstep(0.8, 0.1, y - eye.upper) * reach
    low = (
        0.35 * person.lashes * np.exp(-(((y - eye.lower - 0.1) / 0.5) ** 2)) * reach * smoothstep(-0.9, 0.6, eye.along)
    )
    inside = np.minimum(y - eye.upper, eye.lower - y)
    opened = (inside > 0) & (np.abs(eye.along) < 1)
    wet = chosen[opened]
    seen = trace_eye(person, pose, places[wet], rays[wet], type(eye)(*(part[opened] for part in eye)))
    share = smoothstep(0.0, 0.35, inside[opened])
    _mix(surface, wet, share, seen.color)
    surface.gloss[wet], surface.open[wet] = seen.gloss, seen.dim
    _mix(surface, chosen, np.clip(np.maximum(0.94 * lash, low), 0, 1), np.float32([0.012, 0.012, 0.016]))
    surface.gloss[chosen] *= 1 - 0.9 * np.clip(lash, 0, 1)
    return wet, seen.normals


def _dress_mouth(person: Person, pose: Pose, surface: FaceSurface, chosen, places, rays):
    """Lips with their fine lines, the fold of a smile; returns the pixels of the mouth's inside and their normals."""
    x, y = places[chosen, 0], places[chosen, 1]
    lips = lip_edges(person, pose, x)
    arch = 1 - lips.along**2
    lip = (
        smoothstep(-0.7, 0.6, y - lips.outer_upper)
        * smoothstep(0.9, -0.7, y - lips.outer_lower)
        * smoothstep(0, 0.05, arch)
    )
    lines = lookup(_LIP_LINES, (lips.along + 1) * 255, (y - lips.outer_upper) * 4)[:, 0]
    tone = linear(person.lip_color) * (1 + 0.10 * lines[:, None]) * np.where(y < lips.inner_upper, 0.86, 1.0)[:, None]
    _mix(surface, chosen, 0.80 * lip, tone)
    surface.gloss[chosen] = surface.gloss[chosen] * (1 - lip) + lip * 1.5 * (1 + 0.2 * lines)
    surface.tilt[chosen] *= 1 - 0.6 * lip[:, None]
    seam = (
        np.exp(-(((y - lips.inner_upper) / 0.75) ** 2)) * smoothstep(0, 0.03, arch) * (1 - min(5 * pose.mouth_open, 1))
    )
    _mix(surface, chosen, 0.86 * seam, np.float32([0.020, 0.018, 0.05]))
    surface.gloss[chosen] *= 1 - 0.9 * seam
    half = mouth_half_width(person, pose)
    corner = (half, float(lip_edges(person, pose, np.array([half])).inner_upper[0]))
    pocket = np.exp(-(((np.abs(x) - half - 0.3) / 2.2) ** 2) - ((y - corner[1]) / 1.6) ** 2)
    distance, along = fold_distance(person, x, y, corner)
    fold = np.exp(-((distance / 1.6) ** 2)) * smoothstep(0.0, 0.3, along) * (1 - smoothstep(0.6, 1.1, along))
    dark = 0.75 * pocket + (0.08 + 0.42 * max(pose.smile, 0.0)) * fold
    surface.color[chosen] *= np.exp(-dark[:, None] * np.float32([0.9, 0.85, 0.6]))
    inside = np.minimum(y - lips.inner_upper, lips.inner_lower - y)
    opened = (inside > 0) & (arch > 0) & (pose.mouth_open > 0.01)
    wet = chosen[opened]
    seen = trace_mouth(person, pose, places[wet], rays[wet], type(lips)(*(part[opened] for part in lips)))
    share = smoothstep(0.0, 0.6, inside[opened])
    _mix(surface, wet, share, seen.color)
    surface.gloss[wet], surface.open[wet], surface.sunk[wet] = seen.gloss, seen.dim, 0.3
    return wet, seen.normals
