"""Sizes as a person reads them."""

import pytest

from dfl_cli.units import GIGABYTE, MEGABYTE, size_text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0.0 MB"),
        (1.3 * MEGABYTE, "1.3 MB"),
        (340 * MEGABYTE, "340 MB"),
        (999.9 * MEGABYTE, "1000 MB"),
        (1000 * MEGABYTE, "1.0 GB"),
        (24 * GIGABYTE, "24.0 GB"),
        (25_757_220_864, "24.0 GB"),  # a card of 24 GB as its driver reports it
    ],
)
def test_sizes(count, text):
    assert size_text(count) == text
