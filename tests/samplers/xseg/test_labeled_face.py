"""Labels of faces: polygons or a mask, of any size, cut to the network's face type."""

import dataclasses
from typing import NamedTuple

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samplers.files.faces import open_faceset
from samplers.geometry.face_types import FaceType
from samplers.geometry.polygons import Polygon, PolygonType
from samplers.xseg.label_sampler import LabelSample, LabelSampler
from samplers.xseg.labeled_face import NoLabels, label, labeled_faces, prepare_labeled

INCLUDE, EXCLUDE = PolygonType.INCLUDE, PolygonType.EXCLUDE
SQUARE = np.float32([[0, 0], [9, 0], [9, 9], [0, 9]])


@pytest.fixture(scope="module")
def faces(fixtures):
    found = open_faceset(fixtures / "xseg" / "faces", keeps_index=False)
    return {face.name[:5]: face for face in found if face.polygons or face.has_xseg_mask}


@pytest.fixture(scope="module")
def bare(faces):
    """A face without polygons and without a mask."""
    return dataclasses.replace(faces["00000"], polygons=())


def test_polygons_outweigh_masks(faces):
    assert [face.name[:5] for face in labeled_faces([list(faces.values())])] == ["00000", "00001", "00002", "00003"]
    assert [face.name[:5] for face in labeled_faces([[faces["00010"]], [faces["00011"]]])] == ["00010", "00011"]


def test_without_any_label_the_faces_are_counted(bare):
    empty = dataclasses.replace(bare, polygons=(Polygon(INCLUDE, np.zeros((0, 2), np.float32)),))
    with pytest.raises(NoLabels) as none:
        labeled_faces([[bare, empty], [bare]])
    assert none.value.faces == 3
    with pytest.raises(NoLabels):
        label(bare)


def test_what_is_excluded_is_cut_out_whatever_the_order(bare):
    inner = Polygon(EXCLUDE, SQUARE + 100)
    outer = Polygon(INCLUDE, SQUARE * 10 + 80)
    one, other = (label(dataclasses.replace(bare, polygons=polygons)) for polygons in ((inner, outer), (outer, inner)))
    np.testing.assert_array_equal(one, other)
    assert not one[100:110, 100:110].any()
    assert one[90, 90] == 1


@settings(max_examples=40)
@given(
    points=st.lists(st.tuples(*[st.floats(-1e6, 1e6, width=32)] * 2), min_size=1, max_size=12),
    type_=st.sampled_from(PolygonType),
    height=st.integers(1, 64),
    width=st.integers(1, 64),
)
def test_any_polygon_gives_a_mask_of_0_and_1(bare, points, type_, height, width):
    face = dataclasses.replace(bare, shape=(height, width), polygons=(Polygon(type_, np.float32(points)),))
    mask = label(face)
    assert mask.shape == (height, width, 1)
    assert mask.dtype == np.float32
    assert set(np.unique(mask)) <= {0, 1}
    assert type_ is INCLUDE or not mask.any()


@settings(max_examples=25)
@given(height=st.integers(1, 90), width=st.integers(1, 90), seed=st.integers(0, 99))
def test_a_mask_of_any_size_is_brought_to_the_size_of_the_picture(bare, height, width, seed):
    stored = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    encoded = cv2.imencode(".png", stored)[1].tobytes()
    mask = label(dataclasses.replace(bare, has_xseg_mask=True, packed_mask=encoded))
    assert mask.shape == (256, 256, 1)
    assert set(np.unique(mask)) <= {0, 1}


def test_a_soft_mask_is_cut_at_one_half(faces):
    face = faces["00010"]
    np.testing.assert_array_equal(label(face), face.read_xseg_mask() >= 0.5)


@pytest.mark.parametrize("face_type", [FaceType.HALF, FaceType.FULL, FaceType.WHOLE, FaceType.HEAD])
@pytest.mark.parametrize("resolution", [64, 256])
def test_picture_and_label_are_cut_together_to_any_face_type(faces, face_type, resolution):
    for face in faces.values():
        prepared = prepare_labeled(face, resolution, face_type)
        assert prepared.image.shape == (resolution, resolution, 3)
        assert prepared.mask.shape == (resolution, resolution, 1)
    shares = [(prepare_labeled(faces[name], 64, face_type).mask > 0.5).mean() for name in ("00000", "00002")]
    assert min(shares) > 0.05


class InMemory(NamedTuple):
    """A file that is bytes."""

    encoded: bytes

    def read(self) -> bytes:
        return self.encoded


@settings(max_examples=30)
@given(
    height=st.integers(1, 300),
    width=st.integers(1, 300),
    face_type=st.sampled_from([FaceType.FULL, FaceType.WHOLE]),
    seed=st.integers(0, 99),
)
def test_pictures_of_any_size_become_samples(bare, height, width, face_type, seed):
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    encoded = InMemory(cv2.imencode(".png", picture)[1].tobytes())
    polygons = (Polygon(INCLUDE, np.float32([[0, 0], [width, 0], [width, height], [0, height]])),)
    face = dataclasses.replace(bare, shape=(height, width), file_range=encoded, polygons=polygons)
    sampler = LabelSampler(64, face_type)
    prepared = sampler.prepare(face)
    sample = LabelSample(np.empty((64, 64, 3), np.float32), np.empty((64, 64, 1), np.float32))
    sampler.draw(prepared, np.random.RandomState(seed), lambda: prepared, sample)
    assert 0 <= sample.picture.min() <= sample.picture.max() <= 1
    assert set(np.unique(sample.mask)) <= {0, 1}


def test_a_smaller_face_type_shows_more_of_the_face(faces):
    shares = [
        prepare_labeled(faces["00000"], 64, each).mask.mean() for each in (FaceType.FULL, FaceType.WHOLE, FaceType.HEAD)
    ]
    assert shares == sorted(shares, reverse=True)
