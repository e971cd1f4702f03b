"""Pictures into a video file, read back by the library."""

import signal
from fractions import Fraction

import av
import numpy as np
import pytest

from dfl_cli.video.color import HD, ColorTags
from dfl_cli.video.write import UnwritableVideo, VideoWriter


def pictures(count, height=48, width=64):
    """A square that walks over a smooth background."""
    ramp = np.linspace(40, 200, width, dtype=np.uint8)
    for number in range(count):
        picture = np.empty((height, width, 3), np.uint8)
        picture[...] = ramp[:, None]
        picture[8:20, 4 + number : 16 + number] = (200, 60, 20)
        yield picture


def write(path, frames, **options):
    with VideoWriter(path, **{"rate": Fraction(30000, 1001), "bitrate": 8} | options) as video:
        for frame in frames:
            video.add(frame)
    return path


def read(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def test_a_video_has_its_pictures_its_rate_and_its_colors(tmp_path):
    path = write(tmp_path / "视频.mp4", pictures(12))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        assert (stream.frames, stream.average_rate) == (12, Fraction(30000, 1001))
        assert float(stream.duration * stream.time_base) == pytest.approx(12 * 1001 / 30000)
        context = stream.codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == HD
    for frame, picture in zip(frames, pictures(12), strict=True):
        assert np.abs(frame.to_ndarray(format="bgr24").astype(int) - picture).mean() < 4
    assert [each.name for each in tmp_path.iterdir()] == ["视频.mp4"]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_lossless_gives_every_pixel_back(tmp_path, suffix):
    frames = [np.random.default_rng(n).integers(0, 256, (33, 47, 3), np.uint8) for n in range(3)]
    path = write(tmp_path / f"exact{suffix}", frames, bitrate=None)
    assert all(np.array_equal(*pair) for pair in zip(read(path), frames, strict=True))


def test_an_odd_side_gets_one_more_row_or_column_like_its_last(tmp_path):
    back = read(write(tmp_path / "odd.mp4", pictures(2, 47, 63)))
    assert back[0].shape == (48, 64, 3)
    assert np.abs(back[0][:47, :63].astype(int) - next(pictures(1, 47, 63))).mean() < 4
    assert np.abs(back[0][46].astype(int) - back[0][47]).max() < 12


def test_uneven_times_are_kept(tmp_path):
    times, lengths = [0, 1001, 3003, 4004, 7007], [1001, 2002, 1001, 3003, 1001]
    with VideoWriter(
        tmp_path / "v.mp4", rate=Fraction(30), bitrate=8, time_base=Fraction(1, 30000)
    ) as video:  # fmt: skip
        for picture, at, duration in zip(pictures(5), times, lengths, strict=True):
            video.add(picture, at=at, duration=duration)
    with av.open(str(tmp_path / "v.mp4")) as container:
        assert [frame.pts * frame.time_base for frame in container.decode(video=0)] == [
            Fraction(at, 30000) for at in times
        ]


@pytest.mark.parametrize("tags", [ColorTags(6, 6, 5, 1), ColorTags(2, 2, 2, 0), ColorTags(1, 1, 1, 2)])
def test_color_tags_of_any_kind_come_back_with_the_same_colors(tmp_path, tags):
    path = write(tmp_path / "tagged.mp4", pictures(2), color=tags, bitrate=50)
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == tags
    flat = next(pictures(1))[10:18, 6:14]
    assert np.abs(read(path)[0][10:18, 6:14].astype(int) - flat).max() <= 5


def test_a_video_that_fails_leaves_nothing_and_keeps_the_old_one(tmp_path):
    path = write(tmp_path / "v.mp4", pictures(2))
    before = path.read_bytes()

    def broken():
        yield from pictures(1)
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        write(path, broken())
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UnwritableVideo, match="No such file"):
        write(tmp_path / "missing" / "v.mp4", pictures(1))


def test_a_disk_that_fills_up_leaves_nothing(tmp_path):
    resource = pytest.importorskip("resource")  # limits of processes, which Windows lacks
    noise = np.random.default_rng(1).integers(0, 256, (60, 100, 100, 3), np.uint8)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    try:
        with pytest.raises(UnwritableVideo, match="too large"):
            write(tmp_path / "v.mp4", noise, bitrate=None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert not list(tmp_path.iterdir())


def test_without_the_library_the_way_to_get_it_is_named(monkeypatch):
    import importlib
    import sys

    from dfl_cli.errors import UserError

    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.delitem(sys.modules, "dfl_cli.video.library")
    with pytest.raises(UserError) as told:
        importlib.import_module("dfl_cli.video.library")
    assert "dfl-trainer[video]" in str(told.value)
