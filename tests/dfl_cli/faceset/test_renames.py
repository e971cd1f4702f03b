"""Renaming a whole folder: back again, and through interruptions, without losing a picture."""

import json
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfl_cli.faceset.renames import JOURNAL, BadJournal, NameTaken, Renames
from dfl_cli.main import main

NAMES = ["b.jpg", "00001.jpg", "a.png", "00000.jpg", "00003.jpg"]


@contextmanager
def pictures(names):
    """A folder where every picture holds its own name."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "aligned"
        folder.mkdir()
        for name in names:
            (folder / name).write_text(name)
        yield folder


def held(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir()) if path.name != JOURNAL}


def everything(folder: Path) -> list[str]:
    """What all pictures hold, wherever they are."""
    return sorted(path.read_text() for path in folder.parent.rglob("*") if path.is_file() and path.name != JOURNAL)


class Killed(BaseException):
    """The power went."""


@contextmanager
def killed_after(count: int, monkeypatch):
    """The `count`-th rename and all that follows never happen."""
    real, done = Path.rename, []

    def rename(path, target):
        if len(done) == count:
            raise Killed
        done.append(target)
        return real(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename)
        yield


name = st.text("ab01_", min_size=1, max_size=4).map(lambda stem: f"{stem}.jpg")


@settings(max_examples=40)
@given(st.lists(name, min_size=1, max_size=8, unique=True), st.randoms(use_true_random=False), st.integers(0, 8))
def test_a_sort_numbers_the_pictures_and_undo_brings_every_name_back(names, random, out):
    with pictures(names) as folder:
        before = held(folder)
        order = random.sample(names, len(names))
        kept, trash = order[out:], order[:out]
        Renames(folder).sort(kept, trash, by="hue")
        assert held(folder) == {f"{number:05d}.jpg": held_name for number, held_name in enumerate(kept)}
        assert everything(folder) == sorted(names)
        renames = Renames(folder)
        assert not renames.done or renames.undo() == []
        assert held(folder) == before
        assert not (folder / JOURNAL).exists()


@pytest.mark.parametrize("count", range(8))  # four pictures move, in two stages
def test_a_sort_killed_anywhere_is_completed_by_the_next_call(count, monkeypatch):
    with pictures(NAMES) as folder:
        with pytest.raises(Killed), killed_after(count, monkeypatch):
            Renames(folder).sort(NAMES[:3], NAMES[3:], by="hue")
        assert everything(folder) == sorted(NAMES)
        assert Renames(folder).finish()
        assert held(folder) == {"00000.jpg": "b.jpg", "00001.jpg": "00001.jpg", "00002.png": "a.png"}
        assert everything(folder) == sorted(NAMES)
        assert not Renames(folder).finish()


@pytest.mark.parametrize("count", range(8))
def test_an_undo_killed_anywhere_is_completed_too(count, monkeypatch):
    with pictures(NAMES) as folder:
        Renames(folder).sort(NAMES[:3], NAMES[3:], by="hue")
        with pytest.raises(Killed), killed_after(count, monkeypatch):
            Renames(folder).undo()
        assert Renames(folder).finish()
        assert held(folder) == {each: each for each in NAMES}


def test_sorts_are_taken_back_one_by_one():
    with pictures(NAMES) as folder:
        Renames(folder).sort(NAMES, [], by="hue")
        first = held(folder)
        Renames(folder).sort(sorted(first, reverse=True), [], by="blur")
        assert [record["by"] for record in Renames(folder).done] == ["hue", "blur"]
        Renames(folder).undo()
        assert held(folder) == first


def test_a_picture_thrown_away_since_is_missed_and_a_new_one_of_an_old_name_stays():
    with pictures(["x.jpg", "y.jpg"]) as folder:
        Renames(folder).sort(["y.jpg", "x.jpg"], [], by="hue")
        (folder / "00000.jpg").unlink()
        (folder / "x.jpg").write_text("new")
        assert Renames(folder).undo() == ["y.jpg"]
        assert held(folder) == {"x.jpg": "new", "x_2.jpg": "x.jpg"}


def test_what_is_in_the_trash_already_stays():
    with pictures(["x.jpg"]) as folder:
        trash = folder.with_name("aligned_trash")
        trash.mkdir()
        (trash / "x.jpg").write_text("older")
        Renames(folder).sort([], ["x.jpg"], by="blur")
        assert held(trash) == {"x.jpg": "older", "x_2.jpg": "x.jpg"}


def test_nothing_is_overwritten():
    with pictures(["x.jpg"]) as folder:
        (folder / "00000.jpg").mkdir()
        with pytest.raises(NameTaken):
            Renames(folder).sort(["x.jpg"], [], by="hue")
        assert (folder / "x.jpg").read_text() == "x.jpg"


@pytest.mark.parametrize(
    "move",
    [
        *(
            ["00000.jpg", place]
            for place in ("../x.jpg", "/etc/x.jpg", "trash/../x.jpg", "a/x.jpg", "..\\x.jpg", "x.py", "")
        ),
        ["../x.jpg", "00000.jpg"],
        [7, "00000.jpg"],
        [],
    ],
)
def test_a_journal_from_a_stranger_cannot_reach_out_of_the_folder(tmp_path, move):
    for content in (
        {"format": 1, "pending": None, "done": [{"by": "hue", "moves": [move]}]},
        {"format": 1, "pending": {"stage": "aside", "moves": [[*move, "00001.jpg"]], "done_after": []}, "done": []},
    ):
        (tmp_path / JOURNAL).write_text(json.dumps(content))
        with pytest.raises(BadJournal):
            Renames(tmp_path)


NO_JOURNALS = ("", "[]", "7", '{"done": 7, "pending": null}')
WITH_CONTROL_LETTERS = '{"done": [{"by": "\\u001b[2J", "moves": []}], "pending": null}'


@pytest.mark.parametrize("content", [*NO_JOURNALS, WITH_CONTROL_LETTERS])
def test_a_journal_that_is_none_is_said_to_be_damaged(tmp_path, content):
    (tmp_path / JOURNAL).write_text(content)
    with pytest.raises(BadJournal):
        Renames(tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"pending": None}, "done is missing"),
        ({"pending": None, "done": [{"by": "hue", "moves": [["a.jpg", 7]]}]}, "done[0].moves[0][1] is 7"),
        ({"pending": {"stage": 3, "moves": [], "done_after": []}, "done": []}, "pending.stage is 3"),
        ({"pending": {"stage": "aside", "moves": [["a.jpg"]], "done_after": []}, "done": []}, "pending.moves[0]"),
        ({"pending": None, "done": [], "format": 10**300}, "format is 10^300"),
        ({"pending": None, "done": {"a": 1}}, "done is"),
    ],
)
def test_a_damaged_journal_is_named_with_its_field(tmp_path, capsys, content, words):
    folder = tmp_path / "aligned"
    folder.mkdir()
    (folder / JOURNAL).write_text(json.dumps(content))
    (folder / "a.jpg").write_bytes(b"picture")
    assert main(["faceset", "sort", str(folder), "--undo"]) == 1
    said = capsys.readouterr().err
    assert JOURNAL in said
    assert words in said
    assert "Unexpected" not in said
    assert (folder / JOURNAL).exists()
