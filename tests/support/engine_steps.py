"""Two steps of every small model on one engine: `python engine_steps.py ENGINE FILE.npz` writes what came of them."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "models")]

from models.engine import runtime  # noqa: E402

runtime.prepare("cpu", engine=sys.argv[1], seed=1)

import numpy as np  # noqa: E402

from every_model import MODELS, SIDE, build  # noqa: E402
from models.classes.pair_batch import PairBatch  # noqa: E402
from models.engine.seeded import seeded_choice, seeded_mask  # noqa: E402

SMALL = {
    "archi": "df", "ae_dims": 16, "e_dims": 6, "d_dims": 4, "d_mask_dims": 2, "masked_training": True,
    "eyes_mouth_prio": False, "blur_out_mask": False, "adabelief": True, "lr_dropout": "n", "clipgrad": False,
    "random_warp": True, "gan_power": 0.0, "gan_patch_size": 8, "gan_dims": 8, "true_face_power": 0.0,
    "face_style_power": 0.0, "bg_style_power": 0.0, "pretrain": False,
}  # fmt: skip
VARIANTS = {
    **{name: (name, {}) for name in MODELS},
    "sparing": ("SAEHD df", {"gradient_checkpointing": True, "accumulate_steps": 2, "ema": "0.999"}),
    "bfloat16": ("SAEHD liae", {"precision": "bfloat16"}),
    "float16": ("Quick96", {"precision": "float16"}),
}


def answers(**changes) -> dict:
    return SMALL | changes


def noise(seed: int, size: int = 4) -> PairBatch:
    rng = np.random.default_rng(seed)
    mask, eyes = np.zeros((2, size, SIDE, SIDE, 1), np.float32)
    mask[:, 8:24, 8:24], eyes[:, 12:16, 10:22] = 1, 1
    pictures = rng.random((4, size, SIDE, SIDE, 3), np.float32)
    return PairBatch(pictures[0], pictures[1], mask, eyes, pictures[2], pictures[3], mask, eyes)


def steps_of(name: str) -> dict[str, np.ndarray]:
    """Losses of both steps, weights and slots after each, a swap, and what a poisoned batch changes."""
    model = build(answers, *VARIANTS[name][:1], **VARIANTS[name][1])
    found = {}
    for step in (1, 2):
        result = model.train(noise(step))
        state = {**model.weights(), **model.optimizer_state(), **{f"ema/{k}": v for k, v in model.averages().items()}}
        found |= {f"{step}/losses": result.losses, f"{step}/applied": result.applied}
        found |= {f"{step}/{key}": value for key, value in state.items()}
    poisoned = noise(3)._replace(warped_src=np.full((4, SIDE, SIDE, 3), np.nan, np.float32))
    refused, after = not model.train(poisoned).applied, {**model.weights(), **model.optimizer_state()}
    same = all(np.array_equal(state[key], value) for key, value in after.items() if not key.startswith("loss_scale"))
    swap = model.swap(noise(4).target_dst)
    return found | {"refused": refused, "kept": same, "swap": swap.bgr, "mask": swap.dst_mask}


if __name__ == "__main__":
    arrays = {f"{name}:{key}": value for name in sys.argv[3:] or VARIANTS for key, value in steps_of(name).items()}
    arrays["random:mask"] = seeded_mask(5, 0.3)(7, "encoder/w", (33, 5))
    arrays["random:choice"] = seeded_choice(5, count=3, total=8)(7, 6)
    np.savez(sys.argv[2], **{key: np.asarray(value) for key, value in arrays.items()})
