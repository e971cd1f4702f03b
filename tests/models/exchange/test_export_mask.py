"""The ONNX file of an XSeg model against what the reference's network paints."""

import numpy as np
import onnx
import onnxruntime
import pytest

from models.classes.xseg import XSEG
from models.exchange.export import write_dfm
from models.exchange.export_mask import build_mask_graph
from xseg_weights import recorded_weights


@pytest.fixture(scope="module")
def recorded(fixtures):
    with np.load(fixtures / "xseg" / "network.npz") as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def model(fixtures):
    built = XSEG.build({"pretrain": False}, seed=1)
    built.load(recorded_weights(fixtures))
    return built


@pytest.mark.parametrize(("quantized", "largest"), [(False, 1e-4), (True, 2e-2)])
def test_the_file_paints_the_recorded_masks(model, recorded, tmp_path, quantized, largest):
    path = tmp_path / "XSeg_model.onnx"
    write_dfm(path, build_mask_graph(model, quantized=quantized))
    assert [one.version for one in onnx.load(path).opset_import] == [13]
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (face,), (mask,) = session.get_inputs(), session.get_outputs()
    assert (face.name, face.shape[1:]) == ("in_face:0", [256, 256, 3])
    assert (mask.name, mask.shape[1:]) == ("out_mask:0", [256, 256, 1])
    (painted,) = session.run(None, {"in_face:0": recorded["input"].astype(np.float32) / 255})
    expected = 1 / (1 + np.exp(-recorded["logits_sub4"].astype(np.float64)))
    np.testing.assert_allclose(painted[:, ::4, ::4], expected, atol=largest)
