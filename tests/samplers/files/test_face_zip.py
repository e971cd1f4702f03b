"""Zip files of faces: read where they are, and a hostile one costs neither memory nor files."""

import struct
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from samplers.files.face_zip import ZIP_NAME
from samplers.files.faces import NoFaces, Prefer, Source, UnreadableImage, open_faceset


@pytest.fixture
def faces(fixtures) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((fixtures / "formats").glob("*.jpg"))}


def zipped(folder: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(folder / ZIP_NAME, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return folder / ZIP_NAME


def patch(archive: Path, signature: bytes, offset: int, value: bytes) -> None:
    """Write `value` at `offset` behind every `signature`."""
    content, at = bytearray(archive.read_bytes()), 0
    while (at := content.find(signature, at)) >= 0:
        content[at + offset : at + offset + len(value)] = value
        at += 4
    archive.write_bytes(content)


def skipped_of(folder: Path) -> dict[str, str]:
    try:
        found = open_faceset(folder)
    except NoFaces as error:
        found = error
    return {each.name: str(each.reason) for each in found.skipped}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_its_faces_are_those_of_the_images(tmp_path, fixtures, faces, method):
    zipped(tmp_path, {f"aligned/{name}": content for name, content in faces.items()}, method)
    faceset = open_faceset(tmp_path)
    assert faceset.source is Source.ZIP
    for one, other in zip(faceset, open_faceset(fixtures / "formats", prefer=Prefer.FILES), strict=True):
        assert one.name == other.name
        np.testing.assert_array_equal(one.read(), other.read())
        np.testing.assert_array_equal(one.source_landmarks, other.source_landmarks)


def test_a_zip_file_never_hides_images(tmp_path, faces):
    zipped(tmp_path, faces)
    (tmp_path / "00007_0.jpg").write_bytes(faces["00000_0.jpg"])
    assert [face.name for face in open_faceset(tmp_path)] == ["00007_0.jpg"]


def test_persons_keep_their_folder_and_names_lead_nowhere(tmp_path, faces):
    content = faces["00000_0.jpg"]
    hostile = ["../../etc/a.jpg", "/root/b.jpg", "C:\\x\\c.jpg", "anna/d.jpg", "\x1b[31m/e\n.jpg"]
    zipped(tmp_path, {**dict.fromkeys(hostile, content), "__MACOSX/anna/._d.jpg": b"x", "anna/.DS_Store": b"x"})
    faceset = open_faceset(tmp_path)
    assert sorted(face.name for face in faceset) == ["[31m/e.jpg", "anna/d.jpg", "etc/a.jpg", "root/b.jpg", "x/c.jpg"]
    assert faceset.skipped == []
    assert len(faceset.foreign) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_names_of_macos_and_chinese_windows_are_read(tmp_path, faces, encoding):
    name = "张三/一.jpg"
    stand_in = "x" * len(name.encode(encoding))
    archive = zipped(tmp_path, {stand_in: faces["00000_0.jpg"], "anna/1.jpg": faces["00001_0.jpg"]})
    archive.write_bytes(archive.read_bytes().replace(stand_in.encode(), name.encode(encoding)))
    assert sorted(face.name for face in open_faceset(tmp_path)) == ["anna/1.jpg", name]


def test_what_expands_too_much_is_not_unpacked(tmp_path, faces):
    zipped(tmp_path, {**faces, "bomb.jpg": bytes(50_000_000), "zero.jpg": b""})
    tracemalloc.start()
    faceset = open_faceset(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(faceset) == 4
    assert skipped_of(tmp_path) == {"bomb.jpg": "expands: 50000000", "zero.jpg": "empty"}
    assert peak < 20_000_000


def test_a_member_that_lies_about_its_size_is_damaged(tmp_path):
    archive = zipped(tmp_path, {"liar.jpg": bytes(50_000_000)})
    patch(archive, b"PK\1\2", 24, struct.pack("<I", 1000))
    assert skipped_of(tmp_path) == {"liar.jpg": "damaged: cannot be unpacked"}


def test_members_that_overlap_are_refused(tmp_path, faces):
    content = faces["00000_0.jpg"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive = zipped(tmp_path, dict.fromkeys(["a.jpg", "b.jpg"], content))
    patch(archive, b"PK\1\2", 20, struct.pack("<I", len(content) * 100))
    assert skipped_of(tmp_path) == {ZIP_NAME: "damaged: its members overlap"}


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda archive: patch(archive, b"PK\1\2", 8, b"\1"), "encrypted"),
        (lambda archive: patch(archive, b"PK\1\2", 10, b"\x0c"), "compression: 12"),
        (lambda archive: patch(archive, b"PK\1\2", 42, b"\xff\xff\0\0"), "damaged: cannot be unpacked"),
        (lambda archive: patch(archive, b"PK\1\2", 16, b"1234"), "damaged: cannot be unpacked"),
    ],
)
def test_members_that_cannot_be_had_say_why(tmp_path, faces, damage, reason):
    damage(zipped(tmp_path, {"a.jpg": faces["00000_0.jpg"]}))
    assert skipped_of(tmp_path) == {"a.jpg": reason}


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "empty"), (b"hello", "damaged: not a zip file"), (b"PK\3\4cut", "truncated")]
)
def test_a_file_that_is_no_zip_says_so(tmp_path, content, reason):
    (tmp_path / ZIP_NAME).write_bytes(content)
    assert skipped_of(tmp_path) == {ZIP_NAME: reason}


def test_a_zip_file_that_changes_under_our_feet_is_unreadable(tmp_path, faces):
    archive = zipped(tmp_path, faces)
    face = open_faceset(tmp_path)[0]
    archive.write_bytes(b"\0" * archive.stat().st_size)
    with pytest.raises(UnreadableImage, match="damaged"):
        face.read()


def test_mutated_zip_files_do_no_harm(tmp_path, faces):
    archive = zipped(tmp_path, faces)
    sound = archive.read_bytes()
    random = np.random.default_rng(0)
    for _ in range(200):
        content = bytearray(sound)
        for place in random.integers(len(sound) - 600, len(sound), 4):  # the directory at the end
            content[place] = random.integers(256)
        archive.write_bytes(content)
        skipped_of(tmp_path)


def test_a_list_of_members_of_terabytes_is_not_read(tmp_path):
    """A sparse file whose last record says that the list takes a third of it."""
    path, size = tmp_path / ZIP_NAME, 12 * 2**30
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 9, 9, 2**32 - 2, 2**32 - 2, 0)
    with path.open("wb") as file:
        file.seek(size)
        file.write(end)
    with pytest.raises(NoFaces) as error:
        open_faceset(tmp_path)
    assert str(error.value.skipped[0].reason) == "damaged: its list of members is too long"
