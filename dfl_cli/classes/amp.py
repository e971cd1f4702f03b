"""AMP: its options, samples and previews (spec wizard.md 2.2)."""

from collections.abc import Mapping
from dataclasses import replace

from dfl_cli.classes.model_class import ModelClass
from dfl_cli.options.kinds import Choice, Integer, Number
from dfl_cli.options.option import Option
from dfl_cli.options.tables.learning import (
    ACCUMULATE_STEPS,
    BLUR_OUT_MASK,
    CLIPGRAD,
    CT_MODE,
    EMA,
    GRADIENT_CHECKPOINTING,
    LR_DROPOUT,
    MODELS_OPT_ON_GPU,
    PRECISION,
    RANDOM_WARP,
    TRAIN_INTERS,
    UNIFORM_YAW,
)
from dfl_cli.options.tables.run import (
    AUTOBACKUP_HOUR,
    BATCH_SIZE,
    CHOOSE_PREVIEW_HISTORY,
    HOLD_OUT,
    KEEP_BEST,
    RANDOM_DST_FLIP,
    RANDOM_SRC_FLIP,
    TARGET_ITER,
    WRITE_PREVIEW_HISTORY,
)
from dfl_cli.options.tables.samples import CACHE_GB, CORRECTED_SAMPLES, EXACT_CT
from dfl_cli.options.tables.sharpening import (
    GAN_DIMS,
    GAN_PATCH_SIZE,
    GAN_POWER,
)
from dfl_cli.options.tables.structure import (
    AE_DIMS,
    D_DIMS,
    D_MASK_DIMS,
    E_DIMS,
    FACE_TYPE,
    INTER_DIMS,
    MORPH_FACTOR,
    RESOLUTION,
)
from dfl_cli.translate import N_
from models.classes.amp import AMP as NETWORK
from models.spec import AMP_ARCHI

TABLE = (
    AUTOBACKUP_HOUR,
    WRITE_PREVIEW_HISTORY,
    CHOOSE_PREVIEW_HISTORY,
    TARGET_ITER,
    RANDOM_SRC_FLIP,
    RANDOM_DST_FLIP,
    replace(
        BATCH_SIZE,
        default=8,
        default_text="",
        help=N_(
            "Number of faces per iteration. Larger values generalize better, but need more GPU memory and time; "
            "lower it first when memory runs out. Typical: 4-8. auto takes the largest up to 16 that should fit "
            "into the free memory."
        ),
    ),
    replace(
        RESOLUTION,
        kind=Integer(64, 640, multiple=AMP_ARCHI.resolution_step),
        default=224,
        help=N_(
            "Side of the square face the model learns, in pixels. More needs more GPU memory and time, growing "
            "with the square; choose it by the size of the dst face in the video. Adjusted to a multiple of 32. "
            "Typical: 224-288."
        ),
    ),
    replace(
        FACE_TYPE,
        kind=Choice(("f", "wf", "head")),
        default="wf",
        help=N_(
            "Which part of the head is replaced.\n"
            "f: full face.\n"
            "wf: whole face with the forehead, best with XSeg masks. Suits most projects.\n"
            "head: whole head with the hair. Both facesets need XSeg masks.\n"
            "The facesets must be extracted at least as wide."
        ),
    ),
    AE_DIMS,
    INTER_DIMS,
    E_DIMS,
    D_DIMS,
    D_MASK_DIMS,
    MORPH_FACTOR,
    UNIFORM_YAW,
    BLUR_OUT_MASK,
    LR_DROPOUT,
    MODELS_OPT_ON_GPU,
    RANDOM_WARP,
    GAN_POWER,
    GAN_PATCH_SIZE,
    GAN_DIMS,
    CT_MODE,
    CLIPGRAD,
    TRAIN_INTERS,
    CACHE_GB,
    EXACT_CT,
    CORRECTED_SAMPLES,
    EMA,
    PRECISION,
    ACCUMULATE_STEPS,
    GRADIENT_CHECKPOINTING,
    HOLD_OUT,
    KEEP_BEST,
)

MERGE_OPTIONS = (
    Option(
        key="merge_morph_factor",
        label=N_("Morph factor"),
        kind=Number(0.0, 1.0),
        default=1.0,
        help=N_(
            "How much of the source identity is shown in the merged face. 1.0 is a full swap; 0.6-0.9 blends towards the target."
        ),
    ),
)


def open_feed(faces: Mapping, options: Mapping, *, seed: int, start: int):
    from dfl_cli.classes.pair_feed import PairFeed

    return PairFeed(faces, options, seed=seed, start=start)


def draw_previews(model, batch, options: Mapping) -> list:
    from dfl_cli.classes.amp_previews import morph_previews

    return morph_previews(NETWORK.name, model, batch)


AMP = ModelClass(
    network=NETWORK, table=TABLE, merge_options=MERGE_OPTIONS, open_feed=open_feed, draw_previews=draw_previews
)
