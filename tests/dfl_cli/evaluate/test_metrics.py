"""The metrics on arrays whose result is known."""

import numpy as np
import pytest

from dfl_cli.evaluate.metrics import expression, landmarks, pose
from dfl_cli.evaluate.metrics.flicker import flicker
from dfl_cli.evaluate.metrics.identity import identity_transfer
from dfl_cli.evaluate.metrics.jitter import jitter
from dfl_cli.evaluate.metrics.lag import lag
from dfl_cli.evaluate.metrics.registration import between_landmarks
from dfl_cli.evaluate.metrics.score import Pair, correlation, shuffles
from dfl_cli.evaluate.metrics.seam import seam
from dfl_cli.evaluate.metrics.sharpness import detail
from dfl_cli.evaluate.metrics.temporal import pairs, triples
from dfl_cli.face_networks.expression import names

N = 30
RNG = np.random.default_rng(5)
ALL = np.arange(N) > 0
WALK = np.cumsum(RNG.normal(size=(N, 68, 2)), axis=0) / 10
FACE = 40 + 30 * RNG.random((68, 2)) + WALK  # (N, 68, 2)


def people(*angles):
    """Vectors (N, 128) at these angles, in radians, from src."""
    found = np.zeros((len(angles), 128), np.float32)
    found[:, 0], found[:, 1] = np.cos(angles), np.sin(angles)
    return found


def test_identity_goes_from_dst_to_real_pictures_of_src():
    src, real, dst = people(-0.1, 0.1), people(0.3, -0.3), people(1.5, 1.4)
    assert identity_transfer(dst, dst, src, real).value == 0
    assert identity_transfer(real, dst, src, real).value == pytest.approx(1)
    half = identity_transfer(people(0.9, 0.9), dst, src, real)
    assert 0.4 < half.value < 0.8
    assert half.per_frame.mean() == pytest.approx(half.value)


def test_two_people_who_look_alike_have_no_identity_to_transfer():
    alike = people(0.0, 0.1)
    assert identity_transfer(alike, alike, alike, alike).value is None


def test_a_constant_turn_is_no_error_of_the_pose():
    turns = np.stack([20 * np.sin(np.arange(N) / 4), 5 * np.cos(np.arange(N)), np.zeros(N)], axis=1)
    found = pose.scores(Pair(turns + np.array([4, 2, 1]), turns), Pair(turns, turns))
    assert found["yaw_error_degrees"].value == pytest.approx(0, abs=1e-9)
    assert found["pitch_correlation"].value == pytest.approx(1)
    assert found["roll_correlation"].value is None  # dst does not move so
    assert found["yaw_error_degrees"].chance > 5


def test_another_shape_of_the_face_is_no_error_of_landmarks():
    other = FACE + RNG.normal(size=(68, 2)) * 5
    assert landmarks.landmark_error(Pair(other, FACE), Pair(FACE, FACE)).value == pytest.approx(0, abs=1e-9)
    moved = FACE.copy()
    moved[::2] += 2
    assert landmarks.landmark_error(Pair(moved, FACE), Pair(FACE, FACE)).value > 1


def test_two_frames_are_too_few_to_know_what_is_their_mean():
    assert landmarks.landmark_error(Pair(FACE[:2] + 1, FACE[:2]), Pair(FACE, FACE)).value is None
    found = pose.scores(Pair(np.ones((1, 3)), np.ones((1, 3))), Pair(np.ones((2, 3)), np.ones((2, 3))))
    assert {one.value for one in found.values()} == {None}


def test_expressions_that_do_not_move_in_dst_do_not_count():
    truth = np.zeros((N, 52))
    jaw, blink = names().index("jawOpen"), names().index("eyeBlinkLeft")
    truth[:, jaw] = (np.arange(N) % 5) / 5
    truth[::7, blink] = 1
    shown = truth + RNG.normal(size=truth.shape) * 0.01
    found = expression.scores(Pair(shown, truth), Pair(truth, truth))
    assert found["expression_correlation"].value > 0.99
    assert found["blink_correlation"].value > 0.99
    shown[:, blink] = 0
    found = expression.scores(Pair(shown, truth), Pair(truth, truth))
    assert found["blink_correlation"].value == pytest.approx(0, abs=0.5)
    assert found["expression_correlation"].value > 0.99


def test_what_follows_dst_two_frames_later_lags_by_two():
    truth = np.zeros((N, 52))
    truth[:, names().index("jawOpen")] = RNG.random(N)
    assert lag(Pair(np.roll(truth, 2, axis=0), truth), ALL).value == 2
    assert lag(Pair(truth, truth), ALL).value == 0
    assert lag(Pair(RNG.random((N, 52)) * 0, truth), ALL).value is None


def test_jitter_counts_only_frames_that_follow_one_another():
    mesh = np.repeat(RNG.random((1, 478, 3)), N, axis=0)
    jump = mesh.copy()
    jump[N // 2 :] += 10  # a cut
    cut = ALL.copy()
    cut[N // 2] = False
    still = Pair(jump, mesh)
    assert jitter(still, 50.0, cut).value == pytest.approx(0)
    assert jitter(still, 50.0, ALL).value > 0.1
    assert jitter(still, 50.0, np.zeros(N, bool)).value is None


def test_light_that_changes_in_dst_is_no_flicker():
    light = np.repeat(RNG.random((N, 1)), 3, axis=1)
    assert flicker(Pair(light, light), ALL).value == pytest.approx(0)
    assert flicker(Pair(light, light * 0), ALL).value > 1
    holes = light.copy()
    holes[3] = np.nan  # a mask without a pixel
    assert flicker(Pair(holes, light), ALL).value is not None


def test_frames_that_follow_one_another():
    follows = [False, True, True, False, True]
    assert pairs(follows).tolist() == [[0, 1], [1, 2], [3, 4]]
    assert triples(follows).tolist() == [[0, 1, 2]]
    assert triples([]).shape == (0, 3)


def test_a_gray_swap_on_a_gray_face_has_a_seam_only_where_it_is_brighter():
    dst = np.full((3, 64, 64, 3), 0.5, np.float32)
    mask = np.zeros((3, 64, 64, 1), np.float32)
    mask[:, 16:48, 16:48] = 1
    assert seam(dst, dst, mask).value == pytest.approx(1)
    assert seam(dst + 0.2, dst, mask).value > 3
    assert seam(dst + 0.2, dst, np.ones_like(mask)).value is None  # no edge in the picture


def test_detail_outside_the_mask_is_not_seen():
    picture = RNG.random((64, 64, 3)).astype(np.float32)
    mask = np.zeros((64, 64, 1), np.float32)
    mask[20:44, 20:44] = 1
    assert detail(picture, mask) > 0.01
    picture[16:48, 16:48] = 0.5
    assert detail(picture, mask) == pytest.approx(0)
    assert np.isnan(detail(picture, mask * 0))


def test_landmarks_tell_shift_scale_and_turn():
    found = between_landmarks(Pair(FACE + np.array([2, -1]), FACE))
    assert found.shift == pytest.approx((2, -1))
    assert found.spread == pytest.approx((0, 0), abs=1e-9)
    larger = between_landmarks(Pair(1.1 * FACE, FACE))
    assert larger.scale == pytest.approx(1.1)


def test_no_frame_stays_where_it_is_in_a_shuffle():
    for order in shuffles(7):
        assert sorted(order) == list(range(7))
        assert (order != np.arange(7)).all()
    assert shuffles(1) == []


def test_correlation_with_what_stays_is_nothing():
    assert np.isnan(correlation(np.arange(9), np.zeros(9), least=0.1))
    assert correlation(np.zeros(9), np.arange(9), least=0.1) == 0
    assert correlation(np.arange(9), np.arange(9), least=0.1) == pytest.approx(1)
