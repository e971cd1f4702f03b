"""Which keys there are in what a terminal sends."""

import pytest

from dfl_cli.terminal.keys import KeySources, key_names


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("s", ["s"]),
        ("S", ["s"]),
        ("\r", ["enter"]),
        ("\n", ["enter"]),
        (" p", ["space", "p"]),
        ("\x1b[A\x1b[1;5Bs", ["s"]),  # arrows
        ("\x1bOPs", ["s"]),  # F1
        ("\x1b", []),
        ("\x1b[?62;4cs", ["s"]),  # a terminal that tells late what it can
        ("\x1b_Gi=31;OK\x1b\\s", ["s"]),
        ("？Ｌ　", ["?", "l", "space"]),  # full-width, as Chinese input methods type them
    ],
)
def test_keys_are_told_from_what_else_a_terminal_sends(typed, keys):
    assert key_names(typed) == keys


class Typed:
    def __init__(self, *keys: str):
        self.keys = list(keys)

    def pressed(self) -> str | None:
        return self.keys.pop(0) if self.keys else None


def test_terminal_and_window_are_one_keyboard():
    keys = KeySources(Typed("s"), Typed("p"))
    assert [keys.pressed() for _ in range(3)] == ["s", "p", None]
