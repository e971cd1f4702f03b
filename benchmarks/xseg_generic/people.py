"""Many drawn people: whole-face crops with exact masks, every person, light and wall different.

A shard is an .npz of PER_SHARD crops: images (N, SIDE, SIDE, 3) uint8 BGR, masks (N, SIDE, SIDE) uint8 0..255,
landmarks (N, 68, 2) float32 pixels of the crop, lights (N, 2) float32 azimuth and height of the main light.
"""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.demo.people import hair, light
from dfl_cli.demo.people.noise import fractal, linear
from dfl_cli.demo.people.people import PERSON_A, PERSON_B, Person
from dfl_cli.demo.people.poses import Pose
from samplers.geometry.align import transform_matrix, transform_points
from samplers.geometry.face_types import FaceType

render = import_module("dfl_cli.demo.people.render")  # the package has a function of this name
MARGIN = 20  # pixels around the crop of 256, for moves during training
SIDE = 256 + 2 * MARGIN
PER_SHARD = 60
POSES = 6  # of each person
FRAME = 400
_HAIRLINE = hair._LINE_Y.copy()
_LIGHTS = {name: getattr(light, name).copy() for name in ("_KEY", "_SKY", "_GROUND")}


def draw_person(rng: np.random.Generator) -> Person:
    """Somebody between and beyond the two people of the demo."""
    share = rng.uniform(-0.35, 1.35)
    numbers = {
        name: (1 - s) * getattr(PERSON_A, name) + s * getattr(PERSON_B, name)
        for name in _NUMBERS
        for s in [np.clip(share + rng.normal(0, 0.4), -0.6, 1.6)]
    }
    wide = rng.uniform(0.97, 1.27)  # heads of the demo are slim
    for name, power in (("skull_width", 1.0), ("face_width", 1.0), ("jaw_width", 1.05), ("neck_width", 1.0), ("eye_distance", 0.4),
                        ("mouth_width", 0.5), ("nostril_width", 0.5)):  # fmt: skip
        numbers[name] *= wide**power
    dark = rng.random() ** 1.3
    skin = _skin(rng, dark)
    hair_color = _hair_color(rng)
    lips = np.clip(np.array(skin) * rng.uniform([0.5, 0.45, 0.75], [0.95, 0.9, 1.1]), 0, 1)
    if rng.random() < 0.15:
        lips = rng.uniform([0.1, 0.05, 0.3], [0.5, 0.4, 0.9])
    brows = np.array(hair_color) * rng.uniform(0.4, 1.1)
    return replace(
        PERSON_A, **numbers, name="", seed=int(rng.integers(1 << 30)), iris=tuple(rng.uniform(0.05, 0.6, 3)),
        brow_hairs=int(rng.integers(100, 1600)), brow_color=tuple(brows), lip_color=tuple(lips), skin=skin,
        blush=rng.uniform(0, 1.6), freckles=int(rng.integers(0, 900) * (rng.random() < 0.3)), moles=int(rng.integers(0, 9)),
        beard=rng.choice([0.0, rng.uniform(0, 1), rng.uniform(1, 3)]), shine=rng.uniform(0.1, 1.8),
        eye_shadow=rng.uniform(0, 1.6), lashes=rng.uniform(0.3, 2.5), long_hair=bool(rng.random() < 0.35),
        hair_color=hair_color, hair_tip_color=tuple(np.clip(np.array(hair_color) * rng.uniform(0.8, 1.8), 0, 1)),
        clothes=tuple(rng.uniform(0.03, 0.9, 3)),
    )  # fmt: skip


_NUMBERS = (
    "skull_width", "face_width", "jaw_width", "chin_length", "chin_forward", "chin_width", "brow_ridge", "cheekbone",
    "cheek_hollow", "forehead_slope", "neck_width", "eye_distance", "eye_width", "eye_height", "eye_tilt", "lid_crease",
    "brow_height", "brow_length", "brow_thickness", "brow_arch", "nose_length", "nose_forward", "bridge_width",
    "tip_width", "nostril_width", "tip_up", "bridge_bump", "mouth_width", "mouth_height", "upper_lip", "lower_lip",
    "lip_forward",
)  # fmt: skip


def _skin(rng, dark: float):
    """From very pale to very dark, a little toward yellow or pink."""
    pale, deep = np.array([0.68, 0.76, 0.90]), np.array([0.12, 0.17, 0.26])
    color = pale * (1 - dark) + deep * dark + rng.normal(0, 0.03, 3) * [1.2, 0.6, 0.6]
    return tuple(np.clip(color, 0.05, 0.95))


def _hair_color(rng):
    kinds = ([0.05, 0.055, 0.07], [0.10, 0.16, 0.28], [0.30, 0.50, 0.65], [0.08, 0.18, 0.45], [0.6, 0.6, 0.62])
    color = np.array(kinds[rng.choice(5, p=[0.35, 0.3, 0.15, 0.08, 0.12])]) * rng.uniform(0.6, 1.3, 3)
    return tuple(np.clip(rng.uniform(0, 0.9, 3) if rng.random() < 0.04 else color, 0.02, 0.95))


def draw_pose(rng) -> Pose:
    turned = rng.normal(0, 0.3) if rng.random() < 0.7 else rng.uniform(-0.85, 0.85)
    return Pose(
        yaw=float(np.clip(turned, -0.85, 0.85)), pitch=float(rng.normal(0, 0.16)), roll=float(rng.normal(0, 0.08)),
        eyes_open=rng.uniform(0.8, 1) if rng.random() < 0.85 else rng.uniform(0, 0.6),
        gaze=tuple(rng.uniform(-0.9, 0.9, 2)), mouth_open=rng.uniform(0, 0.8) if rng.random() < 0.4 else 0.0,
        smile=rng.uniform(-0.6, 1) if rng.random() < 0.7 else 0.0,
        light=(rng.normal(0, 0.8), rng.uniform(-0.5, 1.1)), light_strength=rng.uniform(0.4, 1.3),
        center=(0.5, 0.47), scale=0.62,
    )  # fmt: skip


def _set_scene(rng, person: Person, pose: Pose) -> None:
    """Puts the light's colors, the wall and the hairline of this picture in place of the demo's own."""
    flat = rng.uniform(0, 1) ** 0.7  # 0 is the demo's hard light, 1 a cloudy sky
    tint = np.exp(rng.normal(0, 0.12, 3)).astype(np.float32)
    light._KEY = np.float32(_LIGHTS["_KEY"] * tint * (1.15 - 0.8 * flat))
    around = np.exp(rng.normal(0, 0.12, 3)).astype(np.float32)
    light._SKY = np.float32(_LIGHTS["_SKY"] * around * (0.8 + 0.9 * flat))
    light._GROUND = np.float32(_LIGHTS["_GROUND"] * around * (0.7 + 2.6 * flat * rng.uniform(0.3, 1)))
    wall = draw_wall(rng, (FRAME, FRAME))
    render.backdrop = lambda person, size: wall


def _set_hairline(rng) -> None:
    """The crop's edge for the person drawn next: higher, lower, or receding at the temples."""
    hair._LINE_Y = _HAIRLINE + rng.normal(0, 7) + rng.normal(0, 3, len(_HAIRLINE))
    hair._LINE_Y[:3] += rng.normal(0, 5)
    hair._LINE_Y[3:6] -= abs(rng.normal(0, 8))


def draw_wall(rng, size) -> np.ndarray:
    """What is behind a head, linear (H, W, 3): smooth, or full of shapes, in focus or not."""
    width, height = size
    base = rng.uniform(0.03, 0.95, 3)
    if rng.random() < 0.55:
        base = np.clip(rng.uniform(0.1, 0.95) + rng.normal(0, 0.05, 3), 0.02, 0.97)  # a wall, not a poster
    wall = np.ones((height, width, 3), np.float32) * base
    wall += fractal(rng, (height, width), tuple(rng.uniform(2, 5, 2)), 2)[..., None] * (
        rng.normal(0, 0.06) + rng.normal(0, 0.02, 3)
    )
    if rng.random() < 0.65:
        for _ in range(int(rng.integers(2, 30))):
            _shape(rng, wall)
    if rng.random() < 0.4:
        rough = fractal(rng, (height, width), tuple(np.exp(rng.uniform(1, 4.5, 2))), 3)
        wall *= np.exp(rough * rng.uniform(0, 0.4))[..., None]
    if rng.random() < 0.7:
        wall = cv2.GaussianBlur(wall, (0, 0), np.exp(rng.uniform(-0.5, 3)))
    return linear(np.clip(wall, 0.01, 1)).astype(np.float32)


def _shape(rng, picture) -> None:
    """A rectangle, ellipse, line or polygon, sometimes of the color of skin."""
    height, width = picture.shape[:2]
    color = _skin(rng, rng.random()) if rng.random() < 0.25 else rng.uniform(0, 1, 3)
    color = tuple(float(c) for c in color)
    x, y = (int(rng.uniform(0, n)) for n in (width, height))
    w, h = (int(n) for n in np.exp(rng.uniform(1.5, 5, 2)))
    match rng.integers(4):
        case 0:
            cv2.rectangle(picture, (x, y), (x + w, y + h), color, -1)
        case 1:
            cv2.ellipse(picture, (x, y), (w, h), float(rng.uniform(0, 180)), 0, 360, color, -1)
        case 2:
            cv2.line(
                picture,
                (x, y),
                (x + int(rng.normal(0, 150)), y + int(rng.normal(0, 150))),
                color,
                int(rng.integers(1, 25)),
            )
        case _:
            points = np.int32(rng.normal([x, y], 40, (int(rng.integers(3, 7)), 2)))
            cv2.fillPoly(picture, [points], color)


def draw_face(rng, person: Person, *, bald: bool):
    """image (SIDE, SIDE, 3), mask (SIDE, SIDE), landmarks (68, 2), light (2,)."""
    pose = draw_pose(rng)
    _set_scene(rng, person, pose)
    put_hair = render._draw_hair
    if bald:
        render._draw_hair = lambda *arguments: None
    try:
        drawn = render.render(person, pose, (FRAME, FRAME))
    finally:
        render._draw_hair = put_hair
    eyes = np.linalg.norm(drawn.landmarks[36] - drawn.landmarks[45])
    seen = drawn.landmarks + rng.normal(0, 0.015 * eyes, (1, 2)) + rng.normal(0, 0.008 * eyes, (68, 2))
    matrix = transform_matrix(np.float32(seen), 256, FaceType.WHOLE) + np.float64([[0, 0, MARGIN], [0, 0, MARGIN]])
    crop = {"dsize": (SIDE, SIDE), "flags": cv2.INTER_LINEAR}
    image = cv2.warpAffine(drawn.image, matrix, borderMode=cv2.BORDER_REPLICATE, **crop)
    mask = cv2.warpAffine(drawn.face_mask[..., 0], matrix, **crop)
    return image, np.uint8(np.round(255 * mask)), transform_points(seen, matrix), np.float32(pose.light)


def draw_shard(folder: Path, number: int) -> Path:
    """The same number gives the same faces; a shard that is there already is left alone."""
    path = folder / f"people{number:04}.npz"
    if path.exists():
        return path
    render._FINE = 1
    rng = np.random.default_rng([15, number])
    faces = []
    while len(faces) < PER_SHARD:
        person = draw_person(rng)
        _set_hairline(rng)
        bald = not person.long_hair and rng.random() < 0.08
        try:
            faces += [draw_face(rng, person, bald=bald) for _ in range(POSES)]
        except (ValueError, FloatingPointError, IndexError) as error:
            print("skipped a person:", error, flush=True)
    images, masks, landmarks, lights = (np.stack(part) for part in zip(*faces, strict=True))
    part = path.with_suffix(".part.npz")
    np.savez(part, images=images, masks=masks, landmarks=landmarks, lights=lights)
    part.rename(path)
    return path


if __name__ == "__main__":
    import sys

    cv2.setNumThreads(1)
    for shard in range(*map(int, sys.argv[2:])):
        print(draw_shard(Path(sys.argv[1]), shard), flush=True)
