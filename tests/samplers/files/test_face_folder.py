"""A folder with a pack, images, folders of persons: which of them becomes the face set."""

import shutil
from pathlib import Path

import pytest

from samplers.files.dfl_pack import PACK_NAME
from samplers.files.faces import NoFaces, Prefer, Source, open_faceset
from samplers.files.reason import Fault


@pytest.fixture
def folder(tmp_path, fixtures) -> Path:
    """Four faces as images and in a pack."""
    return Path(
        shutil.copytree(fixtures / "formats", tmp_path / "aligned", ignore=shutil.ignore_patterns("*.n*", "*.dat"))
    )


def names(faceset) -> list[str]:
    return [face.name for face in faceset]


def test_the_pack_is_used_unless_files_are_preferred(folder):
    (folder / "00002_0.jpg").unlink()
    packed, loose = open_faceset(folder), open_faceset(folder, prefer=Prefer.FILES)
    assert (packed.source, len(packed)) == (Source.PACK, 4)
    assert (loose.source, names(loose)) == (Source.FILES, ["00000_0.jpg", "00001_0.jpg", "00003_0.jpg"])


def test_preferring_what_is_not_there_changes_nothing(folder):
    for path in folder.glob("*.jpg"):
        path.unlink()
    assert open_faceset(folder, prefer=Prefer.FILES).source is Source.PACK
    (folder / PACK_NAME).rename(folder.parent / PACK_NAME)
    shutil.copy(Path(__file__).parents[2] / "fixtures/formats/00000_0.jpg", folder)
    assert open_faceset(folder).source is Source.FILES


@pytest.mark.parametrize(("content", "fault"), [(b"", Fault.EMPTY), (b"\1" + bytes(15) + b"junk", Fault.DAMAGED)])
def test_a_broken_pack_does_not_hide_good_images(folder, content, fault):
    (folder / PACK_NAME).write_bytes(content)
    faceset = open_faceset(folder)
    assert (faceset.source, len(faceset)) == (Source.FILES, 4)
    (skipped,) = faceset.unusable[Source.PACK]
    assert (skipped.name, skipped.reason.fault) == (PACK_NAME, fault)


def test_a_pack_without_a_usable_face_does_not_either(folder, tmp_path):
    (folder / PACK_NAME).write_bytes((folder / PACK_NAME).read_bytes().replace(b"landmarks", b"landmarkz"))
    assert open_faceset(folder).source is Source.FILES


def test_frames_beside_a_pack_do_not_hide_it_from_those_who_prefer_files(folder):
    for path in folder.glob("*.jpg"):
        path.write_bytes(b"a frame")
    faceset = open_faceset(folder, prefer=Prefer.FILES)
    assert (faceset.source, len(faceset.unusable[Source.FILES])) == (Source.PACK, 4)


def test_folders_of_persons_are_one_set(folder):
    (folder / PACK_NAME).unlink()
    persons = folder.parent / "persons"
    for person in ("ben", "anna"):
        shutil.copytree(folder, persons / person)
    (persons / "anna" / "._00000_0.jpg").write_bytes(b"x")
    (persons / "@eaDir").mkdir()
    (persons / "@eaDir" / "00000_0.jpg").write_bytes(b"x")
    faceset = open_faceset(persons)
    assert (faceset.source, len(faceset), faceset.skipped) == (Source.PERSONS, 8, [])
    assert names(faceset)[:2] == ["anna/00000_0.jpg", "anna/00001_0.jpg"]
    assert faceset[0].read().shape == (256, 256, 3)
    assert faceset.foreign == ["@eaDir", "anna/._00000_0.jpg"]
    (persons / "cover.jpg").write_bytes((folder / "00000_0.jpg").read_bytes())
    assert names(open_faceset(persons)) == ["cover.jpg"]  # a folder with images of its own is a plain set


def test_the_folder_of_the_frames_is_no_folder_of_persons(folder):
    with pytest.raises(NoFaces) as error:
        open_faceset(folder.parent)
    assert error.value.skipped == []


def test_what_systems_leave_among_faces_is_no_skipped_image(folder):
    (folder / PACK_NAME).unlink()
    for name in ("._00000_0.jpg", ".hidden.png", "Thumbs.db", "00000_0.jpg~"):
        (folder / name).write_bytes(b"junk")
    (folder / "zero.jpg").touch()
    faceset = open_faceset(folder)
    assert [(each.name, each.reason.fault) for each in faceset.skipped] == [("zero.jpg", Fault.EMPTY)]
    assert faceset.foreign == ["._00000_0.jpg", ".hidden.png", "00000_0.jpg~", "Thumbs.db"]
