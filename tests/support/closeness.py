"""Comparing with recorded numbers.

Another processor, BLAS, NumPy or OpenCV adds in another order, so the last digits of a float belong to one machine: recorded numbers
are met within a few steps of float rounding. `np.testing.assert_array_equal` is for two runs on one machine, and for what is only
copied or counted.
"""

import numpy as np

PIXEL = 1e-6  # of levels 0..1: about ten steps of float32
FLOAT32 = 1e-6  # of the largest number in an array, where float32 arithmetic made it
FLOAT64 = 1e-9  # the same of float64 arithmetic
NETWORK = 5e-5  # of what a whole network puts out, after hundreds of float32 sums; measured 1e-5
LOSS = 1e-5  # relative, of a loss: a mean over thousands of such levels; measured 1e-6
# Share of the levels that rounding may carry over an edge: to the next level of 255, bin, or 1/32 of a pixel, the step in which
# OpenCV moves pictures. Measured 0.017 with the instructions of an older processor.
FEW = 0.03


def assert_same_numbers(ours, recorded, *, step: float, err_msg: str = "") -> None:
    """Equal within `step` times the largest recorded number."""
    largest = float(np.abs(recorded).max(initial=0))
    np.testing.assert_allclose(ours, recorded, rtol=0, atol=step * largest, err_msg=err_msg)


def assert_same_pixels(
    ours, recorded, *, within: float = PIXEL, few: float = 0.0, few_within: float = 0.0, err_msg: str = ""
) -> None:
    """Levels equal within `within`, but for a share `few` of them, which are equal within `few_within`."""
    assert np.shape(ours) == np.shape(recorded), err_msg
    off = np.abs(np.subtract(ours, recorded, dtype=np.float64))
    said = f"{err_msg} {np.mean(off > within):.2%} are off by more than {within}, the farthest by {off.max()}"
    assert np.mean(off > within) <= few, said
    assert off.max() <= max(within, few_within), said
