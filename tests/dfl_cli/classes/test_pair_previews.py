"""Previews: every column shows what the README says it shows."""

import numpy as np
import pytest

from dfl_cli.classes.pair_previews import Faces, draw_columns, layout_of
from dfl_cli.classes.preview import rows_shown
from dfl_cli.preview.loss_graph import with_loss_graph


def faces(resolution: int = 8, count: int = 2) -> Faces:
    """Pictures of one grey each, masks that are 1 in the upper half, so that a column can be told by its value."""
    half = np.zeros((count, resolution, resolution, 1), np.float32)
    half[:, : resolution // 2] = 1
    picture = lambda grey: np.full((count, resolution, resolution, 3), grey, np.float32)  # noqa: E731
    return Faces(picture(0.1), picture(0.3), half, half, picture(0.2), half, picture(0.4), half, picture(0.5), half)


def column_values(image: np.ndarray, resolution: int) -> list[float]:
    return [round(float(value), 3) for value in image[0, ::resolution, 0]]


def test_the_five_columns_are_src_reconstruction_dst_reconstruction_swap():
    plain, _ = draw_columns("SAEHD", faces(), whole_head=False)
    assert plain.name == "SAEHD"
    assert plain.image.shape == (16, 40, 3)
    assert column_values(plain.image, 8) == [0.1, 0.2, 0.3, 0.4, 0.5]


def test_the_masked_preview_is_black_outside_the_masks_but_shows_the_src_reconstruction_whole():
    _, masked = draw_columns("SAEHD", faces(), whole_head=False)
    bottom = masked.image[7, ::8, 0]
    assert bottom.tolist() == pytest.approx([0, 0.2, 0, 0, 0])


def test_for_a_head_the_mask_of_the_swap_alone_cuts_out_the_swap():
    shown = faces()._replace(DDM=np.zeros((2, 8, 8, 1), np.float32))
    swap = lambda whole_head: draw_columns("SAEHD", shown, whole_head=whole_head)[1].image[0, 32, 0]  # noqa: E731
    assert (swap(True), swap(False)) == (0.5, 0)


def test_large_models_have_six_previews_of_two_columns():
    previews = draw_columns("SAEHD", faces(288, 1), whole_head=False)
    assert [one.name for one in previews] == list(layout_of("SAEHD", 288))
    assert {one.image.shape for one in previews} == {(288, 576, 3)}


@pytest.mark.parametrize(
    ("batch", "resolution", "rows"), [(8, 64, 4), (2, 64, 2), (8, 320, 2), (8, 640, 1), (8, 1024, 1)]
)
def test_as_many_faces_are_shown_as_fit_800_pixels(batch, resolution, rows):
    assert rows_shown(batch, resolution) == rows


def test_the_loss_graph_stands_above_the_faces():
    picture = with_loss_graph(np.ones((16, 40, 3), np.float32), np.ones((5, 2), np.float32), 5)
    assert picture.shape == (116, 40, 3)
    assert picture.dtype == np.uint8
    assert (picture[100:] == 255).all()
