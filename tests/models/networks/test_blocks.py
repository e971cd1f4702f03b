import keras
import numpy as np
import pytest
from keras import ops

from models.networks.blocks import Conv, Residual, depth_to_space, flatten, pixel_norm, unflatten


def test_vectors_are_in_channel_row_column_order(recorded):
    case = recorded("ops")
    vector = flatten(ops.convert_to_tensor(case["in_code"]))
    np.testing.assert_array_equal(vector, case["flatten"])
    np.testing.assert_array_equal(unflatten(vector, 4), case["reshape_4D"])
    np.testing.assert_allclose(pixel_norm(vector), case["pixel_norm"], rtol=1e-6)


def test_four_channels_become_two_by_two_pixels(recorded):
    case = recorded("ops")
    np.testing.assert_array_equal(depth_to_space(ops.convert_to_tensor(case["in_code"])), case["depth_to_space"])


@pytest.mark.parametrize(("kernel", "stride", "side"), [(5, 2, 4), (3, 2, 4), (4, 2, 5), (3, 1, 8), (1, 1, 8)])
def test_padding_is_the_same_on_all_sides(kernel, stride, side):
    """A picture turned upside down gives the result upside down only if no side is padded more than another."""
    conv = Conv(1, kernel, stride=stride, name="conv")
    even = 8 + kernel % 2  # a side that the strides use up
    picture = np.random.default_rng(0).random((1, even, even, 1), np.float32)
    conv(picture)
    conv.weight.assign(ops.ones_like(conv.weight))
    np.testing.assert_allclose(conv(picture[:, ::-1, ::-1]), conv(picture)[:, ::-1, ::-1], rtol=1e-5)
    assert conv(picture[:, :8, :8]).shape == (1, side, side, 1)


def test_variables_are_called_as_in_the_reference():
    block = Residual(4, cosine=False, name="res0")
    block(keras.KerasTensor((None, 8, 8, 4)))
    assert [v.path for v in block.weights] == [f"res0/conv{i}/{kind}" for i in (1, 2) for kind in ("weight", "bias")]
