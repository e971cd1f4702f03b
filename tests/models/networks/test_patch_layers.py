"""The discriminator's layers for each patch size, against the table the reference was verified to use (spec models.md 3.1)."""

import re

import pytest

from models.networks.patch_layers import divides, layer_table, nearest_workable, receptive_field, strides_for


@pytest.mark.parametrize(
    ("patch", "strides"),
    [(3, "2"), (5, "2"), (7, "22"), (8, "22"), (11, "212"), (16, "222"), (20, "2122"), (24, "2212"), (32, "2222"), (40, "22122"),
     (48, "22212"), (64, "22222"), (80, "222122"), (128, "222222"), (256, "2222222"), (640, "222222122")],
)  # fmt: skip
def test_recorded_patch_sizes_find_the_recorded_layers(patch, strides):
    assert "".join(map(str, strides_for(patch))) == strides


def test_the_whole_table_is_the_specified_one(shared):
    text = (shared / "spec" / "models.md").read_text(encoding="utf-8")
    listed = re.search(r"(3 2; 7 22; .*?1023 2+)\.", text, re.DOTALL).group(1)
    specified = {
        int(field): tuple(map(int, strides)) for field, strides in (entry.split() for entry in listed.split("; "))
    }
    assert layer_table() == specified


def test_every_row_sees_what_it_is_listed_under():
    assert all(receptive_field(strides) == field for field, strides in layer_table().items())


@pytest.mark.parametrize("resolution", [496, 528, 560, 592, 624])
def test_an_eighth_of_these_resolutions_does_not_fit_and_is_replaced_by_the_nearest_that_does(resolution):
    wanted = resolution // 8
    used = nearest_workable(wanted, resolution)
    assert not divides(wanted, resolution)
    assert divides(used, resolution)
    nearer = [size for size in range(3, 641) if abs(size - wanted) < abs(used - wanted)]
    assert not any(divides(size, resolution) for size in nearer)


def test_a_patch_that_fits_stays():
    assert nearest_workable(16, 128) == 16
