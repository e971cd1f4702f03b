"""Training samples: a drawn face, things laid over it, and what cameras and films do to pictures."""

from pathlib import Path
from typing import NamedTuple

import cv2
import hands
import numpy as np
import occluders
from people import MARGIN

from dfl_cli.demo.people.noise import fractal

HANDS_AT_ONCE = 400  # drawn hands in one cache file


class Cache(NamedTuple):
    """All drawn faces and hands, as arrays in memory."""

    images: np.ndarray
    masks: np.ndarray
    landmarks: np.ndarray
    lights: np.ndarray
    hands: dict[str, np.ndarray]

    def hand(self, number: int) -> hands.Hand:
        packed = {name: part[number] for name, part in self.hands.items()}
        normals = packed["normals"].astype(np.float32) / 127
        return hands.Hand(packed["alpha"] / np.float32(255), normals, packed["tone"] / np.float32(100),
                          packed["open"] / np.float32(255), packed["sleeve"].astype(np.float32))  # fmt: skip


def draw_hands(folder: Path, number: int) -> Path:
    """HANDS_AT_ONCE hands, packed into small integers; the same number gives the same hands."""
    path = folder / f"hands{number:02}.npz"
    if path.exists():
        return path
    rng = np.random.default_rng([16, number])
    drawn = [hands.draw_hand(rng) for _ in range(HANDS_AT_ONCE)]
    alpha, normals, tone, open_, sleeve = (np.stack(part) for part in zip(*drawn, strict=True))
    part = path.with_suffix(".part.npz")
    np.savez(part, alpha=np.uint8(255 * alpha + 0.5), normals=np.int8(np.round(127 * normals)),
             tone=np.uint8(np.clip(100 * tone + 0.5, 0, 255)), open=np.uint8(255 * open_ + 0.5), sleeve=np.uint8(sleeve))  # fmt: skip
    part.rename(path)
    return path


def load(folder: Path, resolution: int = 256, shards: list[Path] | None = None) -> Cache:
    """Everything in `folder`, or only these shards of faces, at 256 or 128 pixels to a crop."""
    shards = shards or sorted(folder.glob("people0*.npz"))
    people = [np.load(path) for path in shards]
    parts = [np.concatenate([p[name] for p in people]) for name in ("images", "masks", "landmarks", "lights")]
    drawn = [np.load(path) for path in sorted(folder.glob("hands*.npz")) if "part" not in path.name]
    packed = {name: np.concatenate([d[name] for d in drawn]) for name in drawn[0].files}
    if resolution == 256:
        return Cache(*parts, packed)
    images, masks, landmarks, lights = parts
    return Cache(
        halved(images), halved(masks), landmarks / 2, lights, {name: halved(part) for name, part in packed.items()}
    )


def halved(pictures: np.ndarray) -> np.ndarray:
    """(N, H, W, ...) to (N, H / 2, W / 2, ...)."""
    number, height, width = pictures.shape[:3]
    split = pictures.reshape(number, height // 2, 2, width // 2, 2, -1)
    return (
        np.stack([part.mean(axis=(1, 3)).round() for part in split])
        .astype(pictures.dtype)
        .reshape(number, height // 2, width // 2, *pictures.shape[3:])
    )


def sample(rng: np.random.Generator, cache: Cache) -> tuple[np.ndarray, np.ndarray]:
    """picture (R, R, 3) float32 BGR 0..1, mask (R, R) uint8: 1 face, 2 face with something before it, 0 the rest."""
    number = rng.integers(len(cache.images))
    picture = cache.images[number].astype(np.float32) / 255
    mask = cache.masks[number].astype(np.float32) / 255
    points, whole = cache.landmarks[number], mask
    scene = _scene(rng, picture, mask, cache.lights[number])
    picture = _vary_face(rng, picture, mask, points)
    if rng.random() < 0.35:
        layer, alpha = _thing(rng, scene, cache)
        picture = occluders.shadow(picture, scene, alpha, rng)
    for _ in range(rng.choice([0, 1, 2, 3], p=[0.28, 0.47, 0.2, 0.05])):
        scene = scene._replace(spot=_spot(rng, mask, points))
        layer, alpha = _thing(rng, scene, cache)
        picture, mask = occluders.lay(picture, mask, layer, alpha, rng)
    picture, masks = _move(rng, picture, np.dstack([mask, whole, whole]))
    return _film(rng, np.clip(picture, 0, 1)), np.where(masks[..., 0] > 0.5, 1, 2 * (masks[..., 1] > 0.5)).astype(
        np.uint8
    )


def _scene(rng, picture, mask, light) -> occluders.Scene:
    inside = picture[mask > 0.9]
    bright = inside.sum(axis=1) if len(inside) else np.zeros(1)
    skin = inside[bright > np.percentile(bright, 60)].mean(0) if len(inside) > 50 else np.full(3, 0.5)
    azimuth, height = light
    toward = np.float32([np.sin(azimuth) * np.cos(height), -np.sin(height), np.cos(azimuth) * np.cos(height)])
    return occluders.Scene(len(picture), np.float32(skin), toward, _spot(rng, mask))


def _spot(rng, mask, points=None) -> np.ndarray:
    """Mostly on the face, often at mouth and chin, where hands go; now and then beside it."""
    if points is not None and rng.random() < 0.4:
        return points[rng.choice([*range(5, 12), *range(48, 68)])] + rng.normal(0, 0.04 * len(mask), 2)
    rows, columns = np.nonzero(mask > 0.5)
    if len(rows) < 20 or rng.random() < 0.15:
        return rng.uniform(0.1, 0.95, 2) * len(mask)
    pick = rng.integers(len(rows))
    spot = np.array([columns[pick], rows[pick]], float)
    if rng.random() < 0.3:  # toward the edge: held at the cheek, the chin, the temple
        spot += 0.6 * (spot - [columns.mean(), rows.mean()])
    return spot


def _thing(rng, scene, cache: Cache):
    kind = rng.choice(["hand", *occluders.KINDS], p=[0.66, 0.11, 0.10, 0.04, 0.09])
    if kind == "hand":
        return occluders.hand(rng, scene, cache.hand(rng.integers(len(cache.hands["alpha"]))))
    return occluders.KINDS[kind](rng, scene)


def _vary_face(rng, picture, mask, points) -> np.ndarray:
    """What a renderer's skin lacks: stains, uneven color, paint, grain, glasses."""
    side = len(mask)
    if rng.random() < 0.4:
        noise = fractal(rng, (side, side), tuple(np.exp(rng.uniform(0.8, 3.5, 2))), 2)[..., None]
        strength = np.float32(rng.normal(0, 0.12) + rng.normal(0, 0.05, 3))
        picture = picture * np.exp(noise * strength * mask[..., None])
    if rng.random() < 0.3:
        grain = fractal(rng, (side, side), tuple(np.exp(rng.uniform(3.5, 5.3, 2))), 1)[..., None]
        picture = picture * np.exp(grain * rng.uniform(0, 0.15))
    if rng.random() < 0.12:
        layer, alpha = occluders.blob(
            rng, occluders.Scene(side, np.full(3, 0.5), np.float32([0, 0, 1]), _spot(rng, mask))
        )
        share = (alpha * rng.uniform(0.1, 0.4))[..., None]
        picture = picture * (1 - share) + layer * share  # face paint and birthmarks show the relief below
    if rng.random() < 0.15:
        picture = occluders.glasses(rng, picture, points)
    return np.float32(picture)


def _move(rng, picture, masks):
    """Turned, scaled, shifted, mirrored and bent, then cut to the crop."""
    side = len(masks)
    unit, resolution = side / (256 + 2 * MARGIN), side * 256 // (256 + 2 * MARGIN)
    angle, scale = rng.normal(0, 5), np.exp(rng.normal(0, 0.05))
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), angle, scale)
    matrix[:, 2] += unit * (rng.normal(0, 5, 2) - MARGIN)
    if rng.random() < 0.5:
        matrix = np.array([[-1, 0, resolution - 1], [0, 1, 0]]) @ np.vstack([matrix, [0, 0, 1]])
    inverse = cv2.invertAffineTransform(matrix)
    x, y = np.meshgrid(np.arange(resolution, dtype=np.float32), np.arange(resolution, dtype=np.float32))
    bent = [
        cv2.resize(
            rng.normal(0, unit * rng.uniform(0, 5), (5, 5)).astype(np.float32), x.shape, interpolation=cv2.INTER_CUBIC
        )
        for _ in "xy"
    ]
    x, y = x + bent[0], y + bent[1]
    map_x = np.float32(inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2])
    map_y = np.float32(inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2])
    picture = cv2.remap(np.float32(picture), map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return picture, cv2.remap(np.float32(masks), map_x, map_y, cv2.INTER_LINEAR)


def _film(rng, picture) -> np.ndarray:
    """Colors, light, sharpness, size, noise and compression of some camera."""
    resolution = len(picture)
    unit = resolution / 256
    if rng.random() < 0.8:
        gamma = np.exp(rng.normal(0, 0.25) + rng.normal(0, 0.08, 3))
        low, high = rng.uniform(0, 0.15) + rng.normal(0, 0.02, 3), 1 - rng.uniform(0, 0.2) + rng.normal(0, 0.03, 3)
        picture = np.float32(low + (high - low) * picture ** gamma.astype(np.float32))
    if rng.random() < 0.4:
        gray = picture.mean(axis=2, keepdims=True)
        picture = gray + (picture - gray) * np.float32(rng.uniform(0.1, 1.5))
    if rng.random() < 0.35:
        x, y = np.meshgrid(np.linspace(-1, 1, resolution), np.linspace(-1, 1, resolution))
        slope = np.float32(x * rng.normal(0, 0.25) + y * rng.normal(0, 0.25))
        picture = picture * np.exp(slope[..., None] * np.float32(1 + rng.normal(0, 0.2, 3)))
    if rng.random() < 0.3:
        picture = cv2.GaussianBlur(picture, (0, 0), unit * rng.uniform(0.4, 2.2))
    elif rng.random() < 0.2:
        picture = picture + (picture - cv2.GaussianBlur(picture, (0, 0), unit * rng.uniform(1, 3))) * rng.uniform(
            0.2, 1.5
        )
    picture = np.clip(picture, 0, 1)
    side = min(int(np.exp(rng.uniform(np.log(56), np.log(256)))) if rng.random() < 0.75 else 256, resolution)
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    small = small + rng.normal(0, 1, small.shape).astype(np.float32) * np.float32(abs(rng.normal(0, 0.02)))
    if rng.random() < 0.4:  # cameras sharpen: bright lines along fingers
        small = small + (small - cv2.GaussianBlur(small, (0, 0), rng.uniform(0.6, 1.5))) * np.float32(
            rng.uniform(0, 1.6)
        )
    if rng.random() < 0.7:
        quality = int(rng.integers(25, 96))
        _, jpeg = cv2.imencode(".jpg", np.uint8(np.clip(small, 0, 1) * 255 + 0.5), [cv2.IMWRITE_JPEG_QUALITY, quality])
        small = cv2.imdecode(jpeg, cv2.IMREAD_COLOR).astype(np.float32) / 255
    way = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)[rng.integers(3)]
    return np.clip(cv2.resize(small, (resolution, resolution), interpolation=way), 0, 1)


if __name__ == "__main__":  # python benchmarks/xseg_generic/compose.py DATA FIRST END: shards of hands
    import sys

    cv2.setNumThreads(1)
    for shard in range(*map(int, sys.argv[2:])):
        print(draw_hands(Path(sys.argv[1]), shard), flush=True)
