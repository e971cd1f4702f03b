"""Packets in files: ours read by others, others' read by us, and files that lie about their sizes."""

import contextlib
import io
import json
import shutil
import subprocess

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dfl_cli.provenance.claim import COMPOSITE, packet, read_packet
from dfl_cli.provenance.file_metadata import UUID_XMP, DamagedFile, append_box, png_with, search


@pytest.fixture
def marked(tmp_path, png, claim):
    path = tmp_path / "标记.png"
    path.write_bytes(png_with(png, packet(claim)))
    return path


def test_a_marked_png_has_the_same_pixels(marked, png):
    pixels = [cv2.imdecode(np.frombuffer(file, np.uint8), -1) for file in (png, marked.read_bytes())]
    assert np.array_equal(*pixels)


def test_pillow_finds_what_we_wrote(marked, claim):
    with Image.open(marked) as image:
        image.verify()
    with Image.open(marked) as image:
        assert read_packet(image.info["XML:com.adobe.xmp"].encode()) == claim


@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
def test_exiftool_names_the_properties(marked, claim):
    told = subprocess.run(["exiftool", "-j", "-n", "-XMP:all", str(marked)], capture_output=True, check=True)
    read = json.loads(told.stdout)[0]
    assert (read["DigitalSourceType"], read["CreatorTool"]) == (COMPOSITE, claim.software)


def test_we_find_what_we_wrote(marked, claim):
    found = search(marked)
    assert (found.kind, found.manifest, read_packet(found.packet)) == ("PNG", False, claim)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "TIFF", "PNG"])
def test_what_another_program_wrote_is_found(tmp_path, claim, kind):
    path = tmp_path / "picture"
    options = {}
    if kind == "PNG":
        from PIL.PngImagePlugin import PngInfo

        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", packet(claim).decode(), zip=True)
    if kind == "TIFF":
        options["tiffinfo"] = {700: packet(claim)}
    if kind in ("JPEG", "WEBP"):
        options["xmp"] = packet(claim)
    Image.new("RGB", (20, 20)).save(path, kind, **options)
    assert read_packet(search(path).packet) == claim


def test_a_packet_after_the_film_is_found_and_the_film_plays(tmp_path, claim):
    path = film(tmp_path / "film.mp4")
    append_box(path, packet(claim))
    found = search(path)
    assert (found.kind, read_packet(found.packet)) == ("MP4", claim)
    import av

    with av.open(str(path)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 3


def film(path):
    from fractions import Fraction

    from dfl_cli.video.write import VideoWriter

    with VideoWriter(path, rate=Fraction(25), bitrate=1) as video:
        for shade in (0, 100, 200):
            video.add(np.full((16, 16, 3), shade, np.uint8))
    return path


def test_a_packet_across_two_blocks_of_a_long_file_is_found(tmp_path, claim):
    path = tmp_path / "long.xyz"
    path.write_bytes(bytes((1 << 20) - 45) + packet(claim) + bytes(100))
    assert read_packet(search(path).packet) == claim


@pytest.mark.parametrize("content", [b"", b"text", b"\x89PNG\r\n\x1a\n", b"\xff\xd8"])
def test_what_is_cut_off_or_foreign_carries_nothing(tmp_path, content):
    path = tmp_path / "x"
    path.write_bytes(content)
    try:
        assert search(path).packet is None
    except DamagedFile:
        assert content[:1] in (b"\x89", b"\xff")


def test_sizes_that_lie_cost_no_memory(tmp_path):
    liars = [
        b"\x89PNG\r\n\x1a\n" + b"\xff\xff\xff\xffiTXt",
        b"\0\0\0\x18ftypisom" + bytes(12) + b"\xff\xff\xff\xffuuid" + UUID_XMP,
        b"\0\0\0\x18ftypisom" + bytes(12) + b"\0\0\0\1moov" + b"\xff" * 8,
        b"\0\0\0\x18ftypisom" + bytes(12) + b"\0\0\0\0moov" * 5000,
        b"\xff\xd8\xff\xe1\xff\xff",
    ]
    for content in liars:
        path = tmp_path / "liar"
        path.write_bytes(content)
        with contextlib.suppress(DamagedFile):
            assert search(path).packet is None


@given(st.data())
def test_damage_anywhere_ends_in_an_answer(tmp_path_factory, data):
    from dfl_cli.provenance.claim import Claim

    whole = io.BytesIO()
    kind = data.draw(st.sampled_from(["JPEG", "PNG"]))
    Image.new("RGB", (8, 8)).save(whole, kind, **({"xmp": packet(Claim("x"))} if kind == "JPEG" else {}))
    content = bytearray(png_with(whole.getvalue(), packet(Claim("x"))) if kind == "PNG" else whole.getvalue())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with contextlib.suppress(DamagedFile):
        search(path)
