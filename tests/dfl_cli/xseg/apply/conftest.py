"""A workspace with faces and an XSeg model that needs no time."""

import pytest

from bright_masks import put_in_place, save_model


@pytest.fixture
def bright(monkeypatch):
    """XSeg models are those of `bright_masks`."""
    put_in_place(monkeypatch.setattr)


@pytest.fixture
def models(bright, folder):
    """The models of the workspace that `folder` is in."""
    models = folder.parent.parent / "model"
    save_model(models)
    return models
