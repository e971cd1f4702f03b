"""A folder without usable faces: what is in it is said, and which folder was probably meant."""

import shutil
import zipfile

import cv2
import numpy as np
import pytest

from dfl_cli.errors import UserError
from dfl_cli.faceset.loading import existing_face_folder, load_faceset
from dfl_cli.main import main
from samplers.files.dfl_image import read_fields, write_fields


def refusal(folder) -> UserError:
    with pytest.raises(UserError) as error:
        load_faceset(folder)
    return error.value


def frames(folder):
    for number in range(3):
        cv2.imwrite(str(folder / f"{number:05}.png"), np.zeros((8, 8, 3), np.uint8))


def test_the_folder_of_the_frames_leads_to_aligned(folder):
    frames(folder.parent)
    error = refusal(folder.parent)
    assert error.saw == "3 images: an image without face data; only extracted faces can be used"
    assert error.fix == f"There are faces in another folder. You probably mean {folder}"


def test_a_workspace_leads_to_both_sides(folder, tmp_path):
    for side in ("data_src", "data_dst"):
        shutil.copytree(folder, tmp_path / "film" / side / "aligned")
    fix = refusal(tmp_path / "film").fix
    assert str(tmp_path / "film" / "data_src" / "aligned") in fix
    assert str(tmp_path / "film" / "data_dst" / "aligned") in fix


def test_an_empty_aligned_leads_to_the_one_beside_and_a_folder_inside_to_the_one_around(folder, tmp_path):
    empty, debug = tmp_path / "aligned_2", folder / "debug"
    empty.mkdir()
    debug.mkdir()
    assert str(folder) in refusal(empty).fix
    assert str(folder) in refusal(debug).fix


def test_an_aligned_that_is_missing_leads_to_what_is_there(folder, tmp_path):
    renamed = folder.rename(tmp_path / "aligned_wf")
    with pytest.raises(UserError) as error:
        existing_face_folder(folder, "--src")
    assert str(renamed) in error.value.fix
    with pytest.raises(UserError) as error:
        existing_face_folder(tmp_path / "nothing" / "near", "--src")
    assert "--src" in error.value.fix


def test_a_person_who_is_only_a_pack_is_found(folder, tmp_path, fixtures):
    person = tmp_path / "persons" / "anna"
    person.mkdir(parents=True)
    shutil.copy(fixtures / "formats" / "faceset.pak", person)
    assert str(person) in refusal(person.parent).fix


def test_face_types_nobody_knows_are_named(folder):
    for path in folder.iterdir():
        jpeg = path.read_bytes()
        path.write_bytes(write_fields(jpeg, {**read_fields(jpeg), "face_type": "custom"}))
    error = refusal(folder)
    assert error.saw == "4 images: unknown face type custom"
    assert "wf" in error.fix


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("my faces.pak", "Rename my faces.pak to faceset.pak"),
        ("anna.zip", "Rename anna.zip to faceset.zip"),
        ("anna.7z", "Unpack anna.7z first"),
        ("data_src.mp4", "dfl extract --input data_src.mp4"),
        ("notes.txt", "folder of aligned faces"),
    ],
)
def test_what_lies_there_instead_of_faces_decides_the_advice(tmp_path, name, words):
    (tmp_path / name).write_bytes(b"x")
    error = refusal(tmp_path)
    assert error.saw == "No images."
    assert words in error.fix


def test_empty_files_are_counted_as_empty(tmp_path):
    for number in range(3):
        (tmp_path / f"{number}.jpg").touch()
    error = refusal(tmp_path)
    assert error.saw == "3 images: the file is empty"
    assert "Copy the files again" in error.fix


def test_a_broken_pack_and_the_frames_beside_it_are_told_apart(tmp_path):
    (tmp_path / "faceset.pak").touch()
    frames(tmp_path)
    saw = refusal(tmp_path).saw
    assert (
        saw == "faceset.pak: the file is empty; 3 images: an image without face data; only extracted faces can be used"
    )


def test_an_encrypted_zip_says_so(tmp_path, folder):
    with zipfile.ZipFile(tmp_path / "faceset.zip", "w") as archive:
        archive.write(folder / "00000_0.jpg", "a.jpg")
    content = bytearray((tmp_path / "faceset.zip").read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1
    (tmp_path / "faceset.zip").write_bytes(content)
    shutil.rmtree(folder)
    error = refusal(tmp_path)
    assert error.saw == "1 image: encrypted in the zip file"
    assert "password" in error.fix


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("action", [["pack"], ["sort", "--by", "blur"], ["info"], ["coverage"], ["convert"]])
def test_every_action_gives_the_same_advice_and_changes_nothing(folder, capsys, action, language):
    frames(folder.parent)
    before = sorted(folder.parent.rglob("*"))
    folders = [str(folder.parent)] * (2 if action == ["coverage"] else 1)
    code = main(["--lang", language, "faceset", action[0], *folders, *action[1:]])
    assert code == (0 if action == ["info"] else 1)
    if action != ["convert"]:
        assert str(folder) in capsys.readouterr().err
    assert sorted(folder.parent.rglob("*")) == before


def test_hidden_and_system_files_are_mentioned_once(folder, capsys):
    for name in ("._00000_0.jpg", ".DS_Store", "Thumbs.db", "bell\a.jpg~"):
        (folder / name).write_bytes(b"x")
    load_faceset(folder)
    load_faceset(folder)
    assert capsys.readouterr().err.splitlines() == [
        f"Ignored 4 hidden or system files in {folder}: .DS_Store, ._00000_0.jpg, Thumbs.db, bell\\x07.jpg~"
    ]
