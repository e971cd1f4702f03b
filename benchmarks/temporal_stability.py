"""Does a merged face flicker? Frame-to-frame changes inside the mask, compared with the unswapped clip.

    python benchmarks/temporal_stability.py SRC_FACES CLIP [--frames 135] [--json FILE]

CLIP contains `frames` and `aligned`. A stand-in that needs no training replaces the network: it projects each aligned
face of the clip onto the 24 strongest principal components of the src faces, so its output depends on pose, expression
and how the face was cropped. Each row is one setting:
    change    mean absolute difference of neighboring merged frames, relative to that of the unswapped frames
    unshared  mean absolute difference between the change of merged and unswapped frames, 8-bit levels
    tremble   mean absolute second difference of the mean color in the mask, 8-bit levels; the clip's is printed first
"""

import argparse
import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from dfl_cli.frames import list_frames, read_frame
from dfl_cli.merge.alignments import collect_alignments
from dfl_cli.merge.batch import FrameMerger, MergeOutput, merge_frames
from dfl_cli.merge.command import settings_from
from dfl_cli.merge.pixels.crop import ModelFace
from dfl_cli.merge.pixels.tracks import Tracks
from dfl_cli.options.tables.merge import MERGE
from dfl_cli.options.wizard import ask_table
from samplers.files.faces import open_faceset
from samplers.geometry.align import transform_matrix
from samplers.geometry.face_types import FaceType

SIDE = 64
COMPONENTS = 24
TRANSFERS = ("none", "rct", "idt-m", "sot-m")
SMOOTHINGS = {
    "off": {},
    "colors 4": {"color_smoothing": 4},
    "landmarks 3": {"landmark_smoothing": 3},
    "both": {"color_smoothing": 4, "landmark_smoothing": 3},
}


class Eigenfaces:
    """A predictor that projects the faces of the clip onto the principal components of src."""

    face = ModelFace(SIDE, FaceType.WHOLE)

    def __init__(self, src: Path):
        pictures = np.stack([self.crop(face) for face in open_faceset(src)]).reshape(-1, SIDE * SIDE * 3)
        self.mean = pictures.mean(axis=0)
        self.components = np.linalg.svd(pictures - self.mean, full_matrices=False)[2][:COMPONENTS]
        rows, columns = np.mgrid[:SIDE, :SIDE] / (SIDE - 1) - 0.5
        oval = np.clip(6 * (1 - np.hypot(columns / 0.33, (rows - 0.03) / 0.4)), 0, 1)
        self.mask = oval[None, ..., None].astype(np.float32)

    def crop(self, face):
        matrix = transform_matrix(face.landmarks, SIDE, FaceType.WHOLE)
        return cv2.warpAffine(face.read().astype(np.float32) / 255, matrix, (SIDE, SIDE))

    def predict(self, faces, *, corrected=True):
        flat = faces.reshape(len(faces), -1)
        light = flat.mean(axis=1, keepdims=True) - self.mean.mean()  # the components contain one light only
        seen = self.mean + (flat - light - self.mean) @ self.components.T @ self.components
        swapped = np.clip(seen, 0, 1).reshape(faces.shape).astype(np.float32)
        masks = np.repeat(self.mask, len(faces), axis=0)
        return swapped, masks, masks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("src", type=Path)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--frames", type=int, default=1000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    frames = list_frames(arguments.clip / "frames")[: arguments.frames]
    faces, _ = collect_alignments(open_faceset(arguments.clip / "aligned"))
    predictor, rows = Eigenfaces(arguments.src), {}
    for transfer in TRANSFERS:
        for name, smoothing in SMOOTHINGS.items():
            began = time.perf_counter()
            merged, masks = merged_clip(frames, faces, predictor, {"color_transfer_mode": transfer, **smoothing})
            seconds = time.perf_counter() - began
            originals = [read_frame(path) for path in frames]
            row = stability(originals, merged, masks) | {"frames_per_second": round(len(frames) / seconds, 1)}
            if not rows:
                print(f"clip: tremble {tremble(originals, masks):.3f}")
            rows[f"{transfer}, {name}"] = row
            print(f"{transfer:6} {name:12}", *(f"{key} {value:7.3f}" for key, value in row.items()), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1))


def merged_clip(frames, faces, predictor, changes):
    """Merged images and masks of all frames."""
    settings = settings_from(ask_table(MERGE, given=changes, ask_now=False))
    with TemporaryDirectory() as folder:
        target = MergeOutput(Path(folder) / "pictures", Path(folder) / "masks")
        for one in target.folders:
            one.mkdir()
        merger = FrameMerger(Tracks(frames, faces), predictor.face, lambda path: settings, target)
        report = merge_frames(frames, merger, predictor, workers=2)
        assert not report.failures, report.failures
        return [[read_frame(path) for path in list_frames(one)] for one in target.folders]


def stability(originals, merged, masks) -> dict[str, float]:
    """The figures of one setting."""
    change, own, unshared = [], [], []
    for now in range(1, len(merged)):
        inside = np.minimum(masks[now - 1], masks[now])[..., 0] > 128
        if not inside.any():
            continue
        after, before = (merged[at][inside].astype(np.float32) for at in (now, now - 1))
        then, there = (originals[at][inside].astype(np.float32) for at in (now, now - 1))
        change.append(np.abs(after - before).mean())
        own.append(np.abs(then - there).mean())
        unshared.append(np.abs((after - before) - (then - there)).mean())
    return {
        "change": round(float(np.mean(change) / np.mean(own)), 3),
        "unshared": round(float(np.mean(unshared)), 3),
        "tremble": round(tremble(merged, masks), 3),
    }


def tremble(pictures, masks) -> float:
    """How much the mean color inside the mask fluctuates, 8-bit levels."""
    means = [
        picture[mask[..., 0] > 128].mean(axis=0)
        for picture, mask in zip(pictures, masks, strict=True)
        if mask.max() > 128
    ]
    return float(np.abs(np.diff(means, n=2, axis=0)).mean())


if __name__ == "__main__":
    main()
