"""The thin network on real faces that it never saw.

python benchmarks/xseg_generic/evaluate.py WEIGHTS FACES... [--labels DIR] [--sheet FILE]

FACES are folders of aligned faces. Without labels the yardstick is the hull of the landmarks, which ends at the brows: a
rough check. DIR holds NAME.png (a face of 256), NAME_mask.png and NAME_hand.png, made by hand.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from samplers.files.dfl_image import read_face_info
from samplers.geometry.masks import hull_mask


def masks_of(weights: dict[str, np.ndarray], pictures: np.ndarray) -> np.ndarray:
    """Probabilities (N, 256, 256) for pictures (N, 256, 256, 3) 0..1."""
    import network
    import tensorflow as tf

    side = 256 >> next(first for first in (0, 1, 2) if f"conv{first}1/conv/weight" in weights)
    small = np.stack([cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA) for picture in pictures])
    found = [tf.sigmoid(network.logits(weights, small[i : i + 8])).numpy()[..., 0] for i in range(0, len(small), 8)]
    return np.stack([cv2.resize(mask, (256, 256), interpolation=cv2.INTER_LINEAR) for mask in np.concatenate(found)])


def iou(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum() / max(1, (a | b).sum()))


def labeled(folder: Path):
    """Names, pictures, masks and hands (bool) of the labels."""
    names = sorted(str(path.relative_to(folder))[:-9] for path in folder.rglob("*_mask.png"))
    pictures = [cv2.imread(str(folder / f"{name}.png")).astype(np.float32) / 255 for name in names]
    masks = [cv2.imread(str(folder / f"{name}_mask.png"), 0) > 127 for name in names]
    hands = [cv2.imread(str(folder / f"{name}_hand.png"), 0) for name in names]
    hands = [np.zeros_like(mask) if hand is None else hand > 127 for hand, mask in zip(hands, masks, strict=True)]
    return names, np.stack(pictures), np.stack(masks), np.stack(hands)


def judge(names, found, masks, hands) -> None:
    """Prints IoU where no hand is, and how much of the hand is left out and of the skin kept where one is."""
    rows = []
    for name, guess, mask, hand in zip(names, found, masks, hands, strict=True):
        left_out = 1 - guess[hand].mean() if hand.any() else np.nan
        rows.append((iou(guess, mask), left_out, guess[mask].mean() if mask.any() else np.nan))
        print(f"{name}: IoU {rows[-1][0]:.3f} hand left out {left_out:.3f} skin kept {rows[-1][2]:.3f}")
    rows = np.array(rows)
    clean = np.isnan(rows[:, 1])
    for kind, chosen in (("clean", clean), ("hand", ~clean)):
        if chosen.any():
            means, worst = rows[chosen].mean(axis=0), rows[chosen].min(axis=0)
            print(f"{kind}: {chosen.sum()} faces; mean (worst): IoU {means[0]:.3f} ({worst[0]:.3f}), hand left out "
                  f"{means[1]:.3f} ({worst[1]:.3f}), skin kept {means[2]:.3f} ({worst[2]:.3f})")  # fmt: skip


def sheet(path: Path, pictures, found) -> None:
    """What is kept, in its color; the rest dark and blue."""
    tiles = []
    for picture, mask in zip(pictures, found, strict=True):
        share = mask[..., None].astype(np.float32)
        shown = picture * share + (picture * 0.5 + np.float32([0.3, 0, 0])) * (1 - share)
        tiles.append(cv2.resize(np.hstack([picture, shown]), (320, 160), interpolation=cv2.INTER_AREA))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % 5)
    rows = [np.hstack(tiles[i : i + 5]) for i in range(0, len(tiles), 5)]
    cv2.imwrite(str(path), np.uint8(np.clip(np.vstack(rows), 0, 1) * 255))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("faces", type=Path, nargs="*")
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--count", type=int, default=30)
    chosen = parser.parse_args()
    weights = dict(np.load(chosen.weights))
    if chosen.labels:
        names, pictures, masks, hands = labeled(chosen.labels)
        found = masks_of(weights, pictures)
        judge(names, found > 0.5, masks, hands)
    else:
        files = [path for folder in chosen.faces for path in pick(sorted(folder.glob("*.jpg")), chosen.count)]
        infos = [read_face_info(path.read_bytes()) for path in files]
        pictures = np.stack([cv2.imread(str(path)).astype(np.float32) / 255 for path in files])
        found = masks_of(weights, pictures)
        hulls = [hull_mask(info.landmarks, (256, 256))[..., 0] > 0 for info in infos]
        print("IoU with the hull:", np.mean([iou(f > 0.5, h) for f, h in zip(found, hulls, strict=True)]))
    if chosen.sheet:
        sheet(chosen.sheet, pictures, found > 0.5)


def pick(files: list[Path], count: int) -> list[Path]:
    return [files[i] for i in np.linspace(0, len(files) - 1, min(count, len(files))).astype(int)]


if __name__ == "__main__":
    main()
