"""How many frames a core merges, reading and writing not counted; where the time goes; and what more workers bring to a whole batch."""

import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.demo.people import SyntheticPlan, write_workspace
from dfl_cli.frames import write_png
from dfl_cli.merge.batch import FrameMerger, MergeOutput, merge_frames
from dfl_cli.merge.command import settings_from
from dfl_cli.merge.pixels.compose import merge_frame
from dfl_cli.merge.pixels.crop import Crop, ModelFace, Prediction, crop_face
from dfl_cli.merge.pixels.insert import insert_face
from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.merge.pixels.tracks import Tracks
from dfl_cli.options.tables.merge import MERGE
from dfl_cli.options.wizard import ask_table
from samplers.files.faces import open_faceset
from samplers.geometry.align import transform_matrix
from samplers.geometry.face_types import FaceType

FRAME_SIZE = 1280, 720
FACE_WIDTH = 290  # pixels of the frame, of the face that is put in: where its mask is above a half
OVAL = 0.36, 0.42  # half the width and half the height of that mask, in sides of the model's square
MODEL_FACE = ModelFace(128, FaceType.WHOLE)
ROUNDS = 5  # the best counts: whatever else runs only slows a round down
SECONDS = 0.5  # of a round, about
BATCH = 24  # frames
CHANGES = {
    "overlay": {},
    "overlay_rct": {"color_transfer_mode": "rct"},
    "overlay_erode_blur": {"erode_mask_modifier": 10, "blur_mask_modifier": 40},
    "hist-match": {"mode": "hist-match", "color_transfer_mode": "rct"},
    "seamless": {"mode": "seamless"},
    "seamless_rct": {"mode": "seamless", "color_transfer_mode": "rct"},
    "sot-m": {"color_transfer_mode": "sot-m"},
}


@dataclass(frozen=True)
class Scene:
    """One frame with one face, and what a network made of it."""

    frame: np.ndarray  # (H, W, 3) uint8
    landmarks: np.ndarray  # (68, 2)
    prediction: Prediction


def measure() -> dict:
    """As `--json` prints it: frames in a processor second, milliseconds of the stand-in for the network, shares, scaling."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        scene = synthetic_scene()
        crop = crop_face(scene.frame, scene.landmarks, MODEL_FACE)
        return {
            "frames_per_second_per_core": {
                name: round(1 / best_seconds(lambda changes=changes: merged(scene, with_changes(changes))), 1)
                for name, changes in CHANGES.items()
            },
            "predict_ms": round(1000 * best_seconds(lambda: predicted(crop)), 3),
            "shares": shares(scene, crop),
            "scaling": scaling(scene),
        }
    finally:
        cv2.setNumThreads(before)


def synthetic_scene() -> Scene:
    """A synthetic person in a frame, FACE_WIDTH wide and in the middle."""
    with tempfile.TemporaryDirectory(prefix="dfl-bench-") as folder:
        write_workspace(Path(folder), SyntheticPlan(src_faces=1, dst_frames=1, frame_size=FRAME_SIZE, face_size=64))
        (face,) = open_faceset(Path(folder) / "data_dst" / "aligned")
        picture = cv2.imread(str(next(Path(folder, "data_dst").glob("*.png"))))
        landmarks = face.source_landmarks
    sides = np.linalg.norm(transform_matrix(landmarks, 1, MODEL_FACE.face_type)[0, :2])  # of the square, a pixel
    scale = FACE_WIDTH * sides / (2 * OVAL[0])
    shift = np.divide(FRAME_SIZE, 2) - scale * (landmarks.min(0) + landmarks.max(0)) / 2
    matrix = np.float64([[scale, 0, shift[0]], [0, scale, shift[1]]])
    frame = cv2.warpAffine(picture, matrix, FRAME_SIZE, borderMode=cv2.BORDER_REPLICATE)
    landmarks = np.float32(landmarks * scale + shift)
    return Scene(frame, landmarks, predicted(crop_face(frame, landmarks, MODEL_FACE)))


def predicted(crop: Crop) -> Prediction:
    """The mirrored face, a little darker, with an oval mask: as good as a network's for everything that comes after it."""
    side = crop.model_face.resolution
    rows, columns = (np.arange(side, dtype=np.float32)[:, None] / side - 0.5 for _ in range(2))
    distance = np.hypot(columns.T / OVAL[0], rows / OVAL[1])
    mask = np.clip((1 - distance) / 0.15 + 0.5, 0, 1)[..., None]
    return Prediction(np.clip(crop.picture[:, ::-1] * 0.8 + 0.1, 0, 1), mask, mask)


def with_changes(changes: Mapping) -> MergeSettings:
    """The default settings but for `changes`, without a color transfer if they name none."""
    answers = ask_table(MERGE, given={}, ask_now=False) | {"color_transfer_mode": "none"} | changes
    return settings_from(answers)


def merged(scene: Scene, settings: MergeSettings):
    crop = crop_face(scene.frame, scene.landmarks, MODEL_FACE)
    return merge_frame(scene.frame, [crop], [scene.prediction], settings, model_face=MODEL_FACE)


def best_seconds(work: Callable[[], object]) -> float:
    """Of one call, of this thread on a processor: other programs do not count."""
    work()
    start = time.thread_time()
    work()
    count = max(1, int(SECONDS / ROUNDS / max(time.thread_time() - start, 1e-6)))
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.thread_time()
        for _ in range(count):
            work()
        best = min(best, (time.thread_time() - start) / count)
    return best


def shares(scene: Scene, crop: Crop) -> dict[str, float]:
    """Of an overlay: cutting the face out, its mask in the frame, and the rest, which is placing and blending it."""
    settings = with_changes({})
    whole = best_seconds(lambda: merged(scene, settings))
    cut = best_seconds(lambda: crop_face(scene.frame, scene.landmarks, MODEL_FACE))
    mask = best_seconds(lambda: insert_face(crop, scene.prediction, settings))
    return {
        part: round(time / whole, 3) for part, time in (("cut", cut), ("mask", mask), ("blend", whole - cut - mask))
    }


def scaling(scene: Scene) -> dict[str, float]:
    """Frames a second, by the clock, of several workers relative to one: a batch as `dfl merge` runs it, from file to file."""
    counts = [workers for workers in (1, 2, 4, 8) if workers <= max(2, os.cpu_count() or 1)]
    with tempfile.TemporaryDirectory(prefix="dfl-bench-") as folder:
        paths = [Path(folder) / f"{number:03d}.png" for number in range(BATCH)]
        for path in paths:
            write_png(path, scene.frame)
        merger = frame_merger(scene, paths)
        merger.target.pictures.mkdir()
        rounds = [[batch_seconds(merger, scene, workers) for workers in counts] for _ in range(ROUNDS)]
    best = np.min(rounds, axis=0)
    return {str(workers): round(best[0] / one, 2) for workers, one in zip(counts, best, strict=True)}


def frame_merger(scene: Scene, paths: Sequence[Path]) -> FrameMerger:
    """Merging of frames at `paths` that are all the one of the scene, into a folder beside them."""
    settings, faces = with_changes({}), {path.stem: [scene.landmarks] for path in paths}
    return FrameMerger(
        Tracks(paths, faces), MODEL_FACE, lambda _: settings, MergeOutput(paths[0].with_name("merged"), None)
    )


def batch_seconds(merger: FrameMerger, scene: Scene, workers: int) -> float:
    start = time.perf_counter()
    merge_frames(merger.tracks.frames, merger, FixedPredictor(scene.prediction), workers=workers)
    return time.perf_counter() - start


class FixedPredictor:
    """Stands for a network that has its answer ready."""

    face = MODEL_FACE

    def __init__(self, prediction: Prediction):
        self.answer = prediction.bgr, prediction.prd_mask, prediction.dst_mask

    def predict(self, faces, *, corrected=True):
        return tuple(np.stack([part] * len(faces)) for part in self.answer)
