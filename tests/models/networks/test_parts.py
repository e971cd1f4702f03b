"""Encoder, inter and decoder against recorded outputs with weights by formula, for architectures of every letter."""

import json

import numpy as np
import pytest

from closeness import NETWORK
from models.networks.parts import Decoder, Encoder, Inter
from models.spec import Archi


@pytest.fixture(scope="module")
def golden(fixtures):
    return json.loads((fixtures / "models" / "golden.json").read_text())["forward"]


def assert_like(array, recorded: dict) -> None:
    array = np.asarray(array)
    assert list(array.shape) == recorded["shape"]
    flat = array.reshape(-1)
    np.testing.assert_allclose(array.mean(dtype=np.float64), recorded["mean"], atol=NETWORK)
    np.testing.assert_allclose(array.std(dtype=np.float64), recorded["std"], atol=NETWORK)
    np.testing.assert_allclose(flat[:4], recorded["first"], atol=NETWORK)
    np.testing.assert_allclose(flat[-4:], recorded["last"], atol=NETWORK)


@pytest.mark.parametrize("letters", ["", "u", "ud", "t", "udt", "udc"])
def test_a_face_becomes_the_recorded_code_and_picture(golden, use_formula, letters):
    archi, recorded = Archi.parse(f"df-{letters}".rstrip("-")), golden[f"archi_{letters}"]
    encoder = Encoder(16, archi, name="encoder")
    inter = Inter(32, 32, archi=archi, resolution=64, name="inter")
    decoder = Decoder(16, 18, archi=archi, name="decoder_src")
    face = np.random.RandomState(7).rand(2, 64, 64, 3).astype(np.float32)
    x = face
    for part in (encoder, inter, decoder):
        x = part(x)
    for part in (encoder, inter, decoder):
        use_formula(part)
    code = encoder(face)
    middle = inter(code)
    bgr, mask = decoder(middle)
    assert_like(code, recorded["code"])
    assert_like(middle, recorded["inter"])
    assert_like(bgr, recorded["bgr"])
    assert_like(mask, recorded["mask"])
    assert [part.count_params() for part in (encoder, inter, decoder)] == recorded["params"]


def encoder_size(e: int, archi: Archi) -> int:
    return 3820 * e**2 + 116 * e if archi.t else 1050 * e**2 + 90 * e


def inter_size(n: int, a: int, o: int, *, lowest: int, archi: Archi) -> int:
    size = n * a + a + a * lowest**2 * o + lowest**2 * o
    return size if archi.t else size + 36 * o**2 + 4 * o


def decoder_size(i: int, d: int, m: int, archi: Archi) -> int:
    deep = archi.t
    face = 288 * i * d + (6408 * d**2 + 132 * d if deep else 2952 * d**2 + 84 * d) + 6 * d + 3
    mask = 288 * i * m + (3744 * m**2 + 88 * m if deep else 1440 * m**2 + 56 * m)
    return face + mask + (162 * d + 9 + 72 * m**2 + 4 * m + m + 1 if archi.d else 2 * m + 1)


@pytest.mark.parametrize("name", ["df", "df-u", "df-d", "df-t", "df-udt", "liae-udc"])
def test_parts_have_as_many_weights_as_the_formulas_say(name):
    archi, (e, a, o, d, m), resolution = Archi.parse(name), (6, 10, 12, 8, 4), 96
    face = np.zeros((1, resolution, resolution, 3), np.float32)
    encoder = Encoder(e, archi, name="encoder")
    inter = Inter(a, o, archi=archi, resolution=resolution, name="inter")
    decoder = Decoder(d, m, archi=archi, name="decoder")
    code = encoder(face)
    bgr, mask = decoder(inter(code))
    assert bgr.shape == (1, resolution, resolution, 3) and mask.shape == (1, resolution, resolution, 1)
    assert code.shape[1] == 8 * e * (resolution // (32 if archi.t else 16)) ** 2
    assert encoder.count_params() == encoder_size(e, archi)
    lowest = resolution // (32 if archi.d else 16)
    assert inter.count_params() == inter_size(code.shape[1], a, o, lowest=lowest, archi=archi)
    assert decoder.count_params() == decoder_size(o, d, m, archi)
