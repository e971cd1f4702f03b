"""Makes two_videos.jpg, the picture of the README's example: two videos in, one video out.

    python docs/pictures/two_videos.py --src again.mkv --dst please.mkv --workspace two-videos

The clips are from Intel's "sample-videos" (CC BY 4.0). Run again in the same workspace, it resumes.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
from hero import FASTER, HERE, QUALITY, crop, title

from dfl_cli.demo.result import stack
from dfl_cli.faceset.loading import load_faceset
from dfl_cli.frames import read_frame
from dfl_cli.merge.alignments import collect_alignments
from dfl_cli.store.workspace import Workspace
from dfl_cli.video.read import VideoReader

TRAIN = ["--resolution", "64", "--archi", "df-ud", "--ae-dims", "96", "--e-dims", "32", "--d-dims", "32"]
TRAIN += ["--batch-size", "8", "--target-iter", "3000"]
MERGE = ["--batch"]
TITLES = ["src", "dst", "swapped.mp4"]
SHOWN = (0.2, 0.7)  # moments of dst, as a share of its length
HEAD = 130  # pixels of the frame


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--src", type=Path, required=True)
    parser.add_argument("--dst", type=Path, required=True)
    parser.add_argument("--workspace", type=Path, default=Path("two-videos"))
    arguments = parser.parse_args()
    workspace = Workspace(arguments.workspace.absolute())
    workspace.root.mkdir(parents=True, exist_ok=True)
    where = ("--workspace", workspace.root)
    videos = {"src": arguments.src, "dst": arguments.dst}
    for side, video in videos.items():
        shutil.copy(video, workspace.root / f"data_{side}{video.suffix}")
        dfl("extract", side, *where, "--silent-start")
    dfl("train", *where, "--name", "ab", "--silent-start", "--preview", "file", "--cpu", *TRAIN)
    swapped = workspace.root / "swapped.mp4"
    dst = workspace.root / f"data_dst{arguments.dst.suffix}"
    dfl("merge", *where, "--name", "ab", "--cpu", "--video", dst, "--output", swapped, "--overwrite", *MERGE)
    cv2.imwrite(str(HERE / "two_videos.jpg"), rows(workspace, swapped), QUALITY)


def dfl(command: str, *arguments) -> None:
    command_line = [sys.executable, "-m", "dfl_cli.main", command, *map(str, arguments)]
    subprocess.run(command_line, env={**FASTER, **os.environ}, check=True)


def rows(workspace: Workspace, swapped: Path) -> np.ndarray:
    """The titles, and below them three pictures for each of SHOWN, uint8 BGR."""
    src, dst = (collect_alignments(load_faceset(folder)).faces for folder in (workspace.src, workspace.dst))
    result = dict(enumerate((frame.picture for frame in VideoReader(swapped).frames()), start=1))
    shown = [stack([title(text) for text in TITLES], axis=1)]
    for share in SHOWN:
        own, other = (sorted(faces)[int(share * len(faces))] for faces in (src, dst))
        pictures = [
            crop(read_frame(workspace.src.parent / f"{own}.png"), src[own][0], HEAD),
            crop(read_frame(workspace.frames / f"{other}.png"), dst[other][0], HEAD),
            crop(result[int(other)], dst[other][0], HEAD),
        ]
        shown.append(stack(pictures, axis=1))
    return stack(shown, axis=0)


if __name__ == "__main__":
    main()
