"""A brush changes the polygons it touches and no others."""

import numpy as np

from dfl_cli.xseg.assist.brush import Stroke, brush, erase, merge_mask, painted
from dfl_cli.xseg.assist.outlines import iou
from samplers.geometry.polygons import Polygon, PolygonType, overlay

EXCLUDE, INCLUDE = PolygonType
SHAPE = (256, 256)
FACE = Polygon(INCLUDE, np.float32([(40.25, 30.5), (210.75, 30.5), (210.75, 230.5), (40.25, 230.5)]))
FAR = Polygon(EXCLUDE, np.float32([(180.5, 40), (200.25, 40), (200, 60)]))
ACROSS = Stroke(np.float32([(20, 130), (120, 130), (150, 160)]), 12.5)


def mask_of(polygons):
    return overlay(polygons, np.zeros((*SHAPE, 1), np.float32))[..., 0] > 0


def test_a_stroke_is_as_wide_as_its_brush():
    mask = painted([ACROSS], SHAPE)
    assert mask.shape == (*SHAPE, 1)
    assert abs(int(mask[:, 60, 0].sum()) - 25) <= 1
    assert painted([Stroke(np.float32([(10, 10)]), 3)], SHAPE).sum() > 25
    assert painted([Stroke(np.empty((0, 2)), 3)], SHAPE).sum() == 0
    assert painted([Stroke(np.float32([(-500, -500), (9000, 9000)]), 3)], SHAPE).sum() > 256


def test_excluding_paint_becomes_one_polygon_and_the_face_keeps_its_points():
    labels = brush([FACE, FAR], [ACROSS], EXCLUDE, SHAPE)
    assert labels[:2] == [FACE, FAR]
    assert [each.type for each in labels[2:]] == [EXCLUDE]
    expected = mask_of([FACE, FAR]) & ~(painted([ACROSS], SHAPE)[..., 0] > 0)
    assert iou(mask_of(labels), expected) >= 0.98


def test_two_strokes_that_touch_become_one_polygon():
    down = Stroke(np.float32([(100, 80), (100, 200)]), 8)
    labels = brush(brush([FACE], [ACROSS], EXCLUDE, SHAPE), [down], EXCLUDE, SHAPE)
    assert [each.type for each in labels] == [INCLUDE, EXCLUDE]
    assert not mask_of(labels)[190, 100]
    assert not mask_of(labels)[130, 60]


def test_including_paint_grows_the_face_and_takes_back_what_was_cut():
    cut = brush([FACE], [ACROSS], EXCLUDE, SHAPE)
    back = Stroke(np.float32([(100, 100), (100, 160)]), 10)
    labels = brush(cut, [back, Stroke(np.float32([(128, 128), (128, 250)]), 9)], INCLUDE, SHAPE)
    mask = mask_of(labels)
    assert mask[130, 100]
    assert mask[248, 128]
    assert not mask[130, 60]
    assert [each.type for each in labels].count(INCLUDE) == 1


def test_a_ring_of_excluding_paint_leaves_its_middle():
    angles = np.linspace(0, 2 * np.pi, 40)
    ring = Stroke(np.c_[128 + 50 * np.cos(angles), 128 + 50 * np.sin(angles)], 6)
    labels = brush([FACE], [ring], EXCLUDE, SHAPE)
    assert mask_of(labels)[128, 128]
    assert not mask_of(labels)[128, 178]
    assert not mask_of(labels)[128, 78]


def test_the_eraser_takes_from_one_kind_only():
    cut = brush([FACE, FAR], [ACROSS], EXCLUDE, SHAPE)
    labels = erase(cut, [Stroke(np.float32([(20, 130), (80, 130)]), 20)], EXCLUDE, SHAPE)
    assert labels[:2] == [FACE, FAR]
    assert mask_of(labels)[130, 60]
    assert not mask_of(labels)[130, 120]
    assert erase([FACE], [Stroke(np.float32([(128, 130)]), 300)], INCLUDE, SHAPE) == []


def test_a_mask_is_added_like_paint():
    spot = np.zeros((*SHAPE, 1), np.float32)
    spot[100:140, 100:140] = 1
    assert iou(mask_of(merge_mask([FACE], spot, EXCLUDE)), mask_of([FACE]) & (spot[..., 0] == 0)) >= 0.98
