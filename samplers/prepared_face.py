"""What is the same for every draw of a face: its picture and masks at the network's size and face type (facesets.md 3.9, 3.10)."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from samplers.files.faces import Face
from samplers.geometry.align import transform_matrix, warp_averaged
from samplers.geometry.face_types import FaceType
from samplers.geometry.masks import eyes_mouth_mask, hull_mask

NO_COLOR = np.empty(0)


class PreparedFace(NamedTuple):
    """R is the network's resolution."""

    image: np.ndarray  # (R, R, 3), cubic interpolation may lie a little outside 0..1; or the base of a color transfer
    mask: np.ndarray  # (R, R, 1) the whole face
    eyes_mouth: np.ndarray  # (R, R, 1) eyes and mouth within the face
    color: np.ndarray = NO_COLOR  # what a color transfer has measured


def prepare(face: Face, resolution: int, face_type: FaceType, *, smooth: bool) -> PreparedFace:
    """Picture and masks of `face`, cut to `face_type`; where the picture shows less than that, its edges are smeared.

    smooth  as `transform_matrix` cuts the face from its frame, shrunk by the mean of what a pixel covers; off, as the reference: by
            interpolation between the pixels at its center, and a picture of the right type is resized, which puts the face up to
            half a pixel beside the place where merging shows it
    raises  UnreadableImage, FlatLandmarks
    """
    image = face.read().astype(np.float32) / 255.0
    shape = image.shape[:2]
    mask = face_mask(face, shape, exact=smooth)
    eyes_mouth = eyes_mouth_mask(face.landmarks, shape, exact=smooth) * (mask != 0)
    matrix = None
    if face.face_type != face_type:
        matrix = transform_matrix(face.landmarks, resolution, face_type)
    fit = _averaged if smooth else _fitted
    cubic, linear = cv2.INTER_CUBIC, cv2.INTER_LINEAR
    return PreparedFace(
        fit(image, resolution, matrix, interpolation=cubic, border=cv2.BORDER_REPLICATE),
        fit(mask, resolution, matrix, interpolation=linear, border=cv2.BORDER_CONSTANT),
        fit(eyes_mouth, resolution, matrix, interpolation=linear, border=cv2.BORDER_CONSTANT),
    )


def prepare_picture(face: Face, resolution: int, face_type: FaceType) -> np.ndarray:
    """(R, R, 3): the picture of `face` alone, cut as `prepare` cuts it; UnreadableImage, FlatLandmarks."""
    matrix = None
    if face.face_type != face_type:
        matrix = transform_matrix(face.landmarks, resolution, face_type)
    image = face.read().astype(np.float32) / 255.0
    return _fitted(image, resolution, matrix, interpolation=cv2.INTER_CUBIC, border=cv2.BORDER_REPLICATE)


def prepare_reference(face: Face, resolution: int, *, smooth: bool) -> np.ndarray:
    """(R, R, 3): the picture that lends its colors, squeezed to size; its face type does not matter."""
    image = face.read().astype(np.float32) / 255.0
    smaller = smooth and min(image.shape[:2]) > resolution
    interpolation = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return cv2.resize(image, (resolution, resolution), interpolation=interpolation)


def face_mask(face: Face, shape: tuple[int, int], *, exact: bool = False) -> np.ndarray:
    """(H, W, 1) 0..1: the trained or applied mask of a face where it has one, else the hull of its landmarks (`exact` as there)."""
    mask = face.read_xseg_mask()
    if mask is None:
        return hull_mask(face.landmarks, shape, eyebrows_expand_mod=face.eyebrows_expand_mod, exact=exact)
    if mask.shape[:2] != tuple(shape):
        mask = cv2.resize(mask, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.clip(mask.reshape(*shape, 1), 0, 1)


def _fitted(image: np.ndarray, resolution: int, matrix: np.ndarray | None, *, interpolation: int, border: int):
    size = (resolution, resolution)
    if matrix is not None:
        image = cv2.warpAffine(image, matrix, size, flags=interpolation, borderMode=border)
    elif image.shape[1] != resolution:
        image = cv2.resize(image, size, interpolation=interpolation)
    return image.reshape(resolution, resolution, -1)


def _averaged(image: np.ndarray, resolution: int, matrix: np.ndarray | None, *, interpolation: int, border: int):
    """By the crop matrix whatever the type, and averaged where it shrinks; what a square of the right type lacks are parts of a pixel,
    and its edges go on there."""
    if matrix is None:
        scale = np.float64([resolution, resolution]) / image.shape[1::-1]
        matrix, border = np.column_stack([np.diag(scale), np.zeros(2)]), cv2.BORDER_REPLICATE
    warped = warp_averaged(image, matrix, resolution, interpolation=interpolation, border=border)
    return warped.reshape(resolution, resolution, -1)
