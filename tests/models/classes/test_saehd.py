"""SAEHD as a whole: golden training cases of every kind, views, swaps, and what pretraining and GAN changes renew."""

import json

import numpy as np
import pytest

from closeness import LOSS
from models.classes.pair_batch import PairBatch
from models.classes.saehd import SAEHD, parts_to_reinitialize
from models.engine.engine import engine

GOLDEN_BASE = {
    "archi": "df-ud",
    "ae_dims": 32,
    "e_dims": 16,
    "d_dims": 16,
    "d_mask_dims": 18,
    "gan_dims": 16,
    "masked_training": False,
}
GROUPS = [
    "A_df-ud_plain",
    "B_df-ud_masked",
    "C_df-ud_masked_em_blur",
    "D_df-ud_style",
    "E_df-ud_gan_tf",
    "F_df-ud_clip_rms",
    "G_liae-udt_nowarp",
    "H_liae_warp",
]


@pytest.fixture(scope="module")
def golden(fixtures):
    return json.loads((fixtures / "models" / "golden.json").read_text())["saehd"]


def golden_batch() -> PairBatch:
    pictures = [np.random.RandomState(seed).rand(2, 64, 64, 3).astype(np.float32) for seed in (20, 21, 22, 23)]
    mask, eyes = np.zeros((2, 2, 64, 64, 1), np.float32)
    mask[:, 16:48, 16:48] = 1
    eyes[:, 24:32, 20:44] = 1
    return PairBatch(pictures[0], pictures[1], mask, eyes, pictures[2], pictures[3], mask, eyes)


def step(model, objectives, batch) -> dict:
    """Gradients of all objectives, then the updates; returns the losses before it."""
    losses, gradients = engine().losses_and_gradients(model.compute_losses, objectives, batch)
    for objective, own in zip(objectives, gradients, strict=True):
        objective.optimizer.apply(own, objective.variables)
    return losses


def first_slots(model, optimizer: str, slot: str) -> dict[str, float]:
    """Norm of each variable's first slot, by the variable's name in the reference."""
    start = f"{optimizer}/{slot}_"
    return {
        f"{key.removeprefix(start).removesuffix('_0')}:0": float(np.linalg.norm(array.astype(np.float64)))
        for key, array in model.optimizer_state().items()
        if key.startswith(start)
    }


def assert_norms(found: dict, recorded: dict) -> None:
    assert list(found) == list(recorded)
    np.testing.assert_allclose(list(found.values()), list(recorded.values()), rtol=1e-3, atol=1e-12)


@pytest.mark.parametrize("group", GROUPS)
def test_two_steps_follow_the_reference(eagerly, golden, answers, use_formula, reference_background, group):
    """The judges learn between the steps, from a second pass, as they do in the reference."""
    case = golden[group]
    model = reference_background(SAEHD.build(answers(**GOLDEN_BASE | case["options"]), seed=0))
    for part in model.parts.values():
        use_formula(part)
    batch, generator, judges = golden_batch(), model.objectives[:1], model.objectives[1:]

    losses = step(model, generator, batch)
    np.testing.assert_allclose(losses["src"], case["src_loss"], rtol=LOSS)
    np.testing.assert_allclose(losses["dst"], case["dst_loss"], rtol=LOSS)
    slot = "ms" if model.training.adabelief else "acc"
    assert_norms(first_slots(model, "src_dst_opt", slot), case["opt_state_l2"])
    step(model, judges, batch)
    for optimizer, recorded in (("D_code_opt", "D_code_opt_l2"), ("GAN_opt", "GAN_opt_l2")):
        if recorded in case:
            assert_norms(first_slots(model, optimizer, slot), case[recorded])

    losses = step(model, generator, batch)
    np.testing.assert_allclose(losses["src"], case["src_loss_step2"], rtol=2 * LOSS)
    np.testing.assert_allclose(losses["dst"], case["dst_loss_step2"], rtol=2 * LOSS)
    for name, picture in model.view(batch.target_src, batch.target_dst).items():
        if name in case["view_after2"]:
            assert_stats(picture, case["view_after2"][name])


def assert_stats(picture: np.ndarray, recorded: dict) -> None:
    flat = picture.reshape(-1)
    assert list(picture.shape) == recorded["shape"]
    np.testing.assert_allclose(flat.mean(dtype=np.float64), recorded["mean"], atol=1e-4)
    np.testing.assert_allclose(flat.std(dtype=np.float64), recorded["std"], atol=1e-4)
    np.testing.assert_allclose(flat[:4], recorded["first"], atol=1e-3)
    np.testing.assert_allclose(flat[-4:], recorded["last"], atol=1e-3)


@pytest.mark.parametrize("archi", ["df-ud", "liae"])
def test_views_and_swaps_agree_whatever_the_batch_size(answers, random_batch, archi):
    model = SAEHD.build(answers(archi=archi), seed=4)
    batch = random_batch(size=3)
    view = model.view(batch.target_src, batch.target_dst)
    assert list(view) == ["SS", "SSM", "DD", "DDM", "SD", "SDM"]
    assert all(picture.min() >= 0 and picture.max() <= 1 for picture in view.values())
    together = model.swap(batch.target_dst)
    np.testing.assert_allclose(together.bgr, view["SD"], atol=1e-6)
    np.testing.assert_allclose(together.prd_mask, view["SDM"], atol=1e-6)
    np.testing.assert_allclose(together.dst_mask, view["DDM"], atol=1e-6)
    alone = model.swap(batch.target_dst[1:2])
    assert [part.shape for part in alone] == [(1, 64, 64, 3), (1, 64, 64, 1), (1, 64, 64, 1)]
    np.testing.assert_allclose(alone.bgr, together.bgr[1:2], atol=1e-6)


def test_liae_pretraining_leaves_inter_ab_as_it_is_but_saves_its_slots(eagerly, answers, random_batch):
    model = SAEHD.build(answers(archi="liae", pretrain=True), seed=4)
    before = model.weights()
    model.train(random_batch())
    changed = {key.partition("/")[0] for key, weight in model.weights().items() if np.any(weight != before[key])}
    assert changed == {"encoder", "inter_B", "decoder"}
    assert "src_dst_opt/ms_inter_AB/dense1/weight_0" in model.optimizer_state()


def test_training_makes_the_losses_fall(plain, random_batch):
    losses = [plain.train(random_batch()).losses for _ in range(12)]
    assert np.all(losses[-1] < losses[0])


def test_the_end_of_pretraining_renews_the_inters(answers):
    for archi, inters in (("df-u", ["inter"]), ("liae", ["inter_AB", "inter_B"])):
        stored = answers(archi=archi, pretrain=True)
        assert parts_to_reinitialize(stored, answers(archi=archi)) == inters
        assert parts_to_reinitialize(stored, stored) == []
        assert parts_to_reinitialize(answers(archi=archi), stored) == []


@pytest.mark.parametrize("change", [{"gan_patch_size": 11}, {"gan_patch_size": 16}, {"gan_dims": 4}])
def test_another_patch_size_or_width_makes_a_new_gan(answers, change):
    """Patches of 11 and 15 pixels have arrays of the same shapes, so shapes alone would not tell."""
    stored, options = (
        answers(gan_power=0.1, gan_patch_size=15),
        answers(gan_power=0.1, **{"gan_patch_size": 15, **change}),
    )
    assert parts_to_reinitialize(stored, options) == ["GAN"]
    old, new = SAEHD.build(stored, seed=4), SAEHD.build(options, seed=5)
    first, state = new.weights(), {key: np.ones_like(slot) for key, slot in old.optimizer_state().items()}
    assert new.load(old.weights(), state, fresh=parts_to_reinitialize(stored, options)) == ["GAN"]
    for key, weight in new.weights().items():
        if key.startswith("GAN/"):
            np.testing.assert_array_equal(weight, first[key])
    assert not any(np.any(slot) for key, slot in new.optimizer_state().items() if key.startswith("GAN_opt/"))
