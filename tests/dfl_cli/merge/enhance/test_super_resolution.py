"""Enhancing networks from ONNX files: tiny ones that enlarge by repeating pixels, each built another way."""

import json
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from dfl_cli.enhance import super_resolution
from dfl_cli.enhance.choice import load_enhancer
from dfl_cli.enhance.super_resolution import open_enhancer
from dfl_cli.enhance.tiles import by_tiles, starts
from dfl_cli.enhance.trial import UnusableNetwork
from dfl_cli.errors import UserError, explain, unusable_network
from dfl_cli.merge.pixels.compose import merge_frame
from dfl_cli.merge.pixels.crop import crop_face
from dfl_cli.merge.pixels.network import Network
from dfl_cli.options.option import by_key
from dfl_cli.options.tables.merge import MERGE
from dfl_cli.options.wizard import ask_table
from programs import running

FIRST, LAST = "channels first", "channels last"
NEAREST = {"mode": "nearest", "nearest_mode": "floor", "coordinate_transformation_mode": "asymmetric"}


def network(
    path, *, order=FIRST, side=None, batch=None, scale=4, before=(), metadata=None, inputs=1, dtype=TensorProto.FLOAT
):
    """Writes a network that repeats pixels `scale` times after the nodes `before`, (type, extra inputs) each."""
    shape = [batch or "batch", 3, side or "height", side or "width"]
    scales = [1.0, 1.0, scale, scale]
    if order == LAST:
        shape, scales = [shape[0], *shape[2:], 3], [1.0, scale, scale, 1.0]
    nodes, name, constants = [], "picture", {"scales": np.float32(scales)}
    for number, (kind, extra) in enumerate(before):
        constants |= {f"c{number}_{place}": np.asarray(each) for place, each in enumerate(extra)}
        names = [name, *(f"c{number}_{place}" for place in range(len(extra)))]
        name = f"step{number}"
        nodes.append(helper.make_node(kind, names, [name], **({"keepdims": 1} if kind == "ReduceMean" else {})))
    if before and before[-1][0] == "ReduceMean":
        nodes.append(helper.make_node("Sub", ["picture", name], ["centered"]))
        name = "centered"
    nodes.append(
        helper.make_node(
            "Resize",
            [name, "", "scales"],
            ["larger"],
            mode="nearest",
            nearest_mode="floor",
            coordinate_transformation_mode="asymmetric",
        )
    )
    declared = [helper.make_tensor_value_info("picture", dtype, shape)]
    declared += [helper.make_tensor_value_info(f"other{number}", dtype, [1]) for number in range(inputs - 1)]
    graph = helper.make_graph(
        nodes, "enlarge", declared, [helper.make_tensor_value_info("larger", dtype, None)],
        [onnx.numpy_helper.from_array(value, key) for key, value in constants.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, metadata or {})
    onnx.save(model, path)
    return path


def faces(side, count=2):
    noise = np.random.default_rng(3).random((count, side, side, 3), np.float32)
    return np.stack([np.clip(cv2.GaussianBlur(face, (0, 0), 1), 0, 1) for face in noise])


def repeated(pictures, scale=4):
    return pictures.repeat(scale, axis=1).repeat(scale, axis=2)


CENTERED = (("ReduceMean", ()),)  # its pictures have a mean of 0: black is -1
CLIPPED = (("Clip", (np.float32(0), np.float32(1))),)
ROUNDED = (("Round", ()), ("Clip", (np.float32(0), np.float32(255))))


@pytest.mark.parametrize("order", [FIRST, LAST])
@pytest.mark.parametrize("scale", [2, 4])
def test_any_order_of_axes_and_any_scale_are_recognized(tmp_path, order, scale):
    enhancer = open_enhancer(network(tmp_path / "x.onnx", order=order, scale=scale))
    given = faces(32)
    np.testing.assert_allclose(enhancer.enhance(given), repeated(given, scale), atol=1e-6)


@pytest.mark.parametrize(("before", "levels"), [(CLIPPED, (0, 1)), (CENTERED, (-1, 1)), (ROUNDED, (0, 255))])
def test_the_range_of_values_is_found_by_a_probe(tmp_path, before, levels):
    enhancer = open_enhancer(network(tmp_path / "x.onnx", before=before))
    assert enhancer.value_range == levels


def test_the_range_in_the_metadata_counts_more_and_the_persons_most(tmp_path):
    path = network(tmp_path / "x.onnx", before=CLIPPED, metadata={"value_range": "-1..1"})
    assert open_enhancer(path).value_range == (-1, 1)
    assert open_enhancer(path, values="bytes").value_range == (0, 255)


def test_a_network_that_gives_no_picture_back_asks_for_the_range(tmp_path):
    path = network(tmp_path / "x.onnx", before=(("Mul", (np.float32(0),)),))
    with pytest.raises(UnusableNetwork) as caught:
        open_enhancer(path)
    assert caught.value.reason == "range"
    assert open_enhancer(path, values="unit").value_range == (0, 1)


@pytest.mark.parametrize("side", [48, 192, 200, 330])
def test_a_network_of_fixed_size_takes_smaller_and_larger_faces(tmp_path, side):
    enhancer = open_enhancer(network(tmp_path / "x.onnx", side=192, batch=1))
    given = faces(side)
    np.testing.assert_allclose(enhancer.enhance(given), repeated(given), atol=1e-5)


def test_a_fixed_batch_is_filled_up(tmp_path):
    enhancer = open_enhancer(network(tmp_path / "x.onnx", batch=4))
    given = faces(16, count=6)
    np.testing.assert_allclose(enhancer.enhance(given), repeated(given), atol=1e-6)


@pytest.mark.parametrize(("side", "comes_back"), [(96, 96), (None, 128)])
def test_a_restoration_network_sees_the_whole_face_at_its_size(tmp_path, side, comes_back):
    enhancer = open_enhancer(network(tmp_path / "x.onnx", side=side, scale=1))
    given = faces(32)
    result = enhancer.enhance(given)
    assert result.shape == (2, comes_back, comes_back, 3)
    assert np.abs(cv2.resize(result[0], (32, 32), interpolation=cv2.INTER_AREA) - given[0]).mean() < 0.02


@pytest.mark.parametrize("content", [b"", b"no network at all", bytes(range(256)) * 40])
def test_a_file_that_is_no_network_is_said_to_be_none(tmp_path, content):
    path = tmp_path / "x.onnx"
    path.write_bytes(content)
    with pytest.raises(UnusableNetwork) as caught:
        open_enhancer(path)
    assert caught.value.reason in ("not-onnx", "inputs")


def test_a_truncated_network_too(tmp_path):
    path = network(tmp_path / "x.onnx")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(UnusableNetwork):
        open_enhancer(path)


def looping(path, *, inside):
    """A network that enlarges by 1 after 2**62 rounds of the nodes `inside`, from "before" to "after"."""
    picture = [1, 3, 64, 64]

    def value(name, kind=TensorProto.FLOAT, shape=picture):
        return helper.make_tensor_value_info(name, kind, shape)

    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["go_on"]), *inside], "body",
        [value("number", TensorProto.INT64, []), value("go", TensorProto.BOOL, []), value("before", shape=None)],
        [value("go_on", TensorProto.BOOL, []), value("after", shape=None)],
    )  # fmt: skip
    constants = [
        onnx.numpy_helper.from_array(np.array(2**62, np.int64), "rounds"),
        onnx.numpy_helper.from_array(np.array(True), "begin"),
    ]
    loop = helper.make_node("Loop", ["rounds", "begin", "picture"], ["larger"], body=body)
    graph = helper.make_graph([loop], "loop", [value("picture")], [value("larger", shape=None)], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def test_a_network_that_never_ends_is_stopped_and_refused(tmp_path):
    path = looping(tmp_path / "x.onnx", inside=[helper.make_node("Identity", ["before"], ["after"])])
    with pytest.raises(UnusableNetwork) as caught:
        open_enhancer(path, seconds=8)
    assert caught.value.reason == "endless"
    assert "8 seconds" in str(unusable_network(caught.value))


def waiting_for_faces(path):
    """A network that gives gray and soft pictures back, and turns for ever where the first pixel is white."""
    picture = [1, 3, 64, 64]

    def value(name, kind=TensorProto.FLOAT, shape=picture):
        return helper.make_tensor_value_info(name, kind, shape)

    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["go_on"]), helper.make_node("Identity", ["before"], ["after"])], "body",
        [value("number", TensorProto.INT64, []), value("go", TensorProto.BOOL, []), value("before")],
        [value("go_on", TensorProto.BOOL, []), value("after")],
    )  # fmt: skip
    nodes = [
        helper.make_node("Slice", ["picture", "zeros", "ones"], ["corner"]),
        helper.make_node("ReduceMin", ["corner"], ["pixel"], keepdims=0),
        helper.make_node("Greater", ["pixel", "limit"], ["is_white"]),
        helper.make_node("Loop", ["", "is_white", "picture"], ["same"], body=body),
    ]
    constants = {
        "zeros": np.zeros(4, np.int64),
        "ones": np.array([1, 3, 1, 1], np.int64),
        "limit": np.array(0.99, np.float32),
    }
    graph = helper.make_graph(
        nodes, "wait", [value("picture")], [value("same")],
        [onnx.numpy_helper.from_array(array, key) for key, array in constants.items()],
    )  # fmt: skip
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def test_a_network_that_turns_for_ever_on_some_faces_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(super_resolution, "LEAST_SECONDS", 2)
    enhancer = open_enhancer(waiting_for_faces(tmp_path / "x.onnx"), values="unit")
    assert enhancer.enhance(np.full((1, 64, 64, 3), 0.5, np.float32)).shape == (1, 64, 64, 3)
    with pytest.raises(UnusableNetwork) as caught:
        enhancer.enhance(np.ones((1, 64, 64, 3), np.float32))
    assert "gave no result for a face" in str(explain(caught.value))


def test_a_network_that_fails_on_some_faces_ends_in_a_sentence(tmp_path):
    """It was tried on pictures of 64 pixels, and adds an array of 64."""
    path = network(tmp_path / "x.onnx", before=[("Add", (np.zeros((1, 1, 64, 64), np.float32),))])
    enhancer = open_enhancer(path, values="unit")
    with pytest.raises(UnusableNetwork) as caught:
        enhancer.enhance(np.ones((1, 48, 48, 3), np.float32))
    assert caught.value.reason == "fails"


def test_a_network_that_asks_for_all_memory_is_refused(tmp_path):
    doubled = helper.make_node("Concat", ["before", "before"], ["after"], axis=0)
    path = looping(tmp_path / "x.onnx", inside=[doubled])
    line = [sys.executable, "-m", "dfl_cli.enhance.examine", str(path), "auto"]
    done = subprocess.run(
        ["bash", "-c", 'ulimit -v 6000000; exec "$@"', "bash", *line], capture_output=True, timeout=120
    )
    assert json.loads(done.stdout.splitlines()[-1])["reason"] == "fails"


def test_ctrl_c_ends_the_trial_of_a_network(tmp_path):
    path = looping(tmp_path / "x.onnx", inside=[helper.make_node("Identity", ["before"], ["after"])])
    code = "import sys, pathlib; from dfl_cli.enhance.super_resolution import open_enhancer; print(1, flush=True)"
    code += "; open_enhancer(pathlib.Path(sys.argv[1]))"
    with running([sys.executable, "-c", code, str(path)], stderr=subprocess.DEVNULL) as program:
        program.stdout.readline()
        time.sleep(3)
        program.send_signal(signal.SIGINT)
        assert program.wait(30) != 0


@pytest.mark.parametrize("odd", [{"inputs": 2}, {"dtype": TensorProto.DOUBLE}])
def test_a_network_that_wants_something_else_than_a_picture_is_refused_with_its_inputs(tmp_path, odd):
    with pytest.raises(UnusableNetwork) as caught:
        open_enhancer(network(tmp_path / "x.onnx", **odd))
    assert caught.value.reason in ("inputs", "not-onnx")


def test_a_batch_merges_with_the_enhanced_faces(tmp_path, recorded, settings):
    """A network that only brightens: half of its power is half of its brightness."""
    brighter = (("Mul", (np.float32(0.5),)), ("Add", (np.float32(0.5),)))
    enhancer = open_enhancer(network(tmp_path / "x.onnx", before=brighter), values="unit")
    faces_of = {}
    for power in (0, 50, 100):
        chosen = settings(super_resolution_model="x.onnx", super_resolution_power=power, mode="raw-predict")
        crop = crop_face(recorded.frame, recorded.landmarks, recorded.predictor.face, enlarged=bool(power))
        (prediction,) = Network(recorded.predictor, enhancer).predict([crop])
        faces_of[power] = merge_frame(
            recorded.frame, [crop], [prediction], chosen, model_face=recorded.predictor.face
        ).picture
    assert faces_of[0].shape == (64, 64, 3)
    assert faces_of[50].shape == faces_of[100].shape == (256, 256, 3)
    plain, half, full = (picture.mean() / 255 for picture in faces_of.values())
    assert full == pytest.approx(plain / 2 + 0.5, abs=0.01)
    assert half == pytest.approx((plain + full) / 2, abs=0.01)


def test_the_power_is_asked_only_where_a_network_is_named(capsys):
    power = by_key(MERGE)["super_resolution_power"]
    assert not power.when({"super_resolution_model": ""})
    assert power.when({"super_resolution_model": "x.onnx"})
    answers = ask_table(MERGE, given={"super_resolution_power": "40"}, ask_now=False)
    assert answers["super_resolution_power"] == 0
    assert "does not apply" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"super_resolution_model": "missing.onnx"}, "Cannot read"),
        ({"super_resolution_model": "broken.onnx"}, "not a network that can be run"),
        ({"super_resolution_model": "blank.onnx"}, "--super-resolution-range"),
    ],
)
def test_a_network_that_cannot_be_used_is_explained_in_one_message(tmp_path, monkeypatch, given, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.onnx").write_bytes(b"not a network")
    network(tmp_path / "blank.onnx", before=(("Mul", (np.float32(0),)),))
    with pytest.raises(UserError, match=said):
        load_enhancer(ask_table(MERGE, given=given, ask_now=False))


def test_without_a_network_nothing_is_loaded():
    assert load_enhancer(ask_table(MERGE, ask_now=False)) is None


def test_tiles_cover_everything_and_end_flush():
    assert starts(192, 192) == [0]
    assert starts(400, 192) == [0, 96, 192, 208]


def test_overlapping_tiles_fade_into_each_other():
    numbers = iter(range(100))

    def work(tiles):
        return np.full_like(tiles, next(numbers))

    line = by_tiles(np.zeros((1, 8, 20, 3), np.float32), work, side=8, scale=1)[0, 4, :, 0]
    assert line[0] == 0
    assert line[-1] == 3
    assert (np.diff(line) >= 0).all()
    assert np.diff(line).max() < 0.6
