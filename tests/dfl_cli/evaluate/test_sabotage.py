"""A swap that is spoiled in one way loses in the metric that should notice, and keeps the others."""

import cv2
import numpy as np
import pytest

from drawn_swap import drawn
from models.subpixel import moved as moved_by

# From good to bad, for scores whose floor and chance do not span it.
RANGES = {"registration": 1.0, "lag": 1.0, "seam": 1.0, "sharpness": 1.35, "flicker": 5.0}
NOTICED, KEPT = 0.5, 0.35  # of that


def moved(pictures, shift):
    return moved_by(pictures, shift).reshape(pictures.shape)


def lost(spoiled, untouched) -> dict[str, float]:
    """How much worse each score has become, 1 is from floor to chance; scores that neither has are left out."""
    found = {}
    for name, before in untouched.items():
        after = spoiled[name]
        if before.value is None or after.value is None:
            continue
        span = RANGES.get(name) or abs(
            before.floor - before.chance if before.floor is not None else before.value - before.chance
        )
        found[name] = (
            before.value - after.value if before.higher_is_better else abs(after.value) - abs(before.value)
        ) / span
    return found


def assert_noticed_by(names, spoiled, untouched, *, may_notice=()):
    changes = lost(spoiled, untouched)
    assert {name for name in names if changes[name] < NOTICED} == set()
    assert {name: one for name, one in changes.items() if one > KEPT and name not in {*names, *may_notice}} == {}


def test_the_perfect_swap_is_near_the_floor_and_far_from_chance(untouched):
    assert untouched["identity_transfer"].value == pytest.approx(1, abs=0.1)
    assert untouched["yaw_correlation"].value > 0.98
    assert untouched["blink_correlation"].value > 0.95
    assert untouched["expression_correlation"].value > 0.7
    assert untouched["landmark_error"].value < 2 < untouched["landmark_error"].chance
    assert untouched["lag"].value == 0
    assert abs(untouched["jitter"].value) < 0.5
    assert abs(untouched["flicker"].value) < 0.5


def test_dst_itself_moves_perfectly_but_is_not_src(scores_with, perfect, untouched):
    found = scores_with(swap=perfect.swapped.dst)
    assert found["identity_transfer"].value == 0
    assert_noticed_by({"identity_transfer"}, found, untouched, may_notice={"sharpness"})  # dst has no freckles
    assert found["landmark_error"].value == 0
    assert found["seam"].value == pytest.approx(1)


def test_a_frozen_expression_is_noticed_by_expression_and_blinks(scores_with, untouched):
    found = scores_with(swap=drawn("frozen").pictures)
    assert_noticed_by(
        {"expression_correlation", "blink_correlation"}, found, untouched, may_notice={"expression_error"}
    )


def test_a_swap_one_frame_late_has_a_lag(scores_with, perfect, untouched):
    late = {name: np.roll(getattr(perfect.swapped, name), 1, axis=0) for name in ("swap", "swap_mask")}
    assert_noticed_by({"lag"}, scores_with(**late), untouched)


def test_a_shifted_mask_has_a_seam(scores_with, perfect, untouched):
    masks = {name: moved(getattr(perfect.swapped, name), (6, 0)) for name in ("swap_mask", "dst_mask")}
    assert_noticed_by({"seam"}, scores_with(**masks), untouched)


def test_flicker_is_flicker(scores_with, perfect, untouched):
    brighter = np.where(np.arange(len(perfect.swapped.swap)) % 2, 0.02, -0.02).astype(np.float32)
    found = scores_with(swap=np.clip(perfect.swapped.swap + brighter[:, None, None, None], 0, 1))
    assert_noticed_by({"flicker"}, found, untouched)


def test_a_trembling_face_has_jitter(scores_with, perfect, untouched):
    shifts = [(0.9 if number % 2 else -0.9, 0.0) for number in range(len(perfect.swapped.swap))]
    trembling = {
        name: np.stack(
            [moved(one[None], shift)[0] for one, shift in zip(getattr(perfect.swapped, name), shifts, strict=True)]
        )
        for name in ("swap", "swap_mask")
    }
    assert_noticed_by({"jitter"}, scores_with(**trembling), untouched)


def test_shifted_pictures_are_noticed_by_registration(scores_with, perfect, untouched):
    sides = {side: one._replace(painted=moved(one.painted, (1, 0))) for side, one in perfect.sides.items()}
    found = scores_with(sides=sides, swap=moved(perfect.swapped.swap, (1, 0)))
    compared_by_pixel = {name for name in found if name.startswith(("psnr", "ssim"))}
    assert_noticed_by({"registration"}, found, untouched, may_notice=compared_by_pixel)
    assert found["registration"].value == pytest.approx(1, abs=0.1)


def test_a_blurred_swap_is_not_sharp(scores_with, perfect, untouched):
    blurred = np.stack([cv2.GaussianBlur(one, (0, 0), 0.8) for one in perfect.swapped.swap])
    assert_noticed_by({"sharpness"}, scores_with(swap=blurred), untouched)
