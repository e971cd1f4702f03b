"""Size and orientation of pictures, read without decoding them."""

import cv2
import numpy as np
import pytest
from PIL import Image

from samplers.files.image_header import ImageHeader, header_in, image_header


def saved(path, orientation=None, **options):
    marked = Image.Exif()
    if orientation:
        marked[0x010E], marked[0x0112] = "a photo", orientation
    Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(path, exif=marked, **options)
    return path


@pytest.mark.parametrize("suffix", ["jpg", "png"])
@pytest.mark.parametrize("orientation", [None, *range(1, 9)])
def test_size_and_orientation_are_those_of_the_file(tmp_path, suffix, orientation):
    assert image_header(saved(tmp_path / f"p.{suffix}", orientation)) == ImageHeader((30, 20), orientation or 1)


def test_a_profile_in_front_of_the_size_is_passed_over(tmp_path):
    assert image_header(saved(tmp_path / "p.jpg", 6, icc_profile=bytes(200_000))) == ImageHeader((30, 20), 6)


@pytest.mark.parametrize("order", ["little", "big"])
def test_both_byte_orders_are_read(tmp_path, order):
    def number(value, count):
        return value.to_bytes(count, order)

    start = b"II*\0" if order == "little" else b"MM\0*"
    entry = number(0x0112, 2) + number(3, 2) + number(1, 4) + number(8, 2) + bytes(2)
    exif = b"Exif\0\0" + start + number(8, 4) + number(1, 2) + entry
    jpeg = cv2.imencode(".jpg", np.zeros((20, 30, 3), np.uint8))[1].tobytes()
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    (tmp_path / "p.jpg").write_bytes(jpeg[:2] + segment + jpeg[2:])
    assert image_header(tmp_path / "p.jpg") == ImageHeader((30, 20), 8)


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_has_no_header(tmp_path, content):
    (tmp_path / "p").write_bytes(content)
    assert image_header(tmp_path / "p") is None


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_a_file_cut_anywhere_ends_in_no_error(tmp_path, suffix):
    whole = saved(tmp_path / f"p.{suffix}", 6).read_bytes()
    for length in range(0, len(whole), 7):
        (tmp_path / "part").write_bytes(whole[:length])
        assert image_header(tmp_path / "part") in (None, ImageHeader((30, 20), 6), ImageHeader((30, 20), 1))


@pytest.mark.parametrize("options", [{}, {"big_tiff": True}, {"compression": "tiff_lzw"}])
def test_the_size_in_a_tiff_is_found(tmp_path, options):
    assert header_in(saved(tmp_path / "p.tif", **options).read_bytes()) == ImageHeader((30, 20), 1)


def test_a_tiff_that_ends_anywhere_ends_in_no_error(tmp_path):
    whole = saved(tmp_path / "p.tif").read_bytes()
    for length in range(0, len(whole), 11):
        assert header_in(whole[:length]) in (None, ImageHeader((30, 20), 1))
