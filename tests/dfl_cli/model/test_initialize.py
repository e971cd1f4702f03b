"""Starting a model from another one's weights."""

import numpy as np
import pytest

from dfl_cli.errors import UserError
from dfl_cli.model.initialize import initialize_from
from dfl_cli.store.saved_model import find_model
from models import weights
from models.engine import runtime

runtime.prepare("cpu")


@pytest.fixture
def build(imported):
    """A new model with the options of the imported one, but for `changes`."""

    def new(**changes):
        from dfl_cli.classes.saehd import SAEHD

        return SAEHD.network.build(find_model(imported, "tiny").options | changes, seed=1)

    return new


def test_the_same_structure_starts_with_all_weights(imported, build):
    saved, model = find_model(imported, "tiny"), build()
    assert initialize_from(model, saved) == [
        f"{part}: initialized" for part in ("encoder", "inter", "decoder_src", "decoder_dst")
    ]
    stored = weights.load(saved.generation.weights_file)
    assert all(np.array_equal(array, stored[name]) for name, array in model.weights().items())
    assert model.optimizer_state()["src_dst_opt/iters"] == 0


def test_parts_that_fit_are_taken_and_the_others_named(imported, build):
    saved, model = find_model(imported, "tiny"), build(archi="liae", ae_dims=24)
    before = model.weights()
    lines = initialize_from(model, saved)
    assert lines[0] == "encoder: initialized"
    assert [line.split(":")[0] for line in lines] == ["encoder", "inter_AB", "inter_B", "decoder"]
    stored, after = weights.load(saved.generation.weights_file), model.weights()
    for name, array in after.items():
        assert np.array_equal(array, stored[name] if name.startswith("encoder/") else before[name]), name


def test_a_part_of_another_size_is_explained(imported, build):
    lines = initialize_from(build(ae_dims=24), find_model(imported, "tiny"))
    assert lines[1] == "inter: starts from scratch, dense1/weight is (768, 16) there and (768, 24) here"


def test_nothing_that_fits_is_an_error(imported, build):
    with pytest.raises(UserError, match="No part of the model tiny"):
        initialize_from(build(archi="liae", e_dims=8), find_model(imported, "tiny"))
