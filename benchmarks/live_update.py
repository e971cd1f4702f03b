"""How long the interactive merger takes to re-render a frame after a setting changed.

A 1280x720 frame with one face, already read, cropped and passed through the network:

    python benchmarks/live_update.py
"""

import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.bench.merge import CHANGES, FixedPredictor, frame_merger, synthetic_scene, with_changes
from dfl_cli.merge.watch.renderer import FrameRenderer

ROUNDS = 8


def main() -> None:
    scene = synthetic_scene()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frame.png"
        cv2.imwrite(str(path), scene.frame)
        renderer = FrameRenderer(frame_merger(scene, [path]), FixedPredictor(scene.prediction))
        renderer.render(path, with_changes({}))
        print(f"{'':20}   median   worst   (ms, {ROUNDS} changes of the blur)")
        for name, changes in CHANGES.items():
            times = [1000 * seconds(renderer, path, changes, blur) for blur in range(1, ROUNDS + 1)]
            print(f"{name:20}{np.median(times):9.0f}{max(times):8.0f}")


def seconds(renderer: FrameRenderer, path: Path, changes: dict, blur: int) -> float:
    settings = with_changes(changes | {"blur_mask_modifier": blur})
    start = time.perf_counter()
    renderer.render(path, settings)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
