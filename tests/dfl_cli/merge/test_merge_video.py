"""`dfl merge --video`: a film in, the same film with the other face out."""

import argparse
import json
import os
import shutil
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from dfl_cli.errors import UserError
from dfl_cli.frames import list_frames
from dfl_cli.main import main
from dfl_cli.merge.batch import MergeOutput
from dfl_cli.merge.command import add_arguments, run
from dfl_cli.merge.folders import Folders, faces_of
from dfl_cli.merge.merge_video import digits_of_faces, merge_video, of_one_size
from dfl_cli.provenance.claim import COMPOSITE, read_packet
from dfl_cli.provenance.file_metadata import search
from dfl_cli.video.properties import properties_of
from dfl_cli.video.read import VideoReader
from samplers.files.dfl_image import read_fields, write_face_info

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


def test_shards_merge_the_pictures_and_the_run_without_makes_the_film(arguments, film, tmp_path, capsys):
    with pytest.raises(UserError, match="Shards need the frames of the video as files"):
        run(arguments("--shard", "1/2"))
    frames = tmp_path / "frames"
    assert main(["video", "extract", str(film), "--output", str(frames)]) == 0
    for number in (1, 2):
        assert run(arguments("--frames", frames, "--shard", f"{number}/2")) == 0
        assert not (tmp_path / "out.mp4").exists()
    assert len(list((tmp_path / "out_merged").glob("*.png"))) == 5
    capsys.readouterr()
    assert run(arguments("--frames", frames)) == 0
    assert "5 of 5 frames are already done" in capsys.readouterr().out
    assert len(upright(tmp_path / "out.mp4")) == 5


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


def test_a_stopped_merge_goes_on_after_its_video_was_copied_or_touched(arguments, film, tmp_path):
    assert merge_video(arguments(), lambda pictures: 130) == 130
    before = (tmp_path / "out.mp4.merging" / "frames" / "00001.png").stat().st_ino
    os.utime(film, (1, 1))
    copy = shutil.copy(film, tmp_path / "copy.mp4")
    for video in (film, Path(copy)):
        assert merge_video(of_film(arguments, video, tmp_path / "out.mp4"), lambda pictures: 130) == 130
        assert (tmp_path / "out.mp4.merging" / "frames" / "00001.png").stat().st_ino == before


def test_frames_merged_from_another_video_are_not_discarded_without_a_word(arguments, film, make_film, tmp_path):
    def merge_one(pictures):
        pictures.output.mkdir(exist_ok=True)
        shutil.copy(pictures.frames / "00001.png", pictures.output)
        return 130

    assert merge_video(arguments(), merge_one) == 130
    result = tmp_path / "out.mp4.merging" / "merged" / "00001.png"
    note = tmp_path / "out.mp4.merging" / "video.json"
    original = note.read_text()
    for content in ('{"bytes": 5, "content": "another"}', '{"bytes": "5"}', "[]", "{", "[" * 100_000):
        note.write_text(content)
        with pytest.raises(UserError, match="holds merged or retouched frames of another video"):
            merge_video(arguments(), merge_one)
        assert result.exists()
    old = {"path": str(film), "bytes": film.stat().st_size, "changed": film.stat().st_mtime_ns}
    note.write_text(json.dumps(old))  # as earlier versions wrote it
    assert merge_video(arguments(), merge_one) == 130
    note.write_text(original)
    assert merge_video(arguments(), merge_one) == 130
    note.write_text("{}")
    assert merge_video(arguments("--overwrite"), lambda pictures: 130) == 130
    assert not result.exists()


def test_what_only_a_video_has_is_refused_without_one(arguments):
    given = arguments("--lossless")
    given.video = None
    with pytest.raises(UserError, match="--lossless only applies to videos"):
        run(given)


def of_film(arguments, video, output, *more):
    """The arguments for another film."""
    given = arguments(*more)
    given.video, given.output = video, output
    return given


def nothing_merged(pictures):
    """A merge in which every frame keeps its own picture."""
    return 0


@pytest.mark.parametrize("name", ["out.mkv", "out.mp4"])
def test_a_film_keeps_all_it_has_beside_its_pixels(arguments, rich_film, tmp_path, name, capsys):
    assert merge_video(of_film(arguments, rich_film, tmp_path / name), nothing_merged) == 0
    before, after = properties_of(rich_film), properties_of(tmp_path / name)
    assert [track.language for track in after.tracks if track.kind == "audio"] == ["eng", "jpn"]
    assert (after.chapters, after.timecode, after.has_cover) == (2, "01:00:00:00", True)
    if name == "out.mkv":
        assert after == before
    else:
        said = capsys.readouterr().err
        assert "srt, ger" in said and "jpn" not in said


def test_pixels_that_are_not_square_come_back_but_for_the_squares_of_the_network(arguments, make_film, tmp_path):
    film = make_film(size=(32, 48), pixel_shape=Fraction(2))

    def squares(pictures):
        pictures.output.mkdir(parents=True)
        for path in pictures.frames.iterdir():
            cv2.imwrite(str(pictures.output / path.name), np.zeros((64, 64, 3), np.uint8))
        return 0

    for name, merge, shape in (("frames.mp4", nothing_merged, 2), ("squares.mp4", squares, 1)):
        assert merge_video(of_film(arguments, film, tmp_path / name), merge) == 0
        assert VideoReader(tmp_path / name).facts().pixel_shape == shape


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("mirrored", [False, True])
def test_every_orientation_comes_out_as_it_is_shown(arguments, make_film, tmp_path, turned, mirrored):
    lying = np.zeros((48, 64, 3), np.uint8)
    lying[:24, :32], lying[24:, :32] = 255, 128
    film = make_film(pictures=[lying] * 2, rotation=turned, mirrored=mirrored)
    assert merge_video(of_film(arguments, film, tmp_path / "out.mp4"), nothing_merged) == 0
    assert np.abs(upright(film)[0] - upright(tmp_path / "out.mp4")[0]).mean() < 3


def test_frames_of_two_sizes_are_refused_before_the_merge(arguments, film, tmp_path):
    frames = tmp_path / "frames"
    assert main(["video", "extract", str(film), "--output", str(frames)]) == 0
    cv2.imwrite(str(frames / "00004.png"), np.zeros((20, 30, 3), np.uint8))
    with pytest.raises(UserError) as told:
        merge_video(arguments("--frames", frames), lambda pictures: pytest.fail("merged"))
    assert "00004.png is 30x20" in str(told.value)


def test_a_film_of_two_sizes_is_refused_before_the_merge(arguments, make_film, tmp_path):
    parts = [make_film(f"{size[0]}.h264", size=size, audio=False) for size in ((64, 48), (96, 80))]
    (tmp_path / "two.h264").write_bytes(b"".join(part.read_bytes() for part in parts))
    given = of_film(arguments, tmp_path / "two.h264", tmp_path / "out.mp4")
    with pytest.raises(UserError) as told:
        merge_video(given, lambda pictures: pytest.fail("merged"))
    assert "frame 11" in str(told.value) and "96x80" in str(told.value)


def test_audio_that_the_new_film_cannot_hold_is_told_before_the_merge(arguments, make_film, tmp_path):
    with av.open(str(tmp_path / "opus.mkv"), "w") as target, av.open(str(make_film(audio=False))) as source:
        copy, sound = target.add_stream_from_template(source.streams.video[0]), target.add_stream("libopus", rate=48000)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = copy
                target.mux(packet)
        target.mux(sound.encode(None))
    given = of_film(arguments, tmp_path / "opus.mkv", tmp_path / "out.mov")
    with pytest.raises(UserError) as told:
        merge_video(given, lambda pictures: pytest.fail("merged"))
    assert "opus audio, mov file" in str(told.value)


def test_a_frame_that_failed_among_squares_does_not_stop_the_film(tmp_path, capsys):
    for number, side in enumerate((9, 8, 8, 9, 8), start=1):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.zeros((side, side, 3), np.uint8))
    pictures = [tmp_path / f"{number}.png" for number in range(1, 6)]
    assert [path.stem for path in of_one_size(pictures)] == ["2", "2", "3", "3", "5"]
    assert "4.png has another size" in capsys.readouterr().err


@pytest.mark.parametrize(("named", "digits"), [(["00001.png", "100000.png"], 5), (["000001.jpg"], 6), (["a.png"], 0)])
def test_frames_are_numbered_as_the_faces_name_them(arguments, aligned, named, digits):
    for path, source in zip(sorted(aligned.iterdir()), named * 4, strict=False):
        write_face_info(path, read_fields(path.read_bytes()) | {"source_filename": source})
    assert digits_of_faces(arguments()) == digits


def test_a_merge_tells_the_order_of_mixed_names_and_of_turned_photos(aligned, tmp_path, capsys):
    frames = tmp_path / "frames"
    frames.mkdir()
    for name in ("00001.png", "00002.png", "IMG_7.png"):
        cv2.imwrite(str(frames / name), np.zeros((20, 30, 3), np.uint8))
    marked = Image.Exif()
    marked[0x0112] = 6
    Image.new("RGB", (30, 20)).save(frames / "IMG_31.jpg", exif=marked)
    faces_of(list_frames(frames), Folders(frames, aligned, tmp_path, MergeOutput(tmp_path / "merged", None)))
    said = capsys.readouterr().err
    assert "00001.png .. 00002.png, IMG_7.png .. IMG_31.jpg" in said
    assert said.count("IMG_31.jpg is marked in EXIF") == 1
