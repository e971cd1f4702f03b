"""The index beside a face set: it saves the reading and never changes what is read."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samplers.files import face_index, faces
from samplers.files.dfl_pack import FaceFile, write_pack
from samplers.files.face_index import INDEX_NAME, ROW, read_index
from samplers.files.faces import Face, open_faceset


@pytest.fixture(autouse=True)
def even_small_sets_are_indexed(monkeypatch):
    monkeypatch.setattr(faces, "SMALLEST_SET", 1)


@pytest.fixture
def folder(fixtures, tmp_path) -> Path:
    """Six faces, with masks and polygons among them, and a picture without face data."""
    for number in range(6):
        shutil.copy(fixtures / "formats" / f"0000{number % 4}_0.jpg", tmp_path / f"{number}.jpg")
    (tmp_path / "stranger.jpg").write_bytes(b"\xff\xd8\xff\xd9")
    return tmp_path


def facts(face: Face) -> tuple:
    polygons = tuple((each.type, np.asarray(each.points).tobytes()) for each in face.polygons)
    return (
        *(face.name, face.face_type, face.landmarks.tobytes(), face.shape, face.eyebrows_expand_mod),
        *(face.source_filename, polygons, face.has_xseg_mask, face.file_range, face.packed_mask),
    )


def same(one, other) -> bool:
    return [facts(face) for face in one] == [facts(face) for face in other] and one.skipped == other.skipped


def reading_counted(monkeypatch) -> list[Path]:
    read, opened = faces._read_face, []
    monkeypatch.setattr(faces, "_read_face", lambda path: opened.append(path.name) or read(path))
    return opened


def test_a_second_start_opens_no_picture_and_finds_the_same_faces(folder, monkeypatch):
    first = open_faceset(folder)
    opened = reading_counted(monkeypatch)
    again = open_faceset(folder)
    assert opened == []
    assert same(first, again)
    np.testing.assert_array_equal(again[1].read_xseg_mask(), first[1].read_xseg_mask())
    assert len(first.skipped) == 1


def test_only_what_changed_is_read_again(folder, monkeypatch):
    open_faceset(folder)
    (folder / "0.jpg").unlink()
    shutil.copy(folder / "1.jpg", folder / "9.jpg")
    os.utime(folder / "3.jpg", ns=(1, 1))
    (folder / "4.jpg").write_bytes(b"")
    opened = reading_counted(monkeypatch)
    faceset = open_faceset(folder)
    assert sorted(opened) == ["3.jpg", "4.jpg", "9.jpg"]
    assert [face.name for face in faceset] == ["1.jpg", "2.jpg", "3.jpg", "5.jpg", "9.jpg"]
    (folder / INDEX_NAME).unlink()
    assert same(faceset, open_faceset(folder))


def test_a_pack_is_indexed_too_until_it_changes(folder, monkeypatch):
    (folder / "stranger.jpg").unlink()
    pack = folder / "pack" / "faceset.pak"
    pack.parent.mkdir()
    write_pack(pack, [FaceFile(path) for path in sorted(folder.glob("*.jpg"))])
    first = open_faceset(pack.parent)
    with monkeypatch.context() as patched:
        patched.setattr(faces, "read_pack", None)
        again = open_faceset(pack.parent)
    assert same(first, again)
    np.testing.assert_array_equal(again[1].read_xseg_mask(), first[1].read_xseg_mask())
    write_pack(pack, [FaceFile(folder / "0.jpg")])
    assert len(open_faceset(pack.parent)) == 1


def test_directions_are_computed_once(folder, monkeypatch):
    yaws = open_faceset(folder).yaws()
    monkeypatch.setattr(faces, "estimate_pitch_yaw_roll", None)
    np.testing.assert_array_equal(open_faceset(folder).yaws(), yaws)
    assert len(set(np.round(yaws, 6))) > 1


def test_where_nothing_can_be_written_a_set_opens_all_the_same(folder, monkeypatch):
    def refuse(path, pieces):
        raise PermissionError(path)

    monkeypatch.setattr(face_index, "write_atomically", refuse)
    assert len(open_faceset(folder)) == 6
    assert not (folder / INDEX_NAME).exists()


def test_few_pictures_get_no_index(folder, monkeypatch):
    monkeypatch.setattr(faces, "SMALLEST_SET", 100)
    open_faceset(folder)
    assert not (folder / INDEX_NAME).exists()


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_index_is_made_anew(fixtures, tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("faces")
    for number in range(2):
        shutil.copy(fixtures / "formats" / f"0000{number}_0.jpg", folder / f"{number}.jpg")
    first = open_faceset(folder)
    path = folder / INDEX_NAME
    sound = path.read_bytes()
    changed = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 5))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(changed[: data.draw(st.integers(0, len(changed)) | st.just(len(changed)))])
    assert same(first, open_faceset(folder))
    assert path.read_bytes() == sound


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("landmarks", np.nan),
        ("landmarks", 1e30),
        ("height", 0),
        ("width", 10**6),
        ("face_type", 77),
        ("source", 99),
        ("reason", 99),
        ("eyebrows", np.inf),
        ("start", -5),
    ],
)
def test_an_index_that_says_what_cannot_be_is_not_believed(folder, monkeypatch, field, value):
    """Though its checksum is right: it may come with a stranger's face set."""
    first = open_faceset(folder)
    sound = face_index._row

    def lie(indexed, texts):
        row = list(sound(indexed, texts))
        row[ROW.names.index(field)] = value
        return tuple(row)

    with monkeypatch.context() as patched:
        patched.setattr(face_index, "_row", lie)
        face_index.write_index(folder, read_index(folder), packed=False)
    assert read_index(folder) == []
    assert same(first, open_faceset(folder))
