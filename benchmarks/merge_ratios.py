"""Speed of merging relative to a literal implementation of the specification: float images of the whole frame.

Both run alternately in one process and one thread, so the machine and its other load hardly matter:

    python benchmarks/merge_ratios.py
"""

import time
from collections.abc import Callable

import cv2
import numpy as np

from dfl_cli.bench.merge import CHANGES, MODEL_FACE, Scene, merged, synthetic_scene, with_changes
from samplers.colors.transfer import masked_color_transfer
from samplers.geometry.align import transform_matrix
from samplers.geometry.masks import hull_mask

ROUNDS = 25
BACK = cv2.WARP_INVERSE_MAP | cv2.INTER_CUBIC


def overlay(scene: Scene, color: str = "none", *, clone: bool = False):
    """merger.md 4.1 to 4.6, step by step: (H, W, 4) uint8, the image and its mask."""
    side = MODEL_FACE.resolution
    frame = scene.frame.astype(np.float32) / 255
    place, mask_place = (transform_matrix(scene.landmarks, size, MODEL_FACE.face_type) for size in (side, 4 * side))
    target = np.clip(cv2.warpAffine(frame, place, (side, side), flags=cv2.INTER_CUBIC), 0, 1)
    cv2.warpAffine(hull_mask(scene.landmarks, frame.shape[:2]), place, (side, side), flags=cv2.INTER_CUBIC)
    mask = scene.prediction.prd_mask[..., 0] * scene.prediction.dst_mask[..., 0]
    mask[mask < 1 / 255] = 0
    mask = np.clip(cv2.resize(mask, (4 * side, 4 * side), interpolation=cv2.INTER_CUBIC), 0, 1)
    alpha = np.clip(cv2.warpAffine(mask, mask_place, frame.shape[1::-1], flags=BACK), 0, 1)
    alpha[alpha < 1 / 255] = 0
    face = scene.prediction.bgr
    if color != "none":
        inside = (cv2.resize(mask, (side, side), interpolation=cv2.INTER_CUBIC) > 0).astype(np.float32)[..., None]
        face = masked_color_transfer(color, face, target, mask=inside, rng=np.random.RandomState(0))
    placed = np.clip(cv2.warpAffine(face, place, frame.shape[1::-1], flags=BACK), 0, 1)
    if clone:
        placed = cloned(placed, frame, alpha)
    alpha = alpha[..., None]
    return (np.concatenate([frame * (1 - alpha) + placed * alpha, alpha], axis=-1) * 255).astype(np.uint8)


def cloned(face, frame, alpha):
    """OpenCV's seamless clone."""
    levels = [(picture * 255).astype(np.uint8) for picture in (face, frame)]
    inside = np.where(alpha > 0.1, np.uint8(255), np.uint8(0))
    left, top, width, height = cv2.boundingRect(inside)
    center = int(left + width / 2), int(top + height / 2)
    return cv2.seamlessClone(*levels, inside, center, cv2.NORMAL_CLONE).astype(np.float32) / 255


AS_IT_READS = {
    "overlay": overlay,
    "overlay_rct": lambda scene: overlay(scene, "rct"),
    "seamless": lambda scene: overlay(scene, clone=True),
    "sot-m": lambda scene: overlay(scene, "sot-m"),
}


def milliseconds(work: Callable, *arguments) -> float:
    start = time.thread_time()
    work(*arguments)
    return 1000 * (time.thread_time() - start)


def main() -> None:
    cv2.setNumThreads(1)
    scene = synthetic_scene()
    print(f"{'':12}{'as it reads':>14}{'dfl':>10}{'ratio':>8}   (ms, best of {ROUNDS})")
    for name, plain in AS_IT_READS.items():
        settings = with_changes(CHANGES[name])
        pairs = [(milliseconds(plain, scene), milliseconds(merged, scene, settings)) for _ in range(ROUNDS)]
        slow, quick = np.min(pairs[1:], axis=0)
        print(f"{name:12}{slow:14.1f}{quick:10.1f}{slow / quick:8.1f}")


if __name__ == "__main__":
    main()
