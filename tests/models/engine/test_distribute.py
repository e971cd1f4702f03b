"""Several devices share a batch: tried with two virtual processors, which a process must make before TensorFlow starts."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]

TWO_DEVICES = """
from models.engine import runtime
runtime.prepare("cpu")
import tensorflow as tf
processor = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
import keras, numpy as np
from typing import Any, NamedTuple
from models.engine.tensorflow.distribute import shared, split
"""


# A loss (w*x)^2 with its gradient, on one device and on two, and where the second one's part was computed.
STEP = """
class Faces(NamedTuple):
    x: Any
w = tf.Variable(3.0)
def compute(batch):
    with tf.GradientTape() as tape:
        loss = (w * batch.x) ** 2
    return {"src": loss}, [[tape.gradient(loss, w)]]
faces = Faces(tf.constant([1.0, 2.0, 3.0, 4.0]))
for devices in (["CPU:0"], ["CPU:0", "CPU:1"]):
    losses, [[gradient]] = tf.function(shared(compute, devices))(faces)
    print(*losses["src"].numpy(), gradient.numpy())
with tf.device("CPU:1"):
    print(tf.constant(0.0).device[-5:])
"""
WHOLE_MODEL = """
from models.engine.engine import engine
from models.classes.saehd import SAEHD
from models.classes.pair_batch import PairBatch
engine().computing_devices = lambda: ["CPU:0", "CPU:1"]
options = dict(resolution=64, archi="df", ae_dims=8, e_dims=4, d_dims=4, d_mask_dims=2, masked_training=True,
    eyes_mouth_prio=False, blur_out_mask=False, adabelief=True, lr_dropout="n", clipgrad=False, random_warp=True, gan_power=0.0,
    gan_patch_size=8, gan_dims=8, true_face_power=0.0, face_style_power=0.0, bg_style_power=0.0, pretrain=False,
    models_opt_on_gpu=False, ema="0.999")
ours = SAEHD.build(options, seed=1)
rng = np.random.default_rng(0)
picture, mask = rng.random((4, 64, 64, 3), np.float32), np.ones((4, 64, 64, 1), np.float32)
before, broken = (ours.weights(), ours.averages()), picture.copy()
broken[0] = np.nan
refused = ours.train(PairBatch(broken, picture, mask, mask, picture, picture, mask, mask)).applied
after = ours.weights(), ours.averages()
same = all(np.array_equal(array, new[key]) for old, new in zip(before, after) for key, array in old.items())
taken = ours.train(PairBatch(picture, picture, mask, mask, picture, picture, mask, mask)).applied
variables = [*ours.named_weights().values(), *ours.moving_averages.averages.values()]
print(refused, same, taken, ours.averages()["steps"], {v.value.device[-5:] for v in variables})
"""
DROPOUT_MASKS = """
from models.engine.seeded import seeded_mask
with tf.device("CPU:1"):
    there = seeded_mask(1, 0.3)(tf.constant(4), "w", (64,))
    home = seeded_mask(1, 0.3, on_processor=True)(tf.constant(4), "w", (64,))
print(there.device[-5:], home.device[-5:], bool(tf.reduce_all(there == home)))
"""


@pytest.fixture(scope="module")
def said() -> list[str]:
    """What a process with two devices said of all three; one process, because TensorFlow takes seconds to start."""
    code = TWO_DEVICES + STEP + DROPOUT_MASKS + WHOLE_MODEL
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def step_on_two(said) -> dict[str, list[float]]:
    one, two, device = said[:3]
    return {"one": [float(n) for n in one.split()], "two": [float(n) for n in two.split()], "device": device}


def test_every_face_has_the_loss_it_has_on_one_device(step_on_two):
    assert step_on_two["two"][:4] == step_on_two["one"][:4] == [9, 36, 81, 144]


def test_gradients_are_means_over_the_devices_of_sums_over_their_faces(step_on_two):
    assert step_on_two["one"][4] == 2 * 3 * (1 + 4 + 9 + 16)
    assert step_on_two["two"][4] == step_on_two["one"][4] / 2
    assert step_on_two["device"] == "CPU:1"  # there really were two


def test_a_whole_model_trains_on_two_devices_and_its_weights_can_stay_in_the_computers_memory(said):
    assert said[4] == "False True True 1 {'CPU:0'}"  # one device's part was broken


def test_the_masks_of_lr_dropout_can_be_drawn_on_the_processor_with_the_same_numbers(said):
    assert said[3] == "CPU:1 CPU:0 True"


def test_a_batch_of_any_structure_is_split_by_its_faces():
    from models.engine.tensorflow.distribute import split

    faces = np.arange(4.0)
    first, second = split({"faces": faces, "more": (faces[:, None], [faces * 2])}, 2)
    assert first.keys() == second.keys() == {"faces", "more"}
    assert (first["faces"].numpy().tolist(), second["faces"].numpy().tolist()) == ([0, 1], [2, 3])
    assert second["more"][0].shape == (2, 1) and second["more"][1][0].numpy().tolist() == [4, 6]
