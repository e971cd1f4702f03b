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
        "Adds an adversary that forces fine skin and hair detail. Use only at the very end with random "
        "warp off, and then leave it on; higher values risk artifacts. Typical 0.1, 0 is off."
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
        "Size in pixels of the area the adversary judges at once. Larger is better and heavier; one eighth of the "
        "resolution is a good value. Changing it restarts the adversary."
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
        "Channel count of the adversary. 16 already sharpens well; more needs more memory. Changing it restarts the "
        "adversary."
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
        "Pulls the code of the target toward that of the source so the result looks more like the "
        "source (df only). Experimental; start with 0.01, high values break expressions."
    ),
)

FACE_STYLE_POWER = Option(
    key="face_style_power",
    label=N_("Face style power"),
    kind=Number(0.0, 100.0, range_text="0.0..100.0"),
    default=0.0,
    risky=raised,  # can ruin the colors for good
    help=N_(
        "Moves the color of the swapped face toward the target inside the mask. Use after about 10k "
        "iterations, start at 0.001, make a backup first: it can ruin the model."
    ),
)

BG_STYLE_POWER = Option(
    key="bg_style_power",
    label=N_("Background style power"),
    kind=Number(0.0, 100.0, range_text="0.0..100.0"),
    default=0.0,
    risky=raised,  # lets the face drift towards dst
    help=N_(
        "Makes the area outside the mask resemble the target, so the outline fits better but the face "
        "drifts toward the target. Risky for stability; typical 2.0, 0 is off."
    ),
)
