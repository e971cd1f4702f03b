"""FIFOs, sockets, devices, links to nothing and sparse files among a person's files: reported, never waited for, never moved."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys

import cv2
import numpy as np
import pytest

from dfl_cli.errors import explain
from dfl_cli.store.loss_history import LossHistory
from programs import ROOT, running
from samplers.files.file_range import FileRange, content_fingerprint
from special_files import put_special_files

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without FIFOs")
SECONDS = 90  # a program that waits for a FIFO would wait for ever
UNREADABLE = ("dangling", "device", "fifo", "loop", "socket")


def dfl(*words) -> subprocess.CompletedProcess:
    line = [sys.executable, "-m", "dfl_cli.main", *map(str, words)]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL)


@pytest.fixture
def faces(tmp_path, fixtures):
    """Four faces among all kinds of special files."""
    folder = tmp_path / "aligned"
    shutil.copytree(fixtures / "formats", folder, ignore=shutil.ignore_patterns("*[!g]"))
    put_special_files(folder, ".jpg")
    return folder


@pytest.fixture
def frames(tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    for number in range(3):
        cv2.imwrite(str(folder / f"{number:05d}.png"), np.full((64, 64, 3), 60 * number, np.uint8))
    return folder


def test_the_faces_beside_special_files_are_found_and_each_of_those_is_named(faces):
    done = dfl("faceset", "info", faces, "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["count"]) == (0, 4)
    skipped = {each["name"].removesuffix(".jpg"): each["reason"] for each in found["broken"]}
    assert [*skipped] == ["dangling", "device", "fifo", "loop", "socket", "sparse"]
    assert "FIFO" in skipped["fifo"] and "device" in skipped["device"] and "socket" in skipped["socket"]


def test_coverage_counts_the_faces_beside_special_files(faces):
    done = dfl("faceset", "coverage", faces, faces)
    assert done.returncode == 0
    assert "fifo.jpg" in done.stderr


def test_a_sort_leaves_what_it_cannot_read_and_folders_where_they_are(faces):
    done = dfl("faceset", "sort", faces, "--by", "blur", "--json")
    assert done.returncode == 0, done.stderr
    assert [each["name"] for each in json.loads(done.stdout)["trash"]] == ["sparse.jpg"]
    assert [(faces / f"{kind}.jpg").is_symlink() for kind in ("dangling", "device", "loop")] == [True] * 3
    assert (faces / "fifo.jpg").is_fifo() and (faces / "socket.jpg").is_socket() and (faces / "folder.jpg").is_dir()
    assert dfl("faceset", "sort", faces, "--undo").returncode == 0
    assert (faces / "00000_0.jpg").is_file()


def test_a_pack_takes_the_faces_and_leaves_special_files(faces):
    cv2.imwrite(str(faces / "folder.jpg" / "holiday.jpg"), np.zeros((8, 8, 3), np.uint8))
    done = dfl("faceset", "pack", faces, "--json", "--delete-originals")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["packed"] == 4
    assert (faces / "fifo.jpg").is_fifo() and (faces / "dangling.jpg").is_symlink()


@pytest.mark.parametrize("name", ["faceset.pak", "faceset.zip", ".dfl-faces.index"])
def test_a_pack_or_an_index_that_is_a_fifo_hides_no_faces(faces, name):
    os.mkfifo(faces / name)
    done = dfl("faceset", "info", faces, "--json")
    assert json.loads(done.stdout)["count"] == 4


def test_a_fifo_in_the_place_of_the_sort_history_is_said_to_be_one(faces):
    os.mkfifo(faces / ".dfl-sort.json")
    done = dfl("faceset", "sort", faces, "--by", "hue")
    assert done.returncode == 1
    assert ".dfl-sort.json" in done.stderr and "FIFO" in done.stderr


def test_a_film_repeats_the_frame_before_what_is_none(frames, tmp_path):
    pytest.importorskip("av")
    os.mkfifo(frames / "00001_a.png")
    (frames / "00001_b.png").symlink_to(tmp_path / "unplugged" / "x.png")
    done = dfl("video", "join", frames, "--output", tmp_path / "film.mp4", "--fps", "25")
    assert done.returncode == 0, done.stderr
    assert "00001_a.png (a pipe (FIFO), not a file)" in done.stderr and "00001_b.png" in done.stderr
    assert "5 frames" in done.stdout


def test_verify_reports_every_kind_at_once(tmp_path):
    names = put_special_files(tmp_path, ".png")
    done = dfl("verify", "--json", *(tmp_path / name for name in names))
    problems = {each["file"].rpartition("/")[2]: each["problem"] for each in json.loads(done.stdout)["files"]}
    assert [*problems] == names
    assert [name for name, problem in problems.items() if not problem] == ["sparse.png"]  # it is a file, of zeros


@pytest.mark.parametrize(
    "line",
    [
        ("verify", "{fifo}"),
        ("verify", "{fifo}", "--trust", "{fifo}"),
        ("video", "extract", "{fifo}", "--output", "{folder}/out"),
        ("video", "cut", "{fifo}", "--output", "{folder}/cut.mp4", "--from", "1"),
        ("video", "join", "{folder}", "--output", "{folder}/o.mp4", "--reference", "{fifo}"),
        ("train", "--answers", "{fifo}", "--silent-start", "--workspace", "{folder}"),
        ("merge", "--answers", "{fifo}", "--silent-start", "--workspace", "{folder}"),
        ("model", "import-dfl", "{fifo}", "--name", "x", "--to", "{folder}"),
    ],
)
def test_a_fifo_as_an_argument_ends_in_a_sentence(tmp_path, line):
    fifo = tmp_path / "given.mp4"
    os.mkfifo(fifo)
    done = dfl(*(word.format(fifo=fifo, folder=tmp_path) for word in line))
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr and "Unexpected" not in done.stderr
    assert done.stderr or "FIFO" in done.stdout


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_frames_that_are_none_do_not_hold_up_the_digest_of_a_merge(tmp_path, suffix):
    for name in put_special_files(tmp_path, suffix):
        with contextlib.suppress(OSError):
            content_fingerprint(FileRange(tmp_path / name))  # of the sparse one from samples


@pytest.mark.parametrize("place", ["aligned/.dfl-lock", "models/tiny/lock", "models/tiny/backups/.lock"])
@pytest.mark.parametrize("kind", ["fifo", "socket", "dangling", "device", "folder"])
def test_what_has_the_name_of_a_lock_is_named(tmp_path, fixtures, place, kind):
    shutil.copytree(fixtures / "formats", tmp_path / "aligned", ignore=shutil.ignore_patterns("*[!g]"))
    models = tmp_path / "models"
    assert dfl("model", "import-dfl", fixtures / "dfl" / "model", "--name", "tiny", "--to", models).returncode == 0
    (models / "tiny" / "backups").mkdir(exist_ok=True)
    specials = tmp_path / "specials"
    specials.mkdir()
    put_special_files(specials, "")
    (tmp_path / place).unlink(missing_ok=True)
    (specials / kind).rename(tmp_path / place)
    line = {"a": ("faceset", "sort", tmp_path / "aligned", "--by", "hue"), "m": ("model", "backup", "tiny")}[place[0]]
    line = ("model", "rename", "tiny", "other") if place.endswith("tiny/lock") else line
    done = dfl(*line, *(["--models", models] if line[0] == "model" else []))
    assert done.returncode == 1 and "fix:" in done.stderr
    assert "Traceback" not in done.stderr and "Unexpected" not in done.stderr
    assert not (specials / "unplugged").exists() and os.path.lexists(tmp_path / place)


@pytest.mark.parametrize("kind", ["fifo", "socket", "device", "sparse"])
def test_losses_that_are_no_file_are_named(tmp_path, kind):
    put_special_files(tmp_path, "")
    with pytest.raises(OSError) as caught:
        LossHistory(tmp_path / kind, 5, ("src", "dst"))
    assert explain(caught.value) is not None


def test_a_copy_of_a_model_for_which_there_is_no_room_is_not_begun(tmp_path, fixtures):
    models = tmp_path / "models"
    assert dfl("model", "import-dfl", fixtures / "dfl" / "model", "--name", "tiny", "--to", models).returncode == 0
    put_special_files(models / "tiny", ".bin")
    done = dfl("model", "copy", "tiny", "other", "--models", models)
    assert done.returncode == 1 and "The disk is full." in done.stderr and "sparse.bin" in done.stderr
    (models / "tiny" / "sparse.bin").unlink()
    assert dfl("model", "copy", "tiny", "other", "--models", models).returncode == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_a_command_that_reads_many_files(faces, number, code):
    for copy in range(3000):
        os.link(faces / "00000_0.jpg", faces / f"1{copy:05d}_0.jpg")
    line = [sys.executable, "-m", "dfl_cli.main", "faceset", "sort", str(faces), "--by", "blur", "--dry-run"]
    with running(line, stderr=subprocess.PIPE) as program:
        first = program.stderr.readline()  # a special file was reported, so measuring begins
        program.send_signal(number)
        program.communicate(timeout=SECONDS)
        assert first and program.returncode == code
