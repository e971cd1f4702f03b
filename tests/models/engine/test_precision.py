"""Computing in bfloat16 and float16: what stays float32, and how losses are scaled for float16."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from every_model import SIDE, SMALL_AMP, SMALL_QUICK96
from models import weights
from models.classes.amp import AMP
from models.classes.saehd import SAEHD
from models.engine.engine import engine
from models.engine.precision import FIRST_SCALE, GROWTH_STEPS, LEAST_SCALE, LossScale, computing_in, speedup
from models.engine.train_step import Objective
from models.optimizers import RMSprop

JUDGES = {"gan_power": 0.1, "true_face_power": 0.01}
STYLES = {"face_style_power": 10.0, "bg_style_power": 10.0}
VARIANTS = {
    "df": (SAEHD, {"archi": "df", "clipgrad": True, "ema": "0.999"}),
    "df-udtc": (SAEHD, {"archi": "df-udtc", "eyes_mouth_prio": True, "blur_out_mask": True, **JUDGES, **STYLES}),
    "liae-ud": (SAEHD, {"archi": "liae-ud", "lr_dropout": "y", **STYLES}),
    "liae-tc": (SAEHD, {"archi": "liae-tc", "masked_training": False, "adabelief": False, **JUDGES}),
    "AMP": (AMP, SMALL_AMP),
    "Quick96": (SMALL_QUICK96, {}),
}


@pytest.fixture
def build(answers):
    def model(variant: str, precision: str, **changes):
        known, options = VARIANTS[variant]
        complete = {**answers(resolution=SIDE), **options} if known is SAEHD else options
        return known.build({**complete, **changes, "precision": precision}, seed=1)

    return model


def assert_all_float32(model) -> None:
    kept = {**model.weights(), **model.optimizer_state(), **model.averages()}
    assert {array.dtype for array in kept.values()} <= {np.dtype(np.float32), np.dtype(np.int64)}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_class_archi_and_loss_trains_in_bfloat16_with_losses_near_those_of_float32(
    eagerly, build, random_batch, variant
):
    single, narrow = build(variant, "float32"), build(variant, "bfloat16")
    batch = random_batch(side=SIDE)
    for _ in range(2):
        expected, found = single.train(batch), narrow.train(batch)
        assert expected.applied and found.applied
        np.testing.assert_allclose(found.losses, expected.losses, rtol=0.03)
    assert_all_float32(narrow)
    assert {image.dtype for image in narrow.view(batch.target_src, batch.target_dst).values()} == {np.dtype(np.float32)}
    computed = narrow.compute_losses(batch)
    assert {loss.dtype for loss in computed.values()} == {tf.float32}


def sigmoid_types(model, batch) -> set:
    """The types in which the last layers of every forward pass are computed."""
    graph = tf.function(lambda: model.compute_losses(batch), autograph=False).get_concrete_function().graph
    return {op.outputs[0].dtype for op in graph.get_operations() if op.type == "Sigmoid"}


@pytest.mark.parametrize("variant", ["df-udtc", "AMP"])
def test_the_last_sigmoids_are_computed_in_float32(build, random_batch, variant):
    assert sigmoid_types(build(variant, "bfloat16"), random_batch(side=SIDE)) == {tf.float32}


@pytest.mark.parametrize("variant", ["df", "AMP"])
def test_float16_trains_too(eagerly, build, random_batch, variant):
    """Of the smallest networks: processors have no instructions for it, and take a hundred times as long."""
    single, half = build(variant, "float32"), build(variant, "float16")
    batch = random_batch(size=1, side=SIDE)
    np.testing.assert_allclose(half.train(batch).losses, single.train(batch).losses, rtol=0.03)
    assert_all_float32(half)


def test_what_was_trained_in_one_precision_goes_on_in_another(eagerly, build, random_batch, tmp_path):
    half = build("df", "float16")
    assert half.train(random_batch(size=1, side=SIDE)).applied
    half.loss_scale.value.assign(512.0)
    weights.save(tmp_path / "weights", half.weights())
    weights.save(tmp_path / "slots", half.optimizer_state())
    stored = weights.load(tmp_path / "weights"), weights.load(tmp_path / "slots")
    for precision in ("float32", "bfloat16", "float16"):
        resumed = build("df", precision)
        resumed.load(*stored)
        np.testing.assert_array_equal(resumed.weights()["inter/dense1/weight"], stored[0]["inter/dense1/weight"])
        assert int(resumed.optimizer_state()["src_dst_opt/iters"]) == 1
        if precision == "float16":
            assert float(resumed.loss_scale.value) == 512
    single = build("df", "float32")
    assert single.optimizer_state().keys() == half.optimizer_state().keys() - {"loss_scale/value", "loss_scale/steps"}
    half.load(single.weights(), single.optimizer_state())
    assert float(half.loss_scale.value) == FIRST_SCALE


class OneWeight:
    """A step that moves one weight by a loss of which `slope` is the gradient, or by another one."""

    def __init__(self, losses=None, start: float = 1.0):
        self.variable, self.scale = keras.Variable([start], name="weight"), LossScale()
        optimizer = RMSprop(0.1)
        optimizer.build([self.variable])
        self.run = engine().compile_step(
            losses or self.losses, [Objective("loss", optimizer, [self.variable])],
            reported=["loss"], devices=["CPU:0"], loss_scale=self.scale,
        )  # fmt: skip

    def losses(self, slope):
        """In float16 as a network computes; the loss itself is float32."""
        moved = tf.cast(self.variable.value, tf.float16) * tf.cast(slope, tf.float16)
        return {"loss": tf.cast(moved, tf.float32)}

    def step(self, slope: float):
        return self.run(np.full(1, slope, np.float32))

    @property
    def weight(self) -> float:
        return float(self.variable.numpy()[0])


def test_gradients_too_large_for_float16_halve_the_scale_and_change_nothing_else():
    one = OneWeight()
    found = one.step(16.0)  # times 2**13 is more than float16 holds
    assert found.overflowed and not found.applied
    assert (one.weight, float(one.scale.value), int(one.scale.steps)) == (1.0, FIRST_SCALE / 2, 0)
    outcomes = [one.step(16.0) for _ in range(2)]
    assert [outcome.applied for outcome in outcomes] == [False, True]
    assert one.weight < 1 and float(one.scale.value) == FIRST_SCALE / 4


def test_a_loss_that_is_not_finite_is_no_matter_of_the_scale():
    one = OneWeight()
    found = one.step(math.inf)
    assert not found.applied and not found.overflowed
    assert float(one.scale.value) == FIRST_SCALE


def test_what_overflows_at_the_least_scale_is_a_fault_of_the_training():
    one = OneWeight(lambda slope: {"loss": tf.sqrt(one.variable.value) * slope}, start=0.0)  # rises without end there
    one.scale.value.assign(LEAST_SCALE)
    found = one.step(1.0)
    assert not found.applied and not found.overflowed
    assert float(one.scale.value) == LEAST_SCALE


def test_the_scale_grows_after_a_thousand_steps_that_fitted():
    one = OneWeight()
    one.scale.steps.assign(GROWTH_STEPS - 1)
    assert one.step(1.0).applied
    assert (float(one.scale.value), int(one.scale.steps)) == (2 * FIRST_SCALE, 0)


def test_the_scale_cancels_out_of_the_gradients():
    moved = set()
    for scale in (1.0, FIRST_SCALE):
        one = OneWeight()
        one.scale.value.assign(scale)
        one.step(2.0)
        moved.add(one.weight)
    assert len(moved) == 1


def test_the_policy_ends_with_the_block():
    with computing_in("bfloat16"):
        assert keras.config.dtype_policy().compute_dtype == "bfloat16"
    assert keras.config.dtype_policy().compute_dtype == "float32"


def test_a_device_that_cannot_compute_in_a_precision_is_not_quick_in_it():
    assert speedup("float32") > 0 and speedup("bfloat16") >= 0
