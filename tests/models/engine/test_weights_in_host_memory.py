"""models_opt_on_gpu n: what computes where, tried with two virtual processors, of which the second plays the GPU."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

STEP = """
import json, re
from models.engine import runtime
runtime.prepare("cpu")
import tensorflow as tf
processor = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
import numpy as np
from tensorflow.python.eager import context
from models.engine.engine import engine
from models.classes.pair_batch import PairBatch
from models.classes.saehd import SAEHD

engine().computing_devices = lambda: ["CPU:1"]
options = dict(resolution=64, archi="df", ae_dims=8, e_dims=4, d_dims=4, d_mask_dims=2, masked_training=True,
    eyes_mouth_prio=False, blur_out_mask=False, adabelief=True, lr_dropout="y", clipgrad=True, random_warp=True,
    gan_power=0.0, gan_patch_size=8, gan_dims=8, true_face_power=0.0, face_style_power=10.0, bg_style_power=0.0,
    pretrain=False, models_opt_on_gpu=False, ema="0.999", accumulate_steps=2)
ours = SAEHD.build(options, seed=1)
rng = np.random.default_rng(0)
picture, mask = rng.random((4, 64, 64, 3), np.float32), np.ones((4, 64, 64, 1), np.float32)
batch = PairBatch(picture, picture, mask, mask, picture, picture, mask, mask)
context.context().enable_run_metadata()
with tf.device("CPU:1"):  # where everything goes that names no device, as on a GPU
    assert ours.train(batch).applied
graphs = context.context().export_run_metadata().function_graphs[-1].partition_graphs
found = {"weights": len(ours.named_weights())}
for graph in graphs:
    nodes = [node for function in graph.library.function for node in function.node_def] + list(graph.node)
    device = graph.node[0].device[-5:]
    found[device] = {}
    for node in nodes:
        found[device][node.op] = found[device].get(node.op, 0) + 1
    found[device]["sent"] = [node.attr["tensor_name"].s.decode() for node in nodes if node.op == "_Send"]
variables = [*ours.named_weights().values(), *ours.named_state().values(), *ours.moving_averages.averages.values()]
found["variables"] = sorted({variable.value.device[-5:] for variable in variables})
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def placed() -> dict:
    """Per device how many operations of each kind a step runs there, and what it sends to the other."""
    done = subprocess.run([sys.executable, "-c", STEP], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_weights_slots_and_averages_stay_in_the_computers_memory(placed):
    assert placed["variables"] == ["CPU:0"]
    assert placed["CPU:0"]["ReadVariableOp"] and "ReadVariableOp" not in placed["CPU:1"]


def test_updates_are_computed_where_the_weights_are(placed):
    """AdaBelief moves two slots and the weight itself, and dropout draws a mask for each weight."""
    weights = placed["weights"]
    assert placed["CPU:0"]["ResourceApplyGradientDescent"] == 2 * weights
    assert placed["CPU:0"]["ResourceApplyAdagradV2"] == weights
    assert not [kind for kind in placed["CPU:1"] if kind.startswith("ResourceApply")]
    assert placed["CPU:0"]["StatelessRandomUniformV2"] == weights
    assert "AssignVariableOp" not in placed["CPU:1"] and "AssignAddVariableOp" not in placed["CPU:1"]


def test_networks_are_computed_on_the_device(placed):
    assert not [kind for kind in placed["CPU:0"] if "Conv" in kind or "MatMul" in kind]
    assert [kind for kind in placed["CPU:1"] if "Conv" in kind]


def test_only_weights_once_and_gradients_cross(placed):
    """Though two passes and the swap read the weights of src's decoder four times."""
    weights = placed["weights"]
    there = [name for name in placed["CPU:0"]["sent"] if "ReadVariableOp" in name]
    assert weights <= len(there) <= weights + 2  # and counters
    # Either as they are or shortened to a smaller norm: two branches of which one is taken.
    assert weights <= len(placed["CPU:1"]["sent"]) <= 2 * weights + 8
