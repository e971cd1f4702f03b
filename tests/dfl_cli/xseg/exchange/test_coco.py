"""COCO's file of all pictures: polygons as they were, masks as run lengths."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dfl_cli.xseg.assist.outlines import iou
from dfl_cli.xseg.exchange import run_lengths
from dfl_cli.xseg.exchange.coco import Exported, from_coco, to_coco
from dfl_cli.xseg.exchange.shapes import Unusable, parse_map, polygons_of
from samplers.geometry.polygons import Polygon, PolygonType, overlay

PATH = Path("coco.json")
KNOWN = parse_map([])
SQUARE = [10, 10, 50, 10, 50, 50, 10, 50]
COORDINATES = st.floats(-2000, 2000, width=32)
POLYGON = st.builds(
    lambda kind, points: Polygon(PolygonType(kind), np.float32(points)),
    st.integers(0, 1), st.lists(st.tuples(COORDINATES, COORDINATES), min_size=3, max_size=20),
)  # fmt: skip


def file_of(*annotations, images=None) -> dict:
    picture = {"id": 7, "file_name": "a.jpg", "width": 120, "height": 100}
    categories = [{"id": 1, "name": "include"}, {"id": 2, "name": "exclude"}]
    defaults = {"image_id": 7, "category_id": 1}
    return {
        "images": images or [picture],
        "categories": categories,
        "annotations": [defaults | each for each in annotations],
    }


def polygons_in(value: dict) -> list[Polygon]:
    (picture,) = from_coco(value, PATH)
    if isinstance(picture.shapes, Unusable):
        raise picture.shapes
    return polygons_of(picture.shapes, KNOWN, (1, 1))


def drawn(polygons) -> np.ndarray:
    return overlay(polygons, np.zeros((100, 120, 1), np.float32))[..., 0] > 0


@given(st.lists(st.lists(POLYGON, min_size=1, max_size=4), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_any_polygons_come_back_bit_by_bit(faces):
    exported = [Exported(f"{number}.jpg", (100, 120), polygons) for number, polygons in enumerate(faces)]
    found = list(from_coco(json.loads(json.dumps(to_coco(exported))), PATH))
    assert [each.names for each in found] == [(each.name,) for each in exported]
    for picture, polygons in zip(found, faces, strict=True):
        back = polygons_of(picture.shapes, KNOWN, (1, 1))
        assert [each.type for each in back] == [each.type for each in polygons]
        assert [each.points.tobytes() for each in back] == [each.points.tobytes() for each in polygons]


@given(arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12))))
def test_any_mask_comes_back_from_its_run_lengths(mask):
    np.testing.assert_array_equal(run_lengths.decode(run_lengths.encode(mask)), mask)


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=30))
def test_packed_run_lengths_are_read(counts):
    assert run_lengths.numbers_of(packed(counts)) == counts


def packed(counts: list[int]) -> str:
    """As COCO's own tools pack them."""
    text = ""
    for place, count in enumerate(counts):
        value, more = count - (counts[place - 2] if place > 2 else 0), True
        while more:
            bits = value & 31
            value >>= 5
            more = value != (-1 if bits & 16 else 0)
            text += chr(48 + bits + (32 if more else 0))
    return text


def test_a_mask_that_pycocotools_packed_is_read():
    """Written by pycocotools 2.0: a rectangle of 8 x 10 pixels with a hole in an image of 20 x 30."""
    expected = np.zeros((20, 30), np.uint8)
    expected[4:12, 5:15], expected[6:8, 8:10] = 1, 0
    value = {"counts": "X38<0000JF2:NF2:400000000X9", "size": [20, 30]}
    np.testing.assert_array_equal(run_lengths.decode(value), expected)
    assert packed(run_lengths.encode(expected)["counts"]) == value["counts"]


@pytest.mark.parametrize("compact", [True, False])
def test_masks_become_polygons(compact):
    mask = np.zeros((100, 120), np.uint8)
    cv2.ellipse(mask, (60, 50), (40, 30), 0, 0, 360, 1, cv2.FILLED)
    cv2.circle(mask, (60, 50), 12, 0, cv2.FILLED)
    value = run_lengths.encode(mask)
    if compact:
        value["counts"] = packed(value["counts"])
    polygons = polygons_in(file_of({"segmentation": value}))
    assert sorted(each.type for each in polygons) == [PolygonType.EXCLUDE, PolygonType.INCLUDE]
    assert iou(drawn(polygons), mask > 0) >= 0.96
    hand = polygons_in(file_of({"segmentation": [SQUARE]}, {"segmentation": value, "category_id": 2}))
    assert [each.type for each in hand[1:]] == [PolygonType.EXCLUDE] * (len(hand) - 1)


def test_an_exported_mask_comes_back_as_it_was():
    mask = np.zeros((100, 120), np.uint8)
    cv2.ellipse(mask, (60, 50), (40, 30), 0, 0, 360, 1, cv2.FILLED)
    value = json.loads(json.dumps(to_coco([Exported("a.jpg", (100, 120), [], mask)])))
    (picture,) = from_coco(value, PATH)
    np.testing.assert_array_equal(picture.shapes[0].mask, mask)
    assert value["annotations"][0]["area"] == mask.sum()
    assert value["annotations"][0]["bbox"] == [20, 20, 81, 61]


def test_one_annotation_may_have_several_parts_and_flat_lists_do():
    assert len(polygons_in(file_of({"segmentation": [SQUARE, SQUARE]}))) == 2
    assert len(polygons_in(file_of({"segmentation": SQUARE}))) == 1


def test_pictures_without_annotations_are_nobodys_labels():
    assert list(from_coco(file_of(), PATH)) == []


BROKEN = [
    {"segmentation": []}, {"segmentation": [[1, 2]]}, {"segmentation": [["a"] * 6]}, {"segmentation": [[1] * 7]},
    {"segmentation": [[10**400] * 6]}, {"segmentation": None}, {"segmentation": [[True] * 6]}, {"segmentation": [[1e30] * 6]},
    {"segmentation": [[float("nan")] * 6]}, {"segmentation": [SQUARE, 7]},
    {"segmentation": {"counts": [5], "size": [100, 120]}}, {"segmentation": {"counts": [-1, 12001], "size": [100, 120]}},
    {"segmentation": {"counts": [10**9 * 10], "size": [10**5, 10**5]}}, {"segmentation": {"counts": "\x00", "size": [100, 120]}},
    {"segmentation": {"counts": "o" * 100, "size": [100, 120]}}, {"segmentation": {"counts": [100], "size": [10, 10]}},
    {"segmentation": {"size": [100, 120]}}, {"segmentation": {"counts": [12000], "size": "big"}},
    {"segmentation": [SQUARE], "category_id": 99}, {"segmentation": [SQUARE], "category_id": {}},
]  # fmt: skip


@pytest.mark.parametrize("annotation", BROKEN)
def test_what_is_broken_is_reported(annotation):
    with pytest.raises(Unusable) as caught:
        polygons_in(file_of(annotation))
    assert str(caught.value)


def test_a_broken_picture_is_reported_and_the_others_go_on():
    sound = {"id": 7, "file_name": "a.jpg", "width": 120, "height": 100}
    value = file_of({"segmentation": [SQUARE]}, images=[3, {"id": 8}, {"id": 9, "file_name": 4}, sound])
    found = list(from_coco(value, PATH))
    assert [isinstance(each.shapes, Unusable) for each in found] == [True, True, True, False]
