"""Pitch, yaw and roll against recorded ones, and their signs."""

import json

import numpy as np
import pytest

from closeness import FLOAT64, assert_same_numbers
from samplers.geometry.landmarks import mirror
from samplers.geometry.pose import averaged_yaw, estimate_pitch_yaw_roll


@pytest.mark.parametrize("face", ["lm0", "lm1", "lm2"])
def test_poses_are_the_references(fixtures, face):
    recorded = np.load(fixtures / "samplers" / "geometry.npz")
    aligned = recorded[f"{face}_aligned_wf256"]
    for points, name in ((aligned, "pyr_256"), (recorded[face], "pyr_from_frame")):
        pose, expected = estimate_pitch_yaw_roll(points, 256), recorded[f"{face}_{name}"]
        np.testing.assert_allclose(pose, expected, atol=1e-6)  # radians; the solver stops when it is near
    assert_same_numbers(averaged_yaw(aligned), recorded[f"{face}_avg_yaw"], step=FLOAT64)


def test_yaw_changes_sign_in_the_mirror(fixtures):
    aligned = np.load(fixtures / "samplers" / "geometry.npz")["lm1_aligned_wf256"]
    pose, mirrored = estimate_pitch_yaw_roll(aligned, 256), estimate_pitch_yaw_roll(mirror(aligned, 256), 256)
    assert abs(pose.yaw) > 0.1
    assert mirrored.yaw == pytest.approx(-pose.yaw, abs=0.1)
    assert averaged_yaw(mirror(aligned, 256)) == pytest.approx(-averaged_yaw(aligned))


def test_four_more_faces_recorded_with_an_older_opencv_agree(fixtures):
    for face in json.loads((fixtures / "samplers" / "golden.json").read_text())["faces"]:
        pose = estimate_pitch_yaw_roll(face["landmarks"], 640)
        np.testing.assert_allclose(pose[:2], face["pitch_yaw_roll_raw_size640"][:2], atol=2e-5)
        assert averaged_yaw(face["landmarks"]) == pytest.approx(face["averaged_yaw_raw"], abs=1e-9)
