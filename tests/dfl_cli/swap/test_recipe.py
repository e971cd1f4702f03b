"""Which model is chosen: it fits the device, and has no more pixels than the faces."""

import pytest

from dfl_cli.devices import Gpu
from dfl_cli.swap.recipe import ON_GPU, Faces, choose_recipe, row_for, stages_for
from dfl_cli.swap.recipe_file import with_batch
from dfl_cli.units import GIGABYTE

LARGE_FACES = Faces(src_side=2000, dst_side=2000, color_distance=0, covered=1)


def gpu(gigabytes):
    return Gpu(0, "card", "GPU-0", int(gigabytes * GIGABYTE), int(gigabytes * GIGABYTE))


@pytest.mark.parametrize("gigabytes", [1, 2, 3.9, 6, 8, 11, 12, 16, 24, 141])
def test_a_recipe_takes_at_most_two_thirds_of_the_memory(gigabytes):
    recipe = choose_recipe(gigabytes * GIGABYTE, LARGE_FACES)
    costs = with_batch(recipe, [gpu(gigabytes)])
    assert costs.options["batch_size"] == 8
    assert costs.memory < 0.67 * gigabytes * GIGABYTE


def test_more_memory_never_gives_a_smaller_model():
    sizes = [(row.gigabytes, row.structure.resolution, row.structure.d_dims) for row in ON_GPU]
    assert sizes == sorted(sizes)


def test_a_card_that_reports_a_little_less_than_it_was_sold_with_gets_its_row():
    assert row_for(7.8 * GIGABYTE).gigabytes == 8
    assert row_for(7.0 * GIGABYTE).gigabytes == 4


@pytest.mark.parametrize("side", [64, 100, 170, 255, 300])
@pytest.mark.parametrize("memory", [None, 2 * GIGABYTE, 24 * GIGABYTE])
def test_the_model_has_no_more_pixels_than_the_smaller_faces(side, memory):
    for src, dst in ((side, 1000), (1000, side)):
        recipe = choose_recipe(memory, Faces(src, dst, 0, 1))
        assert recipe.structure.resolution <= side
        assert recipe.structure.resolution % 32 == 0


def test_faces_decide_about_color_transfer_and_mirroring():
    plain = choose_recipe(None, LARGE_FACES)
    assert (plain.ct_mode, plain.random_src_flip, len(plain.reasons)) == ("none", False, 1)
    other = choose_recipe(None, Faces(2000, 2000, color_distance=20, covered=0.3))
    assert (other.ct_mode, other.random_src_flip, len(other.reasons)) == ("rct", True, 3)
    unknown = choose_recipe(None, Faces(2000, 2000, color_distance=0, covered=None))
    assert not unknown.random_src_flip


def test_random_warp_ends_before_learning_rate_dropout_begins():
    warped, sharp, last = stages_for(10_000, by_plateau=True)
    assert [stage.until_iter for stage in (warped, sharp, last)] == [6000, 9000, 10_000]
    assert warped.values["random_warp"] and not sharp.values["random_warp"] and last.values == {"lr_dropout": "y"}
    assert warped.until_best_age == 2000 and str(warped.until_plateau) == "0.01 per 1000"
    assert all(stage.until_plateau is None for stage in stages_for(10_000, by_plateau=False))


def test_a_short_training_shows_faces_as_they_are():
    (only,) = stages_for(1500, by_plateau=False)
    assert only.until_iter == 1500 and only.values["random_warp"] is False
