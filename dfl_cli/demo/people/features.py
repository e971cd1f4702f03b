"""Eyes and lips as curves in the head's frontal plane; the geometry, the paint and the landmarks all read them.

Head space: millimetres, x to the picture's right, y down, z out of the face; y = 0 is the line of the eyes.
"""

from typing import NamedTuple

import numpy as np

from dfl_cli.demo.people.people import Person
from dfl_cli.demo.people.poses import Pose

EYE_SOCKET_DEPTH = 70.0  # z of the eyeballs' centres
EYEBALL_RADIUS = 12.4
JAW_DROP = 21.0  # of the chin, when the mouth is fully open


def smoothstep(low, high, x):
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


class Eye(NamedTuple):
    """One eye's opening at the given x: its edges, and where along it x lies (-1 inner corner .. 1 outer)."""

    along: np.ndarray
    upper: np.ndarray
    lower: np.ndarray
    rest_upper: np.ndarray  # the upper edge were the eye open: the crease keeps to it


def eye_edges(person: Person, pose: Pose, x: np.ndarray) -> Eye:
    """The edges of the eye on the side of each x."""
    half = person.eye_width / 2
    along = (np.abs(x) - person.eye_distance / 2) / half
    s = np.clip(along, -1, 1)
    line = 0.8 - person.eye_tilt * 0.5 * (s + 1) + 0.4 * s
    arch = np.maximum(1 - s * s, 0)
    squint = max(pose.smile, 0.0)
    lower = line + 0.42 * person.eye_height * arch**0.75 * (1 + 0.18 * s) * (1 - 0.35 * squint)
    opened = line - 0.58 * person.eye_height * arch**0.62 * (1 - 0.12 * s) * (1 - 0.10 * squint)
    opened = opened + 1.6 * max(pose.gaze[1], 0.0) * arch
    upper = opened + (lower - 0.25 * arch - opened) * (1 - pose.eyes_open)
    return Eye(along, upper, lower, opened)


class Lips(NamedTuple):
    """The four edges of the lips at the given x, from top to bottom, and x as a fraction of the half width."""

    along: np.ndarray
    outer_upper: np.ndarray
    inner_upper: np.ndarray
    inner_lower: np.ndarray
    outer_lower: np.ndarray


def mouth_half_width(person: Person, pose: Pose) -> float:
    return person.mouth_width / 2 * (1 + 0.17 * max(pose.smile, 0) + 0.04 * min(pose.smile, 0) - 0.10 * pose.mouth_open)


def lip_edges(person: Person, pose: Pose, x: np.ndarray) -> Lips:
    """The lips at each x; outside the mouth all four edges meet at the height of the corner."""
    s = np.clip(x / mouth_half_width(person, pose), -1, 1)
    arch = np.maximum(1 - s * s, 0)
    corner = -4.6 * pose.smile + 7.0 * pose.mouth_open + 0.6
    line = person.mouth_height + corner * s * s + 0.9 * np.cos(3 * s) * arch - 0.6
    gap = JAW_DROP * pose.mouth_open * arch**0.8
    inner_upper, inner_lower = line - 0.13 * gap, line + 0.80 * gap
    smile = max(pose.smile, 0.0)
    bow = 1 - 0.22 * np.exp(-((s / 0.10) ** 2)) + 0.10 * np.exp(-(((np.abs(s) - 0.27) / 0.16) ** 2))
    upper = person.upper_lip * arch**0.85 * bow * (1 - 0.30 * smile) * (1 - 0.12 * pose.mouth_open)
    lower = person.lower_lip * arch**0.7 * (1 - 0.18 * smile) * (1 - 0.15 * pose.mouth_open)
    return Lips(s, inner_upper - upper, inner_upper, inner_lower, inner_lower + lower)


def brow_line(person: Person, along: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Middle of the brow (|x|, y) at `along` 0 (inner end) .. 1 (tail)."""
    x = 11.5 + person.brow_length * along
    rise = person.brow_arch * np.sin(np.pi * np.clip(along / 1.25, 0, 1)) - 5.0 * np.clip(along - 0.62, 0, 1) ** 1.5 * 3
    return x, -person.brow_height - rise + 1.5 * (1 - along) ** 2
