"""`dfl extract --shard I/N`: several runs look at the frames; the run without it cuts the same faces as a single run."""

import signal
import subprocess
import sys
import time

import cv2
import pytest

from dfl_cli.extract.index import FILE_NAME, ExtractIndex, line_of
from dfl_cli.shards.files import shard_files
from dfl_cli.shards.shard import Shard
from dfl_cli.store.shard_lock import ShardLock
from drawn_people import empty_frame, frame_with_face
from programs import running

FRAMES = 40  # three chunks, the last of them short


def picture(number):
    return empty_frame() if number == 20 else frame_with_face(number % 10)[0]


@pytest.fixture
def many(tmp_path):
    """A folder of frames."""
    folder = tmp_path / "frames"
    folder.mkdir()
    for number in range(FRAMES):
        cv2.imwrite(str(folder / f"{number:05d}.png"), picture(number))
    return folder


def faces(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.jpg")}


def records(folder):
    return {name: line_of(record) for name, record in ExtractIndex(folder).frames.items()}


def test_shards_and_a_last_run_cut_the_faces_of_a_single_run(extract, many, tmp_path, capsys):
    one, all_of_them = tmp_path / "one", tmp_path / "all"
    single = extract("--input", many, "--output", one)
    looked_at = [
        extract("--input", many, "--output", all_of_them, "--shard", f"{number}/2")["frames"] for number in (2, 1)
    ]
    assert looked_at == [16, 24]
    assert faces(all_of_them) == {}
    assert records(all_of_them) == records(one)
    assert extract("--input", many, "--output", all_of_them, "--shard", "1/2")["frames"] == 0
    last = extract("--input", many, "--output", all_of_them)
    assert {**last, "seconds": 0} == {**single, "seconds": 0}
    assert faces(all_of_them) == faces(one)
    assert len(faces(one)) == FRAMES - 1
    assert shard_files(all_of_them / FILE_NAME) == []
    assert extract("--input", many, "--output", all_of_them)["faces"] == FRAMES - 1
    assert records(all_of_them) == records(one)


def test_frames_of_a_video_are_written_by_the_shards(extract, make_film, tmp_path):
    film = make_film("film.mp4", pictures=[picture(number) for number in range(FRAMES)])
    extract("--input", film, "--output", tmp_path / "one")
    for number in (1, 2):
        extract("--input", film, "--output", tmp_path / "all", "--shard", f"{number}/2")
        assert len(list((tmp_path / "all_frames").glob("*.png"))) == (24, FRAMES)[number - 1]
    extract("--input", film, "--output", tmp_path / "all")
    assert faces(tmp_path / "all") == faces(tmp_path / "one") != {}
    assert not (tmp_path / "all_trash").exists() and not (tmp_path / "all_frames_trash").exists()


def test_another_source_and_frames_in_the_way_are_refused(extract, film, frames, tmp_path):
    extract("--input", frames, "--output", tmp_path / "faces", "--shard", "1/1")
    assert "another source" in extract("--input", film, "--output", tmp_path / "faces", "--shard", "1/2", code=1)
    said = extract("--input", film, "--output", tmp_path / "new", "--frames-output", frames, "--shard", "1/2", code=1)
    assert "frames of another extraction" in said
    assert "--again cannot be used with --shard" in extract("--again", "--shard", "1/2", code=1)


def test_an_ordinary_run_is_refused_while_a_shard_runs_and_the_other_way_round(extract, frames, tmp_path):
    with ShardLock(tmp_path / "faces", Shard(1, 2), "settings"):
        assert "Another process is writing" in extract("--input", frames, "--output", tmp_path / "faces", code=1)
        said = extract("--input", frames, "--output", tmp_path / "faces", "--shard", "2/2", code=1)
        assert "Shard 1/2" in said and "other settings" in said


def test_two_at_a_time_and_a_killed_one_finished_by_another_split(extract, many, tmp_path):
    extract("--input", many, "--output", tmp_path / "one")
    line = [sys.executable, "-m", "dfl_cli.main", "extract", "--input", str(many), "--output", str(tmp_path / "all")]
    line += ["--workers", "1", "--image-size", "256", "--shard"]
    with running([*line, "1/2"]) as lost, running([*line, "2/2"]) as other:
        while not (known := len(ExtractIndex(tmp_path / "all").frames)):
            time.sleep(0.01)
        lost.kill()
        assert other.wait() == 0, other.stdout.read()
    assert known % 8 == 0
    assert lost.returncode in (-signal.SIGKILL, 0)
    left = FRAMES - len(ExtractIndex(tmp_path / "all").frames)
    assert left in (0, 8, 16, 24)  # whole chunks
    again = subprocess.run([*line, "3/3"], capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    extract("--input", many, "--output", tmp_path / "all")
    assert records(tmp_path / "all") == records(tmp_path / "one")
    assert faces(tmp_path / "all") == faces(tmp_path / "one")
