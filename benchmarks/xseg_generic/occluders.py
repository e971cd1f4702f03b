"""Things in front of a face. Each function draws one: (picture (H, W, 3) float32 BGR 0..1, alpha (H, W) float32 0..1)."""

from typing import NamedTuple

import cv2
import numpy as np
from hands import SIDE as HAND_SIDE
from hands import Hand, shade

from dfl_cli.demo.people.noise import fractal


class Scene(NamedTuple):
    """What an occluder needs to know of the face it is laid over. spot (x, y) pixels: a place that it should cover."""

    side: int
    skin: np.ndarray  # (3,) BGR 0..1: the face where it is well lit
    light: np.ndarray  # (3,) unit: x right, y down, z to the camera
    spot: np.ndarray

    @property
    def unit(self) -> float:
        """Pixels of this picture to one of a crop of 256."""
        return self.side / 296


def lay(picture, mask, layer, alpha, rng) -> tuple[np.ndarray, np.ndarray]:
    """`layer` over `picture`, with the shadow it throws; the mask loses what is covered."""
    unit = len(alpha) / 296
    if rng.random() < 0.6:
        offset = unit * rng.normal([0, 3], 8)
        moved = cv2.warpAffine(alpha, np.float64([[1, 0, offset[0]], [0, 1, offset[1]]]), alpha.shape[::-1])
        picture = (
            picture
            * (1 - rng.uniform(0.1, 0.6) * cv2.GaussianBlur(moved, (0, 0), unit * rng.uniform(1.5, 9)))[..., None]
        )
    cover = alpha[..., None]
    return picture * (1 - cover) + layer * cover, mask * (1 - alpha)


def shadow(picture, scene: Scene, alpha, rng) -> np.ndarray:
    """Only the shadow of something: the face below stays face."""
    soft = cv2.GaussianBlur(alpha, (0, 0), scene.unit * rng.uniform(1, 10))[..., None]
    return picture * (1 - soft * rng.uniform(0.2, 0.7) * np.float32(rng.uniform(0.85, 1.0, 3)))


def hand(rng, scene: Scene, drawn: Hand):
    """Mostly of the face's own color, mostly from below."""
    alike = rng.random() < 0.5  # the hard case: soft light and nothing but folds tells hand from face
    if alike:
        drawn = drawn._replace(tone=drawn.tone ** np.float32(0.4), open=drawn.open ** np.float32(rng.uniform(0.2, 0.8)))
    same = alike or rng.random() < 0.7
    skin = (
        scene.skin * np.exp(rng.normal(0, 0.06) + rng.normal(0, 0.03, 3))
        if same
        else scene.skin * rng.uniform(0.3, 1.5, 3)
    )
    if rng.random() < 0.06:
        skin, alike = rng.uniform(0, 1, 3), False  # a glove
    light = scene.light + rng.normal(0, 0.35, 3)
    light[2] = abs(light[2])
    light /= np.linalg.norm(light) + 1e-6
    picture = shade(
        drawn,
        np.clip(skin, 0.02, 1),
        rng.uniform(0.02, 0.9, 3),
        np.float32(light),
        rng.uniform(0.4 if alike else 0.1, 1.0),
    )
    scale = np.exp(rng.uniform(np.log(0.8), np.log(1.75))) * scene.unit * HAND_SIDE / len(drawn.alpha)
    angle = rng.normal(0, 40) if rng.random() < 0.6 else rng.uniform(-180, 180)
    return _placed(rng, scene, picture, drawn.alpha, (scale, angle))


def _placed(rng, scene: Scene, picture, alpha, how):
    """Scaled, turned, and moved so that some point of it lies on the scene's spot."""
    scale, angle = how
    middle = len(alpha) / 2
    matrix = cv2.getRotationMatrix2D((middle, middle), float(angle), float(scale))
    rows, columns = np.nonzero(alpha[: int(0.62 * len(alpha))] > 0.5)
    if len(rows):
        pick = rng.integers(len(rows))
        matrix[:, 2] += scene.spot - matrix @ [columns[pick], rows[pick], 1]
    size = (scene.side, scene.side)
    picture = cv2.warpAffine(picture * alpha[..., None], matrix, size, flags=cv2.INTER_LINEAR)
    alpha = cv2.warpAffine(alpha, matrix, size, flags=cv2.INTER_LINEAR)
    if rng.random() < 0.25:
        picture, alpha = _moving(rng, picture, alpha, scene.unit)
    return picture / np.maximum(alpha, 1e-3)[..., None], alpha


def _moving(rng, picture, alpha, unit: float):
    """Motion blur, of a thing that moves before a still face."""
    length = 2 + int(unit * rng.uniform(1, 22))
    kernel = np.zeros((length, length), np.float32)
    center, angle = (length - 1) / 2, rng.uniform(0, np.pi)
    step = np.array([np.cos(angle), np.sin(angle)]) * center
    cv2.line(kernel, *(tuple(round(v) for v in center + s * step) for s in (-1, 1)), 1.0)
    kernel /= kernel.sum()
    return cv2.filter2D(picture, -1, kernel), cv2.filter2D(alpha, -1, kernel)


def texture(rng, scene: Scene) -> np.ndarray:
    """Cloth, plastic, paper, skin: (H, W, 3)."""
    side = scene.side
    base = scene.skin * np.exp(rng.normal(0, 0.12, 3)) if rng.random() < 0.35 else rng.uniform(0.02, 1, 3)
    picture = np.ones((side, side, 3), np.float32) * np.float32(base)
    other = np.float32(rng.uniform(0, 1, 3))
    x, y = np.meshgrid(np.arange(side), np.arange(side))
    turned = x * np.cos(a := rng.uniform(0, np.pi)) + y * np.sin(a)
    match rng.integers(5):
        case 0:
            share = (np.sin(turned / scene.unit * np.exp(rng.uniform(-3, 0.5))) > rng.uniform(-0.7, 0.7)).astype(
                np.float32
            )
            picture = picture * (1 - share[..., None]) + other * share[..., None]
        case 1:
            cells = tuple(np.exp(rng.uniform(1, 4.5, 2)))
            noise = fractal(rng, (side, side), cells, 3)[..., None]
            picture = picture + noise * np.float32(rng.normal(0, 0.12, 3))
        case 2:
            share = np.float32((turned - turned.min()) / np.ptp(turned))[..., None]
            picture = picture * (1 - share) + other * share
    picture = picture * np.exp(0.25 * rng.random() * fractal(rng, (side, side), (4, 4), 2))[..., None]
    return np.clip(picture, 0, 1).astype(np.float32)


def blob(rng, scene: Scene):
    """A polygon or soft shape, rounded at its edges like a solid thing or flat like paper."""
    side = scene.side
    canvas = np.zeros((side, side), np.uint8)
    reach = scene.unit * np.exp(rng.uniform(np.log(15), np.log(90)))
    count = int(rng.integers(3, 11))
    angles = np.sort(rng.uniform(0, 2 * np.pi, count))
    points = scene.spot + np.stack([np.cos(angles), np.sin(angles)], -1) * reach * rng.uniform(0.4, 1.3, (count, 1))
    cv2.fillPoly(canvas, [np.int32(points)], 255)
    alpha = canvas.astype(np.float32) / 255
    if rng.random() < 0.6:
        alpha = np.float32(cv2.GaussianBlur(alpha, (0, 0), reach / rng.uniform(4, 12)) > 0.5)
    return _solid(rng, scene, texture(rng, scene), alpha)


def _solid(rng, scene: Scene, picture, alpha):
    """Light on something whose height falls off toward its edge."""
    if rng.random() < 0.7:
        inner = cv2.distanceTransform(np.uint8(alpha > 0.5), cv2.DIST_L2, 3)
        round_ = scene.unit * rng.uniform(3, 40)
        height = np.sqrt(np.maximum(round_**2 - np.maximum(round_ - inner, 0) ** 2, 0))
        height = cv2.GaussianBlur(height.astype(np.float32), (0, 0), 1.5)
        dx, dy = (cv2.Sobel(height, cv2.CV_32F, *d, scale=1 / 8) for d in ((1, 0), (0, 1)))
        normal = np.stack([-dx, -dy, np.ones_like(dx)], -1)
        normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
        lit = np.clip((normal @ scene.light + 0.3) / 1.3, 0, 1) * rng.uniform(0.3, 1) + rng.uniform(0.2, 0.6)
        picture = picture * np.float32(lit)[..., None]
    soft = cv2.GaussianBlur(alpha, (0, 0), max(0.3, scene.unit * rng.uniform(0.5, 1.5)))
    return np.clip(picture, 0, 1).astype(np.float32), soft


def stick(rng, scene: Scene):
    """A microphone, a pen, a strap, a cup or a phone: strokes and boxes."""
    side = scene.side
    canvas = np.zeros((side, side), np.uint8)
    direction = rng.normal(0, 0.7) + np.pi / 2 if rng.random() < 0.7 else rng.uniform(0, 2 * np.pi)
    way = np.array([np.cos(direction), np.sin(direction)])
    kind, width = rng.integers(4), max(1, round(scene.unit * np.exp(rng.uniform(np.log(4), np.log(36)))))
    far = tuple(np.int32(scene.spot + way * scene.unit * rng.uniform(60, 320)))
    near = tuple(np.int32(scene.spot))
    if kind <= 1:
        cv2.line(canvas, near, far, 255, width)
        if kind == 0:
            cv2.circle(canvas, near, int(width * rng.uniform(0.7, 1.6)) + 2, 255, -1)
    elif kind == 2:
        box = (
            tuple(float(v) for v in scene.spot),
            tuple((scene.unit * np.exp(rng.uniform(3, 4.9, 2))).tolist()),
            float(rng.normal(0, 25)),
        )
        cv2.fillPoly(canvas, [np.int32(cv2.boxPoints(box))], 255)
    else:
        cv2.line(canvas, tuple(np.int32(scene.spot - way * 300)), far, 255, width)
    return _solid(rng, scene, texture(rng, scene), canvas.astype(np.float32) / 255)


def text(rng, scene: Scene):
    """A line or two of letters, as a logo or a subtitle."""
    side = scene.side
    alpha, edge = np.zeros((side, side), np.uint8), np.zeros((side, side), np.uint8)
    font, size = int(rng.integers(0, 8)), scene.unit * rng.uniform(0.5, 2.4)
    letters = [chr(c) for c in (*range(48, 58), *range(65, 91), *range(97, 123))]
    for line in range(int(rng.integers(1, 3))):
        words = "".join(rng.choice(letters, int(rng.integers(2, 14))))
        where = (int(scene.spot[0] - scene.unit * rng.uniform(20, 120)), int(scene.spot[1] + line * 24 * size))
        thick = max(1, round(scene.unit * rng.integers(1, 6)))
        cv2.putText(edge, words, where, font, size, 255, thick + round(scene.unit * rng.integers(0, 5)), cv2.LINE_AA)
        cv2.putText(alpha, words, where, font, size, 255, thick, cv2.LINE_AA)
    inner = np.float32(alpha)[..., None] / 255
    picture = np.float32(rng.uniform(0, 1, 3)) * inner + np.float32(rng.uniform(0, 1, 3)) * (1 - inner)
    return picture, np.float32(np.maximum(alpha, edge)) / 255


def strands(rng, scene: Scene):
    """Locks of hair that fall over the face."""
    side = scene.side
    picture, alpha = np.zeros((side, side, 3), np.float32), np.zeros((side, side), np.float32)
    base = np.exp(rng.uniform(np.log(0.03), np.log(0.7))) * rng.uniform([0.4, 0.7, 0.9], [1.0, 1.1, 1.4])
    unit = scene.unit
    start = scene.spot + unit * (rng.normal(0, [30, 30]) - [0, rng.uniform(40, 140)])
    end = scene.spot + unit * rng.normal([0, rng.uniform(0, 90)], [30, 20])
    bend, spread = unit * rng.normal(0, 40, 2), unit * rng.uniform(1, 14)
    t = np.linspace(0, 1, 12)[:, None]
    for _ in range(int(rng.integers(8, 90))):
        a, b = start + rng.normal(0, spread, 2), end + rng.normal(0, 1.4 * spread, 2)
        curve = a * (1 - t) + b * t + (bend + unit * rng.normal(0, 6, 2)) * np.sin(np.pi * t)
        points, thick = np.int32(curve * 8), max(1, round(unit * rng.integers(1, 4)))
        color = tuple(float(v) for v in np.clip(base * rng.uniform(0.6, 1.7), 0, 1))
        cv2.polylines(picture, [points], False, color, thick, cv2.LINE_AA, 3)
        cv2.polylines(alpha, [points], False, 1.0, thick, cv2.LINE_AA, 3)
    return picture / np.maximum(alpha, 0.2)[..., None].clip(0, 1), alpha


def glasses(rng, picture, points) -> np.ndarray:
    """Glasses on the face, whose frames and lenses belong to it: the picture (H, W, 3) with them."""
    left, right = points[36:42].mean(0), points[42:48].mean(0)
    across = right - left
    span = float(np.linalg.norm(across))
    angle = float(np.degrees(np.arctan2(across[1], across[0])))
    width, height = span * rng.uniform(0.36, 0.46), span * rng.uniform(0.22, 0.40)
    frame = tuple(float(v) for v in rng.uniform(0, 1, 3) * (0.25 if rng.random() < 0.6 else 1))
    thick = max(1, round(len(picture) / 296 * rng.integers(1, 6)))
    lens, lines = np.zeros(picture.shape[:2], np.float32), picture.copy()
    boxy = rng.random() < 0.5
    for center in (left, right):
        center = center + np.float32([0, 0.04 * span])
        if boxy:
            box = (tuple(center.tolist()), (2 * width, 2 * height), angle)
            shape = np.int32(cv2.boxPoints(box))
        else:
            shape = cv2.ellipse2Poly(tuple(np.int32(center)), (int(width), int(height)), int(angle), 0, 360, 12)
        cv2.fillPoly(lens, [shape], 1.0)
        cv2.polylines(lines, [shape], True, frame, thick, cv2.LINE_AA)
    direction = across / max(span, 1)
    cv2.line(
        lines,
        *(tuple(np.int32(c + s * direction * width)) for c, s in ((left, 1), (right, -1))),
        frame,
        thick,
        cv2.LINE_AA,
    )
    for center, side, ear in ((left, -1, points[0]), (right, 1, points[16])):
        cv2.line(
            lines, tuple(np.int32(center + side * direction * width)), tuple(np.int32(ear)), frame, thick, cv2.LINE_AA
        )
    tint = rng.uniform(0.6, 0.98) if rng.random() < 0.3 else rng.uniform(0, 0.15)
    lens = cv2.GaussianBlur(lens, (0, 0), 0.7)[..., None]
    return lines * (1 - lens * tint) + np.float32(rng.uniform(0, 0.4, 3)) * lens * tint


KINDS = {"blob": blob, "stick": stick, "text": text, "strands": strands}
