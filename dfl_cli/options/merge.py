"""The settings of merging, in the order they are asked."""

import os
from collections.abc import Mapping

from dfl_cli.options.kinds import Choice, Number, Numbered, Whole, clamp
from dfl_cli.options.option import Ask, Option

MODES = ("original", "overlay")
MASK_MODES = (
    "full",
    "dst",
    "learned-prd",
    "learned-dst",
    "learned-prd*learned-dst",
    "learned-prd+learned-dst",
)
COLOR_TRANSFERS = ("none", "rct", "lct", "mkl", "mkl-m", "idt", "idt-m", "sot-m", "mix-m")


def cores(answers: Mapping) -> int:
    return os.cpu_count() or 1


def at_most_cores(workers: int, answers: Mapping) -> tuple[int, list[str]]:
    return clamp(workers, None, cores(answers))


MERGE = (
    Option(
        key="mode",
        label="Choose mode",
        kind=Numbered(MODES),
        default="overlay",
        help="How the predicted face is put into the frame. overlay lays it over the frame; original leaves the frames as "
        "they are and writes the masks only.",
    ),
    Option(
        key="mask_mode",
        label="Choose mask mode",
        kind=Numbered(MASK_MODES),
        default="learned-prd*learned-dst",
        help="Which mask cuts out the face. learned-prd*learned-dst is a safe choice: only what both learned masks call "
        "face. dst is the outline of the landmarks.",
    ),
    Option(
        key="erode_mask_modifier",
        label="Choose erode mask modifier",
        kind=Whole(-400, 400, span="-400..400"),
        default=0,
        help="Shrinks (positive) or grows (negative) the mask. Shrink a little to hide chin or hair borders.",
    ),
    Option(
        key="blur_mask_modifier",
        label="Choose blur mask modifier",
        kind=Whole(0, 400, span="0..400"),
        default=0,
        help="Softens the border of the mask. Raise it until the seam disappears.",
    ),
    Option(
        key="output_face_scale",
        label="Choose output face scale modifier",
        kind=Whole(-50, 50, span="-50..50"),
        default=0,
        help="Changes the size of the inserted face in percent steps: positive values make it smaller, negative ones larger. "
        "Use a few points to match the head size.",
    ),
    Option(
        key="color_transfer_mode",
        label="Color transfer to predicted face",
        kind=Choice(COLOR_TRANSFERS),
        default="rct",
        help="Matches the colors of the new face to the frame. rct is a good start; the -m variants use only the masked area, "
        "sot-m and mix-m are slow.",
    ),
    Option(
        key="landmark_smoothing",
        label="Smooth landmarks over frames",
        kind=Whole(0, 30, span="0..30"),
        default=0,
        ask=Ask.NEVER,
        help="Places the face by the landmarks of this many frames before and after as well, while one and the same face is seen. "
        "Raise it to 2..5 when the face trembles; 0 is off.",
    ),
    Option(
        key="workers",
        label="Number of workers?",
        kind=Whole(1),
        default=cores,
        default_text="the number of processor cores",
        mend=at_most_cores,
        help="How many threads prepare and write frames in parallel. Fewer when memory runs out, never more than processor cores.",
    ),
)

MERGE_AMP = (
    Option(
        key="merge_morph_factor",
        label="Morph factor",
        kind=Number(0.0, 1.0),
        default=1.0,
        help="How much of the source identity is shown in the merged face. 1.0 is a full swap; 0.6-0.9 blends towards the target.",
    ),
    *MERGE,
)


def merge_table(model_class: str) -> tuple[Option, ...]:
    """The questions of merging with a model of this class; the reference asks for the morph factor first, too."""
    return MERGE_AMP if model_class == "AMP" else MERGE
