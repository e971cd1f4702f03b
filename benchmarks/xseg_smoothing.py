"""How much `dfl xseg apply --smooth` changes masks: flicker from frame to frame, and agreement with masks drawn by hand.

python benchmarks/xseg_smoothing.py FACES [--labels LABELED] [--models DIR] [--name NAME] [--reach N ...]

FACES    aligned faces of a clip, every frame
LABELED  some of these faces with polygons, as benchmarks/xseg_labels.py writes them; they take the place of those of the same frame
flicker  mean of 1 - IoU of the masks of two faces that follow each other, moved onto each other by their landmarks
IoU      of the mask and the face without what covers it; hand: share of a hand before the face that is left out
No file is changed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from xseg_iou import Agreement, agreement, average
from xseg_labels import Masks, masks_of

from dfl_cli.frames import time_key
from dfl_cli.xseg.apply.painter import Painter
from dfl_cli.xseg.apply.quality import difference, painted
from dfl_cli.xseg.apply.smoothing import Seen, smoothed, windows
from dfl_cli.xseg.apply.tracks import Track, find_tracks
from dfl_cli.xseg.apply.view import mask_for_face, thresholded, view_of
from dfl_cli.xseg.face_files import FaceFile, scan
from dfl_cli.xseg.labels import MASK
from dfl_cli.xseg.predict import SIDE, mask_from, open_xseg
from samplers.files.faces import open_faceset

AT_ONCE = 8


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faces", type=Path, metavar="FACES")
    parser.add_argument("--labels", type=Path, metavar="LABELED")
    parser.add_argument("--models", type=Path, default=Path("workspace/model"))
    parser.add_argument("--name")
    parser.add_argument("--reach", type=int, nargs="+", default=[0, 1, 2, 3, 5])
    told = parser.parse_args(words)
    network = open_xseg(told.models, told.name)
    files = faces_of(told.faces, told.labels)
    tracks = find_tracks(files)
    seen = dict(paint(files, Painter(network, at_once=AT_ONCE), network.face_type))
    print(f"{network.name}, iteration {network.iteration}: {len(files)} faces in {len(tracks)} tracks")
    print(f"{'reach':>8}{'flicker':>10}{'worst':>8}{'IoU':>8}{'hand':>8}{'skin':>8}")
    for reach in told.reach:
        masks = masks_at(reach, seen, tracks, len(files))
        flicker = flicker_of(files, masks, tracks)
        found = average([agreement(masks[index] > 0, drawn) for index, drawn in drawn_masks(files)] or [NOTHING])
        figures = "".join(f"{value:8.3f}" for value in found)
        print(f"{reach:8}{np.mean(flicker):10.4f}{np.max(flicker):8.3f}{figures}")


NOTHING = Agreement(np.nan, np.nan, np.nan)


def faces_of(folder: Path, labeled: Path | None) -> list[FaceFile]:
    """The faces of a clip; where one of the same frame is labeled, that one."""
    drawn, _ = scan(open_faceset(labeled), MASK) if labeled else ([], [])
    frames = {frame_of(file) for file in drawn}
    files, _ = scan(open_faceset(folder), MASK)
    files = [file for file in files if frame_of(file) not in frames] + drawn
    return sorted(files, key=lambda file: time_key(file.face.source_filename))


def frame_of(file: FaceFile) -> int:
    """The last number in the name of its frame."""
    return int("".join(char if char.isdecimal() else " " for char in file.face.source_filename).split()[-1])


def paint(files: Sequence[FaceFile], painter: Painter, face_type) -> Iterator[tuple[int, Seen]]:
    for start in range(0, len(files), AT_ONCE):
        part = range(start, min(start + AT_ONCE, len(files)))
        views = [view_of(files[index].face.read_info(), files[index].face.read(), face_type) for index in part]
        yield from zip(part, map(Seen, views, painter.probabilities([view.picture for view in views])), strict=True)


def masks_at(reach: int, seen: dict[int, Seen], tracks: Sequence[Track], count: int) -> dict[int, np.ndarray]:
    """(256, 256) 0 or 1, by index."""
    return {
        window.index: thresholded(mask_for_face(mask_from(smoothed(window, seen)), seen[window.index].view))
        for window in windows(count, tracks, reach)
    }


def flicker_of(files: Sequence[FaceFile], masks: dict[int, np.ndarray], tracks: Sequence[Track]) -> list[float]:
    def whole(index: int):
        return painted(masks[index], files[index].face.landmarks, files[index].face.shape, side=SIDE)

    return [
        difference(whole(later.index), whole(earlier.index)) for track in tracks for earlier, later in pairwise(track)
    ]


def drawn_masks(files: Sequence[FaceFile]) -> Iterator[tuple[int, Masks]]:
    for index, file in enumerate(files):
        if file.face.polygons and file.face.shape == (SIDE, SIDE):
            yield index, masks_of(file.face.polygons, file.face.shape)


if __name__ == "__main__":
    main(sys.argv[1:])
