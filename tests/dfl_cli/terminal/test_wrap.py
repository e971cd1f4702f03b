"""Lines as wide as a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfl_cli.terminal.width import display_width
from dfl_cli.terminal.wrap import broken, cut, wrapped


def test_words_and_chinese_are_broken_where_they_may_be():
    assert wrapped("dfl train continues the model", 15) == ["dfl train", "continues the", "model"]
    assert wrapped("把 dst 的人脸换成 src 的人脸，然后合成。", 16) == [
        "把 dst 的人脸换",
        "成 src 的人脸，",
        "然后合成。",
    ]


def test_blanks_at_the_beginning_stay():
    assert wrapped("    dfl train", 40) == ["    dfl train"]


@given(st.text("ab 人，。（", max_size=60), st.integers(8, 40))
def test_nothing_is_lost_and_lines_are_not_too_wide(text, width):
    lines = wrapped(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(display_width(line) <= width or " " not in line.strip() for line in lines)


@pytest.mark.parametrize("text", ["a long sentence about a flag", "关于一个参数的很长的一句话", "oneverylongword"])
def test_what_is_cut_off_leaves_an_ellipsis(text):
    assert cut(text, 80) == text
    assert cut(text, 12).endswith(" …") and display_width(cut(text, 12)) <= 12


@given(st.text("ab 人，。（", max_size=60), st.integers(2, 40))
def test_broken_lines_fit_any_width(text, width):
    lines = broken(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(display_width(line) <= width for line in lines)
