"""`dfl merge --video`: a film in, the same film with the other face out."""

import argparse
import json
from fractions import Fraction

import cv2
import numpy as np
import pytest

from dfl_cli.errors import UserError
from dfl_cli.main import main
from dfl_cli.merge.command import add_arguments, run
from dfl_cli.merge.merge_video import merge_video
from dfl_cli.provenance.claim import COMPOSITE, read_packet
from dfl_cli.provenance.file_metadata import search
from dfl_cli.video.read import VideoReader
from samplers.files.dfl_image import write_face_info

TIMES = [Fraction(number, 30) for number in (0, 1, 3, 4, 8)]  # a phone that skipped frames
BT601 = (6, 6, 5, 1)


@pytest.fixture
def film(make_film, recorded):
    """Five frames with a face, lying on their side as phones write them."""
    lying = cv2.rotate(recorded.frame, cv2.ROTATE_90_COUNTERCLOCKWISE)
    return make_film("dst.mp4", pictures=[lying] * 5, times=TIMES, color=BT601, rotation=-90)


@pytest.fixture
def aligned(tmp_path, recorded):
    """The faces of all frames but the last."""
    folder = tmp_path / "aligned"
    folder.mkdir()
    for number in range(1, 5):
        path = folder / f"{number:05d}_0.jpg"
        cv2.imwrite(str(path), np.full((64, 64, 3), 128, np.uint8))
        fields = {"face_type": "whole_face", "source_filename": f"{number:05d}.png"}
        landmarks = {"landmarks": (recorded.landmarks / 3).tolist(), "source_landmarks": recorded.landmarks.tolist()}
        write_face_info(path, fields | landmarks)
    return folder


@pytest.fixture
def arguments(film, aligned, models, tmp_path):
    """Makes the arguments of `dfl merge` for the film, into out.mp4."""

    def given(*more):
        parser = argparse.ArgumentParser()
        add_arguments(parser)
        words = ["--video", film, "--aligned", aligned, "--models", models, "--output", tmp_path / "out.mp4", *more]
        return parser.parse_args([*map(str, words), "--batch", "--cpu"])

    return given


def upright(path):
    return [frame.picture.astype(int) for frame in VideoReader(path).frames()]


def test_a_merged_film_differs_in_the_face_alone(arguments, film, recorded, read_film, tmp_path, certificates, capsys):
    made = certificates()
    assert run(arguments("--sign", made.chain, made.key, "--bitrate", "40")) == 0
    before, after = read_film(film), read_film(tmp_path / "out.mp4")
    assert (after.times, after.tags) == (before.times, BT601)
    assert [content for _, content in after.audio] == [content for _, content in before.audio]
    shown, merged = upright(film), upright(tmp_path / "out.mp4")
    assert merged[0].shape == recorded.frame.shape
    face, corner = np.s_[50:75, 60:85], np.s_[:20, :20]
    assert np.abs(merged[0][face] - shown[0][face]).mean() > 8
    assert np.abs(merged[0][corner] - shown[0][corner]).mean() < 3
    assert np.abs(merged[4] - shown[4]).mean() < 3
    claim = read_packet(search(tmp_path / "out.mp4").packet)
    assert (claim.source_type, claim.system) == (COMPOSITE, "SAEHD fresh")
    capsys.readouterr()
    assert main(["verify", str(tmp_path / "out.mp4"), "--trust", str(made.root), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"][0]["c2pa"]["state"] == "trusted"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["aligned", "dst.mp4", "out.mp4"]


def test_pictures_that_were_extracted_are_used_and_stay(arguments, film, tmp_path):
    frames = tmp_path / "frames"
    assert main(["video", "extract", str(film), "--output", str(frames)]) == 0
    (frames / "00005.png").write_bytes(b"half a picture")
    assert run(arguments("--frames", frames, "--no-metadata")) == 1
    assert len(upright(tmp_path / "out.mp4")) == 5
    assert search(tmp_path / "out.mp4").packet is None
    assert len(list((tmp_path / "out_merged").glob("0000[1-4].png"))) == 4
    (frames / "00003.png").unlink()
    with pytest.raises(UserError, match="do not match the video"):
        run(arguments("--frames", frames, "--overwrite"))


def test_a_stopped_merge_goes_on_and_leaves_no_half_film(arguments, tmp_path):
    assert merge_video(arguments(), lambda pictures: 130) == 130
    kept = tmp_path / "out.mp4.merging" / "frames"
    assert len(list(kept.iterdir())) == 5
    assert not (tmp_path / "out.mp4").exists()
    before = (kept / "00001.png").stat().st_mtime_ns
    seen = []
    merge_video(arguments(), lambda pictures: seen.append((kept / "00001.png").stat().st_mtime_ns) or run(pictures))
    assert seen == [before]
    assert len(upright(tmp_path / "out.mp4")) == 5
    assert not kept.exists()


def test_what_only_a_video_has_is_refused_without_one(arguments):
    given = arguments("--lossless")
    given.video = None
    with pytest.raises(UserError, match="--lossless only applies to videos"):
        run(given)
