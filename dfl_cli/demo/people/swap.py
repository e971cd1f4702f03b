"""The true swap: what a perfect trainer would put into a frame, known because both people can be drawn in one pose."""

from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.demo.people.people import Person
from dfl_cli.demo.people.poses import Pose
from dfl_cli.demo.people.render import Rendering, render
from samplers.geometry.align import transform_matrix
from samplers.geometry.face_types import FaceType


class SwapTruth(NamedTuple):
    """image (H, W, 3) uint8 BGR: the frame with the other face; mask (H, W, 1) float32 0..1: where; source: that face alone."""

    image: np.ndarray
    mask: np.ndarray
    source: Rendering


def swap_truth(src: Person, pose: Pose, frame: Rendering) -> SwapTruth:
    """`frame` (somebody drawn in `pose`) with the face of `src` in the same pose, expression and light.

    The face is laid on as a merge does: both faces' whole-face crops are brought into one place, and what both call
    face is replaced, with a soft border inside it. Hair, neck, clothes and wall stay the frame's.
    """
    height, width = frame.image.shape[:2]
    source = render(src, pose, (width, height))
    matrix = _crop_to_crop(source.landmarks, frame.landmarks)
    face = cv2.warpAffine(source.image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    moved = cv2.warpAffine(source.face_mask, matrix, (width, height), flags=cv2.INTER_LINEAR)
    mask = soft_inside(moved[..., None] * frame.face_mask)
    image = frame.image * (1 - mask) + face * mask
    return SwapTruth(np.round(image).astype(np.uint8), mask, source)


def _crop_to_crop(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """(2, 3) from the picture with landmarks `source` to the one with landmarks `target`, through their face crops."""
    into, onto = (np.vstack([transform_matrix(points, 256, FaceType.WHOLE), [0, 0, 1]]) for points in (source, target))
    return (np.linalg.inv(onto) @ into)[:2]


def soft_inside(mask: np.ndarray) -> np.ndarray:
    """A mask (H, W, 1) whose border fades over about a fortieth of its own width, inside the old border."""
    reach = max(1.0, np.sqrt(float(mask.sum())) / 80)
    side = 2 * round(1.5 * reach) + 1
    shrunk = cv2.erode(np.ascontiguousarray(mask[..., 0]), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    return np.clip(cv2.GaussianBlur(shrunk, (0, 0), reach), 0, 1)[..., None]
