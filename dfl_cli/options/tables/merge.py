"""The settings of merging, in the order they are asked."""

import os
from collections.abc import Mapping

from dfl_cli.options.kinds import Choice, Numbered, Text, Whole, YesNo, clamp
from dfl_cli.options.option import Ask, Option

MODES = ("original", "overlay", "hist-match", "seamless", "seamless-hist-match", "raw-rgb", "raw-predict")
MASK_MODES = (
    "full",
    "dst",
    "learned-prd",
    "learned-dst",
    "learned-prd*learned-dst",
    "learned-prd+learned-dst",
    "XSeg-prd",
    "XSeg-dst",
    "XSeg-prd*XSeg-dst",
    "learned-prd*learned-dst*XSeg-prd*XSeg-dst",
)
COLOR_TRANSFERS = ("none", "rct", "lct", "mkl", "mkl-m", "idt", "idt-m", "sot-m", "mix-m")
SHARPEN_MODES = ("none", "box", "gaussian")
NOT_RAW = "mode is not raw-rgb or raw-predict"


def not_raw(answers: Mapping) -> bool:
    return not answers["mode"].startswith("raw-")


def sharpens(answers: Mapping) -> bool:
    return not_raw(answers) and answers["sharpen_mode"] != "none"


def enhances(answers: Mapping) -> bool:
    return bool(answers["super_resolution_model"])


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
        help="How the predicted face is put into the frame. overlay is right for most films; the seamless modes adapt the light but "
        "may flicker, raw modes are for external compositing, original only writes the masks.",
    ),
    Option(
        key="masked_hist_match",
        label="Masked hist match?",
        kind=YesNo(),
        default=True,
        when=lambda answers: answers["mode"] == "hist-match",
        when_text="mode is hist-match",
        help="Computes the color histogram inside the face mask only. Usually better than using the whole square.",
    ),
    Option(
        key="hist_match_threshold",
        label="Hist match threshold",
        kind=Whole(0, 255, span="0..255"),
        default=238,
        when=lambda answers: answers["mode"].endswith("hist-match"),
        when_text="mode is hist-match or seamless-hist-match",
        help="Limits how far highlights are matched; 255 is a full match, lower values darken bright spots.",
    ),
    Option(
        key="mask_mode",
        label="Choose mask mode",
        kind=Numbered(MASK_MODES),
        default="learned-prd*learned-dst",
        help="Which mask cuts out the face. learned-prd*learned-dst is a safe choice: only what both learned masks call face. dst is the "
        "outline of the landmarks; the XSeg modes leave out hands, hair and glasses where the face set has XSeg masks.",
    ),
    Option(
        key="erode_mask_modifier",
        label="Choose erode mask modifier",
        kind=Whole(-400, 400, span="-400..400"),
        default=0,
        when=not_raw,
        when_text=NOT_RAW,
        help="Shrinks (positive) or grows (negative) the mask. Shrink a little to hide chin or hair borders.",
    ),
    Option(
        key="blur_mask_modifier",
        label="Choose blur mask modifier",
        kind=Whole(0, 400, span="0..400"),
        default=0,
        when=not_raw,
        when_text=NOT_RAW,
        help="Softens the border of the mask. Raise it until the seam disappears.",
    ),
    Option(
        key="motion_blur_power",
        label="Choose motion blur power",
        kind=Whole(0, 100, span="0..100"),
        default=0,
        when=not_raw,
        when_text=NOT_RAW,
        help="Blurs the face along its movement between neighboring frames. Use when the new face looks too crisp in fast scenes.",
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
        when=not_raw,
        when_text=NOT_RAW,
        help="Matches the colors of the new face to the frame. rct is a good start; the -m variants use only the masked area, "
        "sot-m and mix-m are slow.",
    ),
    Option(
        key="sharpen_mode",
        label="Choose sharpen mode",
        kind=Numbered(SHARPEN_MODES),
        default="none",
        when=not_raw,
        when_text=NOT_RAW,
        help="Filter used for sharpening the face: none, box or gaussian. Gaussian is the gentler one.",
    ),
    Option(
        key="blursharpen_amount",
        label="Choose blur/sharpen amount",
        kind=Whole(-100, 100, span="-100..100"),
        default=0,
        when=sharpens,
        when_text="sharpen_mode is not none",
        help="Positive values sharpen, negative values soften the face. Values above 20 are rarely useful.",
    ),
    Option(
        key="super_resolution_model",
        label="Super resolution model",
        kind=Text(),
        default="",
        default_text="none",
        ask=Ask.NEVER,
        help="An ONNX file with a network that enlarges pictures 2 or 4 times or restores faces. Needs the extra onnx.",
    ),
    Option(
        key="super_resolution_range",
        label="Values of the super resolution model",
        kind=Choice(("auto", "unit", "signed", "bytes")),
        default="auto",
        ask=Ask.NEVER,
        help="Black and white as the network has them: unit 0 and 1, signed -1 and 1, bytes 0 and 255. auto reads the file's metadata or "
        "tries a picture; say it yourself where that fails or colors come out wrong.",
    ),
    Option(
        key="super_resolution_power",
        label="Choose super resolution power",
        kind=Whole(0, 100, span="0..100"),
        default=0,
        when=enhances,
        when_text="super_resolution_model is given",
        otherwise=0,
        help="Adds detail to the predicted face with an enhancing network before it is inserted. Slow; use for large faces from a "
        "low-resolution model.",
    ),
    Option(
        key="image_denoise_power",
        label="Choose image degrade by denoise power",
        kind=Whole(0, 500, span="0..500"),
        default=0,
        when=not_raw,
        when_text=NOT_RAW,
        help="Softens the frame around the face so both look equally sharp. Needed only for noisy footage.",
    ),
    Option(
        key="bicubic_degrade_power",
        label="Choose image degrade by bicubic rescale power",
        kind=Whole(0, 100, span="0..100"),
        default=0,
        when=not_raw,
        when_text=NOT_RAW,
        help="Lowers the sharpness of the frame by shrinking and enlarging it. Use when the new face is softer than the film.",
    ),
    Option(
        key="color_degrade_power",
        label="Degrade color power of final image",
        kind=Whole(0, 100, span="0..100"),
        default=0,
        when=not_raw,
        when_text=NOT_RAW,
        help="Reduces the picture towards a 256-color palette to imitate poor footage. Normally 0.",
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
        key="color_smoothing",
        label="Smooth colors over frames",
        kind=Whole(0, 30, span="0..30"),
        default=0,
        ask=Ask.NEVER,
        help="Color transfer and histogram match follow the mean colors of this many frames before and after as well, while one and "
        "the same face is seen. Raise it when the color of the face flickers; every frame is read twice then. 0 is off.",
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
    Option(
        key="classic",
        label="Pixels of DeepFaceLab",
        kind=YesNo(),
        default=False,
        ask=Ask.NEVER,
        help="Repeats what DeepFaceLab does to the last pixel: soft edges blended twice, values cut off instead of rounded, no cloning at "
        "the edge of the frame. To compare with its results, or to finish a film begun with it.",
    ),
)
