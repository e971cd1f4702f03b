"""df and liae wiring against recorded runs of the reference with its own weight files."""

import numpy as np
import pytest

from closeness import NETWORK
from models.networks.df import Df
from models.networks.initial import named_weights
from models.networks.liae import Liae
from models.spec import ModelSpec

RECORDED_NAMES = {
    "src_code": "src_code",
    "dst_code": "dst_code",
    "pred_src_src": "src",
    "pred_src_srcm": "src_mask",
    "pred_dst_dst": "dst",
    "pred_dst_dstm": "dst_mask",
}


@pytest.fixture(scope="module")
def build(answers):
    def networks(archi: str):
        return (Df if archi.startswith("df") else Liae)(ModelSpec.from_options(answers(archi=archi)))

    return networks


def compare(networks, recorded: dict, faces: dict) -> None:
    outputs = networks.reconstruct(faces["warped_src"], faces["warped_dst"])
    for name, field in RECORDED_NAMES.items():
        np.testing.assert_allclose(getattr(outputs, field), recorded[name], atol=NETWORK, err_msg=name)
    if "src_dst_code" in recorded:
        np.testing.assert_allclose(outputs.swap_code, recorded["src_dst_code"], atol=NETWORK)
    bgr, mask = networks.decode_swap(outputs.swap_code)
    swap = networks.swap(faces["warped_dst"])
    for got, name in ((bgr, "pred_src_dst"), (mask, "pred_src_dstm"), (swap.bgr, "pred_src_dst")):
        np.testing.assert_allclose(got, recorded[name], atol=NETWORK, err_msg=name)
    np.testing.assert_allclose(swap.prd_mask, recorded["pred_src_dstm"], atol=NETWORK)
    np.testing.assert_allclose(swap.dst_mask, recorded["pred_dst_dstm"], atol=NETWORK)


@pytest.mark.parametrize("archi", ["df-udt", "liae-ud"])
def test_recorded_weights_paint_the_recorded_faces(build, recorded, archi):
    case, networks = recorded(f"network_{archi}"), build(archi)
    for name, part in networks.parts.items():
        for path, variable in named_weights(part).items():
            variable.assign(case[f"{name}/{path}"])
    outputs = {key.removeprefix("io."): array for key, array in case.items() if key.startswith("io.")}
    compare(networks, outputs, recorded("network_input"))


@pytest.mark.parametrize("archi", ["df", "df-ud", "liae"])
def test_the_references_own_weight_files_fit(build, recorded, shared, archi):
    from samplers.files.pickles import safe_pickle

    folder, networks = shared / "fixtures" / "networks" / archi, build(archi)
    for name, part in networks.parts.items():
        stored = safe_pickle.loads((folder / f"{name}.npy").read_bytes())
        variables = {f"{path}:0": variable for path, variable in named_weights(part).items()}
        assert list(variables) == list(stored)  # the same keys in the same order
        for key, variable in variables.items():
            variable.assign(stored[key])
    compare(networks, dict(np.load(folder / "io.npz")), recorded("network_input"))


def test_parts_are_listed_in_the_order_of_the_references_files(build):
    assert list(build("df").parts) == ["encoder", "inter", "decoder_src", "decoder_dst"]
    assert list(build("liae").parts) == ["encoder", "inter_AB", "inter_B", "decoder"]


def test_liae_leaves_inter_ab_alone_without_random_warp(build):
    assert build("liae").trained_parts(random_warp=False) == ["encoder", "inter_B", "decoder"]
    assert build("liae").trained_parts(random_warp=True) == ["encoder", "inter_AB", "inter_B", "decoder"]
    assert build("df").trained_parts(random_warp=False) == ["encoder", "inter", "decoder_src", "decoder_dst"]
