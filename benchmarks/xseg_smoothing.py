"""How much `dfl xseg apply --smooth` changes masks: flicker from frame to frame, and agreement with masks drawn by hand.

python benchmarks/xseg_smoothing.py FACES [--labels LABELED] [--models DIR] [--name NAME] [--reach N ...]
python benchmarks/xseg_smoothing.py FACES --drawn [--reach N ...]

FACES    aligned faces of a clip, every frame
LABELED  some of these faces with polygons, as benchmarks/xseg_labels.py writes them; they take the place of those of the same frame
flicker  mean of 1 - IoU of the masks of two faces that follow each other, moved onto each other by their landmarks
IoU      of the mask and the face without what covers it; hand: share of a hand before the face that is left out
--drawn  instead of a model: the outline of the landmarks, with holes and bulges at the edge in 3 of 10 frames, where a network is unsure;
         IoU is that with the outline without them
No file is changed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import cv2
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
from samplers.geometry.masks import hull_mask

AT_ONCE = 8
DEFECTIVE = 0.3  # of the drawn outlines


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faces", type=Path, metavar="FACES")
    parser.add_argument("--labels", type=Path, metavar="LABELED")
    parser.add_argument("--models", type=Path, default=Path("workspace/model"))
    parser.add_argument("--name")
    parser.add_argument("--drawn", action="store_true")
    parser.add_argument("--reach", type=int, nargs="+", default=[0, 1, 2, 3, 5])
    args = parser.parse_args(words)
    files = faces_of(args.faces, args.labels)
    tracks = find_tracks(files)
    if args.drawn:
        seen, truth, name = {}, {}, "outlines of the landmarks"
        for index, (one, outline) in enumerate(draw(files)):
            seen[index], truth[index] = one, Masks(outline, np.zeros_like(outline))
    else:
        network = open_xseg(args.models, args.name)
        seen = dict(paint(files, Painter(network, at_once=AT_ONCE), network.face_type))
        truth, name = dict(drawn_masks(files)), f"{network.name}, iteration {network.iteration}"
    print(f"{name}: {len(files)} faces in {len(tracks)} tracks")
    print(f"{'reach':>8}{'flicker':>10}{'worst':>8}{'IoU':>8}{'hand':>8}{'skin':>8}")
    for reach in args.reach:
        masks = masks_at(reach, seen, tracks, len(files))
        flicker = flicker_of(files, masks, tracks)
        found = average([agreement(masks[index] > 0, drawn) for index, drawn in truth.items()] or [NOTHING])
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


def draw(files: Sequence[FaceFile]) -> Iterator[tuple[Seen, np.ndarray]]:
    """The outline of each face with defects of its own, and the outline (256, 256) bool."""
    rng = np.random.default_rng(0)
    for file in files:
        view = view_of(file.face.read_info(), file.face.read(), None)
        outline = hull_mask(view.landmarks, (SIDE, SIDE)).reshape(SIDE, SIDE)
        probabilities = cv2.GaussianBlur(np.float32(0.1 + 0.8 * outline), (0, 0), 3)
        edge, _ = cv2.findContours(np.uint8(outline), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        for _ in range(rng.integers(1, 4) if rng.random() < DEFECTIVE else 0):
            center = edge[0][rng.integers(len(edge[0])), 0]
            blob = cv2.circle(np.zeros((SIDE, SIDE), np.float32), center.tolist(), int(rng.integers(8, 24)), 1, -1)
            blob = cv2.GaussianBlur(blob, (0, 0), 3)
            probabilities += blob * (rng.choice([0.1, 0.9]) - probabilities)
        yield Seen(view, probabilities), outline > 0


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
