"""Merging one frame: against the recorded merges, and what must hold for any."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from dfl_cli.merge.compose import (
    ModelFace,
    Prediction,
    crop_face,
    merge_face,
    needs_network,
    paste,
    unit,
)
from dfl_cli.merge.settings import MergeSettings
from samplers.face_types import FaceType

RECORDED = {
    "overlay_default": {},
    "original": {"mode": "original"},
    "overlay_noct": {"color_transfer_mode": "none"},
    "erode20_blur30": {"erode_mask_modifier": 20, "blur_mask_modifier": 30},
    "dilate15_blur11": {"erode_mask_modifier": -15, "blur_mask_modifier": 11},
    "scale10": {"output_face_scale": 10},
    "scale-15_blur20": {"output_face_scale": -15, "blur_mask_modifier": 20},
    "mask0": {"mask_mode": "full", "color_transfer_mode": "none"},
    "mask1": {"mask_mode": "dst", "color_transfer_mode": "none"},
    "mask2": {"mask_mode": "learned-prd", "color_transfer_mode": "none"},
    "mask3": {"mask_mode": "learned-dst", "color_transfer_mode": "none"},
    "mask5": {"mask_mode": "learned-prd+learned-dst", "color_transfer_mode": "none"},
    "lct": {"color_transfer_mode": "lct"},
    "mkl": {"color_transfer_mode": "mkl"},
    "mkl-m": {"color_transfer_mode": "mkl-m"},
    "idt_seed0": {"color_transfer_mode": "idt"},
    "idt-m_seed0": {"color_transfer_mode": "idt-m"},
    "sot-m_seed0": {"color_transfer_mode": "sot-m"},
    "mix-m_seed0": {"color_transfer_mode": "mix-m"},
}
FACE_TYPES = {
    f"ft_{kind.name_in_files}": kind for kind in (FaceType.HALF, FaceType.MIDFULL, FaceType.FULL, FaceType.HEAD)
}
STEP = 1 / 65535  # of the recordings
NEAREST = 2 * STEP  # working in a box of the frame moves the warps by float rounding
# idt sorts colors into bins: float rounding moves a few to the next one. In idt-m the reference also multiplies by a mask that the
# enlargement made slightly negative (merger.md Q23); ours stays in 0..1.
LOOSER = {"idt_seed0": 12 * STEP, "idt-m_seed0": 0.004}


@pytest.fixture(scope="module")
def recordings(fixtures):
    with np.load(fixtures / "merge" / "merge_cv5.npz") as arrays:
        return dict(arrays)


@pytest.mark.parametrize("name", RECORDED)
def test_a_merge_is_the_recorded_one(name, recorded, recordings, settings):
    merged = merge_whole(recorded, settings(**RECORDED[name]), FaceType.WHOLE)
    same_as_recorded(merged, recordings, name)


@pytest.mark.parametrize("name", FACE_TYPES)
def test_every_face_type_merges_as_recorded(name, recorded, recordings, settings):
    same_as_recorded(merge_whole(recorded, settings(), FACE_TYPES[name]), recordings, name)


def test_two_faces_cover_each_other_as_recorded(recorded, recordings, settings):
    """The recording was truncated to 8 bits, ours is rounded: at most the next level up."""
    expected = recordings["two_faces.bgra_uint8"]
    crops = [crop_face(recorded.frame, landmarks, recorded.predictor.face) for landmarks in recorded.two_faces]
    patches = [merge_face(crop, recorded.predictor.one(crop.picture), settings()) for crop in crops]
    picture, mask = paste(recorded.frame, patches)
    step = np.dstack([picture, mask]).astype(int) - expected
    assert step.min() >= 0
    assert step.max() <= 1


def merge_whole(recorded, settings, face_type):
    """Float image and mask of the whole frame."""
    crop = crop_face(recorded.frame, recorded.landmarks, ModelFace(64, face_type))
    patch = merge_face(crop, recorded.predictor.one(crop.picture), settings, rng=np.random.RandomState(0))
    image, mask = unit(recorded.frame), np.zeros((*recorded.frame.shape[:2], 1), np.float32)
    patch.box.cut(image)[:] = patch.image
    patch.box.cut(mask)[:] = patch.mask
    return image, mask


def same_as_recorded(merged, recordings, name):
    image, mask = merged
    recorded_mask = recordings.get(f"{name}.mask", recordings["overlay_default.mask"])
    tolerance = LOOSER.get(name, NEAREST)
    np.testing.assert_allclose(np.clip(image, 0, 1), recordings[f"{name}.img"] / 65535, rtol=0, atol=tolerance)
    np.testing.assert_allclose(mask, recorded_mask / 65535, rtol=0, atol=NEAREST)


def test_outside_the_mask_the_frame_is_untouched(recorded, settings):
    crop = crop_face(recorded.frame, recorded.landmarks, recorded.predictor.face)
    patch = merge_face(crop, recorded.predictor.one(crop.picture), settings(blur_mask_modifier=20))
    picture, mask = paste(recorded.frame, [patch])
    alpha = np.zeros((*recorded.frame.shape[:2], 1))
    patch.box.cut(alpha)[:] = patch.mask
    outside = alpha[..., 0] == 0
    assert outside.any()
    assert np.array_equal(picture[outside], recorded.frame[outside])
    assert not mask[outside].any()


def test_the_same_face_back_in_its_place_changes_only_by_resampling(settings):
    noise = np.random.default_rng(1).integers(0, 256, (300, 400, 3), np.uint8)
    frame = cv2.GaussianBlur(noise, (0, 0), 8)
    crop = crop_face(frame, upright_face(200, 150, 60), ModelFace(128, FaceType.WHOLE))
    middle = np.zeros((128, 128, 1), np.float32)
    middle[8:-8, 8:-8] = 1  # at the rim of the square the black outside shines through
    patch = merge_face(crop, Prediction(crop.picture, middle, middle), settings(color_transfer_mode="none"))
    inside = patch.mask[..., 0] == 1
    difference = np.abs(patch.image - unit(patch.box.cut(frame)))[inside]
    assert inside.sum() > 4000
    assert difference.max() < 0.004  # one 8-bit step


@pytest.mark.parametrize(("percent", "times"), [(50, 2 / 3), (0, 1), (-50, 2)])
def test_face_scale_changes_the_side_of_the_pasted_square_about_its_middle(percent, times, settings):
    frame = np.zeros((600, 800, 3), np.uint8)
    side, middle = pasted_square(frame, upright_face(400, 300, 80), settings(mask_mode="full"))
    scaled, scaled_middle = pasted_square(
        frame, upright_face(400, 300, 80), settings(mask_mode="full", output_face_scale=percent)
    )
    assert scaled == pytest.approx(side * times, abs=1.5)
    assert scaled_middle == pytest.approx(middle, abs=1)


@pytest.mark.parametrize("resolution", [64, 128])
@pytest.mark.parametrize("size", [60, 150])
def test_eroding_shrinks_the_mask_by_a_fraction_of_the_face_square(resolution, size, settings):
    frame = np.zeros((900, 900, 3), np.uint8)
    face = upright_face(450, 450, size)
    side, _ = pasted_square(frame, face, settings(mask_mode="full"), resolution)
    eroded, _ = pasted_square(frame, face, settings(mask_mode="full", erode_mask_modifier=40), resolution)
    expected = 40 / 2 / (4 * resolution) * side  # each edge
    assert (side - eroded) / 2 == pytest.approx(expected, abs=1.5)


def pasted_square(frame, landmarks, settings, resolution=64):
    """Mean side of the mask's box in pixels, and its middle (x, y)."""
    crop = crop_face(frame, landmarks, ModelFace(resolution, FaceType.WHOLE))
    ones = np.ones((resolution, resolution, 1), np.float32)
    _, mask = paste(frame, [merge_face(crop, Prediction(crop.picture, ones, ones), settings)])
    left, top, width, height = cv2.boundingRect((mask > 127).astype(np.uint8))
    return (width + height) / 2, (left + width / 2, top + height / 2)


def upright_face(x, y, size):
    """68 landmarks of a rough frontal face, `size` pixels between temples, its middle at (x, y)."""
    angle = np.linspace(np.pi, 0, 17)
    jaw = np.stack([np.cos(angle) / 2, np.sin(angle) * 0.6], 1)
    brows = np.stack([np.concatenate([np.linspace(-0.4, -0.1, 5), np.linspace(0.1, 0.4, 5)]), np.full(10, -0.2)], 1)
    nose = np.array(
        [(0, -0.1), (0, 0), (0, 0.08), (0, 0.16), (-0.1, 0.2), (-0.05, 0.22), (0, 0.23), (0.05, 0.22), (0.1, 0.2)]
    )
    eye = np.array([(-0.08, 0), (-0.03, -0.03), (0.03, -0.03), (0.08, 0), (0.03, 0.03), (-0.03, 0.03)])
    turn = np.linspace(np.pi, 3 * np.pi, 13)[:-1]
    lips = np.stack([np.cos(turn) * 0.18, np.sin(turn) * 0.08 + 0.38], 1)
    inner = lips[[0, 2, 3, 4, 6, 8, 9, 10]] * (0.8, 0.9) + (0, 0.038)
    right, left = eye - np.array((0.22, 0.1)), eye + np.array((0.22, -0.1))
    return np.concatenate([jaw, brows, nose, right, left, lips, inner]) * size + (x, y)


USUAL = MergeSettings(
    mode="overlay",
    mask_mode="learned-prd*learned-dst",
    erode_mask_modifier=0,
    blur_mask_modifier=0,
    output_face_scale=0,
    color_transfer_mode="none",
    landmark_smoothing=0,
)


@effort(max_examples=40, deadline=None)
@given(x=st.integers(-300, 500), y=st.integers(-300, 400), size=st.integers(2, 400))
def test_a_face_anywhere_even_outside_the_frame_merges(x, y, size):
    frame = np.full((90, 160, 3), 77, np.uint8)
    crop = crop_face(frame, upright_face(x, y, size), ModelFace(32, FaceType.WHOLE))
    ones = np.ones((32, 32, 1), np.float32)
    patch = merge_face(crop, Prediction(np.ones((32, 32, 3), np.float32), ones, ones), USUAL)
    picture, mask = paste(frame, [patch])
    assert picture.shape == frame.shape
    assert np.array_equal(picture[mask == 0], frame[mask == 0])


@effort(max_examples=25, deadline=None)
@given(erode=st.integers(-400, 400), blur=st.integers(0, 400), scale=st.integers(-50, 50))
def test_any_settings_give_pictures_in_range_and_masks_inside_the_square(erode, blur, scale):
    changed = {"erode_mask_modifier": erode, "blur_mask_modifier": blur, "output_face_scale": scale}
    frame = np.full((120, 160, 3), 200, np.uint8)
    crop = crop_face(frame, upright_face(80, 60, 40), ModelFace(32, FaceType.WHOLE))
    ones = np.ones((32, 32, 1), np.float32)
    face = Prediction(np.zeros((32, 32, 3), np.float32), ones, ones)
    patch = merge_face(crop, face, MergeSettings(**vars(USUAL) | changed))
    assert patch.mask.size == 0 or (patch.mask.min() >= 0 and patch.mask.max() <= 1)
    assert patch.image.size == 0 or (patch.image.min() >= 0 and patch.image.max() <= 1)


def test_a_blank_mask_leaves_the_frame_alone(recorded, settings):
    crop = crop_face(recorded.frame, recorded.landmarks, recorded.predictor.face)
    nothing = np.zeros((64, 64, 1), np.float32)
    patch = merge_face(crop, Prediction(crop.picture, nothing, nothing), settings())
    picture, mask = paste(recorded.frame, [patch])
    assert np.array_equal(picture, recorded.frame)
    assert not mask.any()


def test_the_network_is_asked_only_for_what_will_be_seen(settings):
    assert needs_network(settings())
    assert needs_network(settings(mode="original"))  # its mask is a learned one
    assert not needs_network(settings(mode="original", mask_mode="dst"))


def test_without_a_network_the_original_mode_still_gives_the_hull(recorded, settings):
    crop = crop_face(recorded.frame, recorded.landmarks, recorded.predictor.face)
    patch = merge_face(crop, None, settings(mode="original", mask_mode="dst"))
    picture, mask = paste(recorded.frame, [patch])
    assert np.array_equal(picture, recorded.frame)
    assert mask.any()
