"""Options that fix the networks' shapes: asked for a new model, unchangeable afterwards."""

from collections.abc import Mapping

from dfl_cli.options.kinds import Choice, Integer, MatchingText, Number
from dfl_cli.options.option import Ask, Option
from dfl_cli.translate import N_
from models.spec import ARCHI_PATTERN, Archi

ARCHI_RULE = N_("df or liae, alone or with a dash and letters of u, d, t, c, each at most once, such as liae-ud")
ARCHITECTURES = tuple(
    f"{base}{letters}" for base in ("df", "liae") for letters in ("", "-d", "-u", "-ud", "-t", "-ut", "-udt", "-udtc")
)
EVEN = Integer(16, 256, multiple=2, round_up=True)


def resolution_step(answers: Mapping) -> int:
    """What the architecture halves the resolution by, as far as it is answered (spec models.md, Q13)."""
    return Archi.parse(answers.get("archi", "df")).resolution_step


def third_of_decoder(answers: Mapping) -> int:
    """A third of the decoder's channels, even, not below the lower limit: 22 for 64."""
    third = answers["d_dims"] // 3
    return max(EVEN.low, third + third % 2)


RESOLUTION = Option(
    key="resolution",
    label=N_("Resolution"),
    kind=Integer(64, 640, multiple=resolution_step),
    default=128,
    ask=Ask.NEW_MODEL,
    sizes=True,
    help=N_(
        "Side of the square face the model learns, in pixels. More needs more GPU memory and time, growing "
        "with the square; choose it by the size of the dst face in the video. Adjusted to a multiple of 16, "
        "or of 32 with -d or -t in archi. Typical: 128-224 on 8 GB, 256-384 on larger cards."
    ),
)

FACE_TYPE = Option(
    key="face_type",
    label=N_("Face type"),
    kind=Choice(("h", "mf", "f", "wf", "head")),
    default="f",
    ask=Ask.NEW_MODEL,
    help=N_(
        "Which part of the head is replaced.\n"
        "h: half face. The finest detail at the same resolution, but covers less of the cheeks.\n"
        "mf: mid face, 30% wider than h.\n"
        "f: full face.\n"
        "wf: whole face with the forehead, best with XSeg masks. Suits most projects.\n"
        "head: whole head with the hair. Both facesets need XSeg masks.\n"
        "The facesets must be extracted at least as wide."
    ),
)

ARCHI = Option(
    key="archi",
    label=N_("AE architecture"),
    kind=MatchingText(ARCHI_PATTERN, rule=ARCHI_RULE, examples=ARCHITECTURES),
    default="liae-ud",
    ask=Ask.NEW_MODEL,
    sizes=True,
    readjusts=("resolution",),
    help=N_(
        "How the network is built.\n"
        "df: keeps the identity of src better.\n"
        "liae: corrects face shapes that differ much, and adapts better to the light.\n"
        "Letters after a dash:\n"
        "-u: more likeness.\n"
        "-d: twice the resolution at the same cost.\n"
        "-t: sharper variant.\n"
        "-c: another activation function.\n"
        "Typical: liae-ud, df-ud."
    ),
)

AE_DIMS = Option(
    key="ae_dims",
    label=N_("AutoEncoder dimensions"),
    kind=Integer(32, 1024),
    default=256,
    ask=Ask.NEW_MODEL,
    sizes=True,
    help=N_(
        "Width of the bottleneck: all that the model knows about both faces is packed into it. With too few "
        "dimensions details get lost; closed eyes, for example, stay open. More is better, as far as the GPU "
        "memory goes. Typical 256."
    ),
)

INTER_DIMS = Option(
    key="inter_dims",
    label=N_("Inter dimensions"),
    kind=Integer(32, 2048),
    default=1024,
    ask=Ask.NEW_MODEL,
    sizes=True,
    help=N_(
        "Dimensions of the two identity blocks of AMP, which the morph factor mixes. Should be equal to or "
        "more than the AutoEncoder dimensions. More is better, but needs more GPU memory. Typical 1024."
    ),
)

E_DIMS = Option(
    key="e_dims",
    label=N_("Encoder dimensions"),
    kind=EVEN,
    default=64,
    ask=Ask.NEW_MODEL,
    sizes=True,
    help=N_(
        "Channels of the encoder: how many facial features it can recognize. More gives a sharper result for "
        "more GPU memory. Typical 64."
    ),
)

D_DIMS = Option(
    key="d_dims",
    label=N_("Decoder dimensions"),
    kind=EVEN,
    default=64,
    ask=Ask.NEW_MODEL,
    sizes=True,
    help=N_(
        "Channels of the decoder: how much detail it can draw. More is the most effective way to a sharper "
        "face and needs the most GPU memory. Typical 48-96."
    ),
)

D_MASK_DIMS = Option(
    key="d_mask_dims",
    label=N_("Decoder mask dimensions"),
    kind=EVEN,
    default=third_of_decoder,
    default_text=N_("a third of d_dims, even"),
    ask=Ask.NEW_MODEL,
    sizes=True,
    remembered=False,
    help=N_(
        "Channels of the mask branch of the decoder. Typical: a third of the decoder dimensions. Raise it for "
        "finer mask edges if glasses or hair were masked by hand."
    ),
)

MORPH_FACTOR = Option(
    key="morph_factor",
    label=N_("Morph factor."),
    kind=Number(0.1, 0.5),
    default=0.5,
    ask=Ask.NEW_MODEL,
    remembered=False,
    help=N_(
        "Share of the mixed code taken from the source block while training. 0.5 is right for nearly every model; "
        "lower values keep more of the target."
    ),
)
