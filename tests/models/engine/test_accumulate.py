"""An iteration of several small batches is the iteration of the large one."""

import numpy as np
import pytest

from every_model import MODELS, SIDE, assert_close, build, gradients
from models.classes.saehd import SAEHD


@pytest.mark.parametrize("name", MODELS)
def test_small_batches_add_up_to_the_gradients_of_the_large_one(eagerly, answers, random_batch, name):
    """To rounding."""
    batch = random_batch(size=4, side=SIDE)
    whole, parts = build(answers, name), build(answers, name, accumulate_steps=2)
    expected, found = whole.train(batch), parts.train(batch)
    assert found.applied
    np.testing.assert_allclose(found.losses, expected.losses, rtol=1e-6)
    assert_close(gradients(parts), gradients(whole), share=1e-4)


def test_one_bad_face_in_one_pass_leaves_everything_as_it_was(eagerly, answers, random_batch):
    model = SAEHD.build(answers() | {"accumulate_steps": 2}, seed=1)
    batch = random_batch(size=4)
    spoiled = batch.warped_dst.copy()
    spoiled[1] = np.nan
    before = model.weights() | model.optimizer_state()
    assert not model.train(batch._replace(warped_dst=spoiled)).applied
    for key, array in (model.weights() | model.optimizer_state()).items():
        np.testing.assert_array_equal(array, before[key], err_msg=key)
    assert model.train(batch).applied


@pytest.mark.parametrize("precision", [pytest.param("float16", marks=pytest.mark.soak), "bfloat16"])
def test_passes_add_up_in_half_precision_too(eagerly, answers, random_batch, precision):
    options = {"precision": precision}
    batch = random_batch(size=2, side=SIDE)
    whole = build(answers, "SAEHD df", **options)
    parts = build(answers, "SAEHD df", accumulate_steps=2, **options)
    expected, found = whole.train(batch), parts.train(batch)
    assert expected.applied and found.applied
    np.testing.assert_allclose(found.losses, expected.losses, rtol=1e-3)


def test_a_model_goes_on_with_another_number_of_batches_only_when_it_is_built_again(answers):
    options = answers()
    assert SAEHD.same_training(options, options | {"accumulate_steps": 1, "gradient_checkpointing": False})
    assert not SAEHD.same_training(options, options | {"accumulate_steps": 2})
    assert not SAEHD.same_training(options, options | {"gradient_checkpointing": True})
