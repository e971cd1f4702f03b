"""SAEHD: its options, samples and previews (spec wizard.md 2.2)."""

from collections.abc import Mapping

from dfl_cli.classes.model_class import ModelClass
from dfl_cli.options.tables.learning import (
    ACCUMULATE_STEPS,
    ADABELIEF,
    BLUR_OUT_MASK,
    CLIPGRAD,
    CT_MODE,
    EMA,
    EYES_MOUTH_PRIO,
    GRADIENT_CHECKPOINTING,
    LR_DROPOUT,
    MASKED_TRAINING,
    MODELS_OPT_ON_GPU,
    PRECISION,
    PRETRAIN,
    RANDOM_HSV_POWER,
    RANDOM_WARP,
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
    BG_STYLE_POWER,
    FACE_STYLE_POWER,
    GAN_DIMS,
    GAN_PATCH_SIZE,
    GAN_POWER,
    TRUE_FACE_POWER,
)
from dfl_cli.options.tables.structure import (
    AE_DIMS,
    ARCHI,
    D_DIMS,
    D_MASK_DIMS,
    E_DIMS,
    FACE_TYPE,
    RESOLUTION,
)
from models.classes.saehd import SAEHD as NETWORK

TABLE = (
    AUTOBACKUP_HOUR,
    WRITE_PREVIEW_HISTORY,
    CHOOSE_PREVIEW_HISTORY,
    TARGET_ITER,
    RANDOM_SRC_FLIP,
    RANDOM_DST_FLIP,
    BATCH_SIZE,
    RESOLUTION,
    FACE_TYPE,
    ARCHI,
    AE_DIMS,
    E_DIMS,
    D_DIMS,
    D_MASK_DIMS,
    MASKED_TRAINING,
    EYES_MOUTH_PRIO,
    UNIFORM_YAW,
    BLUR_OUT_MASK,
    MODELS_OPT_ON_GPU,
    ADABELIEF,
    LR_DROPOUT,
    RANDOM_WARP,
    RANDOM_HSV_POWER,
    GAN_POWER,
    GAN_PATCH_SIZE,
    GAN_DIMS,
    TRUE_FACE_POWER,
    FACE_STYLE_POWER,
    BG_STYLE_POWER,
    CT_MODE,
    CLIPGRAD,
    PRETRAIN,
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


def open_feed(faces: Mapping, options: Mapping, *, seed: int, start: int):
    from dfl_cli.classes.pair_feed import PairFeed

    return PairFeed(faces, options, seed=seed, start=start)


def draw_previews(model, batch, options: Mapping) -> list:
    from dfl_cli.classes.pair_previews import pair_previews

    return pair_previews(NETWORK.name, model, batch, options)


SAEHD = ModelClass(network=NETWORK, table=TABLE, open_feed=open_feed, draw_previews=draw_previews)
