"""Crop matrices and the similarity fit, against recorded ones."""

import json

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from closeness import FLOAT32, FLOAT64, assert_same_numbers
from samplers.geometry.align import (
    frame_rect,
    pixels_in_one,
    resized_matrix,
    resized_points,
    transform_matrix,
    transform_points,
    umeyama,
    warp_averaged,
)
from samplers.geometry.face_types import FaceType
from samplers.geometry.landmarks import mean_face

CROPS = [face_type for face_type in FaceType if face_type is not FaceType.MARK_ONLY]
FACES = ["lm0", "lm1", "lm2"]


@pytest.fixture(scope="module")
def recorded(fixtures):
    return np.load(fixtures / "samplers" / "geometry.npz")


@pytest.fixture(scope="module")
def golden(fixtures):
    return json.loads((fixtures / "samplers" / "golden.json").read_text())


@pytest.mark.parametrize("face_type", CROPS)
@pytest.mark.parametrize("face", FACES)
def test_crop_matrices_are_the_references(recorded, face, face_type):
    landmarks, name = recorded[face], face_type.name_in_files
    step = FLOAT32 if "no_align" in name else FLOAT64  # those are fitted in float32
    ours = transform_matrix(landmarks, 256, face_type)
    assert_same_numbers(ours, recorded[f"{face}_mat_{name}"], step=step)
    scaled = transform_matrix(landmarks, 256, face_type, scale=1.15)
    assert_same_numbers(scaled, recorded[f"{face}_mat115_{name}"], step=step)


@pytest.mark.parametrize("face", FACES)
def test_fit_and_points_and_rectangle_are_the_references(recorded, face):
    index, mean = mean_face()
    assert_same_numbers(umeyama(recorded[face][index], mean), recorded[f"{face}_umeyama"], step=FLOAT64)
    matrix = recorded[f"{face}_mat_whole_face"]
    aligned = transform_points(recorded[face], matrix)
    assert_same_numbers(aligned, recorded[f"{face}_aligned_wf256"], step=FLOAT64)
    back = transform_points(aligned, matrix, invert=True)
    assert_same_numbers(back, recorded[f"{face}_inv_points"], step=FLOAT64)
    assert_same_numbers(frame_rect(recorded[face]), recorded[f"{face}_rect"], step=FLOAT32)


def test_four_more_faces_recorded_with_an_older_numpy_agree(golden):
    for face in golden["faces"]:
        for name, matrix in face["mats_256"].items():
            ours = transform_matrix(face["landmarks"], 256, FaceType.from_file(name))
            # float32 scalars were added in another order then: see facesets.md 2.4
            assert_same_numbers(ours, matrix, step=1e-5 if "no_align" in name else FLOAT64)
        scaled = transform_matrix(face["landmarks"], 224, FaceType.WHOLE, scale=1.1)
        assert_same_numbers(scaled, face["mat_wf_224_scale1.1"], step=FLOAT64)


@given(st.floats(-3, 3), st.floats(0.1, 10), st.floats(-500, 500), st.floats(-500, 500), st.integers(0, 1000))
def test_the_fit_finds_the_turn_scale_and_shift_that_were_put_in(angle, scale, shift_x, shift_y, seed):
    src = np.random.default_rng(seed).uniform(-1, 1, (33, 2))
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    fit = umeyama(src, src @ turn.T + (shift_x, shift_y))
    np.testing.assert_allclose(fit[:2], np.column_stack([turn, (shift_x, shift_y)]), atol=1e-9 * max(1, scale) * 1000)


def test_equal_points_have_no_fit_and_points_on_a_line_have_one():
    assert np.isnan(umeyama(np.ones((33, 2)), np.ones((33, 2)))).all()
    line = np.linspace([0, 0], [10, 5], 33)
    np.testing.assert_allclose(umeyama(line, line * 2)[:2], [[2, 0, 0], [0, 2, 0]], atol=1e-9)


def test_a_single_point_stays_a_list_of_one_point():
    assert transform_points([(3.0, 4.0)], np.float64([[1, 0, 1], [0, 1, 1]])).tolist() == [[4.0, 5.0]]


def test_every_larger_type_shows_more_of_the_frame(recorded):
    landmarks = recorded["lm0"]
    areas = [1 / abs(np.linalg.det(transform_matrix(landmarks, 256, crop)[:, :2])) for crop in CROPS]
    assert areas[0] < areas[1] < areas[2] < areas[4] < areas[5]


@pytest.mark.parametrize("factor", [0.25, 0.5, 4])
def test_a_picture_that_is_resized_shows_a_place_where_its_matrix_leads(factor):
    ramp = np.float32(np.mgrid[:64, :64][::-1].transpose(1, 2, 0))  # each pixel is its own x and y
    side = round(64 * factor)
    small = cv2.resize(ramp, (side, side), interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    places = np.float64([(side // 2, side // 4)])
    matrix = resized_matrix(np.float64([(1, 0, 0), (0, 1, 0)]), factor)
    shown = small[side // 4, side // 2][None]
    np.testing.assert_allclose(transform_points(places, matrix, invert=True), shown, atol=1e-4)
    np.testing.assert_allclose(resized_points(shown, factor), places, atol=1e-4)


@pytest.mark.parametrize("times", [1, 2, 3, 8])
def test_a_warp_that_shrinks_takes_the_mean_of_what_a_pixel_covers(times):
    matrix = np.float64([(1 / times, 0, 0), (0, 1 / times, 0)])
    assert pixels_in_one(matrix) == times
    ramp = np.float32(np.mgrid[:128, :128][1])
    small = warp_averaged(ramp, matrix, 128 // times, border=cv2.BORDER_REPLICATE)[2:-2, 2:-2]
    np.testing.assert_allclose(small[0], np.arange(128 // times)[2:-2] * times, atol=0.01)
    stripes = np.tile(np.float32([0, 1]), (128, 64))
    small = warp_averaged(stripes, matrix, 128 // times, border=cv2.BORDER_REPLICATE)[2:-2, 2:-2]
    assert small.std() < (0.51, 0.2)[times > 1]
