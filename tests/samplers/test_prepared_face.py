"""Pictures and masks of faces at the network's size."""

import dataclasses

import cv2
import numpy as np
import pytest

from samplers.files.faces import open_faceset
from samplers.geometry.align import FlatLandmarks, transform_matrix
from samplers.geometry.face_types import FaceType
from samplers.geometry.masks import hull_mask
from samplers.prepared_face import face_mask, prepare, prepare_reference


@pytest.fixture(scope="module")
def faces(fixtures):
    return open_faceset(fixtures / "samplers" / "faces")


@pytest.mark.parametrize("face_type", [FaceType.HALF, FaceType.FULL, FaceType.WHOLE, FaceType.HEAD])
@pytest.mark.parametrize("resolution", [32, 64, 256])
def test_a_face_can_be_prepared_for_any_type_and_size(faces, face_type, resolution):
    prepared = prepare(faces[0], resolution, face_type, smooth=False)
    assert prepared.image.shape == (resolution, resolution, 3)
    for mask in (prepared.mask, prepared.eyes_mouth):
        assert mask.shape == (resolution, resolution, 1)
        assert mask.min() >= 0
        assert mask.max() <= 1
    assert {array.dtype for array in prepared[:3]} == {np.dtype(np.float32)}
    assert prepared.mask[resolution // 2, resolution // 2] == 1


def test_a_stored_mask_comes_before_the_hull_and_polygons_are_for_training_masks_only(faces):
    plain, masked, polygons, _ = faces
    np.testing.assert_array_equal(face_mask(plain, plain.shape), hull_mask(plain.landmarks, plain.shape))
    hull = hull_mask(polygons.landmarks, polygons.shape, eyebrows_expand_mod=polygons.eyebrows_expand_mod)
    np.testing.assert_array_equal(face_mask(polygons, polygons.shape), hull)
    assert polygons.polygons
    assert np.abs(face_mask(masked, masked.shape) - hull_mask(masked.landmarks, masked.shape)).max() > 0.1


def test_eyes_and_mouth_outside_the_mask_do_not_count(faces):
    prepared = prepare(faces[1], 256, FaceType.WHOLE, smooth=False)
    assert prepared.eyes_mouth.max() > 0.9
    assert prepared.eyes_mouth[prepared.mask == 0].max() == 0


def test_a_face_whose_landmarks_are_one_point_cannot_be_cut(faces):
    flat = dataclasses.replace(faces[0], landmarks=np.full((68, 2), 100.0))
    with pytest.raises(FlatLandmarks):
        prepare(flat, 64, FaceType.FULL, smooth=False)


def test_a_reference_is_squeezed_to_size(faces):
    assert prepare_reference(faces[0], 64, smooth=False).shape == (64, 64, 3)


@pytest.mark.parametrize("face_type", [FaceType.FULL, FaceType.WHOLE, FaceType.HEAD])
def test_smooth_shrinking_shows_the_same_face_where_the_crop_matrix_puts_it_with_less_noise(faces, face_type):
    """Without it, the picture of a face of the right type is resized, which puts the face beside that place."""
    smooth, plain = (prepare(faces[0], 64, face_type, smooth=each) for each in (True, False))
    for one, other in zip(smooth[:3], plain[:3], strict=True):
        assert one.shape == other.shape
        assert np.abs(one - other).mean() < 0.03
    matrix = transform_matrix(faces[0].landmarks, 64, face_type)
    cut = cv2.warpAffine(np.float32(faces[0].read() / 255), matrix, (64, 64), borderMode=cv2.BORDER_REPLICATE)
    grey = [np.float32(each.mean(-1)) for each in (smooth.image, cut)]
    (dx, dy), _ = cv2.phaseCorrelate(*grey)
    assert max(abs(dx), abs(dy)) < 0.1  # pixels
    assert cv2.Laplacian(grey[0], cv2.CV_32F).var() < cv2.Laplacian(grey[1], cv2.CV_32F).var()
