"""The two people as films, and the true swap of every frame: a workspace before anything was extracted.

data_src.mp4      one person, moving
data_dst.mp4      the other
truth/*.png       each frame of data_dst.mp4 as a perfect swap would leave it, named as extraction names the frames
truth/mask/*.png  where it differs, grey
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import numpy as np

from dfl_cli.demo.people.poses import Pose, draw_poses
from dfl_cli.demo.people.render import render
from dfl_cli.demo.people.workspace import SyntheticPlan, draw_frame_and_truth
from dfl_cli.video.write import VideoWriter

SRC_VIDEO, DST_VIDEO = "data_src.mp4", "data_dst.mp4"
RATE = Fraction(25)  # frames per second
BITRATE = 4.0  # Mbit/s: traces of compression, as in any film
AHEAD = 8  # frames drawn before they are encoded


def write_videos(
    folder: Path, plan: SyntheticPlan, *, workers: int = 2, on_progress: Callable[[int, int], None] | None = None
) -> None:
    """Draws both films of `plan` into `folder`; a film that is there already is left alone.

    workers      threads that draw
    on_progress  told (frames done, frames in all) after each, in the thread that called
    raises       UnwritableVideo, OSError; FileExistsError where another file has the name of a picture
    """
    src_poses = draw_poses(plan.src_faces, plan.seed, liveliness=plan.liveliness)
    dst_poses = draw_poses(plan.dst_frames, plan.seed + 1, liveliness=plan.liveliness)
    total = len(src_poses) + len(dst_poses)
    show = on_progress or (lambda done, total: None)

    def draw_src(number: int, pose: Pose) -> np.ndarray:
        return render(plan.src, pose, plan.frame_size).image

    def draw_dst(number: int, pose: Pose) -> np.ndarray:
        return draw_frame_and_truth(folder, plan, number, pose).image

    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(workers) as pool:
        encode(folder / SRC_VIDEO, drawn(pool, draw_src, src_poses), lambda done: show(done, total))
        (folder / "truth/mask").mkdir(parents=True, exist_ok=True)
        encode(folder / DST_VIDEO, drawn(pool, draw_dst, dst_poses), lambda done: show(len(src_poses) + done, total))


def drawn(
    pool: ThreadPoolExecutor, draw: Callable[[int, Pose], np.ndarray], poses: Sequence[Pose]
) -> Iterator[np.ndarray]:
    """The frames in order, few of them ahead of the one that is wanted."""
    for start in range(0, len(poses), AHEAD):
        part = poses[start : start + AHEAD]
        yield from pool.map(draw, range(start + 1, start + 1 + len(part)), part)


def encode(path: Path, frames: Iterable[np.ndarray], on_frame: Callable[[int], None]) -> None:
    """Raises UnwritableVideo."""
    if os.path.lexists(path):
        return
    with VideoWriter(path, rate=RATE, bitrate=BITRATE) as video:
        for number, frame in enumerate(frames, 1):
            video.add(frame)
            on_frame(number)
