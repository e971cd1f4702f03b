"""A small interactive merge, run as a program by the tests: `watched_merge.py window|browser FRAMES OUTPUT FIXTURES`.

The network mirrors the face, so no model and no TensorFlow are needed.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from dfl_cli.frames import list_frames
from dfl_cli.merge.batch import FrameMerger, MergeOutput
from dfl_cli.merge.command import settings_from
from dfl_cli.merge.pixels.compose import ModelFace
from dfl_cli.merge.pixels.tracks import Tracks
from dfl_cli.merge.watch.command import run_interactive
from dfl_cli.merge.watch.session import ModelVersion
from dfl_cli.options.tables.merge import MERGE
from dfl_cli.options.wizard import ask_table
from dfl_cli.terminal.console import Console
from samplers.geometry.face_types import FaceType


class Mirror:
    """The face, mirrored."""

    face = ModelFace(64, FaceType.WHOLE)

    def __init__(self, arrays):
        self.masks = arrays["stub_mask_prd_64"][..., None], arrays["stub_mask_dst_64"][..., None]

    def predict(self, faces, *, corrected=True):
        prd, dst = (np.repeat(mask[None], len(faces), 0) for mask in self.masks)
        return np.ascontiguousarray(faces[:, :, ::-1]), prd, dst


def main() -> int:
    way, frames, output, fixtures = sys.argv[1], *map(Path, sys.argv[2:5])
    with np.load(fixtures / "merge" / "merge_inputs.npz") as arrays:
        landmarks, predictor = arrays["landmarks"], Mirror(arrays)
    paths = list_frames(frames)
    answers = ask_table(MERGE, given={"workers": 1}, ask_now=False)
    settings = settings_from(answers)
    merger = FrameMerger(
        Tracks(paths, {path.stem: [landmarks] for path in paths}),
        predictor.face,
        lambda path: settings,
        MergeOutput(output, None),
    )
    flags = argparse.Namespace(overwrite=False, keep=False, host="127.0.0.1", port=0)
    return run_interactive(
        way, paths, merger, predictor, answers=answers, table=MERGE, model=ModelVersion("bob", 7),
        arguments=flags, silent=True, console=Console(),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
