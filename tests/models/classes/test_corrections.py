"""Swaps and previews of a model that puts faces beside their place: their inputs are moved, and masks moved back."""

import numpy as np
import pytest

from models.classes.amp import AMP
from models.classes.corrections import NONE, Corrections
from models.classes.saehd import SAEHD
from models.subpixel import moved

SRC, DST = (-0.6, 1.1), (0.25, 0.75)
BESIDE = (DST[0] - SRC[0], DST[1] - SRC[1])
SMALL_AMP = {
    "resolution": 64, "ae_dims": 8, "inter_dims": 8, "e_dims": 4, "d_dims": 4, "d_mask_dims": 2, "morph_factor": 0.5,
    "train_inters": True, "blur_out_mask": False, "lr_dropout": "n", "clipgrad": False, "gan_power": 0.0,
    "gan_patch_size": 8, "gan_dims": 8,
}  # fmt: skip


def noisy(model):
    """With weights of noise, so that every picture makes another one."""
    rng = np.random.default_rng(1)
    model.load({key: array + rng.normal(0, 0.05, array.shape).astype("f4") for key, array in model.weights().items()})
    return model


@pytest.fixture(scope="module", params=["df", "liae", "AMP"])
def built(request, answers):
    return noisy(
        AMP.build(SMALL_AMP, seed=1) if request.param == "AMP" else SAEHD.build(answers(archi=request.param), seed=1)
    )


@pytest.fixture
def model(built):
    built.corrections = NONE
    return built


@pytest.fixture
def faces(random_batch):
    batch = random_batch()
    return batch.target_src, batch.target_dst


def close(one, other) -> bool:
    return np.allclose(one, other, rtol=0, atol=1e-5)


def test_a_swap_sees_the_face_moved_for_src_and_the_mask_of_dst_lies_where_it_should(model, faces):
    expected = model.swap(moved(faces[1], SRC))
    model.corrections = Corrections(SRC, DST)
    found = model.swap(faces[1])
    assert close(found.bgr, expected.bgr) and close(found.prd_mask, expected.prd_mask)
    assert close(found.dst_mask, moved(np.asarray(expected.dst_mask), BESIDE))
    model.corrections = NONE
    assert not close(model.swap(faces[1]).bgr, found.bgr)


def test_previews_show_every_face_moved_for_the_person_it_becomes(model, faces):
    plain = model.view(moved(faces[0], SRC), moved(faces[1], DST))
    swaps = model.view(faces[0], moved(faces[1], SRC))
    model.corrections = Corrections(SRC, DST)
    found = model.view(*faces)
    assert all(close(found[name], plain[name]) for name in ("SS", "SSM", "DD", "DDM"))
    last = -1 if np.ndim(found["SD"]) == 5 else ...  # of AMP: the whole way to src
    assert close(found["SD"][last], swaps["SD"][last]) and close(found["SDM"][last], swaps["SDM"][last])


def test_what_is_measured_is_what_the_model_has_learned(model, random_batch):
    batch = random_batch()
    before = model.reconstructions(batch, 2)
    model.corrections = Corrections(SRC, DST)
    after = model.reconstructions(batch, 2)
    assert all(close(before[side][0], after[side][0]) for side in ("src", "dst"))


def test_half_way_between_two_people_a_face_is_moved_half_as_much_for_each(faces):
    both = Corrections((2.0, 0.0), (0.0, -1.0))
    assert both.morphed(0.5) == (1.0, -0.5)
    assert both.dst_mask_to(0.5) == (-1.0, -0.5)
    assert close(both.swap_input(faces[1], 0.5), moved(faces[1], (1.0, -0.5)))
