"""What is shown of a frame, and the help screen of the window."""

import numpy as np
import pytest

from dfl_cli.merge.command import settings_from
from dfl_cli.merge.watch.renderer import Rendered
from dfl_cli.merge.watch.session import MergeSession, ModelVersion
from dfl_cli.merge.watch.views import VIEWS, fitted, zoomed
from dfl_cli.merge.watch.window import HELP_SIZE, help_screen, settings_lines
from dfl_cli.options.tables.merge import MERGE
from dfl_cli.options.wizard import ask_table
from dfl_cli.translate import set_language


@pytest.fixture
def rendered():
    """A grey frame of 40x30 that became white; its mask is the left half."""
    grey, white = np.full((30, 40, 3), 128, np.uint8), np.full((30, 40, 3), 255, np.uint8)
    mask = np.zeros((30, 40), np.uint8)
    mask[:, :20] = 255
    return Rendered(grey, white, mask, None)


def test_the_mask_is_seen_by_the_checkerboard_around_it(rendered):
    shown = VIEWS["mask"](rendered)
    assert (shown[:, :20] == 191).all()  # three quarters of white
    assert set(np.unique(shown[:, 20:])) == {191, 255}
    assert (shown[0, 20] == shown[4, 24]).all()  # tiles of five pixels
    assert (shown[0, 24] != shown[0, 25]).all()


def test_side_by_side_shows_what_was_and_what_became(rendered):
    shown = VIEWS["side"](rendered)
    assert np.array_equal(shown[:, :40], rendered.original)
    assert np.array_equal(shown[:, 40:], rendered.picture)


def test_wide_pictures_shrink_and_narrow_ones_stay(rendered):
    assert fitted(rendered.picture, 20).shape == (15, 20, 3)
    assert fitted(rendered.picture, 40) is rendered.picture


def test_zoom_stops_at_its_limits():
    zoom = 1.0
    for _ in range(50):
        zoom = zoomed(zoom, larger=True)
    assert zoom == 4.0
    for _ in range(50):
        zoom = zoomed(zoom, larger=False)
    assert zoom == 0.1


@pytest.fixture
def session():
    settings = settings_from(ask_table(MERGE, ask_now=False))
    return MergeSession({"1.png": ""}, settings, MERGE, model=ModelVersion("bob", 1))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_help_fits_on_its_screen_in_every_language(session, language):
    set_language(language)
    screen = help_screen(session)
    border = np.concatenate([screen[:, -12:].reshape(-1, 3), screen[-12:].reshape(-1, 3)])
    assert (border == screen[0, 0]).all()
    assert screen.shape[:2] == HELP_SIZE
    names = screen[100:, :380]
    assert (names[:, -20:] == screen[0, 0]).all()  # the left column does not touch the right one


def test_the_settings_in_the_terminal_are_those_that_have_an_effect(session):
    lines = settings_lines(session)
    assert lines[:2] == ["1.png:", "mode: overlay"]
    assert "erode_mask_modifier: 0" in lines
    session.change("mode", "raw-rgb")
    assert not any(line.startswith("erode") for line in settings_lines(session))
