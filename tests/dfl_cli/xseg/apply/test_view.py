"""Faces go to the network and masks come back as the reference's mask tool does it, whatever the face types are."""

from dataclasses import replace

import numpy as np
import pytest

from dfl_cli.xseg.apply.view import between_types, mask_for_face, thresholded, view_of
from dfl_cli.xseg.predict import SIDE, Facts, MaskNetwork
from samplers.files.faces import read_face
from samplers.geometry.align import transform_points
from samplers.geometry.face_types import FaceType
from xseg_weights import recorded_weights

FACES = ["00000", "00002", "00003", "00004"]  # whole face; whole face of 320 pixels; full face; head of 288 pixels


@pytest.fixture(scope="module")
def recorded(fixtures):
    with np.load(fixtures / "xseg" / "apply.npz") as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def face(fixtures):
    def read(number):
        found = read_face(fixtures / "xseg" / "faces" / f"{number}_0.jpg", number)
        return found.read_info(), found.read()

    return read


@pytest.fixture(scope="module")
def network(fixtures):
    """The one that painted the recorded masks, for whole faces."""
    facts = Facts("XSeg", 2, FaceType.WHOLE, "", {})
    return MaskNetwork(facts, lambda: recorded_weights(fixtures), devices="cpu")


@pytest.mark.parametrize("number", FACES)
def test_the_network_sees_what_the_reference_shows_it(face, recorded, number):
    view = view_of(*face(number), FaceType.WHOLE)
    np.testing.assert_allclose(view.picture[1::8, 2::8], recorded[f"{number}.net_in"], atol=1e-5)


@pytest.mark.parametrize("number", ["00003", "00004"])
def test_its_mask_comes_back_to_the_face(face, recorded, number):
    mask = mask_for_face(recorded[f"{number}.net_out"], view_of(*face(number), FaceType.WHOLE))
    np.testing.assert_allclose(mask[::4, ::4], recorded[f"{number}.before_threshold"], atol=1e-3)
    assert_same_mask(mask, recorded, number)


@pytest.mark.parametrize("number", FACES)
def test_masks_are_the_reference_s(face, recorded, network, number):
    view = view_of(*face(number), network.face_type)
    mask = mask_for_face(network.masks(view.picture[None])[0], view)
    assert (
        np.quantile(np.abs(mask[::4, ::4] - recorded[f"{number}.before_threshold"]), 0.999) <= 1e-3
    )  # but near the cut
    assert_same_mask(mask, recorded, number)


def assert_same_mask(mask, recorded, number):
    """`mask` before the threshold gives the recorded one, but for a few pixels on the edge."""
    differs = thresholded(mask) != np.unpackbits(recorded[f"{number}.mask"], axis=-1)
    assert differs.sum() <= 32
    assert (np.abs(mask[differs] - 0.5) < 2e-3).all()


def test_a_network_that_wants_no_face_type_sees_the_picture_as_it_is(face):
    info, picture = face("00003")
    view = view_of(info, picture, None)
    assert view.matrix is None
    np.testing.assert_array_equal(view.picture, picture.astype(np.float32) / 255)


def test_landmarks_go_along_with_the_picture(face):
    info, picture = face("00004")
    wide, same = view_of(info, picture, FaceType.WHOLE), view_of(info, picture, FaceType.HEAD)
    assert np.ptp(wide.landmarks[:, 0]) > 1.3 * np.ptp(same.landmarks[:, 0])  # a whole face fills more of its square
    places = transform_points(info.landmarks, wide.matrix)
    expected = (places + 0.5) * SIDE / picture.shape[1] - 0.5  # as cv2.resize moves the picture
    np.testing.assert_allclose(expected, wide.landmarks, atol=1e-3)


def test_without_landmarks_of_the_frame_those_of_the_picture_do(face):
    info, picture = face("00003")
    lost = replace(info, source_landmarks=None)
    corners = np.float64([(0, 0), (256, 0), (0, 256), (128, 128)])
    there = [transform_points(corners, between_types(one, FaceType.WHOLE, picture.shape[1])) for one in (info, lost)]
    np.testing.assert_allclose(*there, atol=2)
