"""The 68 points of iBUG on the synthetic head, from the same curves the features are drawn with."""

import numpy as np

from dfl_cli.demo.people.features import brow_line, eye_edges, lip_edges, mouth_half_width
from dfl_cli.demo.people.head import surface, surface_at
from dfl_cli.demo.people.people import Person
from dfl_cli.demo.people.poses import Pose

_JAW_ANGLES = np.radians([-74, -70, -67, -64, -58, -47, -32, -15, 0])  # of points 0..8
_JAW_ROWS = np.array([8.0, 9.0, 10.2, 11.6, 13.2, 14.4, 14.8, 14.9, 14.9])


def landmark_points(person: Person, pose: Pose) -> np.ndarray:
    """(68, 3) float64 in head space, all on the surface."""
    parts = [_brows(person), _nose(person, pose), _eyes(person, pose), _mouth(person, pose)]
    found = surface_at(person, pose, *np.concatenate(parts).T)
    return np.concatenate([_jaw(person, pose), found])


def _jaw(person: Person, pose: Pose) -> np.ndarray:
    angles = np.concatenate([_JAW_ANGLES, -_JAW_ANGLES[-2::-1]])
    return surface(person, pose, angles, np.concatenate([_JAW_ROWS, _JAW_ROWS[-2::-1]]))


def _brows(person: Person) -> np.ndarray:
    x, y = brow_line(person, np.array([1.0, 0.76, 0.50, 0.26, 0.02]))
    y = y - person.brow_thickness * np.array([0.0, 0.25, 0.35, 0.35, 0.15])
    right = np.stack([-x, y], axis=-1)
    return np.concatenate([right, right[::-1] * [-1, 1]])


def _nose(person: Person, pose: Pose) -> np.ndarray:
    wing = person.nostril_width * 0.80
    x = np.array([0, 0, 0, 0, -wing, -wing / 2, 0, wing / 2, wing])
    y = np.array([-4, 9, 22, 36.5 - 0.7 * person.tip_up, 46, 47.5, 48.5, 47.5, 46]) * person.nose_length
    return np.stack([x, y - 1.0 * max(pose.smile, 0) * (y > 30)], axis=-1)


def _eyes(person: Person, pose: Pose) -> np.ndarray:
    """36..41 from the outer corner over the upper lid, then 42..47 from the inner corner."""
    middle, half = person.eye_distance / 2, person.eye_width / 2
    x = middle + half * np.array([1.0, 0.36, -0.36, -1.0, -0.36, 0.36])
    eye = eye_edges(person, pose, x)
    y = np.concatenate([eye.upper[:4], eye.lower[4:]])
    y[[0, 3]] = (eye.upper + eye.lower)[[0, 3]] / 2
    right = np.stack([-x, y], axis=-1)
    return np.concatenate([right, right[[3, 2, 1, 0, 5, 4]] * [-1, 1]])


def _mouth(person: Person, pose: Pose) -> np.ndarray:
    half = mouth_half_width(person, pose)
    outer_x = half * np.array([-1, -0.62, -0.26, 0, 0.26, 0.62, 1, 0.62, 0.28, 0, -0.28, -0.62])
    inner_x = half * np.array([-0.88, -0.30, 0, 0.30, 0.88, 0.30, 0, -0.30])
    outer, inner = lip_edges(person, pose, outer_x), lip_edges(person, pose, inner_x)
    outer_y = np.concatenate([outer.outer_upper[:7], outer.outer_lower[7:]])
    inner_y = np.concatenate([inner.inner_upper[:5], inner.inner_lower[5:]])
    inner_y[[0, 4]] = (inner.inner_upper + inner.inner_lower)[[0, 4]] / 2
    return np.stack([np.concatenate([outer_x, inner_x]), np.concatenate([outer_y, inner_y])], axis=-1)
