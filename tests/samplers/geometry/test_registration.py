"""How far a picture of a face lies from another, on real faces moved by a known amount."""

import cv2
import numpy as np
import pytest

from models.subpixel import moved
from samplers.files.faces import open_faceset
from samplers.geometry.face_types import FaceType
from samplers.geometry.registration import affine_between, displacement, shift_between
from samplers.prepared_face import prepare

SHIFT = (0.6, -1.1)


@pytest.fixture(scope="module")
def faces(fixtures):
    """(picture, mask) of a few people, 64 x 64."""
    prepared = [
        prepare(face, 64, FaceType.WHOLE, smooth=True)
        for folder in ("samplers", "xseg")
        for face in open_faceset(fixtures / folder / "faces")
    ]
    return [(np.clip(face.image, 0, 1), face.mask) for face in prepared]


def painted(truth: np.ndarray, shift, *, blur=0.0, contrast=1.0, light=0.0) -> np.ndarray:
    """`truth` as a young model may paint it."""
    result = moved(truth[None], shift)[0]
    result = cv2.GaussianBlur(result, (0, 0), blur) if blur else result
    return np.clip(result * contrast + light, 0, 1).astype(np.float32)


@pytest.mark.parametrize(
    "change", [{}, {"blur": 1.2}, {"contrast": 0.7, "light": 0.1}, {"blur": 1.0, "contrast": 0.8}], ids=str
)
@pytest.mark.parametrize("shift", [SHIFT, (-2.3, 0.4), (0.0, 0.0)], ids=str)
def test_a_known_shift_is_found_however_sharp_and_bright_the_picture_is(faces, shift, change):
    seen = [(painted(truth, shift, **change), truth, mask) for truth, mask in faces]
    for face in seen:
        assert np.allclose(shift_between(*face), shift, rtol=0, atol=0.15)
    found = displacement(seen)
    assert np.allclose(found.shift, shift, rtol=0, atol=0.05)
    assert found.faces == len(faces)
    assert max(found.spread) < 0.1
    assert found.scale == pytest.approx(1, abs=0.005)
    assert found.turn == pytest.approx(0, abs=0.2)


def test_larger_pictures_give_their_own_pixels(faces):
    truth, mask = (cv2.resize(one, (256, 256), interpolation=cv2.INTER_CUBIC) for one in faces[0])
    truth = np.clip(truth, 0, 1)
    found = shift_between(painted(truth, (3.2, -1.6)), truth, mask[..., None])
    assert np.allclose(found, (3.2, -1.6), rtol=0, atol=0.2)


def test_what_lies_outside_the_mask_does_not_count(faces):
    truth, mask = faces[0]
    inside = cv2.dilate(np.float32(mask > 0.5), np.ones((13, 13)))[..., None]
    framed = painted(truth, SHIFT) * inside + np.random.default_rng(0).random(truth.shape, np.float32) * (1 - inside)
    assert np.allclose(shift_between(framed, truth, mask), SHIFT, rtol=0, atol=0.1)


def test_scale_and_turn_are_found(faces):
    middle = 31.5
    matrix = cv2.getRotationMatrix2D((middle, middle), -2.0, 1.04)  # OpenCV counts against the clock
    turned = [
        cv2.warpAffine(truth, matrix, (64, 64), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        for truth, _ in faces
    ]
    found = displacement((np.clip(one, 0, 1), *face) for one, face in zip(turned, faces, strict=True))
    assert found.scale == pytest.approx(1.04, abs=0.01)
    assert found.turn == pytest.approx(2.0, abs=0.3)


def test_pictures_with_nothing_in_common_are_left_out(faces):
    truth, mask = faces[0]
    gray, noise = np.full_like(truth, 0.5), np.random.default_rng(0).random(truth.shape, np.float32)
    assert affine_between(gray, truth, mask) is None
    assert affine_between(1 - truth, truth, mask) is None
    assert displacement([(gray, truth, mask), (1 - truth, truth, mask)]) is None
    assert displacement([(noise, truth, 0 * mask)]) is None  # nothing to compare
    assert displacement([]) is None
    found = displacement([(gray, truth, mask), (painted(truth, SHIFT), truth, mask)])
    assert found.faces == 1
    assert np.allclose(found.shift, SHIFT, rtol=0, atol=0.1)
