"""A pack beside images: which is used, and whether they agree, is said by every command that reads faces."""

import json
import re
import shutil

import pytest

from dfl_cli.errors import UserError
from dfl_cli.faceset.actions import folder_of
from dfl_cli.faceset.loading import load_faceset
from dfl_cli.main import main
from samplers.files.dfl_pack import PACK_NAME


@pytest.fixture
def both(folder, fixtures):
    """Four faces as images and in a pack."""
    shutil.copy(fixtures / "formats" / PACK_NAME, folder)
    return folder


def said(capsys, folder, **options) -> list[str]:
    capsys.readouterr()
    load_faceset(folder, **options)
    return capsys.readouterr().err.splitlines()


def test_a_pack_with_its_own_images_is_used_and_one_line_says_so(both, capsys):
    assert said(capsys, both) == [f"{both}: faceset.pak is used; the image files are the same faces."]


def test_faces_deleted_added_or_changed_beside_the_pack_are_named(both, capsys):
    (both / "00001_0.jpg").unlink()
    shutil.copy(both / "00000_0.jpg", both / "new.jpg")
    with (both / "00002_0.jpg").open("ab") as file:
        file.write(b"edited")
    assert said(capsys, both) == [
        f"{both}: faceset.pak is used, but the image files differ from it:",
        "  1 face is only in the pack: 00001_0.jpg",
        "  1 image file is not in the pack: new.jpg",
        "  1 image file was changed: 00002_0.jpg",
        "  To use the image files: --prefer files. To update the pack: dfl faceset pack --overwrite",
    ]


def test_frames_beside_a_pack_are_no_difference(both, capsys):
    for path in both.glob("*.jpg"):
        path.rename(path.with_name(f"frame{path.name}"))
        path.with_name(f"frame{path.name}").write_bytes(b"\xff\xd8 a frame")
    assert said(capsys, both) == []


def test_files_are_used_when_preferred(both, capsys):
    (both / "00001_0.jpg").unlink()
    assert said(capsys, both, prefer="files") == [f"{both}: faceset.pak is not used. Used instead: the image files."]
    assert len(load_faceset(both, prefer="files")) == 3


def test_a_broken_pack_is_named_and_the_images_are_used(both, capsys):
    (both / PACK_NAME).write_bytes((both / PACK_NAME).read_bytes()[:300])
    line = f"{both}: faceset.pak cannot be used (the file is truncated). Used instead: the image files."
    assert said(capsys, both) == [line]
    assert main(["faceset", "sort", str(both), "--by", "hue", "--dry-run"]) == 0
    assert line in capsys.readouterr().err


@pytest.mark.parametrize("action", [["info"], ["coverage"], ["sort", "--by", "origname", "--dry-run"]])
def test_every_action_takes_prefer(both, capsys, action):
    (both / "00001_0.jpg").unlink()
    folders = [str(both)] * (2 if action == ["coverage"] else 1)
    assert main(["faceset", action[0], *folders, *action[1:], "--prefer", "files", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found.get("count", 3) == len(found.get("order", [1, 2, 3])) == 3


def test_sorting_a_pack_is_refused_with_both_ways_out(both, capsys):
    assert main(["faceset", "sort", str(both), "--by", "hue"]) == 1
    assert re.search("unpack .*--prefer files", capsys.readouterr().err)


@pytest.mark.parametrize("command", ["train", "merge"])
def test_the_help_of_training_and_merging_has_it_too(command, capsys):
    assert main([command, "--help"]) == 0
    assert "--prefer" in capsys.readouterr().out


def test_a_zip_file_beside_images_is_said_to_be_unused_and_unpacks_without_overwriting(
    folder, tmp_path, capsys, contents
):
    before = contents(folder)
    shutil.make_archive(str(tmp_path / "faceset"), "zip", folder)
    shutil.move(tmp_path / "faceset.zip", folder)
    assert said(capsys, folder) == [f"{folder}: faceset.zip is not used. Used instead: the image files."]
    (folder / "00001_0.jpg").unlink()
    assert main(["faceset", "unpack", str(folder)]) == 0
    assert contents(folder) == before
    assert (folder / "faceset.zip").exists()


def test_a_pack_or_an_image_given_as_the_folder_leads_to_its_folder(both):
    for name in (PACK_NAME, "00000_0.jpg"):
        with pytest.raises(UserError) as error:
            folder_of(both / name)
        assert str(both) in error.value.fix
