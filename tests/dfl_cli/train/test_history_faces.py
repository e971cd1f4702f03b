"""Picking the faces of the preview history."""

from types import SimpleNamespace

import numpy as np
import pytest

from dfl_cli.classes.preview import Preview
from dfl_cli.train.history_faces import choose_faces


class Screen:
    """Remembers what was shown; `leave_after` pictures it is gone."""

    def __init__(self, leave_after: int = 100):
        self.shown, self.leave_after = [], leave_after

    @property
    def open(self) -> bool:
        return len(self.shown) < self.leave_after

    def attach(self, *, keys) -> None:
        """The keys are in no picture."""

    def show(self, picture: np.ndarray, title: str, ends) -> None:
        self.shown.append((int(picture[0, 0, 0]), title))


class Typed:
    def __init__(self, *keys: str):
        self.keys = list(keys)

    def pressed(self) -> str:
        return self.keys.pop(0)


def draw(seed: int) -> list[Preview]:
    return [Preview(name, np.full((4, 4, 3), seed / 255, np.float32)) for name in ("plain", "masked")]


def choose(screen: Screen, *keys: str, signal=None) -> int:
    others = iter([20, 30])
    return choose_faces(
        10,
        draw,
        screen=screen,
        keys=Typed(*keys),
        interrupt=SimpleNamespace(signal=signal),
        pick=lambda _: next(others),
    )


def test_p_shows_other_faces_space_the_masked_ones_and_enter_takes_them():
    screen = Screen()
    assert choose(screen, "p", "space", "s", "p", "enter") == 30
    assert screen.shown == [(10, "plain [1/2]"), (20, "plain [1/2]"), (20, "masked [2/2]"), (30, "masked [2/2]")]


@pytest.mark.parametrize(("screen", "signal"), [(Screen(leave_after=1), None), (Screen(), 15)])
def test_a_closed_window_or_a_signal_takes_the_faces_shown(screen, signal):
    assert choose(screen, signal=signal) == 10
