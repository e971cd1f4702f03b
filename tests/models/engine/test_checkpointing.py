"""With gradient checkpointing a step computes more, and the same."""

import numpy as np
import pytest
import tensorflow as tf

from every_model import MODELS, SIDE, assert_close, build, gradients
from models.classes.saehd import SAEHD
from models.engine.checkpointing import checkpointing, segment
from models.engine.engine import engine


@pytest.mark.parametrize("name", MODELS)
def test_a_step_changes_the_same(eagerly, answers, random_batch, name):
    batch = random_batch(side=SIDE)
    plain, sparing = build(answers, name), build(answers, name, gradient_checkpointing=True)
    expected, found = plain.train(batch), sparing.train(batch)
    np.testing.assert_array_equal(found.losses, expected.losses)
    assert_close(gradients(sparing), gradients(plain), share=1e-5)


def test_with_passes_in_bfloat16_and_averages_too(answers, random_batch):
    """Compiled, unlike the steps above."""
    options = answers(resolution=SIDE) | {"precision": "bfloat16", "accumulate_steps": 2, "ema": "0.999"}
    plain, sparing = (SAEHD.build(options | {"gradient_checkpointing": on}, seed=1) for on in (False, True))
    expected, found = (model.train(random_batch(side=SIDE)) for model in (plain, sparing))
    np.testing.assert_allclose(found.losses, expected.losses, rtol=1e-5)
    ours, theirs = (np.concatenate([one.ravel() for one in gradients(model).values()]) for model in (sparing, plain))
    assert ours @ theirs > 0.99 * np.linalg.norm(ours) * np.linalg.norm(theirs)  # fused layers round less often
    assert sparing.averages()["steps"] == 1


def test_what_a_segment_computes_is_computed_once_more_for_every_loss_that_follows_it(plain, random_batch):
    """The encoder runs on the way forth, and again on the way back."""
    calls, encoder = [], plain.networks.encoder
    through = encoder.through_blocks
    encoder.through_blocks = lambda x: calls.append(x.shape) or through(x)
    try:
        for compute, times in ((plain.compute_losses, 1), (checkpointing(plain.compute_losses), 2)):
            calls.clear()
            engine().losses_and_gradients(compute, plain.objectives, random_batch())
            assert len(calls) == times
    finally:
        encoder.through_blocks = through


def test_outside_of_a_step_a_segment_is_its_function():
    double = segment(lambda x: 2 * x)
    with tf.GradientTape() as tape:
        x = tf.constant(3.0)
        tape.watch(x)
        y = double(x)
    assert float(tape.gradient(y, x)) == 2
