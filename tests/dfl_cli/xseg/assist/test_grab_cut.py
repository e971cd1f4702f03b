"""An object is cut out by its colors."""

import cv2
import numpy as np
import pytest

from dfl_cli.xseg.assist.brush import Stroke
from dfl_cli.xseg.assist.grab_cut import grab_cut
from dfl_cli.xseg.assist.outlines import iou


def scene(size=240):
    """A skin-colored wall with two green disks; the picture, and the disks' masks."""
    rng = np.random.default_rng(0)
    picture = np.full((size, size, 3), (120, 150, 210), np.uint8)
    masks = []
    for middle in ((size // 3, size // 3), (size * 3 // 4, size * 3 // 4)):
        mask = np.zeros((size, size), np.uint8)
        cv2.circle(mask, middle, size // 7, 1, cv2.FILLED)
        picture[mask > 0] = (40, 160, 60)
        masks.append(mask > 0)
    noise = rng.normal(0, 6, picture.shape)
    return np.uint8(np.clip(picture + noise, 0, 255)), *masks


@pytest.mark.parametrize("size", [96, 240, 700])
def test_a_box_finds_what_is_in_it(size):
    picture, one, _ = scene(size)
    found = grab_cut(picture, (size * 0.15, size * 0.15, size * 0.5, size * 0.5))
    assert found.shape == (size, size, 1)
    assert iou(found[..., 0] > 0, one) >= 0.93


def test_strokes_find_the_object_and_leave_the_other_one_out():
    picture, one, other = scene()
    inside = Stroke(np.float32([(70, 80), (90, 80)]), 4)
    outside = [Stroke(np.float32([(20, 200), (120, 130), (220, 20)]), 4), Stroke(np.float32([(180, 180)]), 36)]
    found = grab_cut(picture, None, [inside], outside)[..., 0] > 0
    assert iou(found & ~other, one) >= 0.9
    assert not found[180, 180]


def test_strokes_overrule_the_colors_and_leaving_out_overrules_taking_in():
    picture, _, _ = scene()
    wall = Stroke(np.float32([(30, 130), (60, 130)]), 5)
    assert grab_cut(picture, (0, 0, 130, 150), [wall])[130, 45, 0] == 1
    assert grab_cut(picture, (0, 0, 130, 150), [wall], [wall])[130, 45, 0] == 0


def test_a_rough_mask_is_drawn_to_the_borders():
    picture, one, _ = scene()
    rough = np.zeros((240, 240, 1), np.float32)
    rough[55:105, 50:120] = 1
    found = grab_cut(picture, (20, 20, 140, 140), start_mask=rough)[..., 0] > 0
    assert iou(found, one) > max(0.9, iou(rough[..., 0] > 0, one))


def test_with_nothing_to_tell_apart_it_says_what_was_marked():
    picture, _, _ = scene(64)
    assert grab_cut(picture).sum() == 0
    assert grab_cut(picture, (500, 500, 600, 600)).sum() == 0
    assert grab_cut(picture, start_mask=np.ones((64, 64, 1))).all()


def test_the_same_marks_give_the_same_result():
    picture, _, _ = scene()
    first = grab_cut(picture, (30, 30, 130, 130))
    cv2.setRNGSeed(123)
    np.testing.assert_array_equal(grab_cut(picture, (30, 30, 130, 130)), first)
