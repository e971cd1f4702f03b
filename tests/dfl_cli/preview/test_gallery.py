"""Stepping through previews and ranges of the loss graph without drawing the faces again."""

import cv2
import numpy as np
import pytest

from dfl_cli.classes.preview import Preview
from dfl_cli.preview.gallery import Gallery
from dfl_cli.store.loss_history import LossHistory

GRAPH = 100  # pixels


@pytest.fixture
def gallery(tmp_path) -> Gallery:
    """6000 iterations of which the last 5000 have a low loss, and two previews, grey 0.2 and 0.6."""
    history = LossHistory(tmp_path / "loss.csv", 0, ("src", "dst"))
    for iteration in range(1, 6001):
        history.append(iteration, 0.1, np.array([3.0, 3.0] if iteration <= 1000 else [1.0, 1.0]))
    gallery = Gallery(tmp_path, history)
    gallery.show([Preview(f"SAEHD {grey}", np.full((64, 320, 3), grey, np.float32)) for grey in (0.2, 0.6)])
    return gallery


def shown(gallery: Gallery) -> np.ndarray:
    return cv2.imread(str(gallery.folder / "preview.png"))


def test_space_steps_through_the_previews_and_comes_back(gallery):
    seen = []
    for _ in range(3):
        seen.append((gallery.title.partition(",")[0], int(shown(gallery)[GRAPH + 5, 5, 0])))
        gallery.next_preview()
    assert seen == [("SAEHD 0.2 [1/2]", 51), ("SAEHD 0.6 [2/2]", 153), ("SAEHD 0.2 [1/2]", 51)]


def test_the_other_file_always_has_the_last_preview(gallery):
    assert cv2.imread(str(gallery.folder / "preview_masked.png"))[GRAPH + 5, 5, 0] == 153


def test_a_model_with_one_preview_has_one_file(tmp_path):
    gallery = Gallery(tmp_path, LossHistory(tmp_path / "loss.csv", 0, ("mask",)))
    gallery.show([Preview("XSeg", np.zeros((64, 64, 3), np.float32))])
    assert [path.name for path in tmp_path.glob("*.png")] == ["preview.png"]


def test_l_cuts_the_early_losses_off_the_graph_and_comes_back(gallery):
    whole = shown(gallery)[:GRAPH]
    gallery.next_range()
    assert gallery.title.endswith("losses of the last 5000 iterations")
    last = shown(gallery)[:GRAPH]
    assert (last[:, 0] != whole[:, 0]).any()  # the first column is one of the low losses now
    np.testing.assert_array_equal(last[:60, 20], last[:60, 200])  # and as high as all others
    for _ in range(4):
        gallery.next_range()
    assert gallery.title.endswith("losses of all iterations")
    np.testing.assert_array_equal(shown(gallery)[:GRAPH], whole)


def test_stepping_before_the_first_preview_does_nothing(tmp_path):
    gallery = Gallery(tmp_path, LossHistory(tmp_path / "loss.csv", 0, ("src", "dst")))
    gallery.next_preview()
    gallery.next_range()
    assert not (tmp_path / "preview.png").exists()
