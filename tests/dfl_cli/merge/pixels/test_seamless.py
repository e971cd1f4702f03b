"""Seamless cloning: its equation, on any part of the frame, at its edge too. Recorded clones are met in test_compose.py."""

import cv2
import numpy as np
import pytest

from dfl_cli.merge.pixels.blend import VISIBLE
from dfl_cli.merge.pixels.compose import merge_faces, merge_frame
from dfl_cli.merge.pixels.crop import ModelFace, Prediction, crop_face
from dfl_cli.merge.pixels.notes import Note
from dfl_cli.merge.pixels.seamless import NotCloned, clone_mask, poisson, seamless_clone
from samplers.geometry.face_types import FaceType


def smooth(seed, height=120, width=150):
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 4), None, 20, 235, cv2.NORM_MINMAX)


def ellipse(height=120, width=150):
    return cv2.ellipse(np.zeros((height, width), np.uint8), (70, 62), (31, 38), 15, 0, 360, 255, -1)


def unit(picture):
    return picture.astype(np.float32) / 255


@pytest.mark.parametrize("shape", [(1, 1), (5, 30), (97, 61)])
def test_the_solver_finds_the_picture_that_a_laplacian_was_taken_of(shape):
    picture = np.random.default_rng(4).random(shape, np.float32)
    padded = np.pad(picture, 1)
    laplacian = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:] - 4 * picture
    np.testing.assert_allclose(poisson(laplacian), picture, atol=1e-4)


def test_inside_the_mask_gradients_are_the_faces_and_at_its_box_pixels_are_the_frames():
    face, frame, mask = unit(smooth(1)) * 0.2 + 0.4, unit(smooth(2)) * 0.2 + 0.4, ellipse() > 0
    cloned = seamless_clone(face, frame, mask)
    deep = cv2.erode(mask.view(np.uint8), np.ones((11, 11))) > 0
    error = (cv2.Laplacian(cloned, -1) - cv2.Laplacian(face, -1))[deep]
    assert np.abs(error).max() < 1e-3
    left, top, width, _ = cv2.boundingRect(mask.view(np.uint8))
    assert np.array_equal(cloned[top, left : left + width], frame[top, left : left + width])


def test_a_cut_around_the_mask_gives_what_the_whole_frame_gives():
    face, frame, mask = unit(smooth(1)), unit(smooth(2)), ellipse() > 0
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    cut = np.s_[top - 1 : top + height + 1, left - 1 : left + width + 1]
    whole = seamless_clone(face, frame, mask)
    assert np.array_equal(seamless_clone(face[cut], frame[cut], mask[cut]), whole[cut])
    whole[cut] = frame[cut]
    assert np.array_equal(whole, frame)  # and nothing outside of it changes


def test_a_brighter_face_takes_the_light_of_the_frame():
    frame, mask = unit(smooth(3)), ellipse() > 0
    cloned = seamless_clone(frame * 0.5 + 0.4, frame * 0.5 + 0.1, mask)
    assert np.abs(cloned - (frame * 0.5 + 0.1)).max() < 0.02


@pytest.mark.parametrize("mask", [np.zeros((20, 20), bool), np.eye(20, dtype=bool)[:, :2]])
def test_a_mask_without_an_inside_cannot_be_cloned(mask):
    picture = np.zeros((*mask.shape, 3), np.float32)
    with pytest.raises(NotCloned):
        seamless_clone(picture, picture, mask)


def test_the_weakest_tenth_that_a_mask_reaches_is_cloned():
    alpha = np.zeros((9, 9, 1), np.float32)
    alpha[4, 4] = 0.35
    assert clone_mask(alpha).sum() == 1
    alpha[2, 2] = VISIBLE  # not above it
    assert clone_mask(alpha).sum() == 1
    with pytest.raises(NotCloned):
        clone_mask(np.zeros((9, 9, 1), np.float32))


def shifted(recorded, right):
    """The recorded frame moved by `right` pixels, its face with it; what came into view is grey."""
    matrix = np.float32([[1, 0, right], [0, 1, 0]])
    frame = cv2.warpAffine(recorded.frame, matrix, recorded.frame.shape[1::-1], borderValue=(128, 128, 128))
    return frame, recorded.landmarks + np.float64([right, 0])


def merged_at(recorded, settings, right, **changes):
    """The face's patch, its mask clearly visible, and the notes, after the frame was moved by `right`."""
    frame, landmarks = shifted(recorded, right)
    crop = crop_face(frame, landmarks, recorded.predictor.face)
    darker = recorded.predictor.one(crop.picture)
    darker = darker._replace(bgr=crop.picture * 0.6)
    return merge_faces(frame, [crop], [darker], settings(mode="seamless", color_transfer_mode="none", **changes)), frame


def test_a_face_leaving_the_frame_keeps_the_light_of_the_frame(recorded, settings):
    """A darker copy of the face is cloned: in the light of the frame it is nearly the face again, laid over it is not."""
    for right in (0, 40, 60):
        (patch, notes), frame = merged_at(recorded, settings, right)
        assert not notes
        before = unit(patch.box.crop(frame))[patch.mask[..., 0] > 0.9].mean()
        after = patch.image[patch.mask[..., 0] > 0.9].mean()
        assert after > 0.85 * before, right
    assert patch.box.right == frame.shape[1]  # the last one does reach the edge


def test_classic_lays_such_a_face_over_the_frame_and_says_so(recorded, settings):
    (patch, notes), frame = merged_at(recorded, settings, 60, classic=True)
    assert notes == [Note.NOT_CLONED]
    before = unit(patch.box.crop(frame))[patch.mask[..., 0] > 0.9].mean()
    assert patch.image[patch.mask[..., 0] > 0.9].mean() < 0.7 * before


def test_a_face_too_small_to_clone_ends_no_frame(settings):
    frame = np.full((90, 120, 3), 90, np.uint8)
    landmarks = np.random.default_rng(5).normal((60, 45), 1.2, (68, 2))
    model_face = ModelFace(32, FaceType.HALF)
    crop = crop_face(frame, landmarks, model_face)
    spot = np.zeros((32, 32, 1), np.float32)
    spot[15:17, 15:17] = 1
    face = Prediction(np.ones((32, 32, 3), np.float32), spot, spot)
    merged = merge_frame(frame, [crop], [face], settings(mode="seamless"), model_face=model_face)
    assert merged.picture.shape == frame.shape
