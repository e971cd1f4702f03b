"""Packing and unpacking: every byte is there before anything is deleted."""

import json
import shutil
import sys

import pexpect
import pytest

from dfl_cli.faceset import pack
from dfl_cli.main import main
from samplers.files.dfl_pack import PACK_NAME, read_pack
from samplers.files.faces import open_faceset


def run(capsys, *arguments) -> dict:
    capsys.readouterr()
    assert main(["faceset", *map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_there_and_back_is_the_same_folder(folder, contents, capsys):
    before = contents(folder)
    assert run(capsys, "pack", folder, "--delete-originals")["packed"] == len(before)
    assert [path.name for path in folder.iterdir()] == [PACK_NAME]
    assert run(capsys, "unpack", folder)["unpacked"] == len(before)
    assert contents(folder) == before
    assert not (folder / PACK_NAME).exists()


def test_unasked_the_originals_stay(folder, contents, capsys):
    before = contents(folder)
    assert run(capsys, "pack", folder)["originals_left"] == len(before)
    assert contents(folder) == before


def test_persons_are_packed_by_folder_and_come_back_in_theirs(folder, contents, capsys):
    for person in ("anna", "ben"):
        shutil.copytree(folder, folder / person, ignore=shutil.ignore_patterns("anna", "ben"))
    for path in folder.glob("*.jpg"):
        path.unlink()
    before = contents(folder)
    run(capsys, "pack", folder, "--delete-originals")
    assert {entry.name.split("/")[0] for entry in read_pack(folder / PACK_NAME)} == {"anna", "ben"}
    assert not (folder / "anna").exists()
    run(capsys, "unpack", folder)
    assert contents(folder) == before


def test_only_what_is_in_the_pack_is_deleted(folder, capsys):
    (folder / "note.txt").write_text("mine")
    (folder / "plain.png").write_bytes(b"no face")
    broken = folder / "00009_0.jpg"
    broken.write_bytes((folder / "00000_0.jpg").read_bytes()[:-300])
    done = run(capsys, "pack", folder, "--delete-originals")
    assert {each["name"] for each in done["skipped"]} == {"plain.png", "00009_0.jpg"}
    assert {path.name for path in folder.iterdir()} == {PACK_NAME, "note.txt", "plain.png", "00009_0.jpg"}


def test_a_picture_that_changed_after_packing_is_not_deleted(folder):
    files, _ = pack.candidates(folder, persons=False)
    pack.write(folder, files)
    files[1].path.write_bytes(files[0].path.read_bytes())
    assert pack.delete_packed(folder, files) == [files[1]]
    assert files[1].path.exists()


def test_a_pack_is_not_replaced_unasked_and_one_with_other_faces_is_kept(folder, capsys):
    run(capsys, "pack", folder, "--delete-originals")
    run(capsys, "unpack", folder, "--keep-pack")
    assert main(["faceset", "pack", str(folder)]) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert run(capsys, "pack", folder, "--overwrite")["older_pack"] is None  # the same faces
    (folder / "00001_0.jpg").unlink()
    older = run(capsys, "pack", folder, "--overwrite")["older_pack"]
    assert "00001_0.jpg" in {entry.name for entry in read_pack(type(folder)(older))}


def test_unpacking_again_after_an_interruption_makes_no_doubles(folder, contents, capsys):
    before = contents(folder)
    run(capsys, "pack", folder, "--delete-originals")
    run(capsys, "unpack", folder, "--keep-pack")
    (folder / "00002_0.jpg").unlink()  # as if it had stopped here
    (folder / "00003_0.jpg").write_bytes(b"the person's own")
    run(capsys, "unpack", folder)
    after = contents(folder)
    assert after.pop("00003_0.jpg") == b"the person's own"
    assert after.pop("00003_0_2.jpg") == before.pop("00003_0.jpg")
    assert after == before


def test_a_damaged_pack_stays_with_what_it_still_holds(folder, capsys):
    run(capsys, "pack", folder, "--delete-originals")
    path = folder / PACK_NAME
    path.write_bytes(path.read_bytes()[:-300])
    done = run(capsys, "unpack", folder)
    assert done["damaged"] == ["00003_0.jpg"]
    assert path.exists()
    path.unlink()
    assert len(open_faceset(folder)) == 3


def test_a_person_is_asked_before_originals_go(folder):
    for answer, left in (("n", 4), ("", 0)):
        command = ["-m", "dfl_cli.main", "faceset", "pack", str(folder), "--lang", "en"]
        child = pexpect.spawn(sys.executable, command, encoding="utf-8", timeout=60)
        if answer == "":
            child.expect("Replace it")
            child.sendline("y")
        child.expect("Delete the original images")
        child.sendline(answer)
        child.expect("4 faces packed")
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 0
        assert len(list(folder.glob("*.jpg"))) == left


@pytest.mark.parametrize("action", ["pack", "unpack"])
def test_nothing_to_work_on_is_explained(tmp_path, action, capsys):
    assert main(["faceset", action, str(tmp_path)]) == 1
    assert "fix:" in capsys.readouterr().err


def test_overwrite_makes_a_pack_of_what_is_there_and_keeps_the_larger_one(folder, capsys):
    run(capsys, "pack", folder)
    (folder / "00000_0.jpg").unlink()
    said = run(capsys, "pack", folder, "--overwrite", "--delete-originals")
    assert (said["packed"], said["older_pack"]) == (3, str(folder / "faceset_old_1.pak"))
    assert len(read_pack(folder / PACK_NAME)) == 3
