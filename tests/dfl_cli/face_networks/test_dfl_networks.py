"""What surrounds S3FD and FAN gives the boxes and points that DeepFaceLab's gave."""

import json

import numpy as np
import pytest

from dfl_cli.face_networks.fan_points import center_and_scale, crop, in_frame, points_of_maps
from dfl_cli.face_networks.s3fd_boxes import boxes_in_frame, boxes_of_levels, network_input, surest


@pytest.fixture(scope="module")
def recorded(shared):
    return np.load(shared / "fixtures" / "extract" / "functions.npz")


@pytest.fixture(scope="module")
def facts(shared):
    return json.loads((shared / "fixtures" / "extract" / "functions.json").read_text())


def levels(recorded, case):
    return [(recorded[f"s3fd_{case}_c{number}"], recorded[f"s3fd_{case}_l{number}"]) for number in range(6)]


@pytest.mark.parametrize("case", ["hand", "seed6", "dense", "empty"])
def test_boxes_of_the_networks_input(recorded, case):
    found = [box for box, _ in boxes_of_levels(levels(recorded, case))]
    assert found == recorded[f"s3fd_{case}_boxes"].tolist()


def test_covered_boxes_go(recorded):
    assert surest(recorded["nms_dets"]) == recorded["nms_keep_0.3"].tolist()


@pytest.mark.parametrize("size", ["small", "mid", "big", "tall"])
def test_boxes_of_the_frame(recorded, facts, size):
    fact = facts[f"s3fd_extract_{size}"]
    shown, factor = network_input(np.zeros((*fact["image_hw"], 3), np.uint8))
    assert list(shown.shape) == fact["net_input_shape"][1:]
    assert [box for box, _ in boxes_in_frame(levels(recorded, "hand"), factor)] == fact["rects"]


def test_the_networks_input_is_the_frame_in_rgb(recorded):
    shown, _ = network_input(recorded["s3fd_extract_small_image_bgr"])
    assert np.array_equal(shown, recorded["s3fd_extract_small_net_input"])


def test_points_of_a_crop_in_the_frame(recorded):
    points = recorded["transform_points"]
    for (x, y, scale, side), expected in zip(recorded["transform_args"], recorded["transform_out"], strict=True):
        assert in_frame(points, (x, y), scale, int(side)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("case", ["inside", "left_top", "right_bottom", "around", "tiny"])
def test_crops_that_the_network_is_shown(recorded, case):
    x, y, scale = recorded[f"crop_{case}_center_scale"].tolist()
    assert np.array_equal(crop(recorded["crop_image"], (x, y), scale), recorded[f"crop_{case}"])


def test_a_crop_outside_of_the_picture_is_black(recorded):
    assert not crop(recorded["crop_image"], (5000.0, 5000.0), 1.0).any()


def test_points_of_heat_maps(recorded):
    x, y, scale = recorded["heat_center_scale"]
    found = points_of_maps(recorded["heat_u8"].astype(np.float32), (x, y), scale)
    assert found == pytest.approx(recorded["heat_points"], abs=1e-6)


def test_points_of_the_networks_own_maps(shared):
    networks = np.load(shared / "fixtures" / "extract" / "networks.npz")
    x, y, scale = networks["fan_pts_center_scale"]
    found = points_of_maps(networks["fan_heatmaps_f16"].astype(np.float32), (x, y), scale)
    apart = np.abs(found - networks["fan_pts"]).max(axis=1)
    assert (apart > 1e-6).sum() <= 2  # half precision makes some neighbors equal
    assert apart.max() <= 0.25 * 200 * scale / 64 + 1e-6


def test_center_and_scale_of_a_box():
    assert center_and_scale((10, 20, 110, 115)) == ((60, 67.5), 1)
