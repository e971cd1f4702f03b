"""One small model of each class with what it can be trained with, for comparisons of two ways to compute a step."""

from dataclasses import replace

import numpy as np

from models.classes.amp import AMP
from models.classes.quick96 import QUICK96
from models.classes.quick96_model import Quick96Model
from models.classes.saehd import SAEHD
from models.spec import QUICK96 as QUICK96_STRUCTURE
from models.spec import ModelSpec

SIDE = 32  # of their faces
SMALL_AMP = {
    "resolution": SIDE, "ae_dims": 8, "inter_dims": 8, "e_dims": 4, "d_dims": 4, "d_mask_dims": 2, "morph_factor": 0.5,
    "train_inters": True, "blur_out_mask": True, "lr_dropout": "n", "clipgrad": False, "gan_power": 0.1,
    "gan_patch_size": 8, "gan_dims": 8,
}  # fmt: skip
NARROW = {"resolution": SIDE, "ae_dims": 16, "e_dims": 6, "d_dims": 4, "d_mask_dims": 2}
SMALL_QUICK96 = replace(
    QUICK96,
    make=lambda options, seed: Quick96Model(ModelSpec.from_options({**QUICK96_STRUCTURE, **NARROW}), seed=seed),
)
EVERYTHING = {
    "resolution": SIDE,
    "blur_out_mask": True, "eyes_mouth_prio": True, "gan_power": 0.1, "true_face_power": 0.01,
    "face_style_power": 10.0, "bg_style_power": 7.0,
}  # fmt: skip
MODELS = {
    "SAEHD df": (SAEHD, EVERYTHING),
    "SAEHD liae": (SAEHD, {"resolution": SIDE, "archi": "liae-udtc", "clipgrad": True, "lr_dropout": "y"}),
    "AMP": (AMP, SMALL_AMP),
    "Quick96": (SMALL_QUICK96, {}),
}


def build(answers, name: str, **memory):
    network, changes = MODELS[name]
    return network.build((answers(**changes) if network is SAEHD else changes) | memory, seed=1)


def gradients(model) -> dict[str, np.ndarray]:
    """Of the first step, which the slots still hold: a tenth of them, or of their squares."""
    state = model.optimizer_state()
    means = {key: 10 * slot for key, slot in state.items() if "/ms_" in key}
    return means or {key: np.sqrt(10 * slot) for key, slot in state.items() if "/acc_" in key}


def assert_close(ours: dict, theirs: dict, *, share: float) -> None:
    """Every array to `share` of its norm, and to the rounding of terms that cancel each other."""
    assert ours.keys() == theirs.keys()
    for key, array in theirs.items():
        difference = np.linalg.norm(ours[key] - array)
        assert difference <= share * np.linalg.norm(array) + 2e-7 * array.size**0.5, (key, difference)
