"""SIGKILL at any moment, a full disk, two runs at once: copies, imports and exports of models appear whole or not at all."""

import hashlib
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dfl_cli.store.generation import Generation
from dfl_cli.store.lock import FolderLock, OutputLock
from dfl_cli.store.model_dir import ModelDir
from kill_points import runs
from programs import running

MODULES = "dfl_cli.model.manage dfl_cli.model.import_dfl dfl_cli.model.export_dfl models.weights"
FILES = ("encoder.npy", "inter.npy", "decoder_src.npy", "decoder_dst.npy", "src_dst_opt.npy", "data.dat")


def contents(folder: Path) -> dict[str, str]:
    """Checksums by name, hidden files too; the times in a model's state do not count."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in ("state.json", "manifest.json")]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def dfl_program(*arguments, **how):
    line = [sys.executable, "-m", "dfl_cli.main", "model", *map(str, arguments)]
    return running(line, stderr=subprocess.STDOUT, **how)


def lines(imported: Path, dfl_folder: Path) -> dict[str, list]:
    return {
        "copy": ["model", "copy", "tiny", "other", "--models", imported],
        "import-dfl": ["model", "import-dfl", dfl_folder, "--name", "other", "--to", imported],
    }


@pytest.mark.parametrize("command", ["copy", "import-dfl"])
def test_a_model_comes_to_be_whole_or_not_at_all_after_kill_9(tmp_path, imported, dfl_folder, command):
    line, at, code = lines(imported, dfl_folder)[command], 0, -signal.SIGKILL
    seeds = {"loss.csv", "weights.safetensors"}
    with runs(tmp_path / "log", MODULES) as dfl_runs:
        while code == -signal.SIGKILL:
            at += 1
            code = dfl_runs.run(*line, root=imported, at=at)
            visible = {name for name in names(imported) if not name.startswith(".")}
            if "other" in visible:
                found = {path.name for path in (imported / "other").rglob("*")}
                assert seeds <= found, at
                shutil.rmtree(imported / "other")
            assert visible <= {"tiny", "other"}, at
        assert (code, at > 8) == (0, True)
        assert dfl_runs.run(*line, root=imported) == 0
        assert names(imported) == {"tiny", "other"}, "the leftovers of all of them are gone"


def test_an_export_replaces_the_older_one_whole_after_kill_9(tmp_path, imported, dfl):
    made, out, at, code = tmp_path / "made", tmp_path / "out", 0, -signal.SIGKILL
    line = ["model", "export-dfl", "tiny", "--models", imported, "--output", out, "--force"]
    dfl("export-dfl", "tiny", "--models", imported, "--output", made)
    new = contents(made)
    for name in new:
        (made / name).write_bytes(b"an older one")
    (made / "tiny_SAEHD_GAN.npy").write_bytes(b"of an older one")
    (made / "notes.txt").write_text("mine")
    old = contents(made)
    with runs(tmp_path / "log", MODULES) as dfl_runs:
        while code == -signal.SIGKILL:
            shutil.rmtree(out, ignore_errors=True)
            shutil.copytree(made, out)
            at += 2
            code = dfl_runs.run(*line, root=tmp_path, at=at)
            found = {name: digest for name, digest in contents(out).items() if not name.startswith(".")}
            as_old, as_new = (found.get("tiny_SAEHD_data.dat") == one["tiny_SAEHD_data.dat"] for one in (old, new))
            assert not as_old or found == old, at
            assert not as_new or found == new | {"notes.txt": old["notes.txt"]}, at
            assert dfl_runs.run(*line, root=tmp_path) == 0
            assert contents(out) == new | {"notes.txt": old["notes.txt"]}, (at, "nothing is left of the killed one")
    assert (code, at > len(FILES)) == (0, True)


@pytest.mark.parametrize("line", [["restore", "tiny"], ["backup", "tiny", "--copy"]], ids=" ".join)
def test_saves_and_backups_are_whole_after_kill_9_and_the_next_run_removes_what_is_left(tmp_path, imported, dfl, line):
    assert dfl("backup", "tiny", "--copy", "--models", imported)[0] == 0
    shutil.copytree(imported, tmp_path / "before")
    at, code = 0, -signal.SIGKILL
    with runs(tmp_path / "log", MODULES) as dfl_runs:
        while code == -signal.SIGKILL:
            shutil.rmtree(imported)
            shutil.copytree(tmp_path / "before", imported)
            at += 3  # each of them is tried by make soak-commands
            code = dfl_runs.run("model", *line, "--models", imported, root=imported, at=at)
            model_dir = ModelDir(imported / "tiny")
            assert [one.fault() for one in (model_dir.newest()[0], *map(Generation, model_dir.backups()))] == [
                None, *[None] * len(model_dir.backups())
            ], at  # fmt: skip
            assert dfl_runs.run("model", *line, "--models", imported, root=imported) == 0
            assert not list(imported.rglob(".*.partial")), at
    assert (code, at > 10) == (0, True)


def test_an_import_completes_the_export_that_was_killed(tmp_path, imported):
    out, before = tmp_path / "out", tmp_path / "before"
    before.mkdir()
    (before / "notes.txt").write_text("mine")  # files go into a folder that is there one by one
    export = ["model", "export-dfl", "tiny", "--models", imported, "--output", out]
    with runs(tmp_path / "log", MODULES) as dfl_runs:
        at = 1
        while not (out / "tiny_SAEHD_encoder.npy").exists():
            shutil.rmtree(out, ignore_errors=True)
            shutil.copytree(before, out)
            assert dfl_runs.run(*export, root=tmp_path, at=at) == -signal.SIGKILL
            at += 1
        assert not (out / "tiny_SAEHD_data.dat").exists(), "DeepFaceLab sees no model yet"
        assert dfl_runs.run("model", "import-dfl", out, "--name", "again", "--to", imported, root=tmp_path) == 0
    assert names(out) == {f"tiny_SAEHD_{one}" for one in FILES} | {"notes.txt"}


def test_a_killed_export_replaces_no_model_that_deepfacelab_has_begun_since(tmp_path, imported):
    out = tmp_path / "out"
    line = ["model", "export-dfl", "tiny", "--models", imported, "--output", out]
    data, at = out / "tiny_SAEHD_data.dat", 0
    with runs(tmp_path / "log", MODULES) as dfl_runs:
        assert dfl_runs.run(*line, root=tmp_path) == 0
        while data.exists():  # until one is killed between the removal of the old data file and the new one
            at += 1
            assert dfl_runs.run(*line, "--force", root=tmp_path, at=at) == -signal.SIGKILL
        data.write_bytes(b"another model")
        assert dfl_runs.run(*line, "--force", root=tmp_path) == 1
        assert "another program" in dfl_runs.said(dfl_runs.count)
    assert data.read_bytes() == b"another model"


def test_on_a_full_disk_a_copy_leaves_nothing(imported):
    def fill_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))  # bytes: less than the weights

    with dfl_program("copy", "tiny", "other", "--models", imported, preexec_fn=fill_disk) as copying:
        assert copying.wait(60) != 0
    assert names(imported) == {"tiny"}


@pytest.mark.parametrize("largest", [0, 1000, 20000])  # bytes a file may have, as where a quota or FAT32 ends
@pytest.mark.parametrize(
    "line", ["copy tiny other", "backup tiny --copy", "export-dfl tiny --output {here}/e", "restore tiny"]
)
def test_where_no_file_may_grow_each_command_says_so_and_leaves_what_was_there(imported, dfl, tmp_path, line, largest):
    assert dfl("backup", "tiny", "--copy", "--models", imported)[0] == 0
    before = contents(tmp_path)
    with dfl_program(
        *line.format(here=tmp_path).split(), "--models", imported, preexec_fn=lambda: limit_files(largest)
    ) as program:
        said = program.stdout.read()
    assert program.returncode == 1
    assert "too large for this disk" in said and "Traceback" not in said and "Unexpected" not in said
    assert contents(tmp_path) == before


def limit_files(largest: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))


def test_of_two_copies_to_one_name_one_is_there_and_the_other_says_so(imported):
    with (
        dfl_program("copy", "tiny", "other", "--models", imported) as one,
        dfl_program("copy", "tiny", "other", "--models", imported) as two,
    ):
        said = {program.wait(60): program.stdout.read() for program in (one, two)}
    assert said.keys() == {0, 1}
    assert "other" in said[1]
    assert names(imported) == {"tiny", "other"}


@pytest.mark.parametrize("command", ["copy", "import-dfl", "rename", "export-dfl"])
def test_a_target_in_work_is_refused_with_the_process_that_holds_it(imported, dfl_folder, dfl, tmp_path, command):
    out, before = tmp_path / "out", contents(imported)
    line = lines(imported, dfl_folder) | {
        "rename": ["model", "rename", "tiny", "other", "--models", imported],
        "export-dfl": ["model", "export-dfl", "tiny", "--models", imported, "--output", out],
    }
    with OutputLock(imported / "other"), FolderLock(out):
        code, _, said = dfl(*line[command][1:])
    assert (code, f"process {os.getpid()} on" in said) == (1, True)
    assert contents(imported) == before
    assert not out.exists()


def test_of_two_renames_at_once_one_wins_and_the_model_is_whole(imported):
    before = contents(imported / "tiny")
    with (
        dfl_program("rename", "tiny", "one", "--models", imported) as one,
        dfl_program("rename", "tiny", "two", "--models", imported) as two,
    ):
        codes = [program.wait(60) for program in (one, two)]
    assert sorted(codes) == [0, 1]
    assert names(imported) == {("one", "two")[codes.index(0)]}
    assert contents(next(imported.iterdir())) == before


@pytest.mark.parametrize("command", [["--empty", "--yes"], ["--bring-back", "tiny"]], ids=lambda command: command[0])
def test_a_trash_in_work_is_left_alone(imported, dfl, command):
    assert dfl("delete", "tiny", "--yes", "--models", imported)[0] == 0
    before = contents(imported)
    with FolderLock(imported / ".trash"):
        code, _, said = dfl("trash", *command, "--models", imported)
    assert (code, f"process {os.getpid()} on" in said) == (1, True)
    assert contents(imported) == before


def test_a_deleted_and_restored_model_keeps_no_lock(imported, dfl):
    before = contents(imported / "tiny")
    assert dfl("delete", "tiny", "--yes", "--models", imported)[0] == 0
    assert dfl("trash", "--bring-back", "tiny", "--models", imported)[0] == 0
    assert contents(imported / "tiny") == before


@pytest.mark.parametrize("line", [["rename", "tiny", "other"], ["delete", "tiny", "--yes"]], ids=" ".join)
def test_a_model_that_another_process_moved_away_in_between_is_reported_in_plain_words(tmp_path, imported, line):
    shutil.copytree(imported, tmp_path / "before")
    words = ["model", *line, "--models", imported]
    with runs(tmp_path / "log", MODULES) as dfl_runs:
        for at in range(1, 4):  # just before the folder of the model is locked, too
            shutil.rmtree(imported)
            shutil.copytree(tmp_path / "before", imported)
            first = dfl_runs.start(*words, root=imported, at=at, by=signal.SIGSTOP)
            assert dfl_runs.wait(first) == "stopped"
            second = dfl_runs.run(*words, root=imported)
            dfl_runs.send(first, signal.SIGCONT)
            assert {dfl_runs.wait(first), second} == {0, 1}, at
            said = dfl_runs.said(first) + dfl_runs.said(dfl_runs.count)
            assert "model" in said and "Unexpected" not in said, at
            assert "tiny" not in names(imported)
