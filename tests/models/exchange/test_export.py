"""The .dfm file against the network it came from, and against the rules of the programs that load it (models.md 5.8)."""

from typing import NamedTuple

import numpy as np
import onnx
import onnxruntime
import pytest

from closeness import NETWORK
from models.classes.amp import AMP
from models.classes.corrections import NONE, Corrections
from models.classes.quick96 import QUICK96
from models.classes.saehd import SAEHD
from models.exchange.export import Difference, NotExportable, build_dfm, compare, emit_swap, write_dfm
from models.exchange.onnx_graph import Graph, TooLarge
from models.exchange.onnx_layers import choose_channels
from models.exchange.onnx_shift import emit_moved, emit_moved_between
from models.subpixel import moved

FLOAT32 = 3e-5  # largest difference allowed here; measured 1.1e-5 (with c; 9.4e-6 without)
FLOAT16 = 2e-2  # likewise; measured 7.1e-3 (with c; 5.0e-3 without), 6e-4 on average


class LoadedDfm(NamedTuple):
    session: onnxruntime.InferenceSession
    width: int
    height: int
    takes_morph: bool


def load_as_a_live_program(path) -> LoadedDfm:
    """What models.md 5.8 says DeepFaceLive's loader demands of a file."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    inputs = session.get_inputs()
    assert "in_face" in inputs[0].name
    height, width = inputs[0].shape[1:3]
    assert isinstance(height, int) and isinstance(width, int)
    assert len(inputs) in (1, 2)
    assert len(inputs) == 1 or "morph_value" in inputs[1].name
    return LoadedDfm(session, width, height, len(inputs) == 2)


def convert(dfm: LoadedDfm, face: np.ndarray, morph: float = 0.75):
    """One uint8 face of the loader's size -> (face mask, painted face, its mask), by position."""
    feed = {"in_face:0": face[np.newaxis].astype(np.float32) / 255}
    if dfm.takes_morph:
        feed["morph_value:0"] = np.float32([morph])
    face_mask, painted, painted_mask = dfm.session.run(None, feed)
    return face_mask[0], painted[0], painted_mask[0]


@pytest.fixture(scope="module")
def faces():
    return np.random.default_rng(3).random((3, 64, 64, 3), np.float32)


@pytest.fixture(scope="module")
def model_of(answers, formula_weight):
    """A SAEHD model with strong pictures: kernels keep the size of what goes through them, biases are not zero."""
    built = {}

    def build(archi: str):
        if archi not in built:
            model = SAEHD.build(answers(archi=archi), seed=1)
            model.load({key: strong(formula_weight(key, array.shape)) for key, array in model.weights().items()})
            built[archi] = model
        return built[archi]

    return build


def strong(weight: np.ndarray) -> np.ndarray:
    """A golden kernel, of deviation 0.05, at deviation sqrt(2 / inputs); biases as they are."""
    return (
        weight if weight.ndim == 1 else weight / np.float32(0.05) * np.float32(np.sqrt(2 / np.prod(weight.shape[:-1])))
    )


@pytest.fixture
def exported(model_of, tmp_path):
    def export(archi: str, *, quantized: bool = False):
        path = tmp_path / f"{archi}.dfm"
        write_dfm(path, build_dfm(model_of(archi), quantized=quantized))
        return path

    return export


@pytest.mark.parametrize("archi", ["df", "df-ud", "df-udt", "liae-ud", "liae-c"])
@pytest.mark.parametrize("quantized", [False, True])
def test_the_file_paints_what_the_network_paints(model_of, exported, faces, archi, quantized):
    difference = compare(exported(archi, quantized=quantized), model_of(archi), faces)
    assert difference.largest < (FLOAT16 if quantized else FLOAT32)
    assert difference.is_rounding(quantized=quantized, cosine="c" in archi.partition("-")[2])


CORRECTIONS = Corrections(src=(-0.4, -1.1), dst=(0.3, 0.0))


@pytest.fixture
def corrected():
    """`corrected(model)`: it takes a displacement off, until the end of the test."""
    changed = []

    def correct(model, corrections=CORRECTIONS):
        changed.append(model)
        model.corrections = corrections
        return model

    yield correct
    for model in changed:
        model.corrections = NONE


@pytest.mark.parametrize("archi", ["df", "liae-ud"])
@pytest.mark.parametrize("quantized", [False, True])
def test_the_file_of_a_corrected_model_corrects_as_the_model_does(
    model_of, exported, faces, corrected, archi, quantized
):
    path, model = exported(archi, quantized=quantized), model_of(archi)
    assert compare(path, corrected(model), faces).largest > 0.1  # exported before: it corrects nothing
    difference = compare(exported(archi, quantized=quantized), model, faces)
    assert difference.largest < (FLOAT16 if quantized else FLOAT32)


def test_the_correction_is_float32_in_a_quantized_file(model_of, exported, corrected):
    corrected(model_of("df"))
    dfm = onnx.load(exported("df", quantized=True))
    taps = [one.data_type for one in dfm.graph.initializer if one.name.startswith("taps")]
    assert taps == [onnx.TensorProto.FLOAT] * 4  # of the faces and of dst's mask, along both axes


def test_a_correction_by_nothing_leaves_the_file_as_it_was(model_of, exported, corrected, amp):
    before = exported("df").read_bytes()
    corrected(model_of("df"), Corrections(src=(0.0, 0.0), dst=(-0.0, 0.0)))
    assert exported("df").read_bytes() == before
    assert not any(node.op_type in ("Pad", "Clip") for node in build_dfm(amp, quantized=False).graph.node)


@pytest.mark.parametrize("archi", ["df-udt", "liae-ud"])
def test_the_file_paints_what_the_reference_recorded_with_its_weights(answers, recorded, tmp_path, archi):
    case, model, path = recorded(f"network_{archi}"), SAEHD.build(answers(archi=archi), seed=1), tmp_path / "m"
    model.load(case)
    write_dfm(path, build_dfm(model, quantized=False))
    painted = load_as_a_live_program(path).session.run(None, {"in_face:0": recorded("network_input")["warped_dst"]})
    for found, name in zip(painted, ("pred_dst_dstm", "pred_src_dst", "pred_src_dstm"), strict=True):
        np.testing.assert_allclose(found, case[f"io.{name}"], atol=NETWORK, err_msg=name)


def test_names_order_shapes_and_versions_are_those_live_programs_expect(exported):
    dfm = onnx.load(exported("df"))
    shapes = {
        value.name: [axis.dim_value or axis.dim_param for axis in value.type.tensor_type.shape.dim]
        for value in [*dfm.graph.input, *dfm.graph.output]
    }
    assert list(shapes.items()) == [
        ("in_face:0", ["batch", 64, 64, 3]),
        ("out_face_mask:0", ["batch", 64, 64, 1]),
        ("out_celeb_face:0", ["batch", 64, 64, 3]),
        ("out_celeb_face_mask:0", ["batch", 64, 64, 1]),
    ]
    assert [(entry.domain, entry.version) for entry in dfm.opset_import] == [("", 12)]
    assert dfm.ir_version == 7


@pytest.mark.parametrize("quantized", [False, True])
def test_inputs_and_outputs_are_float32(exported, quantized):
    dfm = onnx.load(exported("df-ud", quantized=quantized))
    kinds = {value.type.tensor_type.elem_type for value in [*dfm.graph.input, *dfm.graph.output]}
    assert kinds == {onnx.TensorProto.FLOAT}


def test_quantized_halves_the_convolutions_and_leaves_the_dense_layers(exported):
    dfm = onnx.load(exported("liae-ud", quantized=True))
    kinds = {one.name: one.data_type for one in dfm.graph.initializer if one.name.endswith(("weight", "bias"))}
    dense = {name for name, kind in kinds.items() if kind == onnx.TensorProto.FLOAT}
    assert dense == {name for name in kinds if "/dense" in name}
    assert {kinds[name] for name in kinds.keys() - dense} == {onnx.TensorProto.FLOAT16}


def test_a_live_program_gets_dsts_mask_the_painted_face_and_its_mask(model_of, exported):
    loaded = load_as_a_live_program(exported("df-udt"))
    assert (loaded.width, loaded.height, loaded.takes_morph) == (64, 64, False)
    face = np.random.default_rng(5).integers(0, 256, (64, 64, 3), np.uint8)
    face_mask, painted, painted_mask = convert(loaded, face)
    swap = model_of("df-udt").swap(face[np.newaxis].astype(np.float32) / 255)
    np.testing.assert_allclose(face_mask, swap.dst_mask[0], atol=FLOAT32)
    np.testing.assert_allclose(painted, swap.bgr[0], atol=FLOAT32)
    np.testing.assert_allclose(painted_mask, swap.prd_mask[0], atol=FLOAT32)
    assert np.abs(face_mask - painted_mask).max() > 1000 * FLOAT32  # so the two masks are not mixed up


def test_any_number_of_faces_at_a_time(exported, faces):
    session = load_as_a_live_program(exported("liae-ud")).session
    together = session.run(None, {"in_face:0": faces})
    for index in range(len(faces)):
        alone = session.run(None, {"in_face:0": faces[index : index + 1]})
        for one, other in zip(alone, together, strict=True):
            np.testing.assert_allclose(one[0], other[index], atol=FLOAT32)


@pytest.fixture(scope="module")
def amp(answers, formula_weight):
    options = answers() | {"inter_dims": 10, "morph_factor": 0.5, "train_inters": True}
    model = AMP.build(options, seed=1)
    model.load({key: strong(formula_weight(key, array.shape)) for key, array in model.weights().items()})
    return model


@pytest.mark.parametrize("quantized", [False, True])
def test_amp_takes_a_morph_value_and_paints_what_the_network_paints(amp, faces, tmp_path, quantized):
    path = tmp_path / "amp.dfm"
    write_dfm(path, build_dfm(amp, quantized=quantized))
    assert compare(path, amp, faces).largest < (FLOAT16 if quantized else FLOAT32)
    loaded = load_as_a_live_program(path)
    assert loaded.takes_morph
    assert [(one.name, one.shape) for one in loaded.session.get_inputs()[1:]] == [("morph_value:0", [1])]


def test_amp_moves_from_dst_to_src_with_the_morph_value(amp, tmp_path):
    write_dfm(tmp_path / "amp.dfm", build_dfm(amp, quantized=False))
    loaded = load_as_a_live_program(tmp_path / "amp.dfm")
    face = np.random.default_rng(5).integers(0, 256, (64, 64, 3), np.uint8)
    for morph in (0.0, 0.25, 0.75, 1.0):
        face_mask, painted, painted_mask = convert(loaded, face, morph)
        swap = amp.swap(face[np.newaxis].astype(np.float32) / 255, morph)
        np.testing.assert_allclose(painted, swap.bgr[0], atol=FLOAT32)
        np.testing.assert_allclose(painted_mask, swap.prd_mask[0], atol=FLOAT32)
        assert (np.abs(face_mask - painted_mask).max() < FLOAT32) == (morph == 0)  # at 0 it is dst's own


@pytest.mark.parametrize("src", [(-0.4, -1.1), (0.3, 2.0)])
def test_amp_is_corrected_by_as_much_as_its_morph_value_asks_for(amp, faces, tmp_path, corrected, src):
    path, model = tmp_path / "amp.dfm", corrected(amp, Corrections(src, dst=(0.3, 0.7)))
    write_dfm(path, build_dfm(model, quantized=False))
    assert compare(path, model, faces).largest < FLOAT32
    model.corrections = NONE
    assert compare(path, model, faces).largest > 0.1


def test_a_picture_is_moved_as_everywhere(faces):
    graph = Graph(half=False)
    x, morph = graph.add_input("x", ("batch", 3, 64, 64)), graph.add_input("morph", (1,))
    for name, value in (
        ("fixed", emit_moved(graph, x, (0.3, -1.6), channels=3)),
        ("halfway", emit_moved_between(graph, x, (-0.4, 0.0), (1.0, -3.2), morph=morph, channels=3)),
    ):
        graph.add_output(name, value, ("batch", 3, 64, 64))
    session = onnxruntime.InferenceSession(graph.finish("moved").SerializeToString())
    results = session.run(None, {"x": faces.transpose(0, 3, 1, 2), "morph": np.float32([0.5])})
    for found, wanted in zip(results, (moved(faces, (0.3, -1.6)), moved(faces, (0.3, -1.6))), strict=True):
        np.testing.assert_allclose(found.transpose(0, 2, 3, 1), wanted, atol=1e-5)


def test_quick96_is_exported_as_the_df_model_it_is(tmp_path):
    model = QUICK96.build({}, seed=1)
    write_dfm(tmp_path / "quick96.dfm", build_dfm(model, quantized=False))
    noise = np.random.default_rng(3).random((1, 96, 96, 3), np.float32)
    assert compare(tmp_path / "quick96.dfm", model, noise).largest < FLOAT32
    assert load_as_a_live_program(tmp_path / "quick96.dfm").width == 96


def test_weights_used_twice_are_stored_once(model_of, exported):
    dfm = onnx.load(exported("liae-ud"))
    stored = sum(int(np.prod(one.dims)) for one in dfm.graph.initializer if one.name.endswith(("weight", "bias")))
    assert stored == sum(array.size for array in model_of("liae-ud").weights().values())


@pytest.mark.parametrize("morph", [0, 0.1, 0.25, 0.3, 0.5, 0.55, 0.7, 0.75, 0.9, 0.999, 1])
def test_morphing_takes_the_first_channels_from_src(morph):
    graph, count = Graph(half=False), 10
    src, dst = (graph.add_input(name, ("batch", count, 2, 2)) for name in ("src", "dst"))
    chosen = choose_channels(graph, src, dst, count=count, morph=graph.add_input("morph_value:0", (1,)))
    graph.add_output("code", chosen, ("batch", count, 2, 2))
    session = onnxruntime.InferenceSession(graph.finish("morph").SerializeToString())
    ones, zeros = np.ones((2, count, 2, 2), np.float32), np.zeros((2, count, 2, 2), np.float32)
    (code,) = session.run(None, {"src": ones, "dst": zeros, "morph_value:0": np.float32([morph])})
    taken = int(np.float32(count) * np.float32(morph))
    assert (code[:, :taken] == 1).all()
    assert (code[:, taken:] == 0).all()


def test_a_difference_that_rounding_does_not_explain_is_told_apart():
    assert Difference(face=9e-5, face_mean=1e-6, mask=9e-5).is_rounding(quantized=False, cosine=False)
    assert not Difference(face=2e-4, face_mean=1e-6, mask=0).is_rounding(quantized=False, cosine=False)
    assert not Difference(face=0, face_mean=0, mask=2e-4).is_rounding(quantized=False, cosine=True)
    assert Difference(face=0.2, face_mean=2e-3, mask=1e-5).is_rounding(quantized=False, cosine=True)
    assert not Difference(face=0.5, face_mean=0.1, mask=1e-3).is_rounding(quantized=True, cosine=True)
    broken = float("nan")
    assert not Difference(face=broken, face_mean=broken, mask=broken).is_rounding(quantized=True, cosine=False)


def test_weights_beyond_two_gigabytes_are_refused_with_both_sizes():
    graph = Graph(half=False)
    graph.constant("large", np.broadcast_to(np.float32(0), (2**29 + 1,)))  # takes no memory
    with pytest.raises(TooLarge) as refused:
        graph.finish("dfm")
    assert refused.value.size == 4 * (2**29 + 1) > refused.value.largest


def test_networks_without_an_onnx_form_are_named():
    with pytest.raises(NotExportable, match="no ONNX form for object"):
        emit_swap(object(), Graph(half=False), "faces")
