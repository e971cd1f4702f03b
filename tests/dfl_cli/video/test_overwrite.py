"""What the commands about videos replace, and what they leave alone whatever happens."""

import contextlib
import os
import pty
import select
import signal
import subprocess
import sys
import time

import pytest

from dfl_cli.main import main
from programs import running

FRAMES = [f"{number:05d}.png" for number in range(1, 11)]
PROGRAM = [sys.executable, "-m", "dfl_cli.main", "video"]


def dfl_video(*words):
    return main(["video", *map(str, words)])


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name[0] != "."}


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(make_film, tmp_path):
    """Ten frames of a film, and a photo."""
    out = tmp_path / "out"
    assert dfl_video("extract", make_film("first.mp4"), "--output", out) == 0
    (out / "holiday.jpg").write_bytes(b"a photo")
    (out / "20190704.jpg").write_bytes(b"another photo, named after its day")
    return out


@pytest.mark.parametrize("times", [("--from", "100000"), ("--from", "5", "--to", "4")])
def test_an_extraction_without_a_frame_fails_and_leaves_what_was_there(folder, make_film, times, capsys):
    before = contents(folder)
    assert dfl_video("extract", make_film("second.mp4"), "--output", folder, "--overwrite", *times) == 1
    assert "no frames between these times" in capsys.readouterr().err
    assert contents(folder) == before


def test_a_video_without_its_end_leaves_what_was_there(folder, make_film, capsys):
    before, film = contents(folder), make_film("second.mp4")
    film.write_bytes(film.read_bytes()[:700])
    assert dfl_video("extract", film, "--output", folder, "--overwrite") == 1
    assert contents(folder) == before


def test_frames_of_a_shorter_film_replace_the_others_and_photos_stay(folder, make_film, capsys):
    before = contents(folder)
    assert dfl_video("extract", make_film("second.mp4", count=4), "--output", folder, "--overwrite") == 0
    assert names(folder) == sorted([*FRAMES[:4], "20190704.jpg", "holiday.jpg"])
    assert {name: before[name] for name in ("20190704.jpg", "holiday.jpg")}.items() <= contents(folder).items()
    assert contents(folder.with_name("out_trash")) == {name: before[name] for name in FRAMES[4:]}
    said = capsys.readouterr().err
    assert "Moved 6 older frames" in said and "2 images in" in said


def test_a_person_who_says_yes_deletes_all_pictures(folder, make_film):
    film = make_film("second.mp4", count=3)
    main_end, program_end = pty.openpty()
    with running(
        [*PROGRAM, "extract", str(film), "--output", str(folder), "--silent-start"],
        stdin=program_end, stderr=program_end, stdout=program_end, start_new_session=True,
    ) as program:  # fmt: skip
        os.close(program_end)
        shown = b""
        while b"Delete them?" not in shown:
            shown += os.read(main_end, 4096)
        os.write(main_end, b"y\n")
        while program.poll() is None:
            if select.select([main_end], [], [], 0.1)[0]:
                with contextlib.suppress(OSError):
                    os.read(main_end, 4096)
    assert program.returncode == 0 and names(folder) == FRAMES[:3]
    os.close(main_end)


def test_a_killed_extraction_leaves_the_old_frames_and_the_next_one_tidies_up(folder, make_film):
    before, film = contents(folder), make_film("second.mp4", count=300, size=(640, 480))
    words = ["extract", str(film), "--output", str(folder), "--overwrite"]
    with running([*PROGRAM, *words], stderr=subprocess.DEVNULL) as program:
        while not list(folder.glob(".dfl-extracting.*/*.png")):
            assert program.poll() is None
            time.sleep(0.01)
        program.send_signal(signal.SIGKILL)
        program.wait()
    assert contents(folder) == before
    assert dfl_video("extract", make_film("third.mp4"), "--output", folder, "--overwrite") == 0
    assert not list(folder.glob(".dfl-extracting.*"))


@pytest.mark.parametrize("how", [(), ("--overwrite",)])
def test_frames_on_a_disk_that_is_not_connected_are_never_replaced(make_film, tmp_path, how, capsys):
    out = tmp_path / "out"
    out.mkdir()
    for name in FRAMES:
        (out / name).symlink_to(tmp_path / "unplugged" / name)
    assert dfl_video("extract", make_film(), "--output", out, *how) == 1
    assert "target is missing" in capsys.readouterr().err
    assert all((out / name).is_symlink() for name in FRAMES)


def test_a_film_is_never_written_over_itself_or_through_a_link_that_leads_nowhere(make_film, tmp_path, capsys):
    film, link = make_film(), tmp_path / "other.mp4"
    before = film.read_bytes()
    assert dfl_video("cut", film, "--output", film, "--overwrite") == 1
    assert "this command reads" in capsys.readouterr().err
    link.symlink_to(tmp_path / "unplugged" / "other.mp4")
    assert dfl_video("cut", film, "--output", link, "--overwrite") == 1
    assert "target is missing" in capsys.readouterr().err
    assert film.read_bytes() == before and link.is_symlink()


def test_a_source_under_another_name_is_recognized(make_film, tmp_path, capsys):
    film, link = make_film(), tmp_path / "link.mp4"
    link.symlink_to(film)
    assert dfl_video("cut", film, "--output", link, "--overwrite") == 1
    assert link.is_symlink()


def test_a_full_disk_leaves_what_was_there(folder, make_film):
    """A limit on the size of files stands for the full disk."""
    before, film = contents(folder), make_film("second.mp4", size=(320, 240))
    line = [*PROGRAM, "extract", str(film), "--output", str(folder), "--overwrite"]
    with running(
        ["bash", "-c", 'ulimit -f 1; trap "" XFSZ; exec "$@"', "bash", *line], stderr=subprocess.PIPE
    ) as program:
        said = program.communicate(timeout=60)[1]
    assert program.returncode == 1 and "Cannot write" in said
    assert contents(folder) == before
