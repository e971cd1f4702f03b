"""Frames with their faces marked, as DeepFaceLab draws them (facesets.md 2.7)."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from samplers.geometry.align import transform_matrix, transform_points
from samplers.geometry.face_types import FaceType
from samplers.geometry.masks import hull_mask

GREEN, BLUE, RED = (0, 255, 0), (255, 0, 0), (0, 0, 255)  # BGR
JAW, RIGHT_BROW, LEFT_BROW, NOSE = slice(0, 17), slice(17, 22), slice(22, 27), slice(27, 36)
NOSE_TIP = 30  # where the line of the nose closes
CLOSED = (slice(36, 42), slice(42, 48), slice(48, 68))  # eyes and mouth
SIDE = 256  # of the crop whose outline is drawn
QUALITY = 50  # of the JPEG


def debug_jpeg(
    picture: np.ndarray, faces: Iterable[tuple[tuple[float, ...], np.ndarray]], face_type: FaceType
) -> bytes:
    """The file of `picture` with `faces` (box, landmarks) marked."""
    marked = picture.copy()
    for box, landmarks in faces:
        marked = with_face(marked, box, landmarks, face_type)
    return cv2.imencode(".jpg", marked, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()


def with_face(picture: np.ndarray, box: tuple[float, ...], landmarks: np.ndarray, face_type: FaceType) -> np.ndarray:
    """`picture` with the landmarks, the box and the outline of the crop, whose small triangle is its upper left corner."""
    landmarks = np.asarray(landmarks, np.float64)
    marked = darkened(with_landmarks(picture, landmarks), landmarks)
    left, top, right, bottom = (round(side) for side in box)
    cv2.rectangle(marked, (left, top), (right, bottom), BLUE, thickness=2)
    matrix = transform_matrix(landmarks, SIDE, face_type)
    last, near, far = SIDE - 1, int(SIDE * 0.05), int(SIDE * 0.1)
    for outline in ([(0, 0), (0, last), (last, last), (last, 0)], [(near, 0), (far, far), (0, far)]):
        corners = transform_points(np.float32(outline), matrix, invert=True)
        cv2.polylines(marked, [np.rint(corners).astype(np.int32)], True, RED, thickness=2)
    return marked


def with_landmarks(picture: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    marked, points = picture.copy(), landmarks.astype(np.int32)
    nose = np.concatenate([points[NOSE], points[NOSE_TIP : NOSE_TIP + 1]])
    lines = [points[RIGHT_BROW], points[JAW], points[LEFT_BROW], nose]
    cv2.polylines(marked, lines, False, GREEN, thickness=1, lineType=cv2.LINE_AA)
    cv2.polylines(marked, [points[part] for part in CLOSED], True, GREEN, thickness=1, lineType=cv2.LINE_AA)
    for number, point in enumerate(points.tolist()):
        cv2.circle(marked, point, 2 if number < JAW.stop else 1, GREEN, lineType=cv2.LINE_AA)
    return marked


def darkened(picture: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """`picture`, half as bright inside the hull of the face."""
    mask = hull_mask(landmarks, picture.shape[:2])
    return (picture * (1 - mask) + picture * mask / 2).astype(np.uint8)
