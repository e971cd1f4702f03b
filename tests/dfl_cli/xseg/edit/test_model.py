"""Whose masks the editor offers: of the model saved last, before that of the built-in network."""

from argparse import Namespace

import numpy as np
import pytest

from bright_masks import save_model
from dfl_cli.errors import UserError
from dfl_cli.xseg.edit.assists import Assists
from dfl_cli.xseg.edit.model import model_masks
from samplers.geometry.polygons import overlay


@pytest.fixture
def masks_of(faces):
    """`masks_of(models=folder, name=name)`: what the editor offers when it was started with these flags."""

    def opened(**flags):
        return model_masks(Namespace(**{"models": None, "workspace": None, "name": None, **flags}), faces)

    return opened


def test_without_a_model_the_built_in_network_prefills(session, masks_of):
    name, polygons = Assists(session, masks=masks_of()).prefill(2)
    mask = overlay(polygons, np.zeros((256, 256, 1), np.float32))[..., 0] > 0
    x, y = np.round(session.info(2).landmarks[17:]).astype(int).T  # brows, nose, eyes, mouth
    assert name is None
    assert mask[y, x].mean() > 0.95
    assert not mask[[0, 0, -1, -1], [0, -1, 0, -1]].any()


def test_a_model_that_is_saved_meanwhile_is_asked_from_then_on(masks_of, tmp_path):
    masks = masks_of(models=tmp_path / "model")
    assert masks.newest().is_generic
    save_model(tmp_path / "model", "generic")
    assert not masks.newest().is_generic


def test_a_model_that_is_named_has_to_be_there(masks_of, tmp_path):
    with pytest.raises(UserError, match="no XSeg model called glasses"):
        masks_of(models=tmp_path / "model", name="glasses")
    with pytest.raises(UserError, match="--models is missing"):
        masks_of(name="glasses")
