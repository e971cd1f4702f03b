"""What a film has beside its pixels is kept by join and cut, or its loss is told."""

from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from dfl_cli.main import main
from dfl_cli.video.hdr import static_hdr
from dfl_cli.video.properties import properties_of
from dfl_cli.video.read import NotAVideo, VideoReader
from dfl_cli.video.streams import StreamCopy
from dfl_cli.video.write import VideoWriter

HDR = "mastering-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):cll=1000,400"


def dfl_video(*words):
    return main(["video", *map(str, words), "--silent-start"])


def joined(film, folder, name="joined.mp4", *words):
    """The frames of `film` as a film again, with it as reference."""
    frames = folder / "frames"
    assert dfl_video("extract", film, "--output", frames, "--overwrite") == 0
    assert dfl_video("join", frames, "--output", folder / name, "--reference", film, *words) == 0
    return folder / name


def cut(film, folder, name="cut.mp4", *words):
    assert dfl_video("cut", film, "--output", folder / name, *words) == 0
    return folder / name


@pytest.mark.parametrize("again", [joined, cut])
@pytest.mark.parametrize("name", ["out.mp4", "out.mkv", "out.mov"])
def test_pixels_keep_their_shape(make_film, tmp_path, again, name):
    film = make_film(size=(32, 48), pixel_shape=Fraction(2), audio=False)
    assert VideoReader(again(film, tmp_path, name)).facts().pixel_shape == 2


@pytest.mark.parametrize("again", [joined, cut])
def test_the_pixels_of_a_film_that_lies_on_its_side_stand_up_with_it(make_film, tmp_path, again):
    film = make_film(size=(64, 48), pixel_shape=Fraction(4, 3), rotation=90, audio=False)
    facts = VideoReader(again(film, tmp_path)).facts()
    assert (facts.size, facts.pixel_shape) == ((48, 64), Fraction(3, 4))


def test_frames_of_another_shape_get_square_pixels_and_it_is_said(make_film, tmp_path, capsys):
    film = make_film(size=(32, 48), count=2, pixel_shape=Fraction(2), audio=False)
    (tmp_path / "frames").mkdir()
    for number in (1, 2):
        cv2.imwrite(str(tmp_path / "frames" / f"{number}.png"), np.zeros((48, 64, 3), np.uint8))
    assert dfl_video("join", tmp_path / "frames", "--output", tmp_path / "out.mp4", "--reference", film) == 0
    assert "pixel shape 2:1" in capsys.readouterr().err
    assert VideoReader(tmp_path / "out.mp4").facts().pixel_shape == 1


@pytest.mark.parametrize("again", [joined, cut])
@pytest.mark.parametrize("words", [[], ["--lossless"]])
def test_hdr_says_the_same_of_its_display_and_light(make_film, tmp_path, again, words):
    film = make_film(color=(9, 16, 9, 1), encoder={"x264-params": HDR}, audio=False)
    with av.open(str(again(film, tmp_path, "out.mp4", *words))) as container:
        said = static_hdr(next(container.decode(video=0)))
    assert said.x264_params == HDR


def test_all_that_matroska_can_hold_is_kept(rich_film, tmp_path, capsys):
    before = properties_of(rich_film)
    after = properties_of(joined(rich_film, tmp_path, "out.mkv", "--audio"))
    assert after == before
    assert [(track.kind, track.language) for track in after.tracks] == [
        ("audio", "eng"), ("audio", "jpn"), ("subtitle", "ger"),
    ]  # fmt: skip
    assert (after.chapters, after.attachments, after.has_cover) == (2, ["font.ttf"], True)
    assert "Not kept" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("language", "words", "subtitle"),
    [("en", "Not kept from rich.mkv", "(srt, ger)"), ("zh", "rich.mkv 中未保留", "（srt、ger）")],
)
def test_what_mp4_cannot_hold_is_told_and_where_it_would_be_kept(
    rich_film, tmp_path, capsys, language, words, subtitle
):
    assert dfl_video("cut", rich_film, "--output", tmp_path / "out.mp4", "--lang", language) == 0
    lost, kept = (line for line in capsys.readouterr().err.splitlines() if "font.ttf" in line)
    assert lost.startswith(words)
    assert all(what in lost for what in ("jpn", subtitle, "my_tag"))
    assert ".mkv" in kept and subtitle in kept and "jpn" not in kept
    after = properties_of(tmp_path / "out.mp4")
    assert (after.chapters, after.tags["title"], after.timecode) == (2, "A film", "01:00:00:00")
    assert [(track.codec, track.language) for track in after.tracks] == [("aac", "eng")]
    assert after.has_cover


@pytest.mark.parametrize(("title", "encoding"), [("你好", "gbk"), ("Café", "latin-1"), ("Été", "utf-8")])
def test_a_title_in_an_old_encoding_is_read_and_kept(rich_film, tmp_path, title, encoding):
    film = tmp_path / "old.mkv"
    content = title.encode(encoding)
    film.write_bytes(
        rich_film.read_bytes().replace(b"A film", content.ljust(6)).replace(b"Commentary", content.ljust(10))
    )
    said = properties_of(joined(film, tmp_path, "out.mkv", "--audio"))
    assert said.tags["title"].rstrip() == title
    assert said.tracks[1].title.rstrip() == title


def test_chapters_do_not_become_subtitles_again_and_again(rich_film, tmp_path):
    for number in range(3):
        rich_film = joined(rich_film, tmp_path, f"{number}.mp4", "--overwrite")
    said = properties_of(rich_film)
    assert (said.chapters, said.timecode, said.tracks) == (2, "01:00:00:00", [])


def test_a_part_has_its_share_of_subtitles_and_chapters(rich_film, tmp_path, capsys):
    part = cut(rich_film, tmp_path, "out.mkv", "--from", "0.4", "--to", "0.8", "--audio-track", "1")
    with av.open(str(part)) as container:
        chapters = [(one["metadata"]["title"], float(one["start"] * one["time_base"])) for one in container.chapters()]
        texts = [(packet.pts, packet.duration, bytes(packet)) for packet in container.demux(subtitles=0) if packet.size]
        assert container.streams.audio[0].language == "jpn"
    assert chapters == [("One", 0), ("Two", pytest.approx(0.2))]
    assert [text for *_, text in texts] == [b"hello", b"again"]
    assert [(begin, length) for begin, length, _ in texts] == [  # milliseconds; the film's clock begins with the audio
        (0, pytest.approx(100, abs=25)), (pytest.approx(300, abs=25), pytest.approx(100, abs=25)),
    ]  # fmt: skip
    assert "timecode 01:00:00:00" in capsys.readouterr().err


def test_a_clock_that_does_not_fit_the_frame_rate_is_told_and_stops_nothing(make_film, tmp_path, capsys):
    film, clocked = make_film(rate=Fraction(25), audio=False), tmp_path / "clocked.mkv"
    with av.open(str(film)) as source, av.open(str(clocked), "w") as target:
        copy = target.add_stream_from_template(source.streams.video[0])
        copy.metadata["timecode"] = "01:00:00;02"  # drops numbers, which only 29.97 and 59.94 frames a second can
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = copy
                target.mux(packet)
    assert len(list(VideoReader(joined(clocked, tmp_path)).frames())) == 10
    assert "timecode 01:00:00;02" in capsys.readouterr().err


def test_without_audio_it_is_told_which_was_left_out(rich_film, tmp_path, capsys):
    assert properties_of(joined(rich_film, tmp_path, "out.mkv")).tracks[0].kind == "subtitle"
    assert "audio 0 (aac, eng); audio 1 (aac, jpn, Commentary)" in capsys.readouterr().err


def test_audio_that_has_no_place_is_refused_before_anything_is_written(make_film, tmp_path, capsys):
    film = with_audio(make_film(audio=False), tmp_path / "opus.mkv", "libopus")
    for words in (["cut", film], ["join", tmp_path / "frames", "--reference", film, "--audio"]):
        if words[0] == "join":
            assert dfl_video("extract", film, "--output", tmp_path / "frames") == 0
        assert dfl_video(*words, "--output", tmp_path / "out.mov") == 1
        assert "opus audio, mov file" in capsys.readouterr().err
        assert dfl_video(*words, "--output", tmp_path / f"{words[0]}.mkv") == 0
    assert not (tmp_path / "out.mov").exists()


def with_audio(film, path, codec):
    """`film` with a second of silence."""
    with av.open(str(film)) as source, av.open(str(path), "w") as target:
        copy = target.add_stream_from_template(source.streams.video[0])
        sound = target.add_stream(codec, rate=48000, layout="stereo", bit_rate=96_000)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = copy
                target.mux(packet)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 96000), np.float32), format="flt", layout="stereo")
        silence.sample_rate, silence.pts = 48000, 0
        for part in av.AudioResampler(format=sound.format, layout="stereo", rate=48000).resample(silence):
            target.mux(sound.encode(part))
        target.mux(sound.encode(None))
    return path


def test_audio_that_matroska_cannot_hold_is_to_be_converted(make_film, tmp_path, capsys):
    film = with_audio(make_film(audio=False), tmp_path / "old.wmv", "wmav2")
    assert dfl_video("cut", film, "--output", tmp_path / "out.mkv") == 1
    said = capsys.readouterr().err
    assert "wmav2 audio, matroska file" in said
    assert 'ffmpeg -i "old.wmv"' in said and "Write a .mkv" not in said


def test_a_cover_is_no_video(make_film, tmp_path):
    with av.open(str(tmp_path / "song.mkv"), "w") as target:
        sound = target.add_stream("aac", rate=48000, layout="mono")
        target.add_attachment(
            "cover.png", "image/png", cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))[1].tobytes()
        )
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 48000), np.float32), format="fltp", layout="mono")
        silence.sample_rate, silence.pts = 48000, 0
        target.mux(sound.encode(silence))
        target.mux(sound.encode(None))
    with pytest.raises(NotAVideo):
        VideoReader(tmp_path / "song.mkv").facts()


@pytest.mark.parametrize("late", ["video", "audio"])
@pytest.mark.parametrize("name", ["out.mp4", "out.mkv"])
def test_what_begins_later_still_does(make_film, read_film, tmp_path, late, name):
    film, shifted = make_film(), tmp_path / "late.mkv"
    with av.open(str(film)) as source, av.open(str(shifted), "w") as target:
        copies = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is None:
                continue
            shift = round(Fraction(1, 2) / packet.time_base) if packet.stream.type == late else 0
            packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, copies[packet.stream.index]
            target.mux(packet)
    before, after = read_film(shifted), read_film(joined(shifted, tmp_path, name, "--audio"))
    distance = [float(one.times[0] - one.audio[0][0]) for one in (before, after)]
    assert distance[1] == pytest.approx(distance[0], abs=0.002)
    assert abs(distance[0]) > 0.4


def transparent_film(path):
    with av.open(str(path), "w") as target:
        stream = target.add_stream("qtrle", rate=25)
        stream.width, stream.height, stream.pix_fmt = 32, 24, "argb"
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(np.full((24, 32, 4), 128, np.uint8), format="argb")
            frame.pts = number
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return path


def test_transparency_is_told(tmp_path, capsys):
    film = transparent_film(tmp_path / "clear.mov")
    joined(film, tmp_path)
    said = capsys.readouterr().err
    assert "clear.mov has transparency" in said
    assert "Not kept from clear.mov: transparency" in said


def test_a_second_view_is_told(make_film, tmp_path, capsys):
    film, two = make_film(audio=False), tmp_path / "two.mp4"
    with av.open(str(film)) as source, av.open(str(two), "w") as target:
        copies = [target.add_stream_from_template(source.streams.video[0]) for _ in range(2)]
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = copies[0]
                target.mux(packet)
        copy = av.open(str(film))
        for packet in copy.demux(video=0):
            if packet.dts is not None:
                packet.stream = copies[1]
                target.mux(packet)
        copy.close()
    cut(two, tmp_path)
    assert "video 1 (h264" in capsys.readouterr().err


def captioned(film, path):
    """The H.264 stream `film` with closed captions (CEA-708, as ATSC A/53 puts them into a message) before its first picture."""
    message = b"\xb5\x00\x31GA94\x03\xc1\xff\xfc\x94\x20\xff"
    unit = b"\0\0\0\1\x06\x04" + bytes([len(message)]) + message + b"\x80"
    stream = film.read_bytes()
    first = min(place for start in (b"\0\0\1\x65", b"\0\0\1\x25") if (place := stream.find(start)) >= 0)
    path.write_bytes(stream[:first] + unit[1:] + stream[first:])
    return path


@pytest.mark.parametrize(("language", "words"), [("en", "closed captions"), ("zh", "隐藏字幕")])
def test_closed_captions_are_told(make_film, tmp_path, capsys, language, words):
    film = captioned(make_film("film.h264", audio=False), tmp_path / "captioned.h264")
    cut(film, tmp_path, "out.mp4", "--lang", language)
    assert words in capsys.readouterr().err


def test_two_views_in_one_picture_are_told(make_film, tmp_path, capsys):
    film = make_film(audio=False, encoder={"x264-params": "frame-packing=3"})
    cut(film, tmp_path)
    assert "Not kept from film.mp4: 3D" in capsys.readouterr().err


def test_interlacing_is_told(make_film, tmp_path, capsys):
    film = make_film(audio=False, encoder={"x264-params": "interlaced=1"})
    cut(film, tmp_path)
    assert "interlacing" in capsys.readouterr().err
    assert dfl_video("extract", film, "--output", tmp_path / "frames") == 0
    assert "film.mp4 is interlaced" in capsys.readouterr().err


def test_sound_that_an_edit_list_hides_stays_hidden(make_film, read_film, tmp_path):
    film, hidden = make_film(count=30), tmp_path / "hidden.mp4"
    with av.open(str(film)) as source, av.open(str(hidden), "w") as target:
        copies = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is None:
                continue
            shift = round(Fraction(1, 2) / packet.time_base)
            packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, copies[packet.stream.index]
            target.mux(packet)
    after = read_film(cut(hidden, tmp_path, "out.mkv"))
    assert float(after.times[0] - after.audio[0][0]) < 0.11
    assert len(after.times) == len(read_film(hidden).times)


def test_a_trial_leaves_nothing_behind(rich_film, tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    cut(rich_film, tmp_path)
    assert not list((tmp_path / "temporary").iterdir())


def test_copying_needs_no_audio(make_film, tmp_path):
    film = make_film(audio=False)
    with VideoWriter(tmp_path / "out.mp4", rate=Fraction(25), bitrate=4, streams=StreamCopy(film)) as video:
        video.add(np.zeros((48, 64, 3), np.uint8))
    assert not properties_of(tmp_path / "out.mp4").tracks
