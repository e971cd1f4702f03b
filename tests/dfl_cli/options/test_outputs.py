"""What a command may replace: nothing without being allowed to, and no link that leads nowhere at all."""

import contextlib
import os
import pty
import select
import subprocess
import sys

import pytest

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.errors import UserError
from dfl_cli.main import main
from dfl_cli.options.answers_file import write_answers
from dfl_cli.options.outputs import (
    MARK,
    file_to_write,
    own_folder,
    read_mark,
    remove_own_folder,
    write_mark,
)
from dfl_cli.options.wizard import ask_table
from programs import ROOT, running
from samplers.files.atomic_file import DanglingLink, staging_folder, write_atomically
from samplers.files.names import free_path


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("years of work")
    return path


def test_a_new_file_may_be_written_and_an_existing_one_only_if_that_was_allowed(mine, tmp_path):
    assert file_to_write(tmp_path / "new.txt", overwrite=False) == tmp_path / "new.txt"
    with pytest.raises(UserError, match="already exists") as refused:
        file_to_write(mine, overwrite=False)
    assert "--overwrite" in refused.value.fix
    assert file_to_write(mine, overwrite=True) == mine


def test_what_is_no_file_is_never_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(UserError, match="Cannot write"):
            file_to_write(path, overwrite=True)


def test_a_source_is_never_replaced_under_whatever_name(mine, tmp_path):
    (tmp_path / "hard.txt").hardlink_to(mine)
    for path in (mine, tmp_path / "hard.txt"):
        with pytest.raises(UserError, match="this command reads"):
            file_to_write(path, overwrite=True, sources=[mine])


def test_a_link_stays_one_and_what_it_points_to_is_replaced(mine, tmp_path):
    (tmp_path / "link.txt").symlink_to("mine.txt")
    assert file_to_write(tmp_path / "link.txt", overwrite=True) == mine
    with pytest.raises(UserError, match="this command reads"):
        file_to_write(tmp_path / "link.txt", overwrite=True, sources=[mine])


@pytest.mark.parametrize("name", ["chart.png", "film.mp4", "answers.toml"])
def test_commands_write_through_a_link_to_a_file(tmp_path, fixtures, make_film, name):
    (tmp_path / "disk").mkdir()
    target, link = tmp_path / "disk" / name, tmp_path / name
    target.write_bytes(b"old")
    link.symlink_to(target)
    if name == "chart.png":
        assert main(["faceset", "info", str(fixtures / "formats"), "--plot", str(link), "--overwrite"]) == 0
    elif name == "film.mp4":
        words = ["--output", str(link), "--overwrite", "--from", "0.1", "--silent-start"]
        assert main(["video", "cut", str(make_film("source.mp4")), *words]) == 0
    else:
        write_answers(link, [], {}, overwrite=True)
    assert link.is_symlink() and target.read_bytes() != b"old"


def test_a_film_is_not_written_through_a_link_to_something_else(mine, tmp_path, make_film, capsys):
    (tmp_path / "film_cut.mp4").symlink_to(mine)
    words = ["--output", str(tmp_path / "film_cut.mp4"), "--overwrite", "--from", "0.1", "--silent-start"]
    assert main(["video", "cut", str(make_film("source.mp4")), *words]) == 1
    assert mine.read_text() == "years of work"


def test_a_link_that_leads_nowhere_is_refused_here_and_by_the_writer_itself(tmp_path):
    link = tmp_path / "link.png"
    for target in ("unplugged/face.png", "link.png"):
        link.symlink_to(target)
        with pytest.raises(UserError, match="target is missing") as refused:
            file_to_write(link, overwrite=True)
        assert target in refused.value.saw
        with pytest.raises(DanglingLink):
            write_atomically(link, b"new")
        assert list(tmp_path.iterdir()) == [link]
        link.unlink()


def test_a_free_path_passes_links_that_lead_nowhere(tmp_path):
    (tmp_path / "a.png").touch()
    (tmp_path / "a_2.png").symlink_to("nowhere")
    assert free_path(tmp_path / "a.png").name == "a_3.png"
    assert free_path(tmp_path / "b.png").name == "b.png"


def test_a_folder_is_own_when_it_was_made_or_empty_and_goes_without_taking_other_files_along(tmp_path):
    folder = tmp_path / "own"
    own_folder(folder, fix="")
    (folder / "frames").mkdir()
    (folder / "frames" / "1.png").touch()
    (folder / "theirs.txt").touch()
    own_folder(folder, fix="")  # marked, whatever is in it
    assert remove_own_folder(folder, ["frames"], lambda path: path.suffix == ".png") == [folder / "theirs.txt"]
    assert sorted(path.name for path in folder.iterdir()) == [MARK, "theirs.txt"]
    (folder / MARK).unlink()
    with pytest.raises(UserError, match="files that dfl did not write"):
        own_folder(folder, fix="")


def test_what_a_killed_process_left_half_written_goes_when_the_folder_is_used_again(tmp_path):
    own = tmp_path / "own"
    own_folder(own, fix="")
    left = own / ".people.jpg.0123abcd.partial"
    left.touch()
    own_folder(own, fix="")
    assert not left.exists()


def test_what_a_killed_process_left_half_written_keeps_no_own_folder(tmp_path):
    own = tmp_path / "own"
    own_folder(own, fix="")
    (own / "frames").mkdir()
    for place, name in ((own, MARK), (own / "frames", "00001.png")):
        (place / f".{name}.0123abcd.partial").write_bytes(b"half")
    assert remove_own_folder(own, ["frames"], lambda path: False) == []
    assert not own.exists()


@pytest.mark.parametrize("content", ["", "[1]", '{"a": 1, "b": "2"}', "[" * 100_000])
def test_a_damaged_mark_marks_and_says_nothing_more(tmp_path, content):
    (tmp_path / MARK).write_text(content)
    (tmp_path / "file").touch()
    own_folder(tmp_path, fix="")
    assert read_mark(tmp_path) in ({}, {"b": "2"})
    write_mark(tmp_path, {"a": "1"})
    assert read_mark(tmp_path) == {"a": "1"}


def test_staging_folders_of_others_stay_while_they_are_in_use(tmp_path):
    (tmp_path / ".stage.00000000.partial").mkdir()
    with staging_folder(tmp_path, "stage") as first:
        (first / "x").touch()
        with staging_folder(tmp_path, "stage"):
            assert (first / "x").exists()
        assert list(tmp_path.iterdir()) == [first]
    assert not list(tmp_path.iterdir())


def test_an_answers_file_with_other_answers_is_replaced_only_if_that_was_allowed(tmp_path):
    path, answers = tmp_path / "run.toml", ask_table(SAEHD.table, ask_now=False)
    write_answers(path, SAEHD.table, answers)
    write_answers(path, SAEHD.table, answers)  # nothing is replaced by itself
    before = path.read_bytes()
    with pytest.raises(UserError, match="already exists"):
        write_answers(path, SAEHD.table, answers | {"batch_size": 9})
    assert path.read_bytes() == before
    write_answers(path, SAEHD.table, answers | {"batch_size": 9}, overwrite=True)
    assert b"batch_size = 9\n" in path.read_bytes()


@pytest.fixture
def faces(tmp_path, fixtures):
    folder = tmp_path / "faces"
    folder.mkdir()
    for path in sorted((fixtures / "formats").glob("*.jpg"))[:2]:
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.mark.parametrize("command", ["info", "coverage"])
def test_a_chart_replaces_no_face(faces, command, capsys):
    face = min(faces.glob("*.jpg"))
    before = face.read_bytes()
    line = ["faceset", command, *[str(faces)] * (2 if command == "coverage" else 1), "--plot", str(face)]
    for more in ([], ["--json"], ["--overwrite"]):
        assert main([*line, *more]) == 1
        assert "this command reads" in capsys.readouterr().err
    assert face.read_bytes() == before


def test_a_chart_among_the_faces_is_drawn_again_where_that_was_allowed(faces, capsys):
    line = ["faceset", "info", str(faces), "--plot", str(faces / "chart.png")]
    assert [main(line), main(line), main([*line, "--overwrite"])] == [0, 1, 0]
    assert "--overwrite" in capsys.readouterr().err


@pytest.mark.parametrize(("reply", "replaced"), [(b"y\n", True), (b"n\n", False), (b"\n", False)])
def test_a_person_at_a_terminal_is_asked(faces, mine, reply, replaced):
    main_end, program_end = pty.openpty()
    line = [sys.executable, "-m", "dfl_cli.main", "faceset", "info", str(faces), "--plot", str(mine)]
    how = {"stdin": program_end, "stdout": program_end, "stderr": program_end, "start_new_session": True}
    with running(line, cwd=ROOT, **how) as program:
        os.close(program_end)
        shown = b""
        while b"Replace it?" not in shown:
            shown += os.read(main_end, 4096)
        os.write(main_end, reply)
        while program.poll() is None:
            if select.select([main_end], [], [], 0.1)[0]:
                with contextlib.suppress(OSError):
                    os.read(main_end, 4096)
    os.close(main_end)
    assert program.returncode == (0 if replaced else 1)
    assert (mine.read_bytes() != b"years of work") == replaced


def test_a_model_is_never_exported_over_notes(mine, tmp_path, capsys):
    assert main(["model", "export-dfm", "any", "--models", str(tmp_path), "--output", str(mine)]) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert mine.read_text() == "years of work"


def test_training_replaces_no_file_without_being_allowed_to(faces, mine, tmp_path):
    line = [sys.executable, "-m", "dfl_cli.main", "train", "--silent-start", "--cpu", f"--save-answers={mine}"]
    line += [f"--src={faces}", f"--dst={faces}", f"--models={tmp_path / 'models'}", "--name=new"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 1 and "--overwrite" in done.stderr
    assert mine.read_text() == "years of work"


def test_a_new_model_moves_into_no_folder_of_somebody_else(faces, tmp_path):
    theirs = tmp_path / "models" / "holiday"
    theirs.mkdir(parents=True)
    (theirs / "preview.png").write_bytes(b"a photo")
    (tmp_path / "models" / "away").symlink_to(tmp_path / "unplugged")
    line = [sys.executable, "-m", "dfl_cli.main", "train", "--silent-start", "--cpu"]
    line += [f"--src={faces}", f"--dst={faces}", f"--models={tmp_path / 'models'}"]
    for name, said in (("holiday", "files that dfl did not write"), ("away", "target is missing")):
        done = subprocess.run(
            [*line, f"--name={name}"], cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 1 and said in done.stderr, done.stderr
    assert [path.name for path in theirs.iterdir()] == ["preview.png"]
    assert (theirs / "preview.png").read_bytes() == b"a photo"


def test_answers_go_through_links_and_into_pipes(mine, tmp_path):
    answers, link = ask_table(SAEHD.table, ask_now=False), tmp_path / "run.toml"
    link.symlink_to(mine)
    write_answers(link, SAEHD.table, answers, overwrite=True)
    assert link.is_symlink() and b"batch_size" in mine.read_bytes()
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_answers(tmp_path / "pipe", SAEHD.table, answers)
        assert os.read(reader, 1 << 20) == mine.read_bytes()
    finally:
        os.close(reader)


@pytest.mark.parametrize("name", ["model.json", "current", "generations/0000003/weights.safetensors"])
def test_no_export_replaces_a_file_of_its_model(tmp_path, fixtures, capsys, name):
    models = ["--models", str(tmp_path)]
    assert main(["model", "import-dfl", str(fixtures / "dfl" / "model"), "--name", "tiny", *models]) == 0
    before = (tmp_path / "tiny" / name).read_bytes()
    assert main(["model", "export-dfm", "tiny", "--output", str(tmp_path / "tiny" / name), "--overwrite", *models]) == 1
    assert "this command reads" in capsys.readouterr().err
    assert (tmp_path / "tiny" / name).read_bytes() == before


@pytest.mark.parametrize("flag", ["--output", "--output-mask"])
def test_no_merge_writes_among_the_faces(tmp_path, flag, capsys):
    for name in ("data_dst/aligned", "model"):
        (tmp_path / name).mkdir(parents=True)
    words = ["--workspace", str(tmp_path), "--batch", flag, str(tmp_path / "data_dst" / "aligned")]
    assert main(["merge", *words]) == 1
    assert "folder of the aligned faces" in capsys.readouterr().err
