import json

import keras
import numpy as np
import pytest

from closeness import NETWORK, PIXEL
from models.networks.discriminators import CodeDiscriminator, PatchDiscriminator
from models.networks.initial import named_weights


def load(layer, case: dict, name: str) -> None:
    for path, variable in named_weights(layer).items():
        variable.assign(case[f"{name}/{path}"])


@pytest.mark.parametrize(("patch", "dims"), [(16, 16), (8, 8)])
def test_patches_are_judged_as_recorded(recorded, patch, dims):
    case = recorded("discriminators")
    judge = PatchDiscriminator(patch, dims, name="D_src")
    judge(keras.KerasTensor((None, 64, 64, 3)))
    load(judge, case, f"GAN_p{patch}_d{dims}")
    center, out = judge(case["in_img"])
    np.testing.assert_allclose(center, case[f"p{patch}_center"], atol=NETWORK)
    np.testing.assert_allclose(out, case[f"p{patch}_out"], atol=NETWORK)


def test_codes_are_judged_as_recorded(recorded):
    case = recorded("discriminators")
    judge = CodeDiscriminator(8, dims=16, name="dis")
    judge(keras.KerasTensor((None, 8, 8, 16)))
    load(judge, case, "code_discriminator_ae16_res8_ch16")
    np.testing.assert_allclose(judge(case["in_code"]), case["code_out"], atol=NETWORK)


@pytest.mark.parametrize("patch", [8, 10, 22])
def test_patch_networks_of_other_depths_agree_with_the_golden_numbers(fixtures, use_formula, patch):
    recorded = json.loads((fixtures / "models" / "golden.json").read_text())["forward"][f"unetD_p{patch}"]
    judge = PatchDiscriminator(patch, 16, name="D_src")
    judge(keras.KerasTensor((None, 64, 64, 3)))
    use_formula(judge)
    assert judge.count_params() == recorded["params"]
    outputs = judge(np.random.RandomState(8).rand(2, 64, 64, 3).astype(np.float32))
    for output, name in zip(outputs, ("center", "unet"), strict=True):
        flat = np.asarray(output).reshape(-1)
        assert list(output.shape) == recorded[name]["shape"]
        np.testing.assert_allclose(flat[:4], recorded[name]["first"], atol=PIXEL)
        np.testing.assert_allclose(flat[-4:], recorded[name]["last"], atol=PIXEL)
        np.testing.assert_allclose(flat.mean(), recorded[name]["mean"], atol=PIXEL)


def test_the_code_network_agrees_with_the_golden_numbers(fixtures, use_formula):
    recorded = json.loads((fixtures / "models" / "golden.json").read_text())["forward"]["codeD_res8"]
    judge = CodeDiscriminator(8, name="dis")
    code = np.random.RandomState(9).rand(2, 8, 8, 32).astype(np.float32)
    judge(code)
    use_formula(judge)
    flat = np.asarray(judge(code)).reshape(-1)
    assert judge.count_params() == recorded["params"]
    np.testing.assert_allclose(flat[:4], recorded["out"]["first"], atol=NETWORK)
    np.testing.assert_allclose(flat[-4:], recorded["out"]["last"], atol=NETWORK)


@pytest.mark.parametrize(("side", "layers"), [(4, 1), (8, 2), (16, 3), (20, 3), (32, 5), (40, 6)])
def test_a_larger_code_gets_a_deeper_judge(side, layers):
    assert len(CodeDiscriminator(side, name="dis").convs) == layers


def test_the_last_word_is_per_pixel_for_odd_depths_too():
    judge = PatchDiscriminator(27, 4, name="D_src")  # strides 2 1 2 1 2
    center, out = judge(np.zeros((1, 32, 32, 3), np.float32))
    assert center.shape == (1, 4, 4, 1) and out.shape == (1, 32, 32, 1)
