"""What is known about a class before its networks are built, and that it agrees with them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.classes.amp import AMP
from models.classes.quick96 import QUICK96
from models.classes.saehd import SAEHD
from models.classes.saehd_model import SaehdModel

ROOT = Path(__file__).resolve().parents[2]
SMALL_AMP = {
    "resolution": 64, "ae_dims": 8, "inter_dims": 8, "e_dims": 4, "d_dims": 4, "d_mask_dims": 2, "morph_factor": 0.5,
    "train_inters": True, "blur_out_mask": False, "lr_dropout": "n", "clipgrad": False, "gan_power": 0.1,
    "gan_patch_size": 8, "gan_dims": 8,
}  # fmt: skip


@pytest.fixture(scope="module")
def built(answers) -> dict:
    """Class name -> (class, options, a model with all its discriminators)."""
    everything = answers(gan_power=0.1, true_face_power=0.01, lr_dropout="y")
    chosen = {SAEHD: everything, AMP: SMALL_AMP, QUICK96: {}}
    return {one.name: (one, options, one.build(options, seed=1)) for one, options in chosen.items()}


def test_knowing_a_class_loads_no_keras():
    modules = "models.classes.saehd, models.classes.amp, models.classes.quick96, models.classes.xseg"
    code = f"import sys, {modules}; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


@pytest.mark.parametrize("name", ["SAEHD", "AMP", "Quick96"])
def test_the_networks_have_the_weights_of_the_table(built, name):
    network, options, model = built[name]
    table = {
        f"{part.name}/{path}": shape for part in network.layout(options).parts for path, shape in part.tensors.items()
    }
    assert {key: tuple(variable.shape) for key, variable in model.named_weights().items()} == table


@pytest.mark.parametrize("name", ["SAEHD", "AMP", "Quick96"])
def test_optimizers_and_discriminators_are_those_of_the_table(built, name):
    network, options, model = built[name]
    optimizers = network.layout(options).optimizers
    parts = {path.partition("/")[0] for optimizer in model.optimizers.values() for path in optimizer.paths}
    assert parts == {part.scope for optimizer in optimizers for part in optimizer.parts}
    assert {optimizer.name for optimizer in optimizers} == set(model.optimizers)
    judges = {part.name: optimizer.name for optimizer in optimizers for part in optimizer.parts if part.power}
    assert model.adversaries == judges
    for optimizer in model.optimizers.values():
        assert len(optimizer.slot_names) == network.optimizer_memory(options).slots


@pytest.mark.parametrize("name", ["SAEHD", "AMP"])
def test_reported_losses_and_reconstructions_go_by_the_same_names(eagerly, built, random_batch, name):
    network, _, model = built[name]
    batch = random_batch(size=3)
    assert model.loss_names == network.loss_names == ("src", "dst")
    assert model.train(batch).losses.shape == (2,)
    seen = model.reconstructions(batch, 2)
    assert tuple(seen) == model.loss_names
    painted, true = seen["src"]
    assert painted.shape == true.shape == (2, 64, 64, 3)
    np.testing.assert_array_equal(true, batch.target_src[:2])
    np.testing.assert_array_equal(seen["dst"][0], model.view(batch.target_src[:2], batch.target_dst[:2])["DD"])


def test_a_model_is_built_from_its_options(answers):
    model = SAEHD.build(answers(resolution=96), seed=1)
    assert isinstance(model, SaehdModel)
    assert model.resolution == 96


def test_pretraining_puts_its_values_in_the_place_of_the_answers(answers):
    options = answers(pretrain=True, gan_power=0.1, true_face_power=0.01, lr_dropout="y")
    forced, trained = SAEHD.effective_options(options), SAEHD.build(options, seed=1).training
    assert (forced["gan_power"], forced["lr_dropout"], forced["uniform_yaw"]) == (0, "n", True)
    for key in ("gan_power", "true_face_power", "lr_dropout", "random_warp"):
        assert getattr(trained, key) == forced[key] == SAEHD.pretraining[key]
    assert SAEHD.effective_options(answers()) == answers()
    assert AMP.effective_options(SMALL_AMP) == SMALL_AMP
