"""A folder of pictures becomes faces; what cannot be used is named with its reason, once."""

import os
import pickle
import shutil
import tracemalloc

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samplers.files.dfl_image import write_fields
from samplers.files.faces import Face, NoFaces, NoFolder, Skipped, UnreadableImage, open_faceset
from samplers.files.jpeg_segments import APP15, segment, segments
from samplers.files.reason import Fault, Reason
from samplers.geometry.face_types import FaceType

FIELDS = {"face_type": "whole_face", "landmarks": [[float(each), float(each % 9)] for each in range(68)]}


def jpeg(*options: int, channels: int = 3) -> bytes:
    levels = np.random.RandomState(0).randint(0, 255, (64, 64, channels)).astype(np.uint8)
    return cv2.imencode(".jpg", levels, list(options))[1].tobytes()


def face(**fields) -> bytes:
    return write_fields(jpeg(), {**FIELDS, **fields})


def declaring(side: int) -> bytes:
    """A face picture of a few KB whose header says it is `side` pixels wide and high."""
    encoded = bytearray(face())
    frame = next(piece for piece in segments(bytes(encoded)) if piece.marker == 0xC0)
    encoded[frame.payload_start + 1 : frame.payload_start + 5] = side.to_bytes(2, "big") * 2
    return bytes(encoded)


class RunsWhenRead:
    def __init__(self, command: str):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


def put(folder, **files: bytes):
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_bytes(content)
    return folder


def test_the_recorded_faces_open(fixtures):
    expected = np.load(fixtures / "formats" / "expected.npz")
    faceset = open_faceset(fixtures / "formats")  # through its pack
    for number, each in enumerate(faceset):
        assert each.name == f"0000{number}_0.jpg"
        np.testing.assert_array_equal(each.landmarks, expected[f"{number}_landmarks"])
        np.testing.assert_array_equal(each.source_landmarks, expected[f"{number}_source_landmarks"])
        np.testing.assert_array_equal(each.image_to_face_mat, expected[f"{number}_image_to_face_mat"])
        np.testing.assert_array_equal(each.read()[::8, ::8], expected[f"{number}_img"])
        mask = each.read_xseg_mask()
        if number in (1, 3):
            np.testing.assert_array_equal(mask[::8, ::8].squeeze(), expected[f"{number}_xseg"].squeeze())
        else:
            assert mask is None


def test_loose_pictures_say_the_same_as_their_pack(fixtures, tmp_path):
    for path in (fixtures / "formats").glob("*.jpg"):
        shutil.copy(path, tmp_path)
    for packed, loose in zip(open_faceset(fixtures / "formats"), open_faceset(tmp_path), strict=True):
        assert (packed.name, packed.face_type, packed.shape) == (loose.name, loose.face_type, loose.shape)
        assert packed.eyebrows_expand_mod == loose.eyebrows_expand_mod
        assert packed.has_xseg_mask == loose.has_xseg_mask
        np.testing.assert_array_equal(packed.landmarks, loose.landmarks)
        np.testing.assert_array_equal(packed.read(), loose.read())
        if packed.has_xseg_mask:
            np.testing.assert_array_equal(packed.read_xseg_mask(), loose.read_xseg_mask())
        assert str(packed.polygons) == str(loose.polygons)


def test_what_cannot_be_used_is_named_with_its_reason(tmp_path):
    trace = tmp_path / "ran"
    hostile = segment(APP15, pickle.dumps({"landmarks": RunsWhenRead(f"echo > {trace}")}))
    put(
        tmp_path,
        a__jpg=face(),
        b__JPG=face(),
        c__jpeg=face(),
        frame__jpg=jpeg(),
        text__jpg=b"hello",
        empty__jpg=b"",
        drawing__png=b"\x89PNG\r\n\x1a\n",
        hostile__jpg=b"\xff\xd8" + hostile + jpeg()[2:],
        cut__jpg=face()[:-300],
        headless__jpg=face()[:40],
        marked__jpg=face(face_type="mark_only"),
        strange__jpg=face(face_type="elephant"),
        pointless__jpg=write_fields(jpeg(), {"face_type": "head"}),
        bomb__jpg=declaring(60_000),
        notes__txt=b"hello",
    )
    faceset = open_faceset(tmp_path)
    assert [each.name for each in faceset] == ["a.jpg", "b.JPG", "c.jpeg"]
    system = f"{os.system.__module__}.system"
    assert {each.name: str(each.reason) for each in faceset.skipped} == {
        "frame.jpg": "no-face-data",
        "text.jpg": "not-an-image",
        "empty.jpg": "empty",
        "drawing.png": "truncated",
        "hostile.jpg": f"hostile: {system}",
        "cut.jpg": "truncated",
        "headless.jpg": "truncated",
        "marked.jpg": "mark-only",
        "strange.jpg": "unknown-face-type: elephant",
        "pointless.jpg": "no-landmarks",
        "bomb.jpg": "too-large: 60000x60000",
    }
    assert not trace.exists()


def test_a_folder_without_faces_says_how_many_pictures_it_has(tmp_path):
    put(tmp_path, a__jpg=jpeg(), b__png=b"", c__txt=b"")
    with pytest.raises(NoFaces) as error:
        open_faceset(tmp_path)
    assert error.value.found == 2
    assert error.value.skipped == [
        Skipped("a.jpg", Reason(Fault.NO_FACE_DATA)),
        Skipped("b.png", Reason(Fault.EMPTY)),
    ]
    with pytest.raises(NoFolder):
        open_faceset(tmp_path / "nowhere")


def test_progress_reaches_the_end(tmp_path):
    put(tmp_path, **{f"{number}__jpg": face() for number in range(100)})
    seen = []
    open_faceset(tmp_path, on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(64, 100), (100, 100)]


def test_a_grey_picture_has_three_equal_channels(tmp_path):
    put(tmp_path, grey__jpg=write_fields(jpeg(channels=1), FIELDS))
    pixels = open_faceset(tmp_path)[0].read()
    assert pixels.shape == (64, 64, 3)
    assert (pixels == pixels[..., :1]).all()


def test_a_picture_turned_by_exif_stays_as_its_landmarks_see_it(tmp_path):
    turned = segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0")
    put(tmp_path, plain__jpg=face(), turned__jpg=b"\xff\xd8" + turned + face()[2:])
    plain, rotated = open_faceset(tmp_path)
    np.testing.assert_array_equal(plain.read(), rotated.read())


def test_a_picture_that_changes_under_our_feet_is_unreadable(tmp_path):
    put(tmp_path, a__jpg=face())
    each = open_faceset(tmp_path)[0]
    changes = {
        "size-differs": write_fields(cv2.imencode(".jpg", np.zeros((32, 32, 3), np.uint8))[1].tobytes(), FIELDS),
        "truncated": face()[:-100],
        "not-an-image": b"",
        "too-large: 9000x9000": declaring(9000),
    }
    for reason, content in changes.items():
        put(tmp_path, a__jpg=content)
        with pytest.raises(UnreadableImage) as error:
            each.read()
        assert (error.value.name, str(error.value.reason)) == ("a.jpg", reason)
    (tmp_path / "a.jpg").unlink()
    with pytest.raises(UnreadableImage, match="unreadable"):
        each.read()


def test_a_mask_that_declares_a_huge_picture_is_not_decoded(tmp_path):
    mask = bytearray(cv2.imencode(".png", np.zeros((8, 8), np.uint8))[1].tobytes())
    mask[16:24] = (2**31 - 1).to_bytes(4, "big") * 2
    put(tmp_path, a__jpg=face(xseg_mask=np.frombuffer(bytes(mask), np.uint8)))
    with pytest.raises(UnreadableImage, match="damaged-mask"):
        open_faceset(tmp_path)[0].read_xseg_mask()


def test_a_column_of_mask_bytes_is_read_too(tmp_path):
    mask = cv2.imencode(".png", np.full((8, 8), 255, np.uint8))[1].reshape(-1, 1)
    put(tmp_path, a__jpg=face(xseg_mask=mask))
    assert open_faceset(tmp_path)[0].read_xseg_mask().min() == 1


def test_a_hundred_thousand_faces_fit_in_300_mb(tmp_path):
    put(tmp_path, **{f"{number:05}__jpg": face(source_filename=f"{number:05}.png") for number in range(300)})
    open_faceset(tmp_path)
    tracemalloc.start()
    faceset = open_faceset(tmp_path)
    current, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(faceset) == 300
    assert current / 300 < 3000  # bytes a face


def test_the_real_faces_open(shared):
    faceset = open_faceset(shared / "data" / "man_a" / "aligned")
    assert len(faceset) == 383
    assert faceset.skipped == []
    assert {each.face_type for each in faceset} == {FaceType.WHOLE}


def use(each: Face) -> None:
    try:
        each.read()
        each.read_xseg_mask()
    except UnreadableImage:
        pass


MASK = cv2.imencode(".png", np.eye(16, dtype=np.uint8) * 255)[1]
SOUND = face(xseg_mask=MASK, seg_ie_polys={"polys": [{"type": 1, "pts": np.ones((4, 2), np.float32)}]})


def mutated(data) -> bytes:
    changed = bytearray(SOUND)
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    return bytes(changed[: data.draw(st.integers(0, len(changed)) | st.just(len(changed)))])


def open_beside_a_sound_one(folder, content: bytes) -> None:
    put(folder, sound__jpg=SOUND, mutant__jpg=content)
    faceset = open_faceset(folder)
    assert "sound.jpg" in [each.name for each in faceset]
    assert len(faceset) + len(faceset.skipped) == 2
    for each in faceset:
        use(each)


@given(st.data())
@settings(max_examples=60)
def test_a_mutated_picture_harms_no_other(tmp_path_factory, data):
    open_beside_a_sound_one(tmp_path_factory.mktemp("faces", numbered=True), mutated(data))


@pytest.mark.parametrize("mask", [b"no image", "text", 7, np.ones((8, 8), np.float32), np.zeros(9, np.uint8)])
def test_what_stands_in_the_place_of_a_mask_is_a_damaged_mask(tmp_path, mask):
    put(tmp_path, a__jpg=face(xseg_mask=mask))
    with pytest.raises(UnreadableImage, match="damaged-mask"):
        open_faceset(tmp_path)[0].read_xseg_mask()


@pytest.mark.parametrize("mask", [b"", np.zeros(0, np.uint8)])
def test_an_empty_mask_is_none(tmp_path, mask):
    put(tmp_path, a__jpg=face(xseg_mask=mask))
    assert open_faceset(tmp_path)[0].read_xseg_mask() is None


@pytest.mark.parametrize("eyebrows", [1e300, -1e9, float("nan"), "wide"])
def test_eyebrows_beyond_all_measure_are_the_usual_ones(tmp_path, eyebrows):
    put(tmp_path, a__jpg=face(eyebrows_expand_mod=eyebrows))
    assert open_faceset(tmp_path)[0].eyebrows_expand_mod == 1
