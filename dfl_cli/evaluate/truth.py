"""The swap beside the true one, which is known of drawn people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.evaluate.faces import ScoredFace, Square
from dfl_cli.evaluate.metrics.landmarks import eye_distance
from dfl_cli.evaluate.metrics.reconstruction import MEASURES, Reconstructed, one_side
from dfl_cli.evaluate.metrics.score import Measured, Pair, Score, finite, score
from dfl_cli.evaluate.metrics.temporal import spread_out
from dfl_cli.evaluate.readings import Reader
from dfl_cli.frames import UnreadableFrame, read_frame
from samplers.files.face import UnreadableImage
from samplers.geometry.align import transform_matrix

MASKS = "mask"  # folder beside the true frames: where a true frame differs from dst's


class Truth(NamedTuple):
    """Of M of the scored frames, at the network's resolution, float32 0..1."""

    numbers: np.ndarray  # (M,) of those frames among the scored ones
    pictures: np.ndarray  # (M, R, R, 3)
    masks: np.ndarray  # (M, R, R, 1)


def read_truth(folder: Path, faces: Sequence[ScoredFace], square: Square) -> Truth | None:
    """The true swaps in `folder`, named after their frames, and their masks; None where no frame has one."""
    found = []
    for number, one in enumerate(faces):
        try:
            points, name = one.face.source_landmarks, f"{PurePath(one.name).stem}.png"
            if points is not None:
                matrix = transform_matrix(points, square.resolution, square.face_type)
                picture, mask = (
                    cut(read_frame(path), matrix, square) for path in (folder / name, folder / MASKS / name)
                )
                found.append((number, picture, mask[..., :1]))
        except (UnreadableFrame, UnreadableImage, OSError):
            continue
    return Truth(*(np.stack(part) for part in zip(*found, strict=True))) if found else None


def cut(frame: np.ndarray, matrix: np.ndarray, square: Square) -> np.ndarray:
    """(R, R, 3) float32 0..1 of a frame (H, W, 3) uint8."""
    size = (square.resolution, square.resolution)
    picture = cv2.warpAffine(frame, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return picture.astype(np.float32) / 255


def scores(truth: Truth, laid_on: np.ndarray, landmarks: np.ndarray, reader: Reader) -> dict[str, Score]:
    """How close the swap laid on dst (N, R, R, 3) comes to the true one, inside the true mask.

    landmarks  (N, 68, 2) of dst
    """
    pictures, points = laid_on[truth.numbers], landmarks[truth.numbers]
    found = {}
    for name, measure, unit, floor in MEASURES:
        value, chance, each = one_side(Reconstructed(pictures, truth.pictures, truth.masks), measure)
        per_frame = spread_out(each, truth.numbers, len(laid_on))
        found[f"truth_{name}"] = Score(finite(value), floor, finite(chance), True, unit, per_frame)
    pair = Pair(*(reader.read_all(some, points).landmarks for some in (pictures, truth.pictures)))
    error = score(distance, pair, floor=0.0, higher_is_better=False, unit="%")
    found["truth_landmark_error"] = error._replace(per_frame=spread_out(error.per_frame, truth.numbers, len(laid_on)))
    return found


def distance(shown: np.ndarray, truth: np.ndarray) -> Measured:
    """Mean distance of the landmarks (N, 68, 2) in percent of the eye distance. Shapes are the same: nothing is taken off."""
    per_frame = 100 * np.linalg.norm(shown - truth, axis=2).mean(axis=1) / eye_distance(truth)
    return float(per_frame.mean()), per_frame
