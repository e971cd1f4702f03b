"""Saves as generations: what is on the disk after each kind of accident."""

import json
import multiprocessing
import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from dfl_cli.errors import UserError
from dfl_cli.store.model_dir import DamagedModel, ModelDir, saved_models
from dfl_cli.store.saved_model import open_model
from samplers.files.atomic_file import write_atomically


def new_model(folder: Path, name: str = "ab") -> ModelDir:
    model_dir = ModelDir(folder / name)
    model_dir.create("SAEHD", {"resolution": 64})
    return model_dir


def save(model_dir: ModelDir, iteration: int, content: bytes = b"weights"):
    return model_dir.save({"iteration": iteration}, {"weights.safetensors": lambda path: path.write_bytes(content)})


def test_the_newest_save_is_the_one_that_opens(tmp_path):
    model_dir = new_model(tmp_path)
    for iteration in (1, 10, 25):
        save(model_dir, iteration)
    generation, damaged = model_dir.newest()
    assert generation.state()["iteration"] == 25
    assert damaged == []
    assert (model_dir.folder / "current").read_text() == "0000025\n"


def test_the_save_before_the_newest_is_kept_and_older_ones_go(tmp_path):
    model_dir = new_model(tmp_path)
    for iteration in (1, 10, 25):
        save(model_dir, iteration)
    assert [one.folder.name for one in model_dir.generations()] == ["0000025", "0000010"]


def test_the_save_before_the_newest_is_kept_although_a_wrong_clock_dates_an_older_one_later(tmp_path):
    model_dir = new_model(tmp_path)
    dated = save(model_dir, 1).folder / "state.json"
    state = {**json.loads(dated.read_text()), "saved_at": "2099-01-01T00:00:00.000+00:00"}
    dated.write_text(json.dumps(state))
    for iteration in (10, 25):
        save(model_dir, iteration)
    assert [one.folder.name for one in model_dir.generations()] == ["0000025", "0000010"]


def test_saving_an_iteration_again_replaces_nothing(tmp_path):
    model_dir = new_model(tmp_path)
    save(model_dir, 5, b"first")
    save(model_dir, 5, b"second")
    generation, _ = model_dir.newest()
    assert generation.weights_file.read_bytes() == b"second"
    assert [one.folder.name for one in model_dir.generations()] == ["0000005.2", "0000005"]


@pytest.mark.parametrize("accident", ["flip", "truncate", "delete", "no manifest", "manifest is a list"])
def test_a_damaged_save_is_named_and_the_one_before_it_opens(tmp_path, accident):
    model_dir = new_model(tmp_path)
    save(model_dir, 1)
    newest = save(model_dir, 2)
    match accident:
        case "flip":
            newest.weights_file.write_bytes(b"Weights")
        case "truncate":
            os.truncate(newest.weights_file, 3)
        case "delete":
            newest.weights_file.unlink()
        case "no manifest":
            (newest.folder / "manifest.json").unlink()
        case "manifest is a list":
            (newest.folder / "manifest.json").write_text("[]")
    generation, damaged = model_dir.newest()
    assert generation.state()["iteration"] == 1
    assert [name for name, _ in damaged] == ["0000002"]


def test_the_save_that_a_run_goes_on_from_stays_as_the_one_before_in_the_place_of_a_damaged_newer_one(tmp_path):
    model_dir = new_model(tmp_path)
    whole, damaged = save(model_dir, 1), save(model_dir, 2)
    damaged.weights_file.write_bytes(b"Weights")
    model_dir.make_current(model_dir.newest()[0])
    assert [one.folder.name for one in model_dir.generations()] == ["0000001", "0000002"]
    save(model_dir, 2)
    assert [one.folder.name for one in model_dir.generations()] == ["0000002.2", whole.folder.name]


def test_a_model_without_a_whole_save_says_what_is_wrong_with_each(tmp_path):
    model_dir = new_model(tmp_path)
    save(model_dir, 1).weights_file.unlink()
    with pytest.raises(DamagedModel) as caught:
        model_dir.newest()
    assert [name for name, _ in caught.value.damaged] == ["0000001"]


def test_a_save_that_fails_leaves_the_old_one_and_no_rubbish(tmp_path):
    model_dir = new_model(tmp_path)
    save(model_dir, 1)

    def full_disk(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        model_dir.save({"iteration": 2}, {"weights.safetensors": full_disk})
    assert [path.name for path in (model_dir.folder / "generations").iterdir()] == ["0000001"]
    assert model_dir.newest()[0].state()["iteration"] == 1


def test_a_save_that_fails_at_its_last_step_leaves_the_old_one_and_no_rubbish(tmp_path, monkeypatch):
    model_dir = new_model(tmp_path)
    save(model_dir, 1)

    def broken(self, target):
        if Path(target).name == "current":
            raise OSError(5, "Input/output error")
        return rename(self, target)

    rename = Path.replace
    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="Input/output"):
        save(model_dir, 2)
    assert [path.name for path in (model_dir.folder / "generations").iterdir()] == ["0000001"]
    assert model_dir.newest()[0].state()["iteration"] == 1
    assert not list(model_dir.folder.glob(".*"))


@pytest.mark.parametrize("damage", [None, b"", b"\xff\xfe\x00", b"0000003", b"[]", b"{"])
@pytest.mark.parametrize("name", ["current", "model.json"])
def test_a_model_is_found_whatever_happens_to_the_small_files(tmp_path, name, damage):
    model_dir = new_model(tmp_path)
    for iteration in (1, 2):
        model_dir.save(
            {"iteration": iteration, "model_class": "SAEHD"},
            {"weights.safetensors": lambda path: path.write_bytes(b"weights")},
        )
    (model_dir.folder / name).unlink() if damage is None else (model_dir.folder / name).write_bytes(damage)
    assert model_dir.exists
    assert model_dir.header()["model_class"] == "SAEHD"
    assert (model_dir.header_fault() is None) == (name != "model.json")
    assert model_dir.newest()[0].state()["iteration"] == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_an_editor_may_save_current_and_the_header_in_its_own_encoding(tmp_path, encoding):
    model_dir = new_model(tmp_path)
    for iteration in (1, 2):
        save(model_dir, iteration)
    (model_dir.folder / "current").write_bytes("0000001\r\n".encode(encoding))
    header = model_dir.folder / "model.json"
    header.write_bytes(header.read_text().replace("\n", "\r\n").encode(encoding))
    assert model_dir.newest()[0].folder.name == "0000001"
    assert model_dir.header_fault() is None


def test_a_model_that_lost_all_saves_but_its_backups_is_no_new_model(tmp_path):
    model_dir = new_model(tmp_path)
    save(model_dir, 1)
    model_dir.backup()
    shutil.rmtree(model_dir.folder / "generations")
    assert model_dir.exists
    with pytest.raises(UserError, match="no intact save") as caught:
        open_model(model_dir)
    assert "dfl model restore ab --from 01" in str(caught.value)
    model_dir.restore(model_dir.backups()[0])
    assert model_dir.newest()[0].weights_file.read_bytes() == b"weights"


def test_what_an_interrupted_save_left_is_cleaned_up_and_named(tmp_path):
    model_dir = new_model(tmp_path)
    save(model_dir, 1)
    (model_dir.folder / "generations" / ".0000002.partial").mkdir()
    assert model_dir.clean() == ["0000002"]
    assert model_dir.clean() == []


def test_backups_rotate_with_the_newest_first_and_the_24th_dropped(tmp_path):
    model_dir = new_model(tmp_path)
    for iteration in range(1, 27):
        save(model_dir, iteration)
        model_dir.backup()
    iterations = [json.loads((folder / "state.json").read_text())["iteration"] for folder in model_dir.backups()]
    assert iterations == list(range(26, 2, -1))


def test_a_restored_backup_is_current_and_what_it_replaces_comes_right_after_it(tmp_path):
    model_dir = new_model(tmp_path)
    save(model_dir, 10, b"good")
    model_dir.backup()
    save(model_dir, 20, b"spoilt")
    save(model_dir, 30, b"spoilt")
    restored = model_dir.restore(model_dir.backups()[0])
    assert restored.fault() is None
    assert restored.weights_file.read_bytes() == b"good"
    assert [one.folder.name for one in model_dir.generations()] == [restored.folder.name, "0000030"]
    save(model_dir, 11, b"better")
    assert [one.folder.name for one in model_dir.generations()] == ["0000011", restored.folder.name]


def test_models_are_listed_by_the_time_of_their_last_save_whatever_became_of_their_files(tmp_path):
    for name in ("old", "脸 2.new"):
        save(new_model(tmp_path, name), 1)
        time.sleep(0.002)  # saves are dated to the millisecond
    os.utime(tmp_path / "脸 2.new" / "current", (1, 1))  # as after copying the other one
    (tmp_path / "not a model").mkdir()
    assert [one.name for one in saved_models(tmp_path)] == ["脸 2.new", "old"]


def test_a_model_that_cannot_be_looked_into_hides_no_others(tmp_path, not_root, capsys):
    for name in ("closed", "open"):
        save(new_model(tmp_path, name), 1)
    (tmp_path / "closed").chmod(0)
    with not_root(tmp_path):
        assert [one.name for one in saved_models(tmp_path)] == ["open"]
    (tmp_path / "closed").chmod(0o755)
    assert "closed" in capsys.readouterr().err


def save_for_ever(folder: Path) -> None:
    model_dir = ModelDir(folder)
    iteration = 1
    while True:
        iteration += 1
        save(model_dir, iteration, bytes(200_000))
        write_atomically(folder / "reached", str(iteration).encode())


def test_kill_9_at_any_moment_leaves_a_model_at_most_one_save_old(tmp_path):
    model_dir = new_model(tmp_path)
    save(model_dir, 1)
    reached = model_dir.folder / "reached"
    for attempt in range(12):
        reached.unlink(missing_ok=True)  # each process begins anew
        child = multiprocessing.get_context("fork").Process(target=save_for_ever, args=(model_dir.folder,))
        child.start()
        time.sleep(0.03 + attempt * 0.007)
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        generation, damaged = model_dir.newest()
        assert damaged == []
        assert generation.state()["iteration"] >= (int(reached.read_text()) if reached.is_file() else 1)
        model_dir.clean()


@pytest.mark.parametrize("what", ["fifo", "sparse"])
def test_weights_that_are_a_fifo_or_a_sparse_terabyte_are_a_damaged_save(tmp_path, what):
    model_dir = new_model(tmp_path)
    for iteration in (1, 2):
        save(model_dir, iteration)
    weights = model_dir.generations()[0].folder / "weights.safetensors"
    weights.unlink()
    manifest = weights.with_name("manifest.json")
    content = json.loads(manifest.read_text())
    if what == "fifo":
        os.mkfifo(weights)
        content["files"][weights.name]["bytes"] = 0
    else:
        with weights.open("wb") as file:
            file.truncate(2**40)
        content["files"][weights.name]["bytes"] = 2**40
    manifest.write_text(json.dumps(content))
    generation, damaged = model_dir.newest()
    assert generation.state()["iteration"] == 1
    assert {"fifo": "FIFO", "sparse": "too large"}[what] in damaged[0][1]
