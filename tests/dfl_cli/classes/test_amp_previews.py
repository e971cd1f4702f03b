"""Previews of AMP: each of the six cells shows what it should."""

import numpy as np
import pytest

from dfl_cli.classes.amp_previews import MorphFaces, draw_morphs


@pytest.fixture
def faces() -> MorphFaces:
    """Pictures of one grey each; DDM is 1 above, the masks of the swaps on the left."""
    above, left = np.zeros((2, 1, 8, 8, 1), np.float32)
    above[:, :4], left[:, :, :4] = 1, 1
    grey = lambda value: np.full((1, 8, 8, 3), value, np.float32)  # noqa: E731
    swaps = [grey(value) for value in (0.5, 0.6, 0.7, 0.8, 0.9)]
    return MorphFaces(grey(0.1), grey(0.2), grey(0.3), grey(0.4), above, swaps, [left] * 5)


def cells(image: np.ndarray, row: int, column: int) -> list[list[float]]:
    """The value at one place of each cell."""
    return image[row::8, column::8, 0].round(3).tolist()


def test_three_previews_of_two_rows_and_three_columns(faces):
    previews = draw_morphs("AMP", faces)
    assert [one.name for one in previews] == ["AMP morph 1.0", "AMP morph list", "AMP morph list masked"]
    assert {one.image.shape for one in previews} == {(16, 24, 3)}


def test_the_whole_swap_stands_beside_what_it_is_made_of(faces):
    whole = draw_morphs("AMP", faces)[0].image
    assert cells(whole, 0, 0) == pytest.approx(np.array([[0.1, 0.2, 0.4], [0.3, 0.4, 0.9]]))
    assert cells(whole, 7, 0) == pytest.approx(np.array([[0.1, 0.2, 0], [0.3, 0.4, 0.9]]))


def test_the_list_goes_from_dst_to_src(faces):
    way = draw_morphs("AMP", faces)[1].image
    assert cells(way, 0, 0) == pytest.approx(np.array([[0.4, 0.5, 0.6], [0.7, 0.8, 0.9]]))


def test_the_masked_list_shows_what_both_masks_call_face_and_the_reconstruction_whole(faces):
    masked = draw_morphs("AMP", faces)[2].image
    assert cells(masked, 0, 0) == pytest.approx(np.array([[0.4, 0.5, 0.6], [0.7, 0.8, 0.9]]))
    for row, column in ((7, 0), (0, 7)):
        assert cells(masked, row, column) == pytest.approx(np.array([[0.4, 0, 0], [0, 0, 0]]))
