"""Polygons that move along with the face, from one picture to the next.

Each point moves by an affine transformation of its own, fitted to the landmarks of the two faces, those nearby counting most (moving
least squares: Schaefer, McPhail and Warren, "Image Deformation Using Moving Least Squares", 2006). Far from the face all landmarks count
alike, so that what lies outside moves with the head. Landmarks that do not fit the others are found first and hardly count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from dfl_cli.xseg.assist.hull import is_on_hull, labels_on_hull
from samplers.files.face_info import FaceInfo
from samplers.geometry.landmarks import checked, landmark_fault
from samplers.geometry.polygons import Polygon, PolygonType

REACH = 0.2  # of the size of the face: how far a landmark's pull stays as strong as at the landmark
FALLOFF = 3.0  # exponent of the distance at which it fades
STIFFNESS = 0.02  # how strongly the fit near a point follows that of the whole face
ROUNDS = 8  # of fitting and weighting
BAD = 6.0  # times the usual distance of a landmark from the fit of the others, from which on it hardly counts
SMALLEST_ERROR = 0.06  # of the size of the face: a distance that is always usual


def copy_polygons(polygons: Iterable[Polygon], landmarks_from: np.ndarray, landmarks_to: np.ndarray) -> list[Polygon]:
    """`polygons` of one face as they would lie on another one, whose picture may have another size.

    landmarks_from, landmarks_to  (68, 2) pixels of the two pictures; where they are no face, nothing moves
    """
    source, target = (np.float64(checked(landmarks)) for landmarks in (landmarks_from, landmarks_to))
    if landmark_fault(source) or landmark_fault(target):
        return list(polygons)
    trust = trusted(source, target)
    return [
        Polygon(polygon.type, np.float32(moved(np.float64(polygon.points).reshape(-1, 2), source, target, trust)))
        for polygon in polygons
    ]


def copy_labels(polygons: Sequence[Polygon], source: FaceInfo, target: FaceInfo) -> list[Polygon]:
    """The labels of the face `source` as those of `target`. Where they are marks on the landmark hull, they get the hull of `target`."""
    copies = copy_polygons(polygons, source.landmarks, target.landmarks)
    if not is_on_hull(polygons, source.landmarks, eyebrows_expand_mod=source.eyebrows_expand_mod):
        return copies
    marks = [polygon for polygon in copies if polygon.type == PolygonType.EXCLUDE]
    return labels_on_hull(marks, target.landmarks, eyebrows_expand_mod=target.eyebrows_expand_mod)


def moved(points: np.ndarray, source: np.ndarray, target: np.ndarray, trust: np.ndarray) -> np.ndarray:
    """`points` (N, 2) moved as the landmarks `source` (68, 2) moved to `target`. trust: (68,) weights 0..1."""
    if not len(points):
        return points
    whole = affine(source, target, trust)
    size = np.sqrt(np.average((source - np.average(source, axis=0, weights=trust)) ** 2, axis=0, weights=trust).sum())
    distances = ((points[:, None] - source) ** 2).sum(axis=2)  # (N, 68)
    weights = trust / (distances + (REACH * size) ** 2) ** (FALLOFF / 2)
    weights /= weights.sum(axis=1, keepdims=True)
    middle_from, middle_to = weights @ source, weights @ target  # (N, 2)
    around_from, around_to = source - middle_from[:, None], target - middle_to[:, None]  # (N, 68, 2)
    spread = np.einsum("nk,nki,nkj->nij", weights, around_from, around_from)
    shared = np.einsum("nk,nki,nkj->nij", weights, around_from, around_to)
    hold = STIFFNESS * size**2 * np.eye(2)
    turns = np.linalg.solve(spread + hold, shared + hold @ whole[:2])
    return np.einsum("ni,nij->nj", points - middle_from, turns) + middle_to


def trusted(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """(68,) how far each landmark's move agrees with that of the face; 1 fully, 0 not at all.

    The first fit is the one that suits half of the landmarks best, whatever the others do, as those of a jaw behind a hand.
    """
    size = np.sqrt(np.median(((target - np.median(target, axis=0)) ** 2).sum(axis=1)))
    start, _ = cv2.estimateAffine2D(source, target, method=cv2.LMEDS)
    fit = affine(source, target, np.ones(len(source))) if start is None else start.T
    for _ in range(ROUNDS):
        trust = _weights(np.c_[source, np.ones(len(source))] @ fit - target, size)
        fit = affine(source, target, trust)
    return trust


def _weights(errors: np.ndarray, size: float) -> np.ndarray:
    """Tukey's weights for the distances of landmarks from where they should be, never quite 0."""
    distances = np.linalg.norm(errors, axis=1)
    usual = max(float(np.median(distances)), SMALLEST_ERROR * size)
    return np.maximum((1 - np.minimum(distances / (BAD * usual), 1) ** 2) ** 2, 1e-6)


def affine(source: np.ndarray, target: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(3, 2): (x, y, 1) @ it is the weighted least-squares fit of `target`."""
    rows = np.c_[source, np.ones(len(source))] * np.sqrt(weights)[:, None]
    return np.linalg.lstsq(rows, target * np.sqrt(weights)[:, None], rcond=None)[0]
