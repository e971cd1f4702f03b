"""Real lack of memory: sizes beyond any address space fail at once."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.engine.engine import engine
from models.engine.out_of_memory import OutOfMemory, is_out_of_memory
from models.engine.train_step import Objective
from models.optimizers import RMSprop

TOO_MANY = 2**45  # float32 numbers: 128 TiB


def too_large(x, *, when):
    """A number that is x plus nothing, by way of a tensor that no memory holds where `when` is true."""
    count = tf.where(when, tf.constant(TOO_MANY, tf.int64), tf.constant(1, tf.int64))
    return x + 0 * tf.reduce_sum(tf.random.stateless_uniform([count], seed=[1, 2]))


class GreedyOptimizer(RMSprop):
    """Finds the memory full in the middle of the update when `greedy`, after the first weight has moved."""

    def update_step(self, gradient, variable, learning_rate):
        if variable.name.startswith("second"):
            learning_rate = too_large(learning_rate, when=self.greedy)
        super().update_step(gradient, variable, learning_rate)


@pytest.fixture
def trained():
    """A step of two weights, and switches that let its losses or its update want too much."""
    variables = [keras.Variable(np.ones(3, "float32"), name=name) for name in ("first", "second")]
    greedy_losses = tf.Variable(False)
    optimizer = GreedyOptimizer(0.1)
    optimizer.greedy = tf.Variable(False)
    optimizer.build(variables)

    def compute_losses(batch):
        loss = tf.reduce_sum(batch["picture"] * tf.add_n([v.value for v in variables]), axis=1)
        return {"only": too_large(loss, when=greedy_losses)}

    objectives = [Objective("only", optimizer, variables)]
    run = engine().compile_step(compute_losses, objectives, reported=["only"], devices=["CPU:0"])
    batch = {"picture": np.ones((2, 3), np.float32)}
    return run, batch, variables, greedy_losses, optimizer.greedy


def test_a_step_that_runs_out_of_memory_says_so_and_has_changed_nothing(trained):
    run, batch, variables, greedy_losses, _ = trained
    run(batch)
    before = [np.array(v) for v in variables]
    greedy_losses.assign(True)
    with pytest.raises(OutOfMemory) as raised:
        run(batch)
    assert raised.value.intact
    assert "OOM when allocating tensor" in raised.value.said and len(raised.value.said) <= 200
    np.testing.assert_array_equal(before, [np.array(v) for v in variables])
    greedy_losses.assign(False)
    assert run(batch).applied  # the same function goes on


def test_an_update_that_runs_out_of_memory_half_way_says_that_the_weights_are_not_to_be_kept(trained):
    run, batch, *_, greedy_update = trained
    run(batch)
    greedy_update.assign(True)
    with pytest.raises(OutOfMemory) as raised:
        run(batch)
    assert not raised.value.intact


def test_a_view_that_runs_out_of_memory_says_so():
    view = engine().compile_forward(lambda x: too_large(x, when=tf.shape(x)[0] > 1), (2,))
    assert view(np.ones((1, 2))).shape == (1, 2)
    with pytest.raises(OutOfMemory):
        view(np.ones((2, 2)))


def test_what_libraries_below_tensorflow_say_is_understood():
    onednn = tf.errors.AbortedError(
        None, None, "Operation received an exception:Status: 1, message: could not create a memory"
    )
    cudnn = tf.errors.InternalError(None, None, "CUDNN_STATUS_ALLOC_FAILED in cudnnCreate")
    assert is_out_of_memory(onednn) and is_out_of_memory(cudnn) and is_out_of_memory(MemoryError())
    assert not is_out_of_memory(
        tf.errors.AbortedError(None, None, "Operation received an exception:Status: 2, message: x")
    )
    assert not is_out_of_memory(ValueError("out of memory"))  # somebody else's words
