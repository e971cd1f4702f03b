"""Training batches of each class."""

import numpy as np
import pytest

from dfl_cli.classes.amp import AMP
from dfl_cli.classes.pair_feed import cache_bytes
from dfl_cli.classes.quick96 import QUICK96
from dfl_cli.classes.saehd import SAEHD
from dfl_cli.options.wizard import ask_table
from samplers.face_cache import free_memory
from samplers.files.faces import open_faceset


@pytest.fixture(scope="module")
def faces(fixtures):
    return open_faceset(fixtures / "formats")


@pytest.fixture(scope="module")
def quick96(faces):
    """Batches `start` to `stop` of Quick96."""
    options = QUICK96.with_fixed(ask_table(QUICK96.table, given={"batch_size": 2}, ask_now=False))

    def draw(start: int, stop: int) -> list:
        with QUICK96.open_feed({"src": faces, "dst": faces}, options, seed=3, start=start) as feed:
            return [next(feed) for _ in range(start, stop)]

    return draw


def test_every_third_batch_of_quick96_is_the_one_before_it_unwarped(quick96):
    batches = quick96(0, 8)
    for number in (3, 6):
        again, before = batches[number], batches[number - 1]
        np.testing.assert_array_equal(again.warped_src, before.target_src)
        np.testing.assert_array_equal(again.warped_dst, before.target_dst)
        for name in ("target_src", "mask_src", "target_dst", "mask_dst"):
            np.testing.assert_array_equal(getattr(again, name), getattr(before, name))
    for number in (1, 2, 4, 5, 7):
        assert np.any(batches[number].target_src != batches[number - 1].target_src)
        assert np.any(batches[number].warped_src != batches[number].target_src)


@pytest.mark.parametrize("start", [1, 2, 3, 4, 5, 6, 7])
def test_quick96_goes_on_with_the_batches_of_one_go(quick96, start):
    for whole, resumed in zip(quick96(0, 8)[start:], quick96(start, 8), strict=True):
        for one, other in zip(whole, resumed, strict=True):
            np.testing.assert_array_equal(one, other)


def test_an_iteration_of_several_batches_draws_the_faces_of_all(faces):
    given = {"batch_size": 2, "accumulate_steps": 3, "resolution": 64}
    with SAEHD.open_feed(
        {"src": faces, "dst": faces}, ask_table(SAEHD.table, given=given, ask_now=False), seed=3, start=0
    ) as feed:
        assert {len(array) for array in next(feed)} == {6}


def test_quick96_moves_faces_less_than_the_other_classes(faces):
    ranges = {}
    for one in (SAEHD, AMP, QUICK96):
        options = one.effective_options(one.with_fixed(ask_table(one.table, given={"batch_size": 2}, ask_now=False)))
        with one.open_feed({"src": faces, "dst": faces}, options, seed=3, start=0) as feed:
            ranges[one.name] = getattr(feed, "feed", feed).src._sampler.spec.scale_range
    assert ranges == {"SAEHD": (-0.15, 0.15), "AMP": (-0.15, 0.15), "Quick96": (-0.05, 0.05)}


def test_the_budget_for_faces_is_what_was_asked_for_else_a_quarter_of_the_free_memory():
    assert cache_bytes({"cache_gb": 1.5}) == 1.5 * 2**30
    assert free_memory() // 5 < cache_bytes({"cache_gb": 0.0}) < free_memory() // 3
