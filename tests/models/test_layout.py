"""The shape tables of the reference's files, held equal to the networks and to recorded names and counts."""

import json
import math

import keras
import pytest

from models.classes.amp import AMP
from models.classes.quick96 import QUICK96
from models.classes.saehd import SAEHD
from models.classes.xseg import XSEG
from models.layout import part, patch_discriminator
from models.networks.df import Df
from models.networks.discriminators import CodeDiscriminator, PatchDiscriminator
from models.networks.initial import named_weights
from models.networks.liae import Liae
from models.spec import BadArchi, BadResolution, ModelSpec

ARCHIS = ["df", "df-ud", "df-t", "df-udtc", "liae", "liae-ud", "liae-udt"]


def shapes(layer) -> dict[str, tuple]:
    return {path: tuple(variable.shape) for path, variable in named_weights(layer).items()}


@pytest.mark.parametrize("archi", ARCHIS)
def test_autoencoders_have_the_shapes_of_the_table(answers, archi):
    options = answers(archi=archi, resolution=96, d_mask_dims=6)
    networks = (Df if archi.startswith("df") else Liae)(ModelSpec.from_options(options))
    parts = {part.name: part for part in SAEHD.layout(options).parts if part.required}
    assert list(parts) == list(networks.parts)
    for name, network in networks.parts.items():
        assert parts[name].tensors == shapes(network), name


@pytest.mark.parametrize(("patch_size", "dims"), [(3, 4), (8, 8), (22, 16), (64, 300)])
def test_patch_discriminators_have_the_shapes_of_the_table(patch_size, dims):
    judge = PatchDiscriminator(patch_size, dims, name="D_src")
    judge(keras.KerasTensor((None, 640, 640, 3)))
    assert part("GAN", patch_discriminator(patch_size, dims, resolution=640)).tensors == shapes(judge)


@pytest.mark.parametrize(("archi", "resolution"), [("df", 64), ("df-ud", 128), ("df-t", 320)])
def test_code_discriminators_have_the_shapes_of_the_table(answers, archi, resolution):
    options = answers(archi=archi, resolution=resolution)
    side = ModelSpec.from_options(options).archi.code_side(resolution)
    judge = CodeDiscriminator(side, name="dis")
    judge(keras.KerasTensor((None, side, side, options["ae_dims"])))
    parts = {part.name: part for part in SAEHD.layout(options).parts}
    assert parts["code_discriminator"].tensors == shapes(judge)


def test_only_df_has_a_code_discriminator(answers):
    assert "code_discriminator" not in {part.name for part in SAEHD.layout(answers(archi="liae")).parts}


def test_quick96_has_the_recorded_number_of_weights():
    counts = {part.name: count(part.tensors) for part in QUICK96.layout({}).parts}
    assert counts == {"encoder": 4306560, "inter": 3098368, "decoder_src": 15444701, "decoder_dst": 15444701}


def test_amp_has_the_number_of_weights_its_formulas_say():
    e, ae, inter, d, m, side = 16, 32, 48, 16, 18, 2
    options = {"resolution": 64, "ae_dims": ae, "inter_dims": inter, "e_dims": e, "d_dims": d, "d_mask_dims": m}
    options |= {"gan_patch_size": 8, "gan_dims": 16}
    counts = {part.name: count(part.tensors) for part in AMP.layout(options).parts}
    assert counts["encoder"] == 3820 * e**2 + 116 * e + 8 * e * side**2 * ae + ae
    assert counts["inter_src"] == counts["inter_dst"] == ae * side**2 * inter + side**2 * inter
    face = 288 * inter * d + 6408 * d**2 + 132 * d + 6 * d + 3 + 162 * d + 9
    mask = 288 * inter * m + 3744 * m**2 + 88 * m + 72 * m**2 + 4 * m + m + 1
    assert counts["decoder"] == face + mask


def test_xseg_has_222_tensors():
    (part,) = XSEG.layout({}).parts
    assert (len(part.tensors), count(part.tensors)) == (222, 17569317)
    assert part.tensors["conv01/conv/weight"] == (3, 3, 3, 32)
    assert part.tensors["up3/conv/weight"] == (3, 3, 128, 256)  # transposed: out before in
    assert part.tensors["uconv33/conv/weight"] == (3, 3, 384, 256)
    assert part.tensors["conv53/frn/eps"] == (1,)


def test_tensors_come_in_the_references_order(shared):
    golden = json.loads((shared / "spec" / "models.golden.json").read_text())["other"]
    (part,) = XSEG.layout({}).parts
    assert [f"XSeg/{path}:0" for path in part.tensors] == list(golden["XSeg_pretrainFalse"]["acc_l2"])
    trained = [part for part in AMP.layout(golden["AMP"]["options"]).parts if part.name in ("encoder", "decoder")]
    names = [f"{part.name}/{path}:0" for part in trained for path in part.tensors]
    assert names == list(golden["AMP"]["opt_state_l2"])


def test_options_no_network_can_have_are_refused(answers):
    with pytest.raises(BadArchi):
        SAEHD.layout(answers(archi="dg"))
    with pytest.raises(BadResolution):
        SAEHD.layout(answers(archi="df-d", resolution=80))


def count(tensors: dict) -> int:
    return sum(math.prod(shape) for shape in tensors.values())
