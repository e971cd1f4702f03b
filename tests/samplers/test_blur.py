"""Sharpening and smearing, against recorded pictures and by what they are for."""

import numpy as np
import pytest

from samplers.blur import line_kernel, sharpen_box, sharpen_gaussian, smeared


def test_motion_blur_is_the_recorded_one(fixtures):
    recorded_filters = np.load(fixtures / "merge" / "filters_cv5.npz")
    names = [name for name in recorded_filters if name.startswith("motionblur")]
    assert len(names) >= 2
    for name in names:
        _, length, angle = name.split("_")
        result = smeared(recorded_filters["picture"], int(length), float(angle))
        np.testing.assert_allclose(result, recorded_filters[name], rtol=0, atol=2e-6, err_msg=name)


def test_a_smear_follows_its_angle():
    spot = np.zeros((41, 41, 3), np.float32)
    spot[20, 20] = 1
    level, upright = (smeared(spot, 15, angle)[..., 0] for angle in (0.0, 90.0))
    assert np.ptp(np.nonzero(level > 0.01)[1]) == 14
    assert np.ptp(np.nonzero(level > 0.01)[0]) == 0
    assert np.ptp(np.nonzero(upright > 0.01)[0]) >= 12
    assert line_kernel(9, 30.0).sum() == pytest.approx(1)


@pytest.mark.parametrize("sharpen", [sharpen_box, sharpen_gaussian])
def test_sharpening_an_edge_darkens_its_dark_side_and_leaves_what_is_even(sharpen):
    picture = np.full((20, 20, 3), 0.25, np.float32)
    picture[:, 10:] = 0.75
    sharp = sharpen(picture, 5, 5)
    assert sharp[10, 9, 0] < 0.25
    assert sharp[10, 10, 0] > 0.75
    np.testing.assert_allclose(sharp[:, :6], 0.25, atol=1e-5)
