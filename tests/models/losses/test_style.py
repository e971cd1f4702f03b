import numpy as np
from keras import ops

from closeness import LOSS
from models.losses.style import background, cross_entropy, style_difference, total_variation


def test_style_is_as_recorded(recorded):
    case = recorded("ops")
    a, b, mask = (ops.convert_to_tensor(case[name]) for name in ("in_a", "in_b", "in_mask"))
    got = style_difference(a * mask, b * mask, blur=8, weight=1000)
    np.testing.assert_allclose(got, case["style_loss_r8_w1000"], rtol=LOSS)
    np.testing.assert_allclose(style_difference(a, b, blur=0, weight=1), case["style_loss_r0_w1"], rtol=LOSS)


def test_style_does_not_care_where_a_color_is():
    picture = ops.convert_to_tensor(np.random.default_rng(0).random((2, 32, 32, 3), np.float32))
    np.testing.assert_allclose(style_difference(picture, picture[:, ::-1], blur=0, weight=1), 0, atol=1e-7)


def test_variation_is_as_recorded(recorded):
    case = recorded("ops")
    np.testing.assert_allclose(total_variation(case["in_a"]), case["total_variation_mse"], rtol=LOSS)


def test_cross_entropy_is_the_cost_of_being_wrong():
    logits = np.array([[-2.0, 2.0], [0.0, 0.0]], np.float32).reshape(2, 2, 1, 1)
    np.testing.assert_allclose(cross_entropy(1, logits), [np.log1p(np.exp([2, -2])).mean(), np.log(2)], rtol=1e-6)
    np.testing.assert_allclose(cross_entropy(1, logits), cross_entropy(0, -logits), rtol=1e-6)


def test_an_equal_background_costs_nothing_and_power_scales():
    truth, guess = np.random.default_rng(0).random((2, 2, 32, 32, 3), np.float32)
    np.testing.assert_allclose(background(truth, truth, power=1, window=5), 0, atol=1e-6)
    once, twice = (np.asarray(background(truth, guess, power=power, window=5)) for power in (1, 2))
    np.testing.assert_allclose(twice, 2 * once, rtol=1e-6)
