"""What an XSeg network sees of a face, and its mask as the face keeps it (facesets.md 7.2)."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.xseg.predict import SIDE
from samplers.files.face_info import FaceInfo
from samplers.geometry.align import resized_points, transform_matrix, transform_points
from samplers.geometry.face_types import FaceType

INSIDE = 0.5  # masks are 1 from here on, else 0


class View(NamedTuple):
    """The square a network sees of a face."""

    picture: np.ndarray  # (256, 256, 3) float32 BGR; LANCZOS leaves values a little outside 0..1, as in the reference
    matrix: np.ndarray | None  # (2, 3) from the face's picture to the square of `width`; None: the whole picture
    width: int  # pixels of the face's picture
    landmarks: np.ndarray  # (68, 2) float64 pixels of the square


def view_of(info: FaceInfo, picture: np.ndarray, face_type: FaceType | None) -> View:
    """picture (H, W, 3) uint8 BGR; face_type as the network wants it, None: as the face has it.

    raises  FlatLandmarks, WrongLandmarks
    """
    floats = picture.astype(np.float32) / 255
    height, width = picture.shape[:2]
    if face_type in (None, info.face_type):
        landmarks = resized_points(info.landmarks, (SIDE / width, SIDE / height))
        return View(resized(floats, SIDE), None, width, landmarks)
    matrix = between_types(info, face_type, width)
    square = cv2.warpAffine(floats, matrix, (width, width), flags=cv2.INTER_LINEAR)
    landmarks = resized_points(transform_points(info.landmarks, matrix).astype(np.float64), SIDE / width)
    return View(resized(square, SIDE), matrix, width, landmarks)


def between_types(info: FaceInfo, face_type: FaceType, width: int) -> np.ndarray:
    """(2, 3) from the picture of a face to the square of another face type, both `width` pixels wide."""
    corners = np.float32([(0, 0), (width, 0), (0, width)])
    if info.source_landmarks is None:  # not in the reference: the picture itself stands for the frame
        wanted = transform_matrix(info.landmarks, width, face_type)
        return cv2.getAffineTransform(transform_points(corners, wanted, invert=True), corners)
    wanted = transform_matrix(info.source_landmarks, width, face_type)
    own = transform_matrix(info.source_landmarks, width, info.face_type)
    places = transform_points(transform_points(corners, wanted, invert=True), own)
    return cv2.getAffineTransform(places, corners)


def mask_for_face(mask: np.ndarray, view: View) -> np.ndarray:
    """The mask of a network (256, 256[, 1]) back in the square of the face, (256, 256) float32, before the threshold."""
    mask = np.asarray(mask, np.float32).reshape(SIDE, SIDE)
    if view.matrix is None:
        return mask
    flags = cv2.WARP_INVERSE_MAP | cv2.INTER_LANCZOS4
    mask = cv2.warpAffine(resized(mask, view.width), view.matrix, (view.width, view.width), flags=flags)
    return resized(mask, SIDE)


def thresholded(mask: np.ndarray) -> np.ndarray:
    """0 or 1, float32."""
    return (mask >= INSIDE).astype(np.float32)


def resized(picture: np.ndarray, side: int) -> np.ndarray:
    if picture.shape[:2] == (side, side):
        return picture
    return cv2.resize(picture, (side, side), interpolation=cv2.INTER_LANCZOS4)
