"""Operations counted from the options, held equal to what the traced losses and gradients compute."""

import math

import pytest
import tensorflow as tf

from models.classes.amp import AMP
from models.classes.quick96 import QUICK96
from models.classes.saehd import SAEHD
from models.classes.xseg import XSEG
from models.engine.engine import engine

AMP_ANSWERS = {
    "resolution": 64, "ae_dims": 16, "inter_dims": 24, "e_dims": 6, "d_dims": 4, "d_mask_dims": 2, "morph_factor": 0.5,
    "train_inters": True, "blur_out_mask": False, "lr_dropout": "n", "clipgrad": False, "gan_power": 0.0,
    "gan_patch_size": 8, "gan_dims": 8,
}  # fmt: skip
JUDGES = {"gan_power": 0.1, "true_face_power": 0.01}


def gflop_of_graph(model, batch) -> float:
    """Of the convolutions and matrix products that the losses and all gradients depend on."""
    function = tf.function(
        lambda given: engine().losses_and_gradients(model.compute_losses, model.objectives, given), autograph=False
    )
    waiting = [tensor.op for tensor in function.get_concrete_function(batch).outputs]
    seen, total = set(), 0
    while waiting:
        operation = waiting.pop()
        if operation.name not in seen:
            seen.add(operation.name)
            total += multiply_adds(operation)
            waiting += [tensor.op for tensor in operation.inputs] + list(operation.control_inputs)
    return 2e-9 * total


def multiply_adds(operation) -> int:
    """Each kernel, times the places where it is applied; padding counts as any other place."""
    given, made = operation.inputs, operation.outputs
    if operation.type == "Conv2D":
        return math.prod(made[0].shape[:3]) * math.prod(given[1].shape)
    if operation.type == "Conv2DBackpropInput":
        return math.prod(given[2].shape[:3]) * math.prod(given[1].shape)
    if operation.type == "Conv2DBackpropFilter":
        return math.prod(given[2].shape[:3]) * math.prod(made[0].shape)
    if operation.type == "MatMul":
        return math.prod(made[0].shape) * given[0].shape[0 if operation.get_attr("transpose_a") else 1]
    assert "MatMul" not in operation.type and "Conv3D" not in operation.type, operation.type
    return 0


@pytest.mark.parametrize(
    "changes",
    [
        {"archi": "df"},
        {"archi": "df-ud", **JUDGES},
        {"archi": "df-t", "resolution": 96, **JUDGES, "gan_patch_size": 22},
        {"archi": "liae-udt", "gan_power": 0.1},
        {"archi": "liae-ud", "random_warp": False},
        {"archi": "df-u", "face_style_power": 5.0, "bg_style_power": 5.0},
        {"archi": "liae", "face_style_power": 5.0},
        {"archi": "liae-d", "bg_style_power": 5.0},
        {"archi": "df-d", "pretrain": True, **JUDGES},
    ],
    ids=lambda changes: "-".join(map(str, changes.values())),
)
def test_a_step_of_saehd_takes_what_its_options_say(answers, random_batch, changes):
    options = {**answers(**changes), "batch_size": 2}
    counted = SAEHD.gflop_per_iteration(options)
    model = SAEHD.build(options, seed=1)
    assert counted == pytest.approx(gflop_of_graph(model, random_batch(2, options["resolution"])), rel=1e-6)


@pytest.mark.parametrize("changes", [{}, {"gan_power": 0.1, "gan_patch_size": 15}, {"train_inters": False}], ids=str)
def test_a_step_of_amp_takes_what_its_options_say(random_batch, changes):
    options = {**AMP_ANSWERS, **changes, "batch_size": 3}
    model = AMP.build(options, seed=1)
    assert AMP.gflop_per_iteration(options) == pytest.approx(gflop_of_graph(model, random_batch(3)), rel=1e-6)


def test_a_step_of_quick96_takes_what_its_structure_says(random_batch):
    options = {"batch_size": 1}
    model = QUICK96.build(options, seed=1)
    assert QUICK96.gflop_per_iteration(options) == pytest.approx(gflop_of_graph(model, random_batch(1, 96)), rel=1e-6)


def test_a_step_of_xseg_takes_what_its_layers_say():
    options = {"batch_size": 1, "pretrain": False}
    model = XSEG.build(options, seed=1)
    assert XSEG.gflop_per_iteration(options) == pytest.approx(gflop_of_graph(model, XSEG.noise(1, 256)), rel=1e-6)


def test_work_grows_with_the_batch_and_the_area(answers):
    def gflop(**changes) -> float:
        return SAEHD.gflop_per_iteration({**answers(), "batch_size": 4, **changes})

    assert gflop(batch_size=8) == pytest.approx(2 * gflop())
    assert 3.9 < gflop(resolution=128) / gflop() < 4.1


def test_the_smallest_layer_by_hand(answers):
    """The first convolution of the encoder: 32 x 32 places, a kernel of 5 x 5 x 3 x e_dims."""
    encoder = SAEHD.layout(answers()).parts[0]
    assert encoder.layers[0].multiply_adds == 32 * 32 * 5 * 5 * 3 * answers()["e_dims"]


def test_a_step_of_several_batches_takes_as_much_as_all_of_them(answers):
    options = {**answers(), "batch_size": 2}
    assert SAEHD.gflop_per_iteration({**options, "accumulate_steps": 3}) == pytest.approx(
        3 * SAEHD.gflop_per_iteration(options)
    )
