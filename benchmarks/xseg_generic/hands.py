"""Hands and forearms as height fields: capsules seen from one side, lit like the face they are laid over.

Lengths in breadths of the palm; hand space: x across, y from the wrist to the fingertips, z toward the camera.
"""

from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.demo.people.noise import fractal

SIDE = 288  # pixels of a drawn hand
_PALM = 62.0  # pixels to a breadth of the palm

# Knuckle (x, y), lengths of the three bones, radii at knuckle and tip; then the thumb from its root at the wrist.
_FINGERS = (
    ((-0.36, 1.00), (0.52, 0.32, 0.24), (0.125, 0.085)),
    ((-0.12, 1.06), (0.57, 0.36, 0.25), (0.130, 0.088)),
    ((0.12, 1.02), (0.53, 0.34, 0.25), (0.122, 0.083)),
    ((0.35, 0.90), (0.41, 0.24, 0.22), (0.108, 0.074)),
)
_THUMB = ((-0.28, 0.22), (0.48, 0.42, 0.32), (0.19, 0.105))


class Hand(NamedTuple):
    """A drawn hand, SIDE x SIDE. alpha (H, W) 0..1; normals (H, W, 3) unit; tone (H, W, 3) factor of the skin's color
    in linear light; open (H, W) 0..1 of the ambient light; sleeve (H, W) 0..1 where cloth covers the arm."""

    alpha: np.ndarray
    normals: np.ndarray
    tone: np.ndarray
    open: np.ndarray
    sleeve: np.ndarray


class Bone(NamedTuple):
    """A capsule from `start` to `end` (3,) with the radii there; `kind` 0 flesh, 1 fingertip, 2 sleeve."""

    start: np.ndarray
    end: np.ndarray
    radii: tuple[float, float]
    kind: int


def draw_hand(rng: np.random.Generator) -> Hand:
    bones = _posed(rng, _bones(rng))
    height, kind, nearness = _heights(bones)
    alpha = height > -90
    return _finish(rng, height, alpha, kind, nearness)


def _turn(axis: int, angle: float) -> np.ndarray:
    matrix = np.eye(3)
    a, b = [i for i in range(3) if i != axis]
    matrix[a, a] = matrix[b, b] = np.cos(angle)
    matrix[a, b], matrix[b, a] = -np.sin(angle), np.sin(angle)
    return matrix


def _bones(rng) -> list[Bone]:
    """A hand in one of the ways hands are held: flat, fist, pointing, loose; fingers bend toward +z."""
    stout, long = np.exp(rng.normal(0, 0.12)), np.exp(rng.normal(0, 0.08))
    curl = rng.choice([0.0, 1.0, 0.5, -1.0], p=[0.25, 0.3, 0.25, 0.2])
    spread = rng.uniform(0, 0.35)
    bones = []
    for finger, (knuckle, lengths, radii) in enumerate(_FINGERS):
        bend = rng.uniform(0, 1) if curl < 0 else np.clip(curl + rng.normal(0, 0.12), 0, 1)
        aside = (finger - 1.5) * spread + rng.normal(0, 0.05)
        start = np.array([*knuckle, 0.0])
        bones += _chain(start, lengths, np.array(radii) * stout, (aside, bend, long), rng)
        root = np.array([0.62 * knuckle[0], 0.05, 0.0])
        bones.append(Bone(root, start, (0.21 * stout, 0.16 * stout), 0))
    knuckle, lengths, radii = _THUMB
    aside, bend = -rng.uniform(0.1, 1.1), rng.uniform(0, 0.6)
    bones += _chain(np.array([*knuckle, 0.12]), lengths, np.array(radii) * stout, (aside, bend, long), rng)
    bones.append(Bone(np.array([-0.1, 0.3, 0.03]), np.array([-0.05, 0.75, 0.0]), (0.30 * stout, 0.28 * stout), 0))
    return bones + _arm(rng, stout)


def _arm(rng, stout: float) -> list[Bone]:
    wrist = np.array([0.0, 0.0, 0.0])
    bend = _turn(2, rng.normal(0, 0.6)) @ _turn(0, np.clip(rng.normal(0, 1.1), -1.7, 1.7))  # of the wrist
    away = bend @ np.array([0.0, -1.0, 0.0])
    side = bend @ np.array([0.11, 0.0, 0.0])
    bones = []
    for sign in (-1, 0, 1):
        start = wrist + sign * side
        bones.append(Bone(start, start + 3.6 * away + 0.6 * sign * side, (0.20 * stout, 0.36 * stout), 0))
    if rng.random() < 0.4:
        begin = rng.uniform(0.1, 1.5)
        bones.append(Bone(wrist + begin * away, wrist + 4 * away, (rng.uniform(0.36, 0.5), rng.uniform(0.45, 0.7)), 2))
    return bones


def _chain(start, lengths, radii, how, rng) -> list[Bone]:
    """The bones of a finger; `how` is the turn aside in radians, the bend 0..1 and the factor of its length."""
    aside, bend, long = how
    rest = np.linspace(radii[0], radii[1], len(lengths) + 1)
    direction = _turn(2, -aside) @ np.array([0.0, 1.0, 0.0])
    across = _turn(2, -aside) @ np.array([1.0, 0.0, 0.0])
    bones, angle = [], 0.0
    for number, length in enumerate(lengths):
        angle += bend * (1.45, 1.6, 0.8)[number] + rng.normal(0, 0.06)
        way = np.cos(angle) * direction + np.sin(angle) * np.cross(across, direction)
        end = start + way * length * long
        bones.append(Bone(start, end, (rest[number], rest[number + 1]), int(number == len(lengths) - 1)))
        start = end
    return bones


def _posed(rng, bones: list[Bone]) -> list[Bone]:
    """Turned as a whole: back or palm to the camera, tilted, either hand; in pixels, wrist low in the middle."""
    matrix = _turn(1, rng.normal(0, 0.5) + np.pi * rng.integers(2)) @ _turn(0, rng.normal(0, 0.7))
    matrix = _turn(2, rng.normal(0, 0.2)) @ matrix * _PALM
    if rng.random() < 0.5:
        matrix = np.diag([-1.0, 1, 1]) @ matrix
    matrix = np.diag([1.0, -1, 1]) @ matrix  # y down
    middle = np.array([SIDE / 2, SIDE * 0.60, 0.0])
    return [
        Bone(matrix @ b.start + middle, matrix @ b.end + middle, (b.radii[0] * _PALM, b.radii[1] * _PALM), b.kind)
        for b in bones
    ]


def _heights(bones: list[Bone]):
    """z of the surface toward the camera (-1000 outside), kind of the nearest bone, and 0..1 along fingertips."""
    x, y = np.meshgrid(np.arange(SIDE, dtype=np.float32), np.arange(SIDE, dtype=np.float32))
    height, kind = np.full((SIDE, SIDE), -1000, np.float32), np.zeros((SIDE, SIDE), np.int8)
    along = np.zeros((SIDE, SIDE), np.float32)
    for bone in bones:
        (ax, ay, az), (bx, by, bz) = bone.start, bone.end
        dx, dy = bx - ax, by - ay
        t = np.clip(((x - ax) * dx + (y - ay) * dy) / max(dx * dx + dy * dy, 1e-3), 0, 1)
        radius = bone.radii[0] + (bone.radii[1] - bone.radii[0]) * t
        rest = radius**2 - (x - ax - t * dx) ** 2 - (y - ay - t * dy) ** 2
        z = np.where(rest > 0, az + t * (bz - az) + np.sqrt(np.maximum(rest, 0)), -1000)
        nearer = z > height
        height[nearer], kind[nearer], along[nearer] = z[nearer], bone.kind, t[nearer]
    return np.where(height > -900, height + 300, -1000) - 300, kind, along


def _finish(rng, height, alpha, kind, along) -> Hand:
    inside = alpha.astype(np.float32)
    floor = height[alpha].min() if alpha.any() else 0
    filled = np.where(alpha, height, floor - 8).astype(np.float32)
    smooth = cv2.GaussianBlur(filled, (0, 0), rng.uniform(1.0, 2.4))
    relief = fractal(rng, (SIDE, SIDE), (60, 60), 2) * rng.uniform(0.05, 0.5)
    slope_x, slope_y = (cv2.Sobel(smooth + relief, cv2.CV_32F, *d, scale=1 / 8) for d in ((1, 0), (0, 1)))
    normals = np.stack([-slope_x, -slope_y, np.ones_like(slope_x)], axis=-1)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    hollow = sum(np.clip((cv2.GaussianBlur(filled, (0, 0), s) - smooth) / (1.2 * s), 0, 1) for s in (4, 9))
    creases = np.clip(cv2.GaussianBlur(filled, (0, 0), 1.5) - filled, 0, 3) * inside
    open_ = np.clip(1 - rng.uniform(0.4, 0.9) * hollow - 0.15 * creases, 0.15, 1)
    red = fractal(rng, (SIDE, SIDE), (9, 9), 3) * rng.uniform(0.02, 0.14) + rng.normal(0, 0.08)
    red += (kind == 1) * along * rng.uniform(0, 0.35)
    tone = np.exp(-np.float32([0.9, 1.0, 0.15]) * red[..., None]) * np.exp(rng.normal(0, 0.12))
    tone *= np.exp(fractal(rng, (SIDE, SIDE), (90, 90), 2) * rng.uniform(0, 0.06))[..., None]
    if rng.random() < 0.5:
        nails = ((kind == 1) & (along > 0.5)).astype(np.float32)
        tone = tone * (1 + nails[..., None] * np.clip(rng.normal(0.08, 0.12, 3), -0.7, 0.5))
    edge = cv2.GaussianBlur(inside, (0, 0), 0.7)
    return Hand(edge, normals.astype(np.float32), np.float32(tone), np.float32(open_), np.float32(kind == 2))


def shade(hand: Hand, skin: np.ndarray, cloth: np.ndarray, light: np.ndarray, flat: float) -> np.ndarray:
    """The hand as a picture (H, W, 3) BGR 0..1. skin, cloth (3,): colors as in a picture where they are well lit;
    light (3,) unit, x right, y down, z to the camera; flat 0..1, 1 is light from everywhere."""
    color = (np.clip(skin, 0.01, 1) ** 2.2) * hand.tone
    sleeve = hand.sleeve[..., None]
    color = color * (1 - sleeve) + (np.clip(cloth, 0.01, 1) ** 2.2) * sleeve
    facing = (hand.normals @ light)[..., None]
    key = np.clip((facing + np.float32([0.15, 0.2, 0.35])) / np.float32([1.15, 1.2, 1.35]), 0, 1)
    sky = 0.75 - 0.25 * hand.normals[..., 1:2]
    lit = (1 - flat) * key * (0.4 + 0.6 * hand.open[..., None]) + flat * sky * hand.open[..., None]
    half = light + np.float32([0, 0, 1])
    half /= np.linalg.norm(half) + 1e-6
    peak = np.clip(hand.normals @ half, 0, 1)[..., None] ** 24 * 0.12 * (1 - flat) * (1 - sleeve)
    return np.clip(color * lit * 1.15 + peak, 0, 1).astype(np.float32) ** np.float32(1 / 2.2)
