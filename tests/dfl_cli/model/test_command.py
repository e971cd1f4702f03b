"""Listing, renaming, deleting, backing up and restoring models."""

import json
import sys

import pexpect
import pytest

from dfl_cli.store.model_dir import ModelDir

KEYS = {
    "name", "model_class", "iteration", "options", "saved_at", "bytes", "healthy", "generations", "backups",
}  # fmt: skip


def info(dfl, models, name: str = "tiny") -> dict:
    code, out, _ = dfl("info", name, "--models", models, "--json")
    assert code == 0
    return json.loads(out)


def save_again(models, iteration: int, content: bytes = b"weights") -> None:
    model_dir = ModelDir(models / "tiny")
    state = model_dir.generations()[0].state() | {"iteration": iteration}
    model_dir.save(state, {"weights.safetensors": lambda path: path.write_bytes(content)})


def test_info_as_json_has_the_agreed_keys(dfl, imported):
    facts = info(dfl, imported)
    assert facts.keys() >= KEYS
    assert (facts["name"], facts["model_class"], facts["iteration"], facts["healthy"]) == ("tiny", "SAEHD", 3, True)
    assert facts["options"]["archi"] == "df"
    assert facts["bytes"] == sum(path.stat().st_size for path in (imported / "tiny").rglob("*") if path.is_file())
    assert facts["saved_at"].endswith("+00:00")


def test_info_shows_the_summary_and_the_state_of_the_files(dfl, imported):
    code, out, _ = dfl("info", "tiny", "--models", imported)
    assert code == 0
    assert "Current iteration: 3" in out
    assert "intact" in out
    assert "Running On" not in out


def test_a_damaged_save_is_not_healthy_and_is_named(dfl, imported):
    save_again(imported, 10)
    newest = ModelDir(imported / "tiny").generations()[0]
    newest.weights_file.write_bytes(b"Weights")  # same size, another checksum
    facts = info(dfl, imported)
    assert (facts["healthy"], facts["iteration"]) == (False, 3)
    assert [(one["name"], one["healthy"]) for one in facts["generations"]] == [("0000010", False), ("0000003", True)]
    code, out, _ = dfl("info", "tiny", "--models", imported)
    assert (code, "damaged" in out, "checksum differs" in out) == (0, True, True)


@pytest.mark.parametrize("accident", ["no state", "no manifest", "model.json garbled"])
def test_info_of_a_broken_model_still_answers(dfl, imported, accident):
    folder = imported / "tiny"
    match accident:
        case "no state":
            (folder / "generations" / "0000003" / "state.json").unlink()
        case "no manifest":
            (folder / "generations" / "0000003" / "manifest.json").write_text("[" * 100_000)
        case "model.json garbled":
            (folder / "model.json").write_text("{")
    facts = info(dfl, imported)
    assert facts["healthy"] is (accident == "model.json garbled")
    assert facts["model_class"] == "SAEHD"
    assert dfl("list", "--models", imported)[0] == dfl("info", "tiny", "--models", imported)[0] == 0


def test_list_shows_the_newest_first(dfl, imported, dfl_folder):
    dfl("import-dfl", dfl_folder, "--name", "脸 2", "--to", imported)
    code, out, _ = dfl("list", "--models", imported)
    assert code == 0
    assert [line.split("  ")[0] for line in out.splitlines()] == ["name", "脸 2", "tiny"]
    code, out, _ = dfl("list", "--models", imported, "--json")
    assert [facts["name"] for facts in json.loads(out)["models"]] == ["脸 2", "tiny"]


def test_an_empty_folder_is_no_error(dfl, tmp_path):
    assert dfl("list", "--models", tmp_path) == (0, "There is no model yet.\n", "")
    assert json.loads(dfl("list", "--models", tmp_path, "--json")[1]) == {"models": []}


def test_the_workspace_has_its_models_in_model(dfl, dfl_folder, tmp_path):
    assert dfl("import-dfl", dfl_folder, "--name", "tiny", "--workspace", tmp_path)[0] == 0
    assert "tiny" in dfl("list", "--workspace", tmp_path)[1]
    assert (tmp_path / "model" / "tiny" / "model.json").is_file()


def test_a_model_that_is_not_there_is_said_with_those_that_are(dfl, imported):
    for words in (("info", "x"), ("rename", "x", "y"), ("delete", "x", "--yes"), ("backup", "x"), ("restore", "x")):
        code, _, said = dfl(*words, "--models", imported)
        assert (code, "tiny" in said) == (1, True)
    assert dfl("info", "../tiny", "--models", imported / "tiny")[0] == 1


def test_rename(dfl, imported):
    assert dfl("rename", "tiny", "大 model.2", "--models", imported)[0] == 0
    assert info(dfl, imported, "大 model.2")["iteration"] == 3
    for name in ("a/b", ".a", "..", ""):
        assert dfl("rename", "大 model.2", name, "--models", imported)[0] == 1


def test_deleting_needs_a_yes(dfl, imported):
    code, _, said = dfl("delete", "tiny", "--models", imported)
    assert (code, "--yes" in said, (imported / "tiny").is_dir()) == (1, True, True)
    assert dfl("delete", "tiny", "--models", imported, "--yes")[0] == 0
    assert dfl("list", "--models", imported)[1] == "There is no model yet.\n"


@pytest.mark.parametrize(("answer", "deleted"), [("", False), ("n", False), ("maybe\rn", False), ("是", True)])
def test_deleting_asks_on_a_terminal(imported, answer, deleted):
    words = ["-m", "dfl_cli.main", "model", "delete", "tiny", "--models", str(imported), "--lang", "en"]
    child = pexpect.spawn(sys.executable, words, encoding="utf-8", timeout=90)
    child.expect("Delete this model with all its files and backups")
    child.send(f"{answer}\r")
    child.expect(pexpect.EOF)
    child.close()
    assert (child.exitstatus, (imported / "tiny").exists()) == (0, not deleted)


def test_backup_and_restore(dfl, imported):
    assert dfl("backup", "tiny", "--models", imported)[0] == 0
    save_again(imported, 10)
    assert dfl("backup", "tiny", "--models", imported)[0] == 0
    save_again(imported, 20)
    assert [(one["id"], one["iteration"]) for one in info(dfl, imported)["backups"]] == [("01", 10), ("02", 3)]

    assert dfl("restore", "tiny", "--models", imported, "--from", "2")[0] == 0
    facts = info(dfl, imported)
    assert (facts["healthy"], facts["iteration"]) == (True, 3)
    assert [one["iteration"] for one in facts["generations"]] == [3, 20]
    assert dfl("restore", "tiny", "--models", imported)[0] == 0
    assert [one["iteration"] for one in info(dfl, imported)["generations"]] == [10, 3]


def flip_a_byte(path) -> None:
    """In place, as a disk does it: all names of the file see it."""
    with path.open("r+b") as file:
        file.seek(200)
        byte = file.read(1)
        file.seek(200)
        file.write(bytes([byte[0] ^ 1]))


def test_a_backup_by_links_is_damaged_with_its_save_and_a_copy_is_not(dfl, imported):
    assert dfl("backup", "tiny", "--models", imported, "--copy")[0] == 0
    assert dfl("backup", "tiny", "--models", imported)[0] == 0
    facts = info(dfl, imported)
    assert [(one["id"], one["linked"], one["at_risk"]) for one in facts["backups"]] == [
        ("01", ["0000003"], False), ("02", [], False),
    ]  # fmt: skip
    said = dfl("info", "tiny", "--models", imported)[1]
    assert "damage to one damages both: 01." in said
    assert "dfl model backup tiny --copy" in said

    flip_a_byte(imported / "tiny" / "generations" / "0000003" / "weights.safetensors")
    assert [one["at_risk"] for one in info(dfl, imported)["backups"]] == [True, False]
    assert "dfl model restore tiny --from 02" in dfl("info", "tiny", "--models", imported)[1]
    assert dfl("restore", "tiny", "--models", imported)[0] == 1
    assert dfl("restore", "tiny", "--models", imported, "--from", "2")[0] == 0
    facts = info(dfl, imported)
    assert facts["healthy"]
    assert facts["backups"][1]["linked"] == []  # the restored save does not share the copy's files


def test_where_all_backups_share_a_damaged_save_that_is_said(dfl, imported):
    dfl("backup", "tiny", "--models", imported)
    flip_a_byte(imported / "tiny" / "backups" / "01" / "optimizer.safetensors")
    said = dfl("info", "tiny", "--models", imported)[1]
    assert "All backups share files with a damaged save" in said
    code, _, errors = dfl("restore", "tiny", "--models", imported)
    assert (code, "optimizer.safetensors: checksum differs" in errors) == (1, True)


def test_a_backup_that_is_not_there_or_damaged_is_refused(dfl, imported):
    code, _, said = dfl("restore", "tiny", "--models", imported)
    assert (code, "no backups" in said) == (1, True)
    dfl("backup", "tiny", "--models", imported)
    for wanted in ("2", "x", "../generations/0000003"):
        code, _, said = dfl("restore", "tiny", "--models", imported, "--from", wanted)
        assert (code, "01" in said) == (1, True)
    weights = imported / "tiny" / "backups" / "01" / "weights.safetensors"
    weights.unlink()
    weights.write_bytes(b"short")
    code, _, said = dfl("restore", "tiny", "--models", imported)
    assert (code, "damaged" in said) == (1, True)
    assert info(dfl, imported)["healthy"]


def test_a_model_whose_saves_are_all_damaged_can_be_restored(dfl, imported):
    dfl("backup", "tiny", "--models", imported)
    save = imported / "tiny" / "generations" / "0000003" / "weights.safetensors"
    save.unlink()
    assert dfl("backup", "tiny", "--models", imported)[0] == 1
    assert dfl("restore", "tiny", "--models", imported)[0] == 0
    assert info(dfl, imported)["healthy"]


@pytest.mark.parametrize(
    "action", ["list", "info", "rename", "delete", "backup", "restore", "import-dfl", "export-dfl"]
)
def test_every_action_helps(dfl, action):
    code, out, _ = dfl(action, "--help")
    assert (code, "--models" in out) == (0, True)


def test_a_dfm_file_is_written_by_its_own_action(dfl):
    code, out, _ = dfl("export-dfm", "--help")
    assert (code, "--quantized" in out, "--models" in out) == (0, True, True)


def test_without_a_folder_it_is_asked_for(dfl):
    code, _, said = dfl("list")
    assert (code, "--models" in said) == (1, True)
