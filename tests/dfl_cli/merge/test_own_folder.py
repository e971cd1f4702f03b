"""The folder beside the result of `dfl merge --video`: only what this program put there is deleted."""

import argparse
import json
import shutil

import cv2
import pytest

from dfl_cli.errors import UserError
from dfl_cli.merge.command import add_arguments
from dfl_cli.merge.journal import Journal
from dfl_cli.merge.merge_video import extract_frames, merge_video, remove_frames
from dfl_cli.options.outputs import MARK, own_folder
from samplers.files.file_range import file_fingerprint


@pytest.fixture
def arguments(make_film, tmp_path):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    words = ["--video", make_film(), "--aligned", tmp_path, "--models", tmp_path, "--output", tmp_path / "mine.mp4"]
    return parser.parse_args([*map(str, words), "--batch", "--cpu"])


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize("name", ["letters.txt", "frames/00001.png", "video.json"])
def test_a_folder_of_somebody_else_is_refused_and_untouched(arguments, tmp_path, name):
    path = tmp_path / "mine.mp4.merging" / name
    path.parent.mkdir(parents=True)
    path.write_text("[]")
    with pytest.raises(UserError, match="files that dfl did not write"):
        merge_video(arguments, lambda pictures: 0)
    assert path.read_text() == "[]" and not (tmp_path / "mine.mp4").exists()


def test_an_interrupted_merge_is_resumed_and_what_a_person_put_there_stays(arguments, tmp_path, capsys):
    assert merge_video(arguments, lambda pictures: 130) == 130
    own = tmp_path / "mine.mp4.merging"
    (own / "frames" / "holiday.jpg").write_bytes(b"a photo")
    (own / "notes").mkdir()
    (own / "link.png").symlink_to(tmp_path / "unplugged.png")
    (own / "frames" / "holiday.jpg").rename(own / "holiday.jpg")
    assert merge_video(arguments, lambda pictures: 0) == 0
    assert (tmp_path / "mine.mp4").is_file()
    assert names(own) == [MARK, "holiday.jpg", "link.png", "notes", "video.json"]
    assert "3 files in" in capsys.readouterr().err


def test_a_folder_of_an_earlier_version_is_known_by_its_note(arguments, tmp_path):
    assert merge_video(arguments, lambda pictures: 130) == 130
    (tmp_path / "mine.mp4.merging" / MARK).unlink()
    old = {"path": str(arguments.video), "bytes": 5, "changed": 5}
    (tmp_path / "mine.mp4.merging" / "video.json").write_text(json.dumps(old))
    assert merge_video(arguments, lambda pictures: 0) == 0
    assert not (tmp_path / "mine.mp4.merging").exists()


def test_frames_of_another_film_are_exchanged(make_film, tmp_path):
    own = tmp_path / "own"
    own_folder(own, fix="")
    extract_frames(make_film("long.mp4", count=10), own, lambda: 0)
    (own / "merged").mkdir()
    (own / "merged" / "00009.png").touch()
    extract_frames(make_film("short.mp4", count=3), own, lambda: 0, may_discard=True)
    assert names(own / "frames") == ["00001.png", "00002.png", "00003.png"] and not (own / "merged").exists()
    remove_frames(own)
    assert not own.exists()


def retouch(path):
    cv2.imwrite(str(path), cv2.circle(cv2.imread(str(path)), (20, 20), 9, (0, 0, 255), -1))
    return path.read_bytes()


def test_what_a_person_retouched_stays(arguments, tmp_path, capsys):
    own = tmp_path / "mine.mp4.merging"

    def merge_one(pictures):
        pictures.output.mkdir(exist_ok=True)
        with Journal(pictures.output) as journal:
            for name in ("00001", "00002", "00003"):
                journal.begin([name])
                shutil.copy(pictures.frames / f"{name}.png", pictures.output)
                if name != "00003":
                    journal.finish(name, "x", {"picture": file_fingerprint(pictures.output / f"{name}.png")})
        return 130

    assert merge_video(arguments, merge_one) == 130
    painted = {name: retouch(own / name) for name in ("frames/00004.png", "merged/00002.png")}
    assert merge_video(arguments, lambda pictures: 0) == 0
    assert [name for name in names(own) if name.endswith(".png")] == list(painted)
    assert all((own / name).read_bytes() == content for name, content in painted.items())
    assert "2 files in" in capsys.readouterr().err
    (tmp_path / "mine.mp4").unlink()
    (own / "merged" / "00002.png").unlink()
    with pytest.raises(UserError, match="retouched frames"):
        merge_video(arguments, lambda pictures: 0)


def test_retouched_frames_of_another_video_are_asked_about(make_film, tmp_path):
    own = tmp_path / "own"
    own_folder(own, fix="")
    extract_frames(make_film("long.mp4", count=10), own, lambda: 0)
    painted = retouch(own / "frames" / "00004.png")
    with pytest.raises(UserError, match="retouched frames"):
        extract_frames(make_film("short.mp4", count=3), own, lambda: 0)
    assert (own / "frames" / "00004.png").read_bytes() == painted
