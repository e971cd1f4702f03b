"""The third stage: how well the two face sets go together, in words for the person and in numbers for the recipe."""

from collections.abc import Sequence

import numpy as np

from dfl_cli.faceset.coverage import colors_of, compare_quickly
from dfl_cli.faceset.coverage_text import color_lines, short_words, too_few
from dfl_cli.faceset.loading import load_faceset
from dfl_cli.options.flags import SIDES
from dfl_cli.swap.job import Swap
from dfl_cli.swap.recipe import Faces
from dfl_cli.terminal.console import say
from dfl_cli.translate import tr
from samplers.colors.face_colors import color_distance
from samplers.files.face import UnreadableImage
from samplers.files.faces import Face
from samplers.pose_coverage import evenly

SAMPLE = 300  # faces of each set whose size in the frame is looked at
LARGE = 90  # percentile of sizes: close-ups need the pixels
STAGE = "fit"


def check_fit(swap: Swap) -> int:
    """Say what src lacks for dst, unless that was done. Returns 0. Raises UserError where a set cannot be used."""
    if STAGE in swap.state.done:
        say(tr("Done before."))
        return 0
    src, dst = (load_faceset(getattr(swap.workspace, side)) for side in SIDES)
    found = compare_quickly(src, dst)
    colors = colors_of(src), colors_of(dst)
    for line in [*short_words(found), *color_lines(*colors, few=too_few(found))]:
        say(line)
    facts = {
        "src_side": frame_side(src),
        "dst_side": frame_side(dst),
        "color_distance": float(color_distance(*colors)),
        "covered": found.poses.covered,
    }
    swap.state.finish(STAGE, facts)
    return 0


def faces_of(swap: Swap) -> Faces | None:
    """What was found; None before this stage."""
    facts = swap.state.done.get(STAGE)
    return Faces(**facts) if facts else None


def frame_side(faces: Sequence[Face]) -> float:
    """Pixels of the frame along a side of the crops, of the larger ones."""
    sides = []
    for face in evenly(faces, SAMPLE):
        try:
            matrix = face.image_to_face_mat
        except UnreadableImage:
            continue
        if matrix is not None:
            sides.append(face.shape[1] / np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    return float(np.percentile(sides, LARGE)) if sides else float(max(face.shape[1] for face in faces))
