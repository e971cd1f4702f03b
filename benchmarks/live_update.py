"""How long a frame takes until it is there with other settings, as the window and the page of an interactive merge show it.

A 1280x720 frame with one face, read, cut and shown to the network before:

    python benchmarks/live_update.py
"""

import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.bench.merge import CHANGES, MODEL_FACE, synthetic_scene, with_changes
from dfl_cli.merge.batch import FrameWork, Target
from dfl_cli.merge.studio import Studio
from dfl_cli.merge.tracks import Tracks

ROUNDS = 8


class Known:
    """A network that has its answer ready."""

    face = MODEL_FACE

    def __init__(self, prediction):
        self.answer = prediction.bgr, prediction.prd_mask, prediction.dst_mask

    def predict(self, faces):
        return tuple(np.stack([part] * len(faces)) for part in self.answer)


def main() -> None:
    scene = synthetic_scene()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frame.png"
        cv2.imwrite(str(path), scene.frame)
        tracks = Tracks([path], {path.stem: [scene.landmarks]})
        work = FrameWork(tracks, MODEL_FACE, lambda _: with_changes({}), Target(Path(folder), None))
        studio = Studio(work, Known(scene.prediction))
        studio.render(path, with_changes({}))
        print(f"{'':20}   median   worst   (ms, {ROUNDS} changes of the blur)")
        for name, changes in CHANGES.items():
            times = [1000 * seconds(studio, path, changes, blur) for blur in range(1, ROUNDS + 1)]
            print(f"{name:20}{np.median(times):9.0f}{max(times):8.0f}")


def seconds(studio: Studio, path: Path, changes: dict, blur: int) -> float:
    settings = with_changes(changes | {"blur_mask_modifier": blur})
    start = time.perf_counter()
    studio.render(path, settings)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
