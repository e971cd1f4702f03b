"""What changes from picture to picture: where the head looks, its expression, the light, its place in the frame."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Pose:
    """Shared by everybody, so that two people can be drawn doing the same thing.

    Angles in radians, signs as in `samplers.geometry.pose`: yaw > 0 turns the nose toward the left of the picture, pitch > 0 looks
    up, roll > 0 tilts the head clockwise as seen. Natural ranges: yaw +-0.8, pitch +-0.35, roll +-0.3.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    eyes_open: float = 1.0  # 0 closed .. 1
    gaze: tuple[float, float] = (0.0, 0.0)  # -1..1; right and down in the head's own frame
    mouth_open: float = 0.0  # 0..1
    smile: float = 0.0  # -1 (down) .. 1
    light: tuple[float, float] = (
        -0.6,
        0.5,
    )  # where the main light stands: azimuth (> 0 is the picture's right), height
    light_strength: float = 1.0  # 0.5..1.3
    center: tuple[float, float] = (0.5, 0.5)  # of the head, in fractions of the frame
    scale: float = 0.56  # crown to chin, as a fraction of the frame's height


# Pose values that wander in a sequence: name, middle, greatest distance from it, periods in a sequence of 100.
_WANDER = (
    ("yaw", 0.0, 0.62, 2.3), ("pitch", 0.0, 0.24, 3.1), ("roll", 0.0, 0.13, 2.7), ("gaze_x", 0.0, 0.8, 5.3),
    ("gaze_y", 0.0, 0.5, 4.1), ("mouth", 0.12, 0.62, 7.3), ("smile", 0.2, 0.8, 3.7), ("azimuth", -0.2, 0.9, 1.3),
    ("height", 0.45, 0.3, 1.7), ("strength", 1.0, 0.12, 1.1), ("x", 0.5, 0.04, 1.9), ("y", 0.49, 0.025, 2.9),
    ("scale", 0.56, 0.035, 1.5),
)  # fmt: skip


def draw_poses(count: int, seed: int, *, smooth: bool = True, liveliness: float = 1.0) -> list[Pose]:
    """`count` poses: neighbours alike as in a video, or (`smooth` False) each drawn for itself over the same ranges.

    `liveliness` 0..1 scales how far everything wanders from its middle.
    """
    rng = np.random.default_rng(seed)
    tracks = {
        name: middle + liveliness * reach * _track(count, periods, rng, smooth)
        for name, middle, reach, periods in _WANDER
    }
    blink = _blinks(count, rng) if smooth else np.where(rng.random(count) < 0.12, rng.uniform(0, 0.4, count), 1.0)
    opened = blink * rng.uniform(0.93, 1.0, count)
    return [_pose({name: float(track[i]) for name, track in tracks.items()}, float(opened[i])) for i in range(count)]


def _pose(v: dict[str, float], eyes_open: float) -> Pose:
    return Pose(
        yaw=v["yaw"], pitch=v["pitch"], roll=v["roll"], eyes_open=eyes_open, gaze=(v["gaze_x"], v["gaze_y"]),
        mouth_open=min(max(v["mouth"], 0.0), 1.0), smile=min(max(v["smile"], -1.0), 1.0), light=(v["azimuth"], v["height"]),
        light_strength=v["strength"], center=(v["x"], v["y"]), scale=v["scale"],
    )  # fmt: skip


def _track(count: int, periods: float, rng, smooth: bool) -> np.ndarray:
    """Values in -1..1: three sines of unrelated speed, or independent draws that prefer the middle a little."""
    if not smooth:
        return rng.uniform(-1, 1, count) * rng.uniform(0.5, 1, count)
    time = np.arange(count) / 100
    speeds = periods * np.array([1.0, 1.618, 2.414])
    waves = np.sin(2 * np.pi * (np.outer(time, speeds) + rng.random(3)))
    return waves @ np.array([0.6, 0.28, 0.12])


def _blinks(count: int, rng) -> np.ndarray:
    """Eye opening 0..1 with a blink of about seven frames every forty or so."""
    opening = np.ones(count)
    moment = int(rng.integers(8, 30))
    while moment < count:
        distance = np.abs(np.arange(count) - moment)
        opening = np.minimum(opening, np.clip((distance - 0.5) / 3, 0.02, 1))
        moment += int(rng.integers(30, 55))
    return opening
