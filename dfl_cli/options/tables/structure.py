"""Options that fix the networks' shapes: asked for a new model, unchangeable afterwards."""

from collections.abc import Mapping

from dfl_cli.options.kinds import Choice, Integer, MatchingText, Number
from dfl_cli.options.option import Ask, Option
from dfl_cli.translate import N_
from models.spec import ARCHI_PATTERN, Archi

ARCHI_RULE = N_("df or liae, alone or with a dash and letters of u, d, t, c, each at most once, such as liae-ud")
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
        "Side of the square face the model learns, in pixels. Memory and time grow with its square; pick it by the "
        "size of the target face in the video. Typical: 128-224 on 8 GB, 256-384 on larger cards."
    ),
)

FACE_TYPE = Option(
    key="face_type",
    label=N_("Face type"),
    kind=Choice(("h", "mf", "f", "wf", "head")),
    default="f",
    ask=Ask.NEW_MODEL,
    help=N_(
        "Which part of the head is replaced: h half, mf middle, f full face, wf with forehead, head with hair. The "
        "faceset must be extracted at least that wide; wf suits most projects, wf and head want XSeg masks."
    ),
)

ARCHI = Option(
    key="archi",
    label=N_("AE architecture"),
    kind=MatchingText(ARCHI_PATTERN, rule=ARCHI_RULE),
    default="liae-ud",
    ask=Ask.NEW_MODEL,
    sizes=True,
    readjusts=("resolution",),
    help=N_(
        "df keeps the identity of the source, liae adapts better to a different head shape and light. Letters after a"
        " dash: u likeness, d doubles resolution at equal cost, t sharper variant, c alternative activation. Typical:"
        " liae-ud, df-ud."
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
        "Width of the bottleneck that stores everything the model knows about both faces. Too small loses details "
        "such as closed eyes; larger costs memory. Typical: 256."
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
        "Channels of the two identity blocks of AMP that are mixed by the morph factor. Keep it at or above the "
        "AutoEncoder dimensions; typical 1024."
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
        "Channel count of the encoder, i.e. how many facial features can be told apart. More gives finer recognition "
        "for more memory; typical 64."
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
        "Channel count of the decoder, i.e. how much detail it can draw. Raising it is the most effective way to a "
        "sharper face and the most expensive one; typical 48-96."
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
        "Channel count of the mask branch of the decoder. About one third of the decoder dimensions is enough; raise "
        "it for masks with fine cut-outs such as hair or glasses."
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
