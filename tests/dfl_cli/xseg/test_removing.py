"""Masks and labels go when the person is sure, and come back."""

import signal

import numpy as np
import pytest

from dfl_cli.xseg.history import FOLDER
from face_changes import drop_labels, save_labels, save_mask
from kill_points import runs
from samplers.geometry.polygons import Polygon, PolygonType

FACE = Polygon(PolygonType.INCLUDE, np.float32([(30, 30), (220, 30), (128, 250)]))


@pytest.fixture
def masked(folder):
    """Two of the faces have masks."""
    for name, rows in (("00000_0.jpg", 100), ("00004_0.jpg", 30)):
        mask = np.zeros((256, 256, 1), np.float32)
        mask[:rows] = 1
        save_mask(folder / name, mask)
    return folder


def test_masks_are_removed_and_brought_back(masked, xseg, contents, unpickled):
    before = contents(masked)
    code, facts, _ = xseg("remove", masked, "--yes")
    assert (code, facts["found"], facts["removed"], facts["skipped"]) == (0, 2, 2, [])
    fields = {name: unpickled(masked / name).keys() for name in before}
    assert not any("xseg_mask" in keys for keys in fields.values()) and "seg_ie_polys" in fields["00000_0.jpg"]
    code, facts, _ = xseg("remove", "--input-dir", masked, "--undo")
    assert (code, facts["restored"], facts["changed_since"]) == (0, 2, [])
    assert contents(masked) == before
    assert not (masked / FOLDER).exists()


def test_labels_are_removed_and_brought_back(masked, xseg, contents, unpickled):
    before = contents(masked)
    assert xseg("remove_labels", masked, "--yes")[1]["removed"] == 3
    assert "seg_ie_polys" not in unpickled(masked / "00000_0.jpg") and "xseg_mask" in unpickled(masked / "00000_0.jpg")
    assert xseg("remove-labels", masked, "--undo")[1]["restored"] == 3
    assert contents(masked) == before


def test_nothing_goes_unless_somebody_is_sure(masked, xseg, contents):
    before = contents(masked)
    code, _, errors = xseg("remove-labels", masked)
    assert code == 1 and "Add --yes if you are sure." in errors and "3 faces have labels drawn by hand" in errors
    assert contents(masked) == before


def test_without_masks_nothing_is_asked(folder, xseg):
    code, facts, _ = xseg("remove", folder)
    assert (code, facts["found"]) == (0, 0)


def test_what_was_drawn_since_stays(masked, xseg, unpickled):
    xseg("remove-labels", masked, "--yes")
    save_labels(masked / "00002_0.jpg", [FACE])
    _, facts, _ = xseg("remove-labels", masked, "--undo")
    assert (facts["restored"], facts["changed_since"]) == (2, ["00002_0.jpg"])
    assert len(unpickled(masked / "00002_0.jpg")["seg_ie_polys"]["polys"]) == 1


def test_faces_are_found_again_under_other_names(masked, xseg, contents):
    before = contents(masked)
    xseg("remove", masked, "--yes")
    (masked / "00004_0.jpg").rename(masked / "swap")
    (masked / "00000_0.jpg").rename(masked / "00004_0.jpg")
    (masked / "swap").rename(masked / "00009_0.jpg")
    xseg("remove", masked, "--undo")
    after = contents(masked)
    assert (after["00004_0.jpg"], after["00009_0.jpg"]) == (before["00000_0.jpg"], before["00004_0.jpg"])


def test_each_command_undoes_its_own_last_change_one_after_the_other(masked, xseg, contents):
    states = [contents(masked)]
    for _ in range(2):
        xseg("remove", masked, "--yes")
        save_mask(masked / "00003_0.jpg", np.ones((64, 64)))
        states.append(contents(masked))
    xseg("remove-labels", masked, "--yes")
    xseg("remove-labels", masked, "--undo")
    assert contents(masked) == states[2]
    assert xseg("remove", masked, "--undo")[1]["changed_since"] == []
    code, _, errors = xseg("remove-labels", masked, "--undo")
    assert code == 1 and "nothing to undo" in errors


def test_a_damaged_face_is_named_and_the_others_go_on(masked, xseg):
    path = masked / "00002_0.jpg"
    path.write_bytes(path.read_bytes()[:-200])
    code, facts, errors = xseg("remove-labels", masked, "--yes")
    assert (code, facts["removed"], facts["skipped"][0]["name"]) == (0, 2, "00002_0.jpg")
    assert "Skipped 00002_0.jpg: the file is truncated" in errors


def test_a_pack_is_refused_with_advice(masked, xseg, capsys):
    from dfl_cli.main import main

    main(["faceset", "pack", str(masked), "--delete-originals"])
    code, _, errors = xseg("remove", masked, "--yes")
    assert code == 1 and f"dfl faceset unpack {masked}; then run this again" in errors


def test_labels_that_were_dropped_by_another_program_meanwhile_are_no_trouble(masked, xseg, contents):
    xseg("remove-labels", masked, "--yes")
    before = contents(masked)
    assert not drop_labels(masked / "00000_0.jpg")
    code, facts, _ = xseg("remove-labels", masked, "--yes")
    assert (code, facts["found"]) == (0, 0) and contents(masked) == before


@pytest.mark.parametrize("words", [["--yes"], ["--undo"]])
def test_killed_at_any_moment_it_goes_on_and_loses_no_label(tmp_path, folder, xseg, contents, copy_of, words):
    labeled = contents(folder)
    bare = copy_of(folder, "bare")
    xseg("remove-labels", bare, "--yes")
    without = contents(bare)
    start, end = (folder, without) if words == ["--yes"] else (bare, labeled)
    at, code = 0, -signal.SIGKILL
    with runs(tmp_path / "log", "dfl_cli.xseg.remove_labels") as dfl_runs:
        while code == -signal.SIGKILL:
            at += 1
            killed = copy_of(start, f"killed{at}")
            code = dfl_runs.run("xseg", "remove-labels", killed, *words, root=killed, at=at)
            now = contents(killed)
            assert all(now[name] in (labeled[name], without[name]) for name in labeled), at
            if now != end:
                assert xseg("remove-labels", killed, *words)[0] == 0, at
            assert contents(killed) == end, at
            if end == without:
                xseg("remove-labels", killed, "--undo")
            assert contents(killed) == labeled, at
    assert (code, at > 10) == (0, True)
