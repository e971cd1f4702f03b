"""Options of the adversary, of likeness and of style: used late in training."""

from collections.abc import Mapping

from dfl_cli.options.kinds import Integer, Number
from dfl_cli.options.option import Option, changed, raised
from dfl_cli.translate import N_, tr
from models.networks.patch_layers import LARGEST_PATCH, SMALLEST_PATCH, nearest_workable
from models.spec import Archi


def adversary_on(answers: Mapping) -> bool:
    return answers["gan_power"] != 0


def eighth_of_resolution(answers: Mapping) -> int:
    return nearest_workable(answers["resolution"] // 8, answers["resolution"])


def workable_patch(size: int, answers: Mapping) -> tuple[int, list[str]]:
    """The nearest patch size whose discriminator fits the resolution (spec models.md 3.1)."""
    resolution = answers["resolution"]
    used = nearest_workable(size, resolution)
    if used == size:
        return size, []
    return used, [
        tr(
            "no discriminator of patch size {size} fits resolution {resolution}: using {used}",
            size=size,
            resolution=resolution,
            used=used,
        )
    ]


GAN_POWER = Option(
    key="gan_power",
    label=N_("GAN power"),
    kind=Number(0.0, 5.0),
    default=0.0,
    ramps=True,
    risky=changed,  # on or stronger it can draw artefacts; off, the detail fades
    help=N_(
        "Adds an adversary that makes the network learn small details such as skin and hair. Turn it on only "
        "at the very end, when the face is trained well with lr_dropout on and random_warp off, and then "
        "leave it on. The higher the value, the more likely are artifacts: make a backup first. Typical 0.1; "
        "0 is off."
    ),
)

GAN_PATCH_SIZE = Option(
    key="gan_patch_size",
    label=N_("GAN patch size"),
    kind=Integer(SMALLEST_PATCH, LARGEST_PATCH),
    default=eighth_of_resolution,
    default_text=N_("an eighth of the resolution"),
    when=adversary_on,
    when_text=N_("gan_power is not 0"),
    sizes=True,
    adjust=workable_patch,
    remembered=False,
    risky=changed,  # the adversary is initialized again
    help=N_(
        "Size in pixels of the area the adversary judges at once. A larger area gives better quality for more "
        "GPU memory; the smallest already sharpens edges. Typical: an eighth of the resolution. Changing it "
        "restarts the adversary."
    ),
)

GAN_DIMS = Option(
    key="gan_dims",
    label=N_("GAN dimensions"),
    kind=Integer(4, 512),
    default=16,
    when=adversary_on,
    when_text=N_("gan_power is not 0"),
    sizes=True,
    risky=changed,  # the adversary is initialized again
    help=N_(
        "Channels of the adversary. More needs more GPU memory; the fewest already sharpen edges. Typical 16. "
        "Changing it restarts the adversary."
    ),
)

TRUE_FACE_POWER = Option(
    key="true_face_power",
    label=N_("'True face' power."),
    kind=Number(0.0, 1.0, range_text="0.0000 .. 1.0"),
    default=0.0,
    when=lambda answers: Archi.parse(answers["archi"]).has_true_face,
    when_text=N_("archi is a df"),
    inactive_value=0.0,
    risky=raised,  # high values break expressions
    help=N_(
        "For df only, experimental. A discriminator pushes the result face to be more like src; the higher "
        "the value, the stronger. Typical 0.01. Compare 0.001 and 0.01; high values break expressions."
    ),
)

FACE_STYLE_POWER = Option(
    key="face_style_power",
    label=N_("Face style power"),
    kind=Number(0.0, 100.0, range_text="0.0..100.0"),
    default=0.0,
    risky=raised,  # can ruin the colors for good
    help=N_(
        "Makes the predicted face inside the mask take on the color and light of dst. wf needs masks by a "
        "trained XSeg.\n"
        "Turn it on only when the predicted face is clear enough, after about 10,000 iterations. Start at "
        "0.001, raise it in small steps and watch the preview history.\n"
        "The model is more likely to collapse: make a backup first. Needs more GPU memory and time. 0 is off."
    ),
)

BG_STYLE_POWER = Option(
    key="bg_style_power",
    label=N_("Background style power"),
    kind=Number(0.0, 100.0, range_text="0.0..100.0"),
    default=0.0,
    risky=raised,  # lets the face drift towards dst
    help=N_(
        "Makes the area outside the mask of the predicted face resemble dst, so that the outline fits better. "
        "Color and light change with it, and the face can become more like dst. wf needs masks by a trained "
        "XSeg.\n"
        "Turn it on only when the predicted face is clear enough. Raise it in small steps and watch the "
        "preview history.\n"
        "The model is more likely to collapse: make a backup first. Needs more GPU memory and time. Typical "
        "2.0; 0 is off."
    ),
)
