"""What is sent to a terminal is read back as a picture."""

import base64
import re

import cv2
import numpy as np
import pytest

from dfl_cli.preview.terminal_images import half_blocks, kitty, sixel


def read_half_blocks(text: str) -> np.ndarray:
    """The pixels as BGR; every line must end with the colors reset."""
    rows = []
    for line in text.splitlines():
        assert line.endswith("\x1b[0m")
        upper, lower = [], []
        for codes, blocks in re.findall(r"\x1b\[38;2;([\d;]+)m(▀+)", line):
            r, g, b, _, _, *under = map(int, codes.split(";"))
            upper += [(b, g, r)] * len(blocks)
            lower += [tuple(under[::-1])] * len(blocks)
        rows += [upper, lower]
    return np.array(rows, np.uint8)


def read_kitty(text: str) -> np.ndarray:
    messages = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", text)
    assert all(len(chunk) <= 4096 for _, chunk in messages)
    assert [keys.split("m=")[1] for keys, _ in messages] == ["1"] * (len(messages) - 1) + ["0"]
    png = base64.b64decode("".join(chunk for _, chunk in messages))
    return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)


def read_sixel(text: str) -> np.ndarray:
    """A small sixel terminal: pixels as BGR."""
    body = re.fullmatch(r'\x1bP0;1q"1;1;(\d+);(\d+)(.*)\x1b\\\n', text, flags=re.S)
    width, height = int(body[1]), int(body[2])
    picture = np.zeros((height, width, 3), np.uint8)
    painted, colors, color, x, top = np.zeros((height, width), int), {}, 0, 0, 0
    for token in re.findall(r"#\d+;2;\d+;\d+;\d+|#\d+|!\d+.|\$|-|[?-~]", body[3]):
        if token.startswith("#") and ";" in token:
            number, _, *percent = map(int, token[1:].split(";"))
            colors[number] = [round(value * 2.55) for value in reversed(percent)]
        elif token.startswith("#"):
            color = int(token[1:])
        elif token == "$":
            x = 0
        elif token == "-":
            x, top = 0, top + 6
        else:
            count = int(token[1:-1]) if token.startswith("!") else 1
            for bit in range(6):
                if ord(token[-1]) - 63 >> bit & 1:
                    picture[top + bit, x : x + count] = colors[color]
                    painted[top + bit, x : x + count] += 1
            x += count
    assert (painted == 1).all()  # every pixel once
    return picture


@pytest.fixture
def colorful() -> np.ndarray:
    """Smooth in all three channels, with a hard edge, as faces are; 45 x 71, so neither side is even or a multiple of 6."""
    y, x = np.mgrid[0:45, 0:71]
    picture = np.stack([x * 3, y * 5, (x + y) * 2], axis=-1).astype(np.uint8)
    picture[10:20, 30:50] = (10, 20, 250)
    return picture


def test_half_blocks_hold_every_pixel(colorful):
    seen = read_half_blocks(half_blocks(colorful))
    np.testing.assert_array_equal(seen[:45], colorful)
    assert not seen[45].any()


def test_kitty_gets_every_pixel_in_chunks_it_accepts():
    noise = np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    np.testing.assert_array_equal(read_kitty(kitty(noise)), noise)


def test_sixels_paint_every_pixel_once_in_nearly_its_color(colorful):
    error = np.abs(read_sixel(sixel(colorful)).astype(int) - colorful)
    assert error.mean() < 6 and (error > 40).mean() < 0.01


def test_a_picture_of_few_colors_keeps_them_as_sixels():
    picture = np.zeros((12, 20, 3), np.uint8)
    picture[:, 10:] = (255, 128, 51)
    np.testing.assert_allclose(read_sixel(sixel(picture)), picture, atol=2)  # percents
