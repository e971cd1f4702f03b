"""How much landmarks tremble as they are found and as `dfl extract` smooths them, and how far both are from where they belong.

Where they belong is not known for real videos. In its place stands the mean over 24 crops of each frame, shifted, turned and
scaled at random, so that only what all crops agree on is left; nothing is averaged over time.

python benchmarks/landmark_jitter.py VIDEO...
"""

import sys
from pathlib import Path

import numpy as np

from dfl_cli.extract.analysis import look_at
from dfl_cli.extract.analyze import CHUNK
from dfl_cli.extract.networks import NetworkChoice
from dfl_cli.extract.people.census import take_census
from dfl_cli.extract.people.smoothing import averaged, eye_distances, smoothed
from dfl_cli.extract.records import FrameRecord
from dfl_cli.face_networks.mesh import Mesh, landmarks_of, region
from dfl_cli.frames import one_opencv_thread
from dfl_cli.video.read import VideoReader

CROPS = 24
SHIFT, TURN, SCALE = 0.03, 0.06, 0.05  # of the side of the crop, radians, logarithm: standard deviations
STILL, MOVING = 0.012, 0.03  # eye distances per frame, below and above
SHORTEST = 8  # frames of a track


def records(pictures, networks):
    found, before = [], None
    for number, picture in enumerate(pictures):
        before = look_at(picture, networks, before if number % CHUNK else None)
        height, width = picture.shape[:2]
        found.append(FrameRecord(f"{number:05d}", (width, height), "", before.thumbnail, before.faces))
    return found


def reference(picture, landmarks, mesh, rng):
    """(68, 2): the mean over crops."""
    eyes = landmarks[42:48].mean(axis=0) - landmarks[36:42].mean(axis=0)
    (x, y), side, angle = region(landmarks, eyes)
    seen = []
    for _ in range(CROPS):
        center = x + rng.normal(0, SHIFT) * side, y + rng.normal(0, SHIFT) * side
        points, _ = mesh.run(picture, center, side * 1.05 * np.exp(rng.normal(0, SCALE)), angle + rng.normal(0, TURN))
        seen.append(landmarks_of(points))
    return np.mean(seen, axis=0)


def jitter(points):
    """(T - 2,): the mean length of the second difference."""
    return np.linalg.norm(points[2:] - 2 * points[1:-1] + points[:-2], axis=2).mean(axis=1)


def compare(times, found, truth):
    """Jitter where the face is still and error where it moves, found and smoothed, in eye distances; NaN where it never is."""
    unit = np.median(eye_distances(truth))
    smooth = smoothed(found, times)
    steps = np.gradient(averaged(truth, np.float64(times), 2.0), np.float64(times), axis=0)
    speed = np.linalg.norm(steps, axis=2).mean(axis=1) / unit
    still, moving = speed < STILL, speed > MOVING
    in_row = (np.diff(times)[1:] == 1) & (np.diff(times)[:-1] == 1)
    row = [int(still.sum()), int(moving.sum())]
    for points in (found, smooth):
        row.append(mean((jitter(points) / unit)[still[1:-1] & in_row]))
    for where in (moving, np.ones_like(moving)):
        for points in (found, smooth):
            row.append(mean((np.linalg.norm(points - truth, axis=2).mean(axis=1) / unit)[where]))
    return row


def mean(values):
    return float(np.mean(values)) if len(values) else float("nan")


def main(videos):
    networks, mesh, rng = NetworkChoice().open(), Mesh(), np.random.default_rng(0)
    print("                                          | still: jitter  | moving: error  | all: error")
    print("video                 face  still  moving |  found smooth  |  found smooth  |  found smooth")
    for video in videos:
        pictures = [frame.picture for frame in VideoReader(video).frames()]
        for letter, track in enumerate(take_census(records(pictures, networks)).tracks):
            if len(track) < SHORTEST:
                continue
            found = np.stack([face.landmarks for face in track.faces]).astype(np.float64)
            pairs = zip(track.positions, found, strict=True)
            truth = np.stack([reference(pictures[position], points, mesh, rng) for position, points in pairs])
            still, moving, *numbers = compare(track.positions, found, truth)
            shown = "  |".join(
                f" {one:.4f} {other:.4f}" for one, other in zip(numbers[::2], numbers[1::2], strict=True)
            )
            print(f"{video.stem[:20]:20}  {letter:4d}  {still:5d}  {moving:6d} | {shown}", flush=True)


if __name__ == "__main__":
    with one_opencv_thread():
        main([Path(name) for name in sys.argv[1:]])
