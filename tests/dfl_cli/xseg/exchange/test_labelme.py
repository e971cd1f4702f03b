"""labelme's files come and go with every point as it was."""

import base64
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfl_cli.xseg.assist.outlines import iou
from dfl_cli.xseg.exchange.labelme import from_labelme, to_labelme
from dfl_cli.xseg.exchange.shapes import Meaning, Unusable, parse_map, polygons_of
from samplers.geometry.polygons import Polygon, PolygonType, overlay

PATH = Path("a.json")
KNOWN = parse_map([])
COORDINATES = st.floats(-2000, 2000, width=32)
POLYGONS = st.lists(
    st.builds(
        lambda kind, points: Polygon(PolygonType(kind), np.float32(points)),
        st.integers(0, 1), st.lists(st.tuples(COORDINATES, COORDINATES), min_size=3, max_size=30),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


def file_of(*shapes, **fields) -> dict:
    return {"shapes": list(shapes), "imagePath": "a.jpg", "imageHeight": 100, "imageWidth": 120} | fields


def shape(kind, points, label="include", **fields) -> dict:
    return {"label": label, "points": points, "shape_type": kind, **fields}


def polygons_in(value: dict, meanings=KNOWN) -> list[Polygon]:
    picture = from_labelme(value, PATH)
    if isinstance(picture.shapes, Unusable):
        raise picture.shapes
    return polygons_of(picture.shapes, meanings, (1, 1))


def drawn(polygons) -> np.ndarray:
    return overlay(polygons, np.zeros((100, 120, 1), np.float32))[..., 0] > 0


@given(POLYGONS)
@settings(max_examples=40, deadline=None)
def test_any_polygons_come_back_bit_by_bit(polygons):
    value = json.loads(json.dumps(to_labelme(polygons, "a.jpg", (100, 120))))
    found = polygons_in(value)
    assert [each.type for each in found] == [each.type for each in polygons]
    assert [each.points.tobytes() for each in found] == [each.points.tobytes() for each in polygons]
    assert from_labelme(value, PATH).size == (100, 120)
    assert from_labelme(value, PATH).names == ("a.jpg", "a.json")


def test_rectangles_and_circles_are_polygons():
    (box,) = polygons_in(file_of(shape("rectangle", [[60, 70], [10, 20]])))
    assert iou(drawn([box]), drawn([Polygon(1, np.float32([(10, 20), (60, 20), (60, 70), (10, 70)]))])) == 1
    (circle,) = polygons_in(file_of(shape("circle", [[60, 50], [60, 80]], label="exclude")))
    assert circle.type == PolygonType.EXCLUDE
    np.testing.assert_allclose(np.linalg.norm(circle.points - (60, 50), axis=1), 30, rtol=1e-5)


def test_a_painted_mask_lies_where_it_belongs():
    part = np.zeros((40, 30), np.uint8)
    cv2.ellipse(part, (15, 20), (14, 19), 0, 0, 360, 255, cv2.FILLED)
    encoded = base64.b64encode(cv2.imencode(".png", part)[1].tobytes()).decode()
    polygons = polygons_in(file_of(shape("mask", [[20, 10], [50, 50]], mask=encoded)))
    whole = np.zeros((100, 120), bool)
    whole[10:50, 20:50] = part > 0
    assert iou(drawn(polygons), whole) >= 0.97


def test_labels_mean_what_the_map_says():
    value = file_of(
        shape("polygon", [[0, 0], [9, 0], [9, 9]], "Face"), shape("polygon", [[1, 1], [5, 1], [5, 5]], "手")
    )
    with pytest.raises(Unusable, match="Face, 手"):
        polygons_in(value)
    both = polygons_in(value, parse_map(["face=include", "手=EXCLUDE"]))
    assert [each.type for each in both] == [PolygonType.INCLUDE, PolygonType.EXCLUDE]
    assert len(polygons_in(value, parse_map(["face=include", "*=skip"]))) == 1
    assert parse_map(["a=b=skip"])["a=b"] is Meaning.SKIP


BROKEN = {
    "no points": file_of(shape("polygon", [])),
    "points that are text": file_of(shape("polygon", [["1", "2"]])),
    "points that are no pairs": file_of(shape("polygon", [[1, 2, 3]])),
    "points that are no numbers": file_of(shape("polygon", [[float("nan"), 2], [3, 4], [5, 6]])),
    "points nobody can see": file_of(shape("polygon", [[1e30, 2], [3, 4], [5, 6]])),
    "a line": file_of(shape("line", [[1, 2], [3, 4]])),
    "a rectangle of one point": file_of(shape("rectangle", [[1, 2]])),
    "a mask that is none": file_of(shape("mask", [[1, 2], [3, 4]], mask="!!!")),
    "a mask that is no image": file_of(shape("mask", [[1, 2], [3, 4]], mask=base64.b64encode(b"text").decode())),
    "a mask outside": file_of(shape("mask", [[500, 2], [3, 4]], mask=base64.b64encode(cv2.imencode(".png", np.ones((2, 2)))[1]).decode())),
    "a mask in an image of unknown size": file_of(shape("mask", [[1, 2], [3, 4]], mask="AA=="), imageWidth=None),
    "shapes that are no list": {"shapes": 3},
    "a shape that is none": file_of(7),
    "a label that is none": file_of(shape("polygon", [[1, 2], [3, 4], [5, 6]], label=None)),
    "a width of 10^30": file_of(imageWidth=10**30),
    "an image path that is none": file_of(imagePath=[1]),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_reported(name):
    with pytest.raises(Unusable) as caught:
        polygons_in(BROKEN[name])
    assert str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@given(st.fixed_dictionaries({"shapes": st.lists(st.fixed_dictionaries(
    {"label": JSON, "points": JSON, "shape_type": st.sampled_from(["polygon", "mask", "circle", None]), "mask": JSON}
), max_size=3) | JSON, "imagePath": JSON, "imageHeight": JSON, "imageWidth": JSON}))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_hostile_files_fail_in_one_way_only(value):
    try:
        polygons_in(value)
    except Unusable as error:
        assert str(error)
