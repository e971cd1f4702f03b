"""Faces that show the same: equal to the last pixel, or hardly different."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dfl_cli.faceset.clean.measures import Measured, mean_distance

ALIKE = 0.5  # gray levels of 255, root of the mean square over the small picture; saving a JPEG again costs up to 0.33
POINTS_ALIKE = 0.005  # of the size of a face: mean distance of the landmarks
AXES = 4  # along which small pictures differ most; what is far apart there needs no closer look


def duplicates(faces: Sequence[Measured], quality: Sequence[tuple]) -> dict[int, int]:
    """Number of a face -> number of the one that shows the same and stays, the one with the least `quality` of them."""
    if not faces:
        return {}
    small = np.stack([each.small for each in faces]).astype(np.float32)
    limit = ALIKE * np.sqrt(small.shape[1])
    places = along_main_axes(small)
    order = np.argsort(places[:, 0])
    line = places[order, 0]
    gone: dict[int, int] = {}
    for number in sorted(range(len(faces)), key=lambda each: (quality[each], each)):
        if number in gone:
            continue
        here = places[number]
        near = order[np.searchsorted(line, here[0] - limit) : np.searchsorted(line, here[0] + limit, side="right")]
        near = near[(np.abs(places[near] - here) <= limit).all(axis=1)]
        near = near[np.linalg.norm(small[near] - small[number], axis=1) <= limit]
        later = [
            int(other) for other in near if other not in gone and (quality[other], other) > (quality[number], number)
        ]
        gone.update((other, number) for other in later if is_same(faces[number], faces[other]))
    return gone


def is_same(one: Measured, other: Measured) -> bool:
    """Whether two faces whose small pictures are alike show the same moment."""
    if one.digest == other.digest:
        return True
    if one.face.face_type != other.face.face_type:
        return False
    points = [each.face.landmarks / each.face.shape[::-1] for each in (one, other)]
    return mean_distance(points[0], points[1]) <= POINTS_ALIKE


def along_main_axes(small: np.ndarray) -> np.ndarray:
    """(N, AXES): where the small pictures lie along the axes of their largest spread; distances there are never larger."""
    centered = small - small.mean(axis=0)
    _, axes = np.linalg.eigh(centered.T @ centered)
    return centered @ axes[:, -AXES:][:, ::-1]
