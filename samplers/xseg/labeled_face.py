"""Which faces teach XSeg where a face is, and what each teaches: its picture and its label (facesets.md 7.4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from samplers.files.faces import Face
from samplers.geometry.align import transform_matrix
from samplers.geometry.face_types import FaceType
from samplers.geometry.polygons import overlay


class NoLabels(Exception):
    """Not one face has polygons or a mask."""

    def __init__(self, faces: int):
        super().__init__(f"none of {faces} faces has polygons or a mask")
        self.faces = faces


class LabeledFace(NamedTuple):
    """R is the network's resolution; LANCZOS interpolation may lie a little outside 0..1."""

    image: np.ndarray  # (R, R, 3)
    mask: np.ndarray  # (R, R, 1)


def labeled_faces(facesets: Iterable[Sequence[Face]]) -> list[Face]:
    """The faces with polygons; where none has any, those with a mask. Raises NoLabels."""
    faces = [face for faceset in facesets for face in faceset]
    found = [face for face in faces if has_polygons(face)] or [face for face in faces if face.has_xseg_mask]
    if not found:
        raise NoLabels(len(faces))
    return found


def has_polygons(face: Face) -> bool:
    return any(len(polygon.points) for polygon in face.polygons)


def label(face: Face) -> np.ndarray:
    """(H, W, 1) 0 or 1 in the pixels of the picture: the polygons of a face where it has any, else its mask.

    raises  UnreadableImage for a damaged mask, NoLabels without either
    """
    height, width = face.shape
    if has_polygons(face):
        return overlay(face.polygons, np.zeros((height, width, 1), np.float32))
    mask = face.read_xseg_mask()
    if mask is None:
        raise NoLabels(1)
    if mask.shape[:2] != (height, width):
        mask = cv2.resize(mask, (width, height), interpolation=cv2.INTER_LANCZOS4)
    return np.float32(mask >= 0.5).reshape(height, width, 1)


def prepare_labeled(face: Face, resolution: int, face_type: FaceType) -> LabeledFace:
    """Picture and label of `face`, cut to `face_type`, black where the picture shows less than that.

    raises  UnreadableImage, FlatLandmarks
    """
    image, mask = face.read().astype(np.float32) / 255, label(face)
    size = (resolution, resolution)
    if face.face_type != face_type:
        matrix = transform_matrix(face.landmarks, resolution, face_type)
        image, mask = (cv2.warpAffine(each, matrix, size, flags=cv2.INTER_LANCZOS4) for each in (image, mask))
    elif face.shape != size:
        image, mask = (cv2.resize(each, size, interpolation=cv2.INTER_LANCZOS4) for each in (image, mask))
    return LabeledFace(image, mask.reshape(resolution, resolution, 1))
