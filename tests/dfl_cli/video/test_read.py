"""Videos as pictures, read back from films made for the test."""

from fractions import Fraction

import numpy as np
import pytest

from dfl_cli.video.color import HD, ColorTags
from dfl_cli.video.read import NotAVideo, VideoReader
from dfl_cli.video.streams import StreamCopy
from dfl_cli.video.write import VideoWriter


def brightness(picture):
    return float(picture[-6:, -6:].mean())


def test_every_picture_comes_once_in_order_in_its_colors(make_film):
    frames = list(VideoReader(make_film()).frames())
    assert len(frames) == 10
    assert [brightness(frame.picture) for frame in frames] == pytest.approx([30 + 15 * n for n in range(10)], abs=3)
    assert np.abs(frames[0].picture[4:10, 4:10].astype(int) - (220, 60, 20)).max() <= 6
    assert [frame.at for frame in frames] == [1001 * n for n in range(10)]


def test_what_a_film_says_about_itself(make_film):
    facts = VideoReader(make_film()).facts()
    assert (facts.rate, facts.color, facts.declared_frames, facts.audio_tracks) == (Fraction(30000, 1001), HD, 10, 1)


@pytest.mark.parametrize("tags", [ColorTags(6, 6, 5, 1), ColorTags(2, 2, 2, 0), ColorTags(1, 1, 1, 2)])
def test_colors_are_converted_as_the_tags_say(make_film, tags):
    reader = VideoReader(make_film(color=tags, audio=False))
    assert reader.facts().color == tags
    assert np.abs(next(reader.frames()).picture[4:10, 4:10].astype(int) - (220, 60, 20)).max() <= 6


# Counterclockwise degrees, mirrored after that -> where ffmpeg 5.1 shows the quarters of a frame with blue and green above
# red and white.
ORIENTATIONS = {
    (0, False): "bg rw", (90, False): "gw br", (180, False): "wr gb", (270, False): "rb wg",
    (0, True): "gb wr", (90, True): "wg rb", (180, True): "rw bg", (270, True): "br gw",
}  # fmt: skip
QUARTERS = {"b": (220, 60, 20), "g": (30, 200, 40), "r": (40, 40, 220), "w": (200, 200, 200)}


@pytest.mark.parametrize(("turned", "mirrored"), ORIENTATIONS)
def test_a_film_is_shown_as_its_display_matrix_says(make_film, turned, mirrored):
    frame = np.kron(
        np.array([[QUARTERS[each] for each in row] for row in ("bg", "rw")]).transpose(2, 0, 1), np.ones((24, 32))
    )
    lying = np.ascontiguousarray(frame.transpose(1, 2, 0).astype(np.uint8))
    shown = next(
        VideoReader(make_film(pictures=[lying], audio=False, rotation=turned, mirrored=mirrored)).frames()
    ).picture
    height, width = shown.shape[:2]
    assert (height, width) == ((48, 64), (64, 48))[turned % 180 > 0]
    middles = shown[height // 4 :: height // 2, width // 4 :: width // 2]
    nearest = [
        [min(QUARTERS, key=lambda each: np.abs(color - np.array(QUARTERS[each])).sum()) for color in row]
        for row in middles
    ]
    assert " ".join(map("".join, nearest)) == ORIENTATIONS[turned, mirrored]


def test_uneven_times_are_told(make_film):
    times = [Fraction(n, 30) for n in (0, 1, 3, 4, 8)]
    path = make_film(count=5, times=times)
    reader = VideoReader(path)
    assert [at * reader.facts().time_base for at, _ in reader.times(5)] == times
    assert reader.times(5) == reader.times(0)  # listed in the file, and as decoded


def test_a_film_that_breaks_off_gives_what_is_there(make_film, tmp_path):
    whole = make_film("whole.mkv", count=30, audio=False)
    part = tmp_path / "part.mkv"
    part.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    assert 0 < len(list(VideoReader(part).frames())) < 30


@pytest.mark.parametrize("content", [b"", b"no video", b"\0\0\0\x18ftypisom" + bytes(200)])
def test_what_is_no_video_is_named(tmp_path, content):
    path = tmp_path / "x.mp4"
    path.write_bytes(content)
    with pytest.raises(NotAVideo, match=r"x\.mp4"):
        VideoReader(path).facts()


def test_sound_alone_is_no_video(tmp_path):
    import av

    with av.open(str(tmp_path / "sound.m4a"), "w") as container:
        stream = container.add_stream("aac", rate=48000, layout="mono")
        container.mux(stream.encode(None))
    with pytest.raises(NotAVideo):
        VideoReader(tmp_path / "sound.m4a").facts()


def copy_of(path, target, **options):
    """The film at `path` again, with its sound."""
    reader = VideoReader(path)
    facts = reader.facts()
    streams = StreamCopy(path, **options)
    with VideoWriter(
        target, rate=facts.rate, bitrate=4, time_base=facts.time_base, color=facts.color, streams=streams
    ) as video:
        for frame in reader.frames():
            video.add(frame.picture, at=frame.at, duration=frame.duration)
    return target


@pytest.mark.parametrize(
    ("source", "target"), [("a.mp4", "b.mp4"), ("a.mp4", "b.mkv"), ("a.mkv", "b.mp4"), ("a.mp4", "b.mov")]
)
def test_the_sound_is_copied_packet_by_packet(make_film, read_film, tmp_path, source, target):
    path = make_film(source)
    before, after = read_film(path), read_film(copy_of(path, tmp_path / target))
    assert [content for _, content in before.audio] == [content for _, content in after.audio]
    assert len(after.audio) > 10
    lag = [
        float(b - a) - float(v - u)
        for (a, _), (b, _), u, v in zip(before.audio, after.audio, before.times, after.times, strict=False)
    ]
    assert max(map(abs, lag)) < 0.0011  # seconds between sound and picture; Matroska counts milliseconds
    assert float(after.rate) == pytest.approx(float(before.rate), rel=0.01)


def test_a_part_of_the_sound_begins_with_the_part(make_film, read_film, tmp_path):
    path = make_film(count=60)
    part = read_film(copy_of(path, tmp_path / "part.mp4", start=Fraction(1), end=Fraction(3, 2)))
    assert 0 <= part.audio[0][0] < 0.03
    assert 0.45 < part.audio[-1][0] < 0.5
