"""Videos whose names are no ASCII, or as long as a name may be."""

import argparse
import os
import unicodedata

import pytest

from dfl_cli.merge.merge_video import video_folders
from dfl_cli.video.cut import name_of_part
from dfl_cli.video.files import video_file


@pytest.mark.parametrize(
    ("there", "asked"),
    [
        (unicodedata.normalize("NFD", "Йод"), unicodedata.normalize("NFC", "Йод")),
        (os.fsdecode("影片1".encode("gbk")), "影片1"),
        ("clip [1]", "clip [1]"),  # brackets are no pattern
    ],
)
def test_the_first_video_of_a_name_is_found_in_every_spelling(tmp_path, there, asked):
    (tmp_path / f"{there}.mp4").touch()
    (tmp_path / f"{there}.txt").touch()
    assert video_file(tmp_path / f"{asked}.*").name == f"{there}.mp4"


@pytest.mark.parametrize("stem", ["a" * 251, "字" * 83 + "ab", os.fsdecode("字".encode("gbk")) * 125])
def test_what_is_named_after_a_video_fits(tmp_path, stem):
    video = tmp_path / f"{stem}.mp4"
    video.touch()
    name_of_part(video).touch()
    given = argparse.Namespace(workspace=None, frames=None, aligned=None)
    video_folders(given, video).own.mkdir()
    given.frames = tmp_path
    video_folders(given, video).merged.mkdir()
