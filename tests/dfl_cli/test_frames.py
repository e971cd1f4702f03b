"""Frames as files."""

import struct

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays

from dfl_cli.frames import (
    UnreadableFrame,
    UnwritableFrame,
    deepened,
    eight_bits,
    list_frames,
    namesakes,
    read_frame,
    write_png,
)
from dfl_cli.translate import set_language


@pytest.fixture
def picture():
    return np.random.default_rng(3).integers(0, 256, (12, 16, 3), np.uint8)


def saved(path, pixels):
    assert cv2.imwrite(str(path), pixels)
    return path


def test_frames_come_by_name_and_other_files_are_no_frames(tmp_path):
    for name in ["b.PNG", "a.jpg", "c.tiff", "notes.txt", "d.mp4"]:
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    assert [path.name for path in list_frames(tmp_path)] == ["a.jpg", "b.PNG", "c.tiff"]


def test_what_systems_and_editors_leave_is_no_frame(tmp_path):
    for name in ["00001.png", "._00001.png", ".00002.png", "00001.png~", "Thumbs.db"]:
        (tmp_path / name).touch()
    assert [path.name for path in list_frames(tmp_path)] == ["00001.png"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_empty_frame_is_listed_and_called_empty(tmp_path, language):
    set_language(language)
    (tmp_path / "00001.png").touch()
    (tmp_path / "00002.png").write_bytes(b"not a picture")
    texts = []
    for path in list_frames(tmp_path):
        with pytest.raises(UnreadableFrame) as error:
            read_frame(path)
        texts.append(error.value.text)
    assert (
        texts
        == {
            "en": ["the file is empty", "not a readable image"],
            "zh": ["文件是空的", "不是可读取的图像"],
        }[language]
    )


@pytest.mark.parametrize(
    "names",
    [
        ["99998.png", "99999.png", "100000.png", "100003.png"],
        ["frame1.jpg", "frame2.jpg", "frame10.jpg", "frame11.jpg"],
        ["s1e2_9.png", "s1e2_10.png", "s1e10_1.png", "s2e1_1.png"],
        ["0.png", "007.png", "8.png", "a.png"],
    ],
)
def test_numbered_frames_come_in_the_order_of_time(tmp_path, names):
    for name in sorted(names):
        (tmp_path / name).touch()
    assert [path.name for path in list_frames(tmp_path)] == names


def test_two_frames_with_one_stem_would_share_a_result_so_the_first_counts_and_the_other_is_known(tmp_path):
    for name in ["a.png", "a.jpg", "b.png", "notes.txt"]:
        (tmp_path / name).touch()
    frames = list_frames(tmp_path)
    assert [path.name for path in frames] == ["a.jpg", "b.png"]
    assert namesakes(tmp_path, frames) == ["a.png"]


def test_a_color_frame_is_read_as_it_is(tmp_path, picture):
    assert np.array_equal(read_frame(saved(tmp_path / "帧 1.png", picture)), picture)


def test_a_grey_frame_gets_three_equal_channels(tmp_path, picture):
    frame = read_frame(saved(tmp_path / "grey.png", picture[..., 0]))
    assert np.array_equal(frame, np.repeat(picture[..., :1], 3, axis=2))


def test_a_transparent_frame_loses_its_alpha(tmp_path, picture):
    see_through = np.dstack([picture, np.full((12, 16), 9, np.uint8)])
    assert np.array_equal(read_frame(saved(tmp_path / "alpha.png", see_through)), picture)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_a_16_bit_frame_is_scaled_not_cut(tmp_path, picture, suffix):
    deep = picture.astype(np.uint16) * 257
    assert np.array_equal(read_frame(saved(tmp_path / f"deep.{suffix}", deep)), picture)


@given(arrays(np.uint16, (4, 5, 3)), arrays(np.uint8, (4, 5, 3)))
def test_what_a_merge_leaves_of_a_16_bit_frame_keeps_all_its_bits(pixels, merged):
    frame = eight_bits(pixels)
    merged[0] = frame[0]
    deep = deepened(merged, frame, pixels)
    assert np.array_equal(deep[0], pixels[0])
    assert np.array_equal(eight_bits(deep), merged)


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_a_broken_frame_is_named(tmp_path, content):
    path = tmp_path / "broken.png"
    path.write_bytes(content)
    with pytest.raises(UnreadableFrame, match=r"broken\.png"):
        read_frame(path)


def test_a_written_frame_reads_back_the_same_and_leaves_nothing_beside_it(tmp_path, picture):
    write_png(tmp_path / "1.png", picture)
    assert np.array_equal(read_frame(tmp_path / "1.png"), picture)
    assert [path.name for path in tmp_path.iterdir()] == ["1.png"]


def test_what_cannot_be_written_says_where_and_why(tmp_path, picture):
    with pytest.raises(UnwritableFrame, match="No such file"):
        write_png(tmp_path / "missing" / "1.png", picture)


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_frame_whose_end_is_missing_is_no_gray_picture(tmp_path, suffix, share, capfd):
    picture = np.random.default_rng(0).integers(0, 255, (40, 40, 3), np.uint8)
    encoded = cv2.imencode(suffix, picture)[1].tobytes()
    path = tmp_path / f"00001{suffix}"
    path.write_bytes(encoded[: int(share * len(encoded))])
    with pytest.raises(UnreadableFrame) as error:
        read_frame(path)
    assert error.value.text == "the file is truncated"
    path.write_bytes(encoded + b"what a camera appends")
    assert read_frame(path).shape == (40, 40, 3)
    assert "".join(capfd.readouterr()) == ""  # nor does a library speak to the terminal


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_a_frame_of_20000_by_20000_is_refused_before_it_is_decoded(tmp_path, suffix):
    """The file of a small picture whose header says otherwise: a few bytes that ask for gigabytes."""
    encoded = bytearray(cv2.imencode(suffix, np.zeros((10, 12, 3), np.uint8))[1].tobytes())
    places = {".png": (">I", 16, 20), ".jpg": (">H", *jpeg_places(encoded)), ".tif": ("<I", *tiff_places(encoded))}
    kind, width, height = places[suffix]
    struct.pack_into(kind, encoded, width, 20_000)
    struct.pack_into(kind, encoded, height, 20_000)
    path = tmp_path / f"x{suffix}"
    path.write_bytes(encoded)
    with pytest.raises(UnreadableFrame) as error:
        read_frame(path)
    assert "20000x20000" in error.value.text


def jpeg_places(encoded) -> tuple[int, int]:
    """Where width and height stand behind SOF0."""
    at = encoded.find(b"\xff\xc0")
    return at + 7, at + 5


def tiff_places(encoded) -> tuple[int, int]:
    """Where the values of the first two tags of the first directory stand: width and height."""
    at = int.from_bytes(encoded[4:8], "little") + 2
    types = [slice(at + 12 * tag + 2, at + 12 * tag + 4) for tag in range(2)]
    if encoded[:2] == b"II":
        for place in types:
            encoded[place] = b"\4\0"
    return at + 8, at + 20
