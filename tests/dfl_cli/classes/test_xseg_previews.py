"""Previews of XSeg: every column shows what it should."""

from types import SimpleNamespace

import numpy as np
import pytest

from dfl_cli.classes.xseg import XSEG
from dfl_cli.classes.xseg_previews import XSegFaces

HALF_GREEN = [0.2, 0.7, 0.2]  # of a picture that is 0.4 everywhere


@pytest.fixture
def faces():
    """Five gray faces, the left half of each labeled; two faces of dst."""
    gray, mask = np.full((5, 256, 256, 3), 0.4, np.float32), np.zeros((5, 256, 256, 1), np.float32)
    mask[:, :, :128] = 1
    return XSegFaces(gray, mask, {"dst": gray[:2]})


@pytest.fixture
def model():
    """It takes the upper half for the face."""

    def view(pictures):
        mask = np.zeros_like(pictures[..., :1])
        mask[:, :128] = 1
        return {"mask": mask}

    return SimpleNamespace(view=view)


def colors(preview, column: int) -> list[list[list[float]]]:
    """Of the four quarters of the first row's picture in this column."""
    picture = preview.image[:256, column * 256 : (column + 1) * 256]
    return np.round(picture[64::128, 64::128], 3).tolist()


def test_labels_prediction_and_the_face_with_it(model, faces):
    training, dst = XSEG.draw_previews(model, faces, {"pretrain": False})
    assert (training.name, dst.name) == ("XSeg training faces", "XSeg dst faces")
    assert (training.image.shape, training.rows) == ((3 * 256, 3 * 256, 3), 3)
    assert (dst.image.shape, dst.rows) == ((2 * 256, 3 * 256, 3), 2)
    gray, green = [pytest.approx([0.4] * 3)], [pytest.approx(HALF_GREEN)]
    assert colors(training, 0) == [gray + green, gray + green]
    for preview in (training, dst):
        assert colors(preview, 1) == [[[1.0] * 3] * 2, [[0.0] * 3] * 2]
        assert colors(preview, 2) == [gray * 2, green * 2]
    assert colors(dst, 0) == [gray * 2] * 2


def test_pretraining_shows_the_picture_and_what_is_made_of_it(model, faces):
    (only,) = XSEG.draw_previews(model, faces._replace(examples={}), {"pretrain": True})
    assert only.image.shape == (3 * 256, 2 * 256, 3)
    assert colors(only, 1) == [[[1.0] * 3] * 2, [[0.0] * 3] * 2]


def test_fewer_faces_are_fewer_everywhere(faces):
    few = faces.first(1)
    assert [len(few.picture), len(few.mask), len(few.examples["dst"])] == [1, 1, 1]
