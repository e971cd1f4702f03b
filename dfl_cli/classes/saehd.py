"""The tables of options a model class has, in the order of its questions (spec wizard.md 2.2 and 2.5)."""

from collections.abc import Mapping
from dataclasses import replace

from dfl_cli.options.kinds import Choice, Whole
from dfl_cli.options.option import Ask, Option
from dfl_cli.options.tables.learning import (
    ADABELIEF,
    BLUR_OUT_MASK,
    CLIPGRAD,
    CT_MODE,
    EMA,
    EYES_MOUTH_PRIO,
    LR_DROPOUT,
    MASKED_TRAINING,
    MODELS_OPT_ON_GPU,
    PRETRAIN,
    RANDOM_HSV_POWER,
    RANDOM_WARP,
    TRAIN_INTERS,
    UNIFORM_YAW,
)
from dfl_cli.options.tables.run import (
    AUTOBACKUP_HOUR,
    BATCH_SIZE,
    CHOOSE_PREVIEW_HISTORY,
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
    INTER_DIMS,
    MORPH_FACTOR,
    RESOLUTION,
)
from models.layout import QUICK96 as QUICK96_STRUCTURE

SAEHD = (
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
)

AMP = (
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
        help=(
            "Number of faces per training step. Larger values learn more steadily but need more video memory and time "
            "per step; lower it first when memory runs out. Typical: 4-8."
        ),
    ),
    replace(
        RESOLUTION,
        kind=Whole(64, 640, multiple=32),
        default=224,
        help=(
            "Side of the square face the model learns, in pixels. Memory and time grow with its square; pick it by the "
            "size of the target face in the video. Typical: 224-288."
        ),
    ),
    replace(
        FACE_TYPE,
        kind=Choice(("f", "wf", "head")),
        default="wf",
        help=(
            "f full face, wf with forehead, head with hair. Use wf unless you have a clear reason; head needs XSeg masks "
            "on both facesets."
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
)

# Asks nothing; the rest of it is in FIXED.
QUICK96 = (
    replace(AUTOBACKUP_HOUR, ask=Ask.NEVER),
    replace(WRITE_PREVIEW_HISTORY, ask=Ask.NEVER),
    replace(CHOOSE_PREVIEW_HISTORY, ask=Ask.NEVER),
    replace(TARGET_ITER, ask=Ask.NEVER),
    replace(BATCH_SIZE, ask=Ask.NEVER, default=4, default_text=""),
    CACHE_GB,
    EMA,
)

TABLES: Mapping[str, tuple[Option, ...]] = {"SAEHD": SAEHD, "AMP": AMP, "Quick96": QUICK96}

# What a class has decided for everybody; stored beside the answers (spec models.md 2.2 and wizard.md 2.5).
FIXED: Mapping[str, Mapping] = {
    "Quick96": {
        **QUICK96_STRUCTURE,
        "face_type": "f",
        "random_src_flip": False,
        "random_dst_flip": False,
        "uniform_yaw": False,
        "random_warp": True,
        "ct_mode": "none",
    }
}

# What pretraining puts in the place of the answers, which stay stored (spec models.md 6.2).
PRETRAINING = {
    "random_src_flip": True,
    "random_dst_flip": True,
    "uniform_yaw": True,
    "lr_dropout": "n",
    "random_warp": False,
    "random_hsv_power": 0.0,
    "gan_power": 0.0,
    "true_face_power": 0.0,
    "face_style_power": 0.0,
    "bg_style_power": 0.0,
    "ct_mode": "none",
}


def in_force(answers: Mapping) -> dict:
    """The options a step works with: the answers, or what pretraining puts in their place."""
    return {**answers, **PRETRAINING} if answers.get("pretrain") else dict(answers)


def risky_changes(model_class: str, before: Mapping, now: Mapping) -> list[str]:
    """Keys of the options in force whose change from `before` to `now` can spoil a trained model."""
    before, now = in_force(before), in_force(now)
    return [
        option.key
        for option in TABLES[model_class]
        if option.risky
        and option.key in before
        and option.when(now)
        and option.risky(before[option.key], now[option.key])
    ]


def with_fixed(model_class: str, answers: Mapping) -> dict:
    """The options of a model: the answers, and what its class has fixed."""
    return {**answers, **FIXED.get(model_class, {})}


def listed(model_class: str) -> tuple[Option, ...]:
    """What a summary lists: the options of the class' table, then those it has fixed. Empty for a class that is not trained here."""
    fixed = FIXED.get(model_class, {})
    return (*TABLES.get(model_class, ()), *(option for option in SAEHD if option.key in fixed))


def structure(model_class: str, options: Mapping) -> dict:
    """The options that fix the networks of a model; they go into model.json."""
    return {option.key: options[option.key] for option in listed(model_class) if option.ask is Ask.NEW_MODEL}
