"""How forks and older versions of DeepFaceLab write options that exist here, and why others have no place here. Data only."""

from collections.abc import Mapping

from dfl_cli.translate import N_
from models.spec import LETTERS

# key -> value of another program -> the nearest of ours
VALUES: Mapping[str, Mapping[str, str]] = {
    "archi": {"dfuhd": "df-u", "liaeuhd": "liae-u"},
    "ct_mode": {"fs-aug": "none", "cc-aug": "none", "mix": "rct"},
    "lr_dropout": {"gpu": "y"},
    "face_type": {
        "half_face": "h",
        "midfull_face": "mf",
        "mid_face": "mf",
        "full_face": "f",
        "full_face_no_align": "f",
        "whole_face": "wf",
        "head_no_align": "head",
        "custom": "wf",
    },
}
SAME_MEANING = {"archi", "lr_dropout", "face_type"}  # the value of the other program has another name only...
EXCEPT = {"custom"}  # ...but for these

# Ours -> the older options it is made of where it is not stored itself: yes if one of them is.
OLDER_KEYS: Mapping[str, tuple[str, ...]] = {
    "eyes_mouth_prio": ("eyes_prio", "mouth_prio"),
    "random_src_flip": ("random_flip",),
    "random_dst_flip": ("random_flip",),
    "uniform_yaw": ("sort_by_yaw",),
}

NO_SUCH_OPTION = N_("no such option here")
NO_SUCH_SAMPLES = N_("samples are not altered this way here")
NO_SUCH_GAN = N_("the GAN has no such setting here")
REPLACED = N_("replaced by a newer option, which is stored too")
REASONS: Mapping[str, str] = {
    "lr": N_("the learning rate is fixed here"),
    "loss_function": N_("the loss function is fixed here"),
    "use_fp16": N_("weights are always kept and trained in float32 here"),
    **dict.fromkeys(("gan_smoothing", "gan_noise", "gan_version"), NO_SUCH_GAN),
    **dict.fromkeys(
        (
            "random_blur",
            "random_color",
            "random_downsample",
            "random_jpeg",
            "random_noise",
            "random_shadow",
            "super_warp",
        ),
        NO_SUCH_SAMPLES,
    ),
    **dict.fromkeys((key for keys in OLDER_KEYS.values() for key in keys), REPLACED),
}


def plain_archi(text: str) -> str:
    """`DF-UUD` as `df-ud`: DeepFaceLab looks for each letter anywhere behind the dash."""
    base, _dash, letters = text.strip().lower().partition("-")
    if base not in ("df", "liae") or not set(letters) <= set(LETTERS):
        return text
    return f"{base}-{''.join(dict.fromkeys(letters))}" if letters else base
