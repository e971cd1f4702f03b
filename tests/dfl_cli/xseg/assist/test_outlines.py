"""Masks become polygons of few points that fill the same area."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfl_cli.xseg.assist.outlines import excluding_polygons, iou, polygons_of_mask
from samplers.geometry.polygons import PolygonType, overlay

EXCLUDE, INCLUDE = PolygonType


def ellipse(middle=(128, 128), axes=(90, 110), size=256):
    mask = np.zeros((size, size), np.float32)
    cv2.ellipse(mask, middle, axes, 10, 0, 360, 1.0, cv2.FILLED)
    return mask


def drawn(polygons, shape):
    return overlay(polygons, np.zeros((*shape, 1), np.float32))[..., 0] > 0


def overlap(polygons, mask):
    return iou(drawn(polygons, mask.shape[:2]), mask.reshape(mask.shape[:2]) >= 0.5)


def test_a_round_face_takes_a_handful_of_points():
    (face,) = polygons_of_mask(ellipse()[..., None])
    assert face.type == INCLUDE
    assert len(face.points) <= 16
    assert overlap([face], ellipse()) >= 0.98


def test_a_hole_is_excluded_and_what_lies_in_it_stays():
    mask = ellipse() - ellipse((128, 150), (50, 40)) + ellipse((128, 150), (20, 15))
    polygons = polygons_of_mask(mask)
    assert sorted(each.type for each in polygons) == [EXCLUDE, INCLUDE, INCLUDE]
    assert overlap(polygons, mask) >= 0.97
    assert not drawn(polygons, mask.shape)[150, 168]
    assert drawn(polygons, mask.shape)[150, 128]


def test_specks_and_pinholes_are_dropped():
    mask = ellipse()
    mask[3:6, 3:6], mask[128:131, 128:131] = 1, 0
    assert [each.type for each in polygons_of_mask(mask)] == [INCLUDE]
    assert len(polygons_of_mask(mask, smallest=0)) == 3


def test_a_mask_of_another_size_fits_the_picture():
    (face,) = polygons_of_mask(ellipse(), shape=(512, 1024))
    big = cv2.resize(ellipse(), (1024, 512), interpolation=cv2.INTER_LINEAR)
    assert overlap([face], big) >= 0.98


def test_a_full_an_empty_and_a_tiny_mask():
    assert polygons_of_mask(np.zeros((64, 64))) == []
    assert drawn(polygons_of_mask(np.ones((64, 64))), (64, 64)).all()
    assert drawn(polygons_of_mask(np.ones((1, 1))), (1, 1)).all()
    assert excluding_polygons(np.zeros((64, 64))) == []


def test_a_coarser_tolerance_takes_fewer_points():
    counts = [len(polygons_of_mask(ellipse(), tolerance)[0].points) for tolerance in (0.5, 2.0, 10.0)]
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) == 3


def test_an_excluding_ring_leaves_its_middle():
    ring = ellipse() - ellipse(axes=(40, 40))
    polygons = excluding_polygons(ring)
    assert {each.type for each in polygons} == {EXCLUDE}
    left = overlay(polygons, np.ones((256, 256, 1), np.float32))[..., 0] == 0
    assert iou(left, ring > 0) >= 0.97


def blobs(seed: int, smoothness: float, level: float) -> np.ndarray:
    """(120, 160) 0..1, its inside of one or many round parts with holes."""
    noise = np.random.default_rng(seed).standard_normal((120, 160)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), smoothness)
    return (smooth - smooth.min()) / np.ptp(smooth) + level


@given(st.integers(0, 2**32 - 1), st.floats(12, 40), st.floats(-0.3, 0.3))
@settings(max_examples=40, deadline=None)
def test_smooth_masks_keep_their_area(seed, smoothness, level):
    mask = blobs(seed, smoothness, level)
    inside = np.uint8(mask >= 0.5)
    if cv2.erode(inside, np.ones((9, 9))).sum() < 0.5 * inside.sum():
        return  # mere strips and specks at the border
    assert overlap(polygons_of_mask(mask), mask) >= 0.97


@given(st.integers(0, 2**32 - 1), st.floats(5, 30), st.floats(-0.3, 0.3))
@settings(max_examples=20, deadline=None)
def test_without_a_tolerance_nothing_is_lost(seed, smoothness, level):
    mask = blobs(seed, smoothness, level)
    assert (drawn(polygons_of_mask(mask, 0.0, smallest=0), mask.shape) == (mask >= 0.5)).all()


@pytest.mark.parametrize("tolerance", [None, 3.0])
def test_points_stay_in_the_picture_and_on_whole_pixels(tolerance):
    mask = ellipse((0, 250), (90, 110))
    for polygon in polygons_of_mask(mask, tolerance):
        assert polygon.points.dtype == np.float32
        assert polygon.points.min() >= 0
        assert polygon.points.max() <= 255
        assert (polygon.points == np.rint(polygon.points)).all()
