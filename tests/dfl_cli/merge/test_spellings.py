"""Frames, faces and results whose names are no ASCII: other spellings, other bytes, 255 of them."""

import argparse
import os
import unicodedata
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from dfl_cli.frames import read_frame
from dfl_cli.merge.command import add_arguments, run
from dfl_cli.provenance.file_metadata import search
from samplers.files.dfl_image import write_face_info


def composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def decomposed(name: str) -> str:
    return unicodedata.normalize("NFD", name)


def gbk(name: str) -> str:
    return os.fsdecode(name.encode("gbk"))


@pytest.fixture
def workspace(tmp_path, recorded, models):
    """Makes frames, and faces that say which of them they were cut from; `merge` merges them, `merged` is a result."""
    frames, aligned = tmp_path / "data_dst", tmp_path / "data_dst" / "aligned"
    aligned.mkdir(parents=True)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "fresh").symlink_to(models / "fresh")
    picture = cv2.imencode(".png", recorded.frame)[1].tobytes()

    def add_frame(name):
        (frames / name).write_bytes(picture)

    def add_face(name, source, **fields):
        path = aligned / name
        path.write_bytes(cv2.imencode(".jpg", np.full((64, 64, 3), 128, np.uint8))[1].tobytes())
        known = {"face_type": "whole_face", "landmarks": (recorded.landmarks / 3).tolist(), "source_filename": source}
        write_face_info(path, known | {"source_landmarks": recorded.landmarks.tolist()} | fields)

    def merge(*flags):
        parser = argparse.ArgumentParser()
        add_arguments(parser)
        return run(parser.parse_args(["--workspace", str(tmp_path), *flags, "--batch", "--cpu"]))

    def is_swapped(name):
        return not np.array_equal(read_frame(frames / "merged" / name), recorded.frame)

    return SimpleNamespace(add_frame=add_frame, add_face=add_face, merge=merge, is_swapped=is_swapped, root=tmp_path)


@pytest.mark.parametrize("name", ["Йод", "한국어", "Việt"])
def test_a_face_finds_its_frame_in_either_spelling(workspace, name):
    workspace.add_frame(f"{decomposed(name)}1.png")
    workspace.add_frame(f"{composed(name)}2.png")
    workspace.add_face("1.jpg", f"{composed(name)}1.png")
    workspace.add_face("2.jpg", f"{decomposed(name)}2.png")
    assert workspace.merge() == 0
    assert workspace.is_swapped(f"{decomposed(name)}1.png")
    assert workspace.is_swapped(f"{composed(name)}2.png")


def test_of_two_frames_that_look_alike_each_gets_its_own_face(workspace, capsys):
    for number, spelled in enumerate([composed("й"), decomposed("й")]):
        workspace.add_frame(f"{spelled}.png")
        workspace.add_face(f"{number}.jpg", f"{spelled}.png")
    assert workspace.merge() == 0
    assert "2 frames merged" in capsys.readouterr().out
    assert workspace.merge() == 0
    assert "all frames are up to date" in capsys.readouterr().out


def test_the_journal_knows_a_frame_that_was_respelled_since(workspace, capsys):
    workspace.add_frame(decomposed("й.png"))
    workspace.add_face("1.jpg", composed("й.png"))
    workspace.merge()
    for folder in (workspace.root / "data_dst", *(workspace.root / "data_dst").glob("merged*")):
        before = folder / decomposed("й.png")
        before.rename(folder / composed("й.png"))
    capsys.readouterr()
    assert workspace.merge() == 0
    assert "all frames are up to date" in capsys.readouterr().out


def test_frames_in_gbk_are_merged_and_marked(workspace, capsys):
    for name in ("中文1.png", "中文2.png"):
        workspace.add_frame(gbk(name))
    workspace.add_face("1.jpg", "中文1.png")  # extracted on Windows
    workspace.add_face(gbk("脸2.jpg"), gbk("中文2.png"))  # extracted here
    assert workspace.merge() == 0
    assert "2 frames merged" in capsys.readouterr().out
    assert workspace.is_swapped(gbk("中文1.png"))
    assert search(workspace.root / "data_dst" / "merged" / gbk("中文2.png")).packet


def test_what_fails_of_a_frame_in_gbk_is_said_with_its_bytes(workspace, capfd):
    workspace.add_frame("1.png")
    workspace.add_face("1.jpg", "1.png")
    (workspace.root / "data_dst" / gbk("坏.png")).write_bytes(b"no picture")
    assert workspace.merge() == 1
    assert "\\xbb\\xb5.png: not a readable image" in capfd.readouterr().err


@pytest.mark.parametrize("stem", ["a" * 251, "字" * 83 + "ab", gbk("字") * 125], ids=["ascii", "utf-8", "gbk"])
def test_names_of_the_greatest_length_are_merged(workspace, stem):
    workspace.add_frame(f"{stem}.png")
    workspace.add_face("1.jpg", f"{stem}.png")
    assert workspace.merge() == 0
    assert workspace.is_swapped(f"{stem}.png")


@pytest.mark.parametrize(
    ("landmarks", "fact"),
    [
        ([[5.0, 5.0]] * 68, "they lie in one place"),
        ([[float(each), 3.0] for each in range(68)], "they lie on one line"),
        ([[float("nan"), 1.0]] * 68, "they are not finite numbers"),
        ([[1e9, float(each)] for each in range(68)], "they lie outside the image"),
        ([[1.0, 2.0]] * 5, "they are not 68 points"),
    ],
)
def test_landmarks_that_place_no_face_in_its_frame_are_named(workspace, capfd, landmarks, fact):
    for number in range(2):
        workspace.add_frame(f"{number}.png")
    workspace.add_face("good.jpg", "0.png")
    workspace.add_face("bad.jpg", "1.png", source_landmarks=landmarks)
    assert workspace.merge() == 0
    said = capfd.readouterr().err
    assert f"Skipped bad.jpg: unusable landmarks: {fact}" in said
    assert "1 face cannot be placed in its frame and was skipped." in said
    assert workspace.is_swapped("0.png")
    assert not workspace.is_swapped("1.png")


def test_where_no_face_can_be_placed_the_folder_is_not_blamed(workspace):
    workspace.add_frame("0.png")
    workspace.add_face("bad.jpg", "0.png", source_landmarks=[[5.0, 5.0]] * 68)
    with pytest.raises(Exception, match="can be placed in a frame") as caught:
        workspace.merge()
    assert "they lie in one place (1)" in str(caught.value)


def test_a_damaged_xseg_mask_is_said_with_the_name_of_its_face(workspace, capfd):
    workspace.add_frame("0.png")
    workspace.add_face("cut.jpg", "0.png", xseg_mask=np.frombuffer(b"\x89PNG\r\n\x1a\n cut short", np.uint8))
    assert workspace.merge("--mask-mode", "XSeg-dst") == 0
    assert "1 face has a damaged XSeg mask: used learned-dst instead of XSeg-dst. (cut.jpg)" in capfd.readouterr().err
