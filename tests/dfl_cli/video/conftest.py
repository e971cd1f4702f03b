"""Small films made for the test."""

from fractions import Fraction
from types import SimpleNamespace

import av
import numpy as np
import pytest

from dfl_cli.video.color import HD


@pytest.fixture
def make_film(tmp_path):
    """Makes a film of flat pictures, each brighter than the last; returns its path.

    times  of its frames, in seconds; None: even
    """

    def make(
        name="film.mp4",
        *,
        count=10,
        size=(64, 48),
        rate=Fraction(30000, 1001),
        times=None,
        color=HD,
        rotation=0,
        audio=True,
    ):
        path = tmp_path / name
        time_base = Fraction(1, 30000)
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=rate)
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            stream.time_base = stream.codec_context.time_base = time_base
            context = stream.codec_context
            context.color_primaries, context.color_trc, context.colorspace, context.color_range = color
            context.bit_rate = 4_000_000
            if rotation:
                stream.set_display_rotation(rotation)
            tone = container.add_stream("aac", rate=48000, layout="mono") if audio else None
            for number in range(count):
                frame = av.VideoFrame.from_ndarray(picture(number, size), format="bgr24").reformat(
                    format="yuv420p", dst_colorspace=5 if color.matrix != 1 else 1, dst_color_range=color.range or 1
                )
                seconds = times[number] if times else number / rate
                frame.pts, frame.time_base = round(seconds / time_base), time_base
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
            if tone:
                sound(container, tone, seconds=count / rate)
        return path

    return make


def picture(number, size=(64, 48)):
    """Bright as its number says, with a mark in the upper left corner."""
    drawn = np.full((size[1], size[0], 3), 30 + 15 * (number % 10), np.uint8)
    drawn[: size[1] // 3, : size[0] // 3] = (220, 60, 20)
    return drawn


def sound(container, stream, seconds):
    wave = (np.sin(np.arange(int(48000 * seconds)) * 0.05) * 0.3).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
    frame.sample_rate, frame.pts = 48000, 0
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


@pytest.fixture
def read_film():
    """What a film is, as the library reads it back."""

    def read(path):
        with av.open(str(path)) as container:
            packets = (
                [(p.pts * p.time_base, bytes(p)) for p in container.demux(audio=0) if p.dts is not None]
                if container.streams.audio
                else []
            )
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            frames = list(container.decode(stream))
            context = stream.codec_context
            return SimpleNamespace(
                pictures=[frame.to_ndarray(format="bgr24") for frame in frames],
                times=[frame.pts * frame.time_base for frame in frames],
                rate=stream.average_rate,
                tags=(context.color_primaries, context.color_trc, context.colorspace, context.color_range),
                rotation=frames[0].rotation,
                audio=packets,
                metadata=dict(container.metadata),
            )

    return read
