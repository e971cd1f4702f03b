"""PNG faces of DeepFaceLab 1: the dict in the chunk `fcWp` is read as carefully as that of a JPEG file."""

import os
import pickle
import struct
import zlib

import cv2
import numpy as np
import pytest

from samplers.files.dfl_image import read_fields, write_fields
from samplers.files.face_png import FACE_CHUNK
from samplers.files.faces import NoFaces, open_faceset
from samplers.geometry.face_types import FaceType

LANDMARKS = [[float(each), float(each % 9)] for each in range(68)]
PICTURE = np.random.default_rng(0).integers(0, 256, (64, 48, 3), np.uint8)


class Runs:
    def __reduce__(self):
        return os.system, ("false",)


def png(value: object = None, *, picture: np.ndarray = PICTURE, at_end: bool = True) -> bytes:
    """A PNG file with `value` pickled in its face chunk; None: without one."""
    encoded = cv2.imencode(".png", picture)[1].tobytes()
    if value is None:
        return encoded
    payload = pickle.dumps(value, protocol=3)
    chunk = struct.pack(">I", len(payload)) + FACE_CHUNK + payload + struct.pack(">I", zlib.crc32(FACE_CHUNK + payload))
    place = len(encoded) - 12 if at_end else 33  # before IEND, or behind IHDR
    return encoded[:place] + chunk + encoded[place:]


@pytest.mark.parametrize("at_end", [True, False])
@pytest.mark.parametrize("name", ["a.png", "a.PNG", "a.jpg"])
def test_face_and_pixels_are_read(tmp_path, at_end, name):
    fields = {
        "face_type": "full_face",
        "landmarks": LANDMARKS,
        "source_filename": "00001.png",
        "source_landmarks": LANDMARKS,
    }
    (tmp_path / name).write_bytes(png(fields, at_end=at_end))
    (face,) = open_faceset(tmp_path)
    assert (face.name, face.face_type, face.shape) == (name, FaceType.FULL, (64, 48))
    assert face.source_filename == "00001.png"
    np.testing.assert_array_equal(face.read(), PICTURE)
    np.testing.assert_array_equal(face.source_landmarks, LANDMARKS)


def test_16_bits_and_grey_become_8_bit_color(tmp_path):
    fields = {"landmarks": LANDMARKS}
    (tmp_path / "deep.png").write_bytes(png(fields, picture=PICTURE.astype(np.uint16) * 257))
    (tmp_path / "grey.png").write_bytes(png(fields, picture=PICTURE[..., 0]))
    deep, grey = open_faceset(tmp_path)
    np.testing.assert_array_equal(deep.read(), PICTURE)
    assert (grey.read() == PICTURE[..., :1]).all()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (png(), "no-face-data"),
        (png([1, 2]), "no-face-data"),
        (png({}), "no-face-data"),
        (png({"face_type": "head"}), "no-landmarks"),
        (png({"landmarks": Runs()}), f"hostile: {os.system.__module__}.system"),
        (png({"landmarks": LANDMARKS})[:-30], "truncated"),
        (b"", "empty"),
        (b"\xff\xd8\xff", "no-face-data"),
    ],
)
def test_what_cannot_be_used_says_why(tmp_path, content, reason):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(NoFaces) as error:
        open_faceset(tmp_path)
    assert [str(each.reason) for each in error.value.skipped] == [reason]


def test_a_header_that_declares_a_huge_picture_is_too_large(tmp_path):
    content = bytearray(png({"landmarks": LANDMARKS}))
    content[16:24] = struct.pack(">II", 90_000, 90_000)
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(NoFaces) as error:
        open_faceset(tmp_path)
    assert str(error.value.skipped[0].reason) == "too-large: 90000x90000"


@pytest.mark.parametrize("at_end", [True, False])
def test_face_data_is_replaced_in_its_place_and_the_rest_stays(at_end):
    before = png({"landmarks": LANDMARKS, "face_type": "head"}, at_end=at_end)
    after = write_fields(before, read_fields(before) | {"source_filename": "a.png"})
    assert read_fields(after) == {"landmarks": LANDMARKS, "face_type": "head", "source_filename": "a.png"}
    assert without_face(after) == without_face(before) == png()
    assert after.index(FACE_CHUNK) == before.index(FACE_CHUNK)
    assert write_fields(after, read_fields(after)) == after
    np.testing.assert_array_equal(cv2.imdecode(np.frombuffer(after, np.uint8), cv2.IMREAD_COLOR), PICTURE)


def test_a_png_without_face_data_gets_some():
    written = write_fields(png(), {"landmarks": LANDMARKS})
    assert read_fields(written) == {"landmarks": LANDMARKS}
    assert without_face(written) == png()


def without_face(encoded: bytes) -> bytes:
    start = encoded.index(FACE_CHUNK) - 4
    size = int.from_bytes(encoded[start : start + 4], "big")
    return encoded[:start] + encoded[start + 12 + size :]
