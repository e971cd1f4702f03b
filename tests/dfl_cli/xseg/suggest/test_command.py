"""`dfl xseg suggest` on a face set, with and without a model."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from bright_masks import BrightMasks, put_in_place, save_model
from dfl_cli.errors import UserError
from dfl_cli.main import main
from dfl_cli.store.measure_history import Measured, append_measure
from dfl_cli.terminal.console import ProgressLines
from dfl_cli.xseg.edit.opening import open_session
from dfl_cli.xseg.predict import open_xseg
from dfl_cli.xseg.suggest.cache import Cache
from dfl_cli.xseg.suggest.doubt import COLUMNS
from dfl_cli.xseg.suggest.order_file import order_file, suggested_names
from dfl_cli.xseg.suggest.suggesting import DOUBTS, Progress, Stopped, suggest
from face_changes import save_labels
from samplers.files.faces import open_faceset
from samplers.geometry.polygons import Polygon, PolygonType

SQUARE = Polygon(PolygonType.INCLUDE, np.float32([(60, 60), (180, 60), (180, 180), (60, 180)]))


@pytest.fixture
def folder(tmp_path, fixtures):
    """Six faces of a workspace; one has labels."""
    aligned = tmp_path / "data_src" / "aligned"
    aligned.mkdir(parents=True)
    for number, path in enumerate(sorted((fixtures / "xseg" / "faces").glob("*.jpg"))[:6]):
        save_labels(Path(shutil.copy(path, aligned)), [] if number else [SQUARE])
    return aligned


@pytest.fixture
def models(folder, monkeypatch):
    put_in_place(monkeypatch.setattr)
    models = folder.parent.parent / "model"
    save_model(models)
    return models


@pytest.fixture
def seen(monkeypatch):
    """How many faces the network was shown."""
    counts = []
    view = BrightMasks.view

    def counting(self, pictures):
        counts.append(len(pictures))
        return view(self, pictures)

    monkeypatch.setattr(BrightMasks, "view", counting)
    return counts


def progress(stopped=lambda: False) -> Progress:
    bar = lambda count: ProgressLines(count, "", every=60)  # noqa: E731
    return Progress(bar, bar, stopped)


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.glob("*.jpg"))


def test_without_a_model_unlabeled_faces_are_suggested_by_their_looks(xseg, folder):
    code, found, errors = xseg("suggest", folder, "--count", 3)
    assert (code, found["model"], found["labeled"], len(found["faces"])) == (0, None, 1, 3)
    assert "No XSeg model is asked" in errors
    assert names(folder)[0] not in [face["name"] for face in found["faces"]]
    assert all(face["uncertainty"] is None and 0 < face["novelty"] <= 1 for face in found["faces"])


def test_a_model_says_what_it_doubts_and_the_next_call_asks_it_nothing(xseg, folder, models, seen):
    _, found, _ = xseg("suggest", folder, "--cpu")
    assert (found["model"], found["iteration"], found["looked_at"]) == ("XSeg", 1, 6)
    assert len(found["faces"]) == 5
    assert all(0 <= face["uncertainty"] <= 1 for face in found["faces"])
    asked = len(seen)
    _, again, _ = xseg("suggest", folder, "--cpu")
    assert again["faces"] == found["faces"]
    assert len(seen) == asked


def test_a_changed_model_is_asked_again_and_a_labeled_face_is_suggested_no_more(xseg, folder, models, seen):
    first = xseg("suggest", folder, "--cpu")[1]["faces"][0]["name"]
    save_labels(folder / first, [SQUARE])
    _, found, _ = xseg("suggest", folder, "--cpu")
    assert found["labeled"] == 2
    assert first not in [face["name"] for face in found["faces"]]
    asked = sum(seen)
    save_model(models, "newer", darkest=0.3)
    _, found, _ = xseg("suggest", folder, "--cpu", "--name", "newer")
    assert found["model"] == "newer"
    assert sum(seen) > asked


def test_the_editor_opens_faces_in_that_order(xseg, folder):
    with pytest.raises(UserError, match="No faces have been suggested"):
        suggested_names(folder)
    found = [face["name"] for face in xseg("suggest", folder)[1]["faces"]]
    assert suggested_names(folder) == found
    (folder / found[1]).unlink()
    faces = open_session(folder, "suggested").faces
    shown = [faces.names[number] for number in faces.shown("all", "suggested")]
    assert shown == [found[0], *found[2:], names(folder)[0]]


def test_what_is_kept_is_no_face_and_goes_into_no_pack(xseg, folder, models, capsys):
    xseg("suggest", folder, "--cpu")
    assert sorted(path.name for path in order_file(folder).parent.iterdir()) == [
        "doubts.npz",
        "looks.npz",
        "suggested.json",
    ]
    opened = open_faceset(folder, keeps_index=False)
    assert (len(opened), opened.skipped, opened.foreign) == (6, [], [])
    assert main(["faceset", "pack", str(folder), "--no-delete-originals"]) == 0
    assert b"suggested" not in (folder / "faceset.pak").read_bytes()


@pytest.mark.parametrize("text", ["", "{", '{"faces": [{"name": 3}]}', '{"faces": "all"}'])
def test_an_order_that_is_damaged_is_reported_with_what_to_do(folder, text):
    order_file(folder).parent.mkdir()
    order_file(folder).write_text(text)
    with pytest.raises(UserError, match="dfl xseg suggest"):
        suggested_names(folder)


def test_a_face_that_has_gone_is_named_and_the_others_are_suggested(folder, models, tmp_path):
    faces, (_, gone, *_) = open_faceset(folder, keeps_index=False), names(folder)
    (folder / gone).unlink()
    found = suggest(faces, open_xseg(models), tmp_path / "cache", progress(), count=20, most=20)
    assert [one.name for one in found.skipped] == [gone]
    assert sorted(one.name for one in found.chosen) == [name for name in names(folder)[1:] if name != gone]


def test_what_was_seen_before_a_signal_is_kept(folder, models, tmp_path, seen):
    faces, cache = open_faceset(folder, keeps_index=False), tmp_path / "cache"
    with pytest.raises(Stopped):
        suggest(faces, open_xseg(models), cache, progress(lambda: bool(seen)), count=20, most=20)
    assert Cache(cache / DOUBTS, COLUMNS, open_xseg(models).fingerprint).rows


def test_a_model_in_pretraining_is_not_asked(xseg, folder, models, seen):
    save_model(models, pretrain=True)
    _, found, errors = xseg("suggest", folder, "--cpu")
    assert (found["model"], seen) == (None, [])
    assert "pretraining" in errors


def test_it_says_when_labels_have_stopped_helping(xseg, folder, models, capsys):
    for iteration in range(9):
        labels = 20 if iteration < 3 else 30
        values = dict.fromkeys("abc", 0.9)
        append_measure(models / "XSeg", Measured(iteration * 100, "IoU", labels, values))
    _, found, _ = xseg("suggest", folder, "--cpu")
    assert (found["comparison"]["before"], found["comparison"]["now"], found["comparison"]["helped"]) == (20, 30, False)
    assert main(["xseg", "suggest", str(folder), "--cpu"]) == 0
    assert (
        "More labels hardly help any longer: IoU of held-out faces 0.900 with 30 labels, 0.900 with 20."
        in capsys.readouterr().out
    )


def test_a_pack_can_be_looked_at_too(xseg, folder):
    assert main(["faceset", "pack", str(folder), "--delete-originals"]) == 0
    _, found, _ = xseg("suggest", folder)
    assert len(found["faces"]) == 5
    assert json.loads(order_file(folder).read_text())["labeled"] == 1
