"""How sharp a picture is: CPBD against recorded values, and what a person would expect of both measures."""

import json

import cv2
import numpy as np
import pytest

from samplers.sorting.canny import canny
from samplers.sorting.sharpness import cpbd, laplacian_variance

TWO_EDGES = 0.002  # of about 1000: rounding may find an edge that the recording did not
RECORDED = {  # spec facesets.golden.json, "cpbd": box blur -> value, with scikit-image's canny
    0: 0.053367217280813214,
    2: 0.03092783505154639,
    5: 0.016819571865443424,
    9: 0.003257328990228013,
}


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    levels = (np.random.RandomState(9).rand(40, 40) * 255).astype(np.uint8)
    return cv2.resize(levels, (160, 150), interpolation=cv2.INTER_CUBIC)


@pytest.mark.parametrize("size", RECORDED)
def test_cpbd_is_the_recorded_one(noise, size):
    blurred = cv2.blur(noise, (size, size)) if size else noise
    assert cpbd(blurred) == pytest.approx(RECORDED[size], abs=TWO_EDGES)


def test_the_recorded_values_are_those_of_the_specification(shared):
    golden = json.loads((shared / "spec/facesets.golden.json").read_text())["cpbd"]["value"]
    assert {int(size): value for size, value in golden.items()} == RECORDED


def test_a_real_face_loses_sharpness_with_every_blur(fixtures):
    grey = cv2.cvtColor(cv2.imread(str(fixtures / "formats/00000_0.jpg")), cv2.COLOR_BGR2GRAY)
    grey = cv2.resize(grey, (256, 256), interpolation=cv2.INTER_AREA)
    blurred = [cv2.GaussianBlur(grey, (0, 0), deviation) for deviation in (1, 2, 4)]
    for measure in (cpbd, laplacian_variance):
        values = [measure(each) for each in (grey, *blurred)]
        assert values == sorted(values, reverse=True)
        assert values[0] > values[-1]


def test_a_flat_picture_and_one_smaller_than_a_block_have_no_edges():
    assert cpbd(np.full((128, 128), 90)) == 0
    assert cpbd(np.random.RandomState(0).rand(40, 200) * 255) == 0


def test_a_step_is_one_thin_line_where_it_is():
    picture = np.zeros((32, 40))
    picture[:, 20:] = 100
    edges = canny(picture)
    assert edges.sum(axis=1)[1:-1].max() <= 2
    assert set(np.flatnonzero(edges.any(axis=0))) <= {19, 20}
    assert edges[1:-1].any(axis=1).all()


def test_a_faint_line_counts_only_where_it_touches_a_strong_one():
    picture = np.zeros((40, 60))
    picture[:, 15:] = np.linspace(40, 4, 40)[:, None]  # one line that fades
    picture[:, 45:] += 4  # a faint line of its own
    edges = canny(picture, low=5, high=30)
    assert edges[1:-1, 13:17].any(axis=1).all()
    assert not edges[:, 44:47].any()
    assert canny(picture, low=5, high=5)[1:-1, 44:47].any(axis=1).mean() > 0.8
