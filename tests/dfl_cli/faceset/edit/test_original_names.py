"""`dfl faceset recover-names`: faces get the names back that extraction gave them."""

import shutil

from dfl_cli.main import main
from samplers.files.dfl_image import read_fields, write_face_info


def renamed(folder, **sources):
    """Gives faces the frame they come from, by the stems of their files."""
    for stem, source in sources.items():
        path = next(folder.glob(f"*{stem}*"))
        write_face_info(path, read_fields(path.read_bytes()) | {"source_filename": source})


def names(folder):
    return sorted(path.name for path in folder.glob("*.jpg"))


def test_after_a_sort_faces_have_their_names_again_and_undo_takes_them_away(folder, contents, dfl):
    for number in range(4):
        renamed(folder, **{f"{number:05d}_0": f"{number:05d}.png"})
    before = contents(folder)
    dfl("sort", folder, "--by", "hue")
    sorted_names = contents(folder)
    assert sorted_names.keys() != before.keys()
    assert dfl("recover-names", folder, "--dry-run")["renamed"] == 4
    assert contents(folder) == sorted_names
    dfl("recover-names", folder)
    assert contents(folder) == before
    assert dfl("recover-names", folder)["renamed"] == 0
    assert dfl("recover-names", folder, "--undo")["undone"] == "recover-names"
    assert contents(folder) == sorted_names
    dfl("sort", folder, "--undo")
    assert contents(folder) == before


def test_faces_of_one_frame_are_numbered_in_their_order_whatever_the_ending_of_the_frame(folder, dfl):
    renamed(folder, **{"00000": "b.png", "00001": "a.png", "00002": "a.jpg", "00003": "a.png"})
    dfl("recover-names", folder)
    assert names(folder) == ["a_0.jpg", "a_1.jpg", "a_2.jpg", "b_0.jpg"]


def test_what_is_no_face_keeps_its_name_and_is_never_replaced(folder, dfl):
    renamed(folder, **{"00000": "a.png", "00001": "../../away.png", "00002": None, "00003": ".hidden.png"})
    (folder / "a_0.jpg").write_bytes(b"a day at the sea")
    done = dfl("recover-names", folder)
    assert names(folder) == ["00002_0.jpg", "00003_0.jpg", "a_0.jpg", "a_1.jpg", "away_0.jpg"]
    assert {each["name"]: each["reason"] for each in done["skipped"]} == {
        "00002_0.jpg": "no-source",
        "00003_0.jpg": "no-source",
        "a_0.jpg": "not-an-image",
    }


def test_undo_takes_back_nothing_that_another_command_did(folder, capsys):
    assert main(["faceset", "sort", str(folder), "--by", "hue"]) == 0
    assert main(["faceset", "recover-names", str(folder), "--undo"]) == 1
    assert "The last change was by hue." in capsys.readouterr().err


def test_faces_in_a_pack_have_to_be_unpacked_first(folder, tmp_path, capsys):
    shutil.copy(folder / "00000_0.jpg", tmp_path)
    assert main(["faceset", "pack", str(folder), "--delete-originals"]) == 0
    for action in ("recover-names", "save-metadata"):
        assert main(["faceset", action, str(folder)]) == 1
        assert f"dfl faceset unpack {folder}" in capsys.readouterr().err
