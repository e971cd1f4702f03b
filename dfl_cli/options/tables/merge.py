"""The settings of merging, in the order they are asked."""

import os
from collections.abc import Mapping

from dfl_cli.options.kinds import Choice, Integer, Numbered, Text, YesNo, clamp
from dfl_cli.options.option import Ask, Option
from dfl_cli.translate import N_

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
NOT_RAW = N_("mode is not raw-rgb or raw-predict")


def not_raw(answers: Mapping) -> bool:
    return not answers["mode"].startswith("raw-")


def sharpens(answers: Mapping) -> bool:
    return not_raw(answers) and answers["sharpen_mode"] != "none"


def uses_xseg_dst(answers: Mapping) -> bool:
    return "XSeg-dst" in answers["mask_mode"]


def enhances(answers: Mapping) -> bool:
    return bool(answers["super_resolution_model"])


def cores(answers: Mapping) -> int:
    return os.cpu_count() or 1


def at_most_cores(workers: int, answers: Mapping) -> tuple[int, list[str]]:
    return clamp(workers, None, cores(answers))


MERGE = (
    Option(
        key="mode",
        label=N_("Choose mode"),
        kind=Numbered(MODES),
        default="overlay",
        help=N_(
            "How the predicted face is put into the frame. overlay suits most videos; the seamless modes "
            "adapt the light but may flicker, raw modes are for external compositing, original only writes "
            "the masks."
        ),
    ),
    Option(
        key="masked_hist_match",
        label=N_("Masked hist match?"),
        kind=YesNo(),
        default=True,
        when=lambda answers: answers["mode"] == "hist-match",
        when_text=N_("mode is hist-match"),
        help=N_("Computes the color histogram inside the face mask only. Usually better than using the whole square."),
    ),
    Option(
        key="hist_match_threshold",
        label=N_("Hist match threshold"),
        kind=Integer(0, 255, range_text="0..255"),
        default=238,
        when=lambda answers: answers["mode"].endswith("hist-match"),
        when_text=N_("mode is hist-match or seamless-hist-match"),
        help=N_("Limits how far highlights are matched; 255 is a full match, lower values darken bright spots."),
    ),
    Option(
        key="mask_mode",
        label=N_("Choose mask mode"),
        kind=Numbered(MASK_MODES),
        default="learned-prd*learned-dst",
        help=N_(
            "Which mask cuts out the face. learned-prd*learned-dst is a safe choice: only what both learned masks call face. dst is "
            "the outline of the landmarks; the XSeg modes leave out hands, hair and glasses. They need an XSeg model, or for XSeg-dst "
            "aligned faces with XSeg masks."
        ),
    ),
    Option(
        key="xseg_on_frames",
        label=N_("Run XSeg on every frame?"),
        kind=YesNo(),
        default=False,
        ask=Ask.NEVER,
        when=uses_xseg_dst,
        when_text=N_("mask_mode contains XSeg-dst"),
        help=N_(
            "XSeg-dst is the mask that the aligned face carries, drawn by hand or applied, and only faces without one are given to the "
            "XSeg model. y gives it all faces, as DeepFaceLab does."
        ),
    ),
    Option(
        key="erode_mask_modifier",
        label=N_("Choose erode mask modifier"),
        kind=Integer(-400, 400, range_text="-400..400"),
        default=0,
        when=not_raw,
        when_text=NOT_RAW,
        help=N_("Shrinks (positive) or grows (negative) the mask. Shrink a little to hide chin or hair borders."),
    ),
    Option(
        key="blur_mask_modifier",
        label=N_("Choose blur mask modifier"),
        kind=Integer(0, 400, range_text="0..400"),
        default=0,
        when=not_raw,
        when_text=NOT_RAW,
        help=N_("Softens the border of the mask. Raise it until the seam disappears."),
    ),
    Option(
        key="motion_blur_power",
        label=N_("Choose motion blur power"),
        kind=Integer(0, 100, range_text="0..100"),
        default=0,
        when=not_raw,
        when_text=NOT_RAW,
        help=N_(
            "Blurs the face along its movement between neighboring frames. Use when the new face looks too crisp in fast scenes."
        ),
    ),
    Option(
        key="output_face_scale",
        label=N_("Choose output face scale modifier"),
        kind=Integer(-50, 50, range_text="-50..50"),
        default=0,
        help=N_(
            "Changes the size of the inserted face in percent steps: positive values make it smaller, negative ones larger. "
            "Use a few points to match the head size."
        ),
    ),
    Option(
        key="color_transfer_mode",
        label=N_("Color transfer to predicted face"),
        kind=Choice(COLOR_TRANSFERS),
        default="rct",
        when=not_raw,
        when_text=NOT_RAW,
        help=N_(
            "Matches the colors of the new face to the frame. rct is a good start; the -m variants use only the masked area, "
            "sot-m and mix-m are slow."
        ),
    ),
    Option(
        key="sharpen_mode",
        label=N_("Choose sharpen mode"),
        kind=Numbered(SHARPEN_MODES),
        default="none",
        when=not_raw,
        when_text=NOT_RAW,
        help=N_("Filter used for sharpening the face: none, box or gaussian. Gaussian is the gentler one."),
    ),
    Option(
        key="blursharpen_amount",
        label=N_("Choose blur/sharpen amount"),
        kind=Integer(-100, 100, range_text="-100..100"),
        default=0,
        when=sharpens,
        when_text=N_("sharpen_mode is not none"),
        help=N_("Positive values sharpen, negative values soften the face. Values above 20 are rarely useful."),
    ),
    Option(
        key="super_resolution_model",
        label=N_("Super resolution model"),
        kind=Text(),
        default="",
        default_text=N_("none"),
        ask=Ask.NEVER,
        help=N_(
            "An ONNX file with a network that upscales images 2 or 4 times or restores faces. Needs the extra onnx."
        ),
    ),
    Option(
        key="super_resolution_range",
        label=N_("Values of the super resolution model"),
        kind=Choice(("auto", "unit", "signed", "bytes")),
        default="auto",
        ask=Ask.NEVER,
        help=N_(
            "Value range of the network: unit is 0..1, signed -1..1, bytes 0..255. auto reads the file's "
            "metadata or probes the network with a test image; set it yourself if that fails or colors come "
            "out wrong."
        ),
    ),
    Option(
        key="super_resolution_power",
        label=N_("Choose super resolution power"),
        kind=Integer(0, 100, range_text="0..100"),
        default=0,
        when=enhances,
        when_text=N_("super_resolution_model is given"),
        inactive_value=0,
        help=N_(
            "Adds detail to the predicted face with an enhancing network before it is inserted. Slow; use for large faces from a "
            "low-resolution model."
        ),
    ),
    Option(
        key="image_denoise_power",
        label=N_("Choose image degrade by denoise power"),
        kind=Integer(0, 500, range_text="0..500"),
        default=0,
        when=not_raw,
        when_text=NOT_RAW,
        help=N_("Softens the frame around the face so both look equally sharp. Needed only for noisy footage."),
    ),
    Option(
        key="bicubic_degrade_power",
        label=N_("Choose image degrade by bicubic rescale power"),
        kind=Integer(0, 100, range_text="0..100"),
        default=0,
        when=not_raw,
        when_text=NOT_RAW,
        help=N_(
            "Lowers the sharpness of the frame by shrinking and enlarging it. Use when the new face is "
            "softer than the video."
        ),
    ),
    Option(
        key="color_degrade_power",
        label=N_("Degrade color power of final image"),
        kind=Integer(0, 100, range_text="0..100"),
        default=0,
        when=not_raw,
        when_text=NOT_RAW,
        help=N_("Reduces the image toward a 256-color palette to imitate poor footage. Normally 0."),
    ),
    Option(
        key="landmark_smoothing",
        label=N_("Smooth landmarks over frames"),
        kind=Integer(0, 30, range_text="0..30"),
        default=0,
        ask=Ask.NEVER,
        help=N_(
            "Averages the landmarks over this many frames before and after, as long as the same face is "
            "visible. Raise it to 2..5 if the face jitters; 0 is off."
        ),
    ),
    Option(
        key="color_smoothing",
        label=N_("Smooth colors over frames"),
        kind=Integer(0, 30, range_text="0..30"),
        default=0,
        ask=Ask.NEVER,
        help=N_(
            "Color transfer and histogram matching use the mean colors of this many frames before and "
            "after, as long as the same face is visible. Raise it if the color of the face flickers; every "
            "frame is then read twice. 0 is off."
        ),
    ),
    Option(
        key="workers",
        label=N_("Number of workers?"),
        kind=Integer(1),
        default=cores,
        default_text=N_("the number of CPU cores"),
        adjust=at_most_cores,
        help=N_(
            "Number of threads that prepare and write frames in parallel. Use fewer if memory runs out, "
            "never more than CPU cores."
        ),
    ),
    Option(
        key="classic",
        label=N_("Pixels of DeepFaceLab"),
        kind=YesNo(),
        default=False,
        ask=Ask.NEVER,
        help=N_(
            "Reproduces DeepFaceLab pixel for pixel: soft edges blended twice, values truncated instead of "
            "rounded, no cloning at the edge of the frame, faces as far beside their place as the model puts "
            "them. For comparing with its results, or for finishing a video started with it."
        ),
    ),
)
