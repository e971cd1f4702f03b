"""Face data goes into and out of JPEG files while the picture stays as it is."""

import json
import pickle

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samplers.files.dfl_image import (
    FaceDataTooLarge,
    NoFaceData,
    read_face_info,
    read_fields,
    write_face_info,
    write_fields,
)
from samplers.files.face_info import NoLandmarks
from samplers.files.jpeg_segments import APP15, NotAJpeg, image_size, segment, segments
from samplers.files.pickles.safe_pickle import Damaged, UnsafePickle
from samplers.geometry.face_types import FaceType, UnknownFaceType

NAMES = ["00000_0.jpg", "00001_0.jpg", "00002_0.jpg", "00003_0.jpg"]
FIELDS = {
    "face_type": "whole_face",
    "landmarks": [[float(each), float(each % 9)] for each in range(68)],
    "source_filename": "a.png",
}


def picture() -> np.ndarray:
    return cv2.resize(np.random.RandomState(0).randint(0, 255, (8, 8, 3)).astype(np.uint8), (48, 64))


def jpeg(*options: int) -> bytes:
    return cv2.imencode(".jpg", picture(), list(options))[1].tobytes()


def without(encoded: bytes, marker: int) -> bytes:
    kept = [piece for piece in segments(encoded) if piece.marker != marker]
    return b"".join(encoded[piece.start : piece.end] for piece in kept) + encoded[segments(encoded)[-1].end :]


EXIF = segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
SOUND = {
    "baseline": jpeg(),
    "progressive": jpeg(cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "with restart intervals": jpeg(cv2.IMWRITE_JPEG_RST_INTERVAL, 2),
    "EXIF only": b"\xff\xd8" + EXIF + without(jpeg(), 0xE0)[2:],
    "a foreign APP15": b"\xff\xd8" + segment(APP15, b"from another program") + jpeg()[2:],
    "a segment without contents": b"\xff\xd8" + segment(0xFE, b"") + jpeg()[2:],
    "fill bytes before a marker": b"\xff\xd8\xff\xff" + jpeg()[2:],
    "bytes after the end": jpeg() + b"appended by a phone",
    "grey": cv2.imencode(".jpg", picture()[..., 0])[1].tobytes(),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_face_of_the_reference_says_what_was_recorded(fixtures, name):
    expected = np.load(fixtures / "formats" / "expected.npz")
    number = NAMES.index(name)
    info = read_face_info((fixtures / "formats" / name).read_bytes())
    assert info.face_type == FaceType.WHOLE
    assert info.shape == (256, 256)
    assert info.source_filename == f"0000{number}.png"
    for field in ("landmarks", "source_landmarks", "source_rect", "image_to_face_mat"):
        np.testing.assert_array_equal(getattr(info, field), expected[f"{number}_{field}"])
    assert info.eyebrows_expand_mod == (0.75 if number == 2 else 1.0)
    recorded = sorted(key for key in expected.files if key.startswith(f"{number}_poly"))
    assert [f"{number}_poly{place}_type{int(each.type)}" for place, each in enumerate(info.polygons)] == recorded
    for polygon, key in zip(info.polygons, recorded, strict=True):
        np.testing.assert_array_equal(polygon.points, expected[key])


@pytest.mark.parametrize("name", NAMES)
def test_unchanged_face_data_leaves_the_file_as_it_was(fixtures, tmp_path, name):
    original = (fixtures / "formats" / name).read_bytes()
    assert write_fields(original, dict(read_fields(original))) == original
    bare = without(original, APP15)
    assert write_fields(bare, read_fields(original)) == original
    copy = tmp_path / name
    copy.write_bytes(original)
    write_face_info(copy, read_fields(original))
    assert copy.read_bytes() == original


@pytest.mark.parametrize("form", SOUND)
def test_face_data_goes_into_every_form_of_jpeg_and_the_rest_stays(form):
    plain = SOUND[form]
    written = write_fields(plain, FIELDS)
    assert read_fields(written) == FIELDS
    assert read_face_info(written).shape == (64, 48)
    payload = next(piece for piece in reversed(segments(written)) if piece.marker == APP15)
    assert written[: payload.start] + written[payload.end :] == plain
    changed = write_fields(written, {**FIELDS, "source_filename": "b.png"})
    assert changed == write_fields(plain, {**FIELDS, "source_filename": "b.png"})
    np.testing.assert_array_equal(
        cv2.imdecode(np.frombuffer(changed, np.uint8), -1), cv2.imdecode(np.frombuffer(plain, np.uint8), -1)
    )


@pytest.mark.parametrize("form", SOUND)
def test_a_jpeg_without_face_data_has_none(form):
    with pytest.raises(NoFaceData):
        read_fields(SOUND[form])
    assert image_size(SOUND[form], segments(SOUND[form])) == (64, 48)


def test_the_last_of_several_face_data_counts_and_one_is_left():
    older = segment(APP15, pickle.dumps({"landmarks": [], "source_filename": "old.png"}))
    newer = segment(APP15, pickle.dumps(FIELDS))
    twice = b"\xff\xd8" + older + newer + jpeg()[2:]
    assert read_fields(twice) == FIELDS
    once = write_fields(twice, {**FIELDS, "source_filename": "b.png"})
    assert [piece.marker for piece in segments(once)].count(APP15) == 1


def test_old_keys_stay_and_empty_ones_go():
    fields = {**FIELDS, "fanseg_mask": b"jpeg bytes", "ie_polys": [1, 2], "relighted": True, "xseg_mask": None}
    written = read_fields(write_fields(jpeg(), fields))
    assert written == {key: value for key, value in fields.items() if value is not None}


def test_the_old_list_of_polygons_is_read():
    fields = {**FIELDS, "seg_ie_polys": [(1, [[1, 2], [3, 4], [5, 6]]), (0, np.ones((3, 2)))]}
    include, exclude = read_face_info(write_fields(jpeg(), fields)).polygons
    assert (include.type, exclude.type) == (1, 0)
    assert include.points.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert include.points.dtype == np.float32


@pytest.mark.parametrize(
    "polygons",
    [7, {"polys": 3}, [1], [(1,)], [(2, [[1, 2]])], [("1", [[1, 2]])], [(1, [[1, 2], [3]])], [(1, [[1e30, 2]])], [(1, "ab")]],
)  # fmt: skip
def test_what_is_no_polygon_is_left_out(polygons):
    assert read_face_info(write_fields(jpeg(), {**FIELDS, "seg_ie_polys": polygons})).polygons == ()


@pytest.mark.parametrize(
    "landmarks",
    [None, [], [[1, 2]] * 67, [[1, 2, 3]] * 68, [["1", "2"]] * 68, [[float("nan"), 1]] * 68, [[1e20, 1]] * 68, "x" * 68, 5,
     [[10**400, 1]] * 68],
)  # fmt: skip
def test_without_68_points_there_is_no_face(landmarks):
    with pytest.raises(NoLandmarks):
        read_face_info(write_fields(jpeg(), {**FIELDS, "landmarks": landmarks}))


@pytest.mark.parametrize("face_type", ["half", 5, 4.0, [4], np.ones(3)])
def test_an_unknown_face_type_is_said(face_type):
    with pytest.raises(UnknownFaceType):
        read_face_info(write_fields(jpeg(), {**FIELDS, "face_type": face_type}))


def test_missing_fields_have_the_reference_s_defaults():
    info = read_face_info(write_fields(jpeg(), {"landmarks": FIELDS["landmarks"]}))
    assert info.face_type == FaceType.FULL
    assert info.eyebrows_expand_mod == 1.0
    assert info.source_filename is info.source_landmarks is info.image_to_face_mat is info.xseg_mask is None


def test_face_data_too_large_for_a_segment_changes_nothing(tmp_path):
    path = tmp_path / "face.jpg"
    path.write_bytes(jpeg())
    with pytest.raises(FaceDataTooLarge) as error:
        write_face_info(path, {**FIELDS, "xseg_mask": np.zeros(65_000, np.uint8)})
    assert error.value.size > 65_533
    assert path.read_bytes() == jpeg()
    assert list(tmp_path.iterdir()) == [path]


def test_the_written_mask_is_what_the_reference_expects():
    fields = read_fields(write_fields(jpeg(), {**FIELDS, "xseg_mask": np.arange(9, dtype=np.uint8)}))
    assert fields["xseg_mask"].dtype == np.uint8
    assert fields["xseg_mask"].shape == (9,)


def test_other_files_are_no_jpeg():
    for content in (b"", b"text", json.dumps(FIELDS).encode()):
        with pytest.raises(NotAJpeg):
            read_fields(content)
    with pytest.raises(Damaged):
        read_fields(b"\x89PNG\r\n\x1a\n" + bytes(50))


OURS = write_fields(jpeg(), FIELDS)
EXPECTED_FAILURES = (NotAJpeg, NoFaceData, NoLandmarks, UnknownFaceType, UnsafePickle, Damaged)


@given(st.data())
@settings(max_examples=300)
def test_a_damaged_file_fails_in_known_ways_only(data):
    damaged = bytearray(OURS)
    for _ in range(data.draw(st.integers(0, 5))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(damaged[: data.draw(st.integers(0, len(damaged)) | st.just(len(damaged)))])
    try:
        info = read_face_info(damaged)
        write_fields(damaged, {**info.fields, "source_filename": "b.png"})
    except EXPECTED_FAILURES:
        pass


@given(st.integers(0, len(OURS)))
def test_a_file_cut_before_its_pixels_is_truncated(length):
    pixels = segments(OURS)[-1].end
    if 2 <= length < pixels:
        with pytest.raises(Damaged, match="truncated"):
            segments(OURS[:length])
