"""Pictures into a video file: H.264 at a bit rate or without any loss, complete or not at all.

with VideoWriter(Path("out.mp4"), rate=Fraction(25), bitrate=16) as video:
    for picture in pictures:
        video.add(picture)
"""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from dfl_cli.video.color import HD, ColorTags
from dfl_cli.video.hdr import NO_HDR, StaticHdr
from dfl_cli.video.library import av
from samplers.files.atomic_file import remove_leftovers, replacing

FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
ACCURATE = 4 | 0x40000 | 0x2000  # of swscale: bicubic, exact rounding, colors interpolated in full


class UnwritableVideo(Exception):
    """`path` could not be written; `reason` is the library's or the system's."""

    def __init__(self, path: Path, reason: str):
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


class VideoWriter:
    """A video file being written. It appears under its name when the `with` block ends well; otherwise nothing is left of it.

    rate        frames per second
    bitrate     Mbit/s; None: lossless, every pixel comes back as it was
    time_base   seconds of one tick of the times given to `add`; None: one frame
    color       tags of the file, and how pixels are converted
    pixel_shape width of a pixel / its height
    hdr         what it says of the brightness of HDR
    streams     `dfl_cli.video.streams.StreamCopy` or anything like it: `begin(container)`, then `until(seconds)` before each picture
                and `rest()` at the end, all three muxing packets
    finish      last touches to the complete file, before it gets its name
    """

    def __init__(
        self,
        path: Path,
        *,
        rate: Fraction,
        bitrate: float | None,
        time_base: Fraction | None = None,
        color: ColorTags = HD,
        pixel_shape: Fraction = Fraction(1),
        hdr: StaticHdr = NO_HDR,
        metadata: dict[str, str] | None = None,
        streams: Any = None,
        finish: Callable[[Path], None] | None = None,
    ):
        self.path, self.color, self.bitrate, self.streams, self.finish = path, color, bitrate, streams, finish
        self.pixel_shape, self.hdr = pixel_shape, hdr
        self.rate, self.time_base = Fraction(rate), time_base or 1 / Fraction(rate)
        self.size: tuple[int, int] | None = None  # (width, height), that of the first picture
        self.end = 0  # in ticks: when the next picture begins unless told otherwise
        self._metadata = metadata or {}
        self._durations: dict[int, int] = {}
        self._place = replacing(path)
        self._container = self._stream = None

    def __enter__(self):
        try:
            remove_leftovers(self.path.parent, self.path.name)
            self.partial = self._place.__enter__()
            self._container = av.open(str(self.partial), "w", format=FORMATS[self.path.suffix.lower()])
        except (av.error.FFmpegError, OSError) as error:
            raise UnwritableVideo(self.path, error.strerror or str(error)) from error
        self._container.metadata.update(self._metadata)
        return self

    def __exit__(self, _, raised, __):
        try:
            with ExitStack() as stack:
                stack.push(self._place)  # sees what is raised here
                stack.callback(self._close)
                if raised is not None:
                    raise raised
                self._complete()
        except (av.error.FFmpegError, OSError) as error:
            if error is raised:
                return
            raise UnwritableVideo(self.path, error.strerror or str(error)) from error

    def _close(self) -> None:
        with suppress(av.error.FFmpegError, OSError):  # on a full disk closing fails, too
            self._container.close()

    def add(self, picture, *, at: int | None = None, duration: int | None = None) -> None:
        """Append `picture` (H, W, 3) uint8 BGR, shown from tick `at` for `duration` ticks. Raises UnwritableVideo.

        An odd side is made even by repeating its last row or column, since colors are stored at half the resolution.
        """
        height, width = picture.shape[:2]
        try:
            if self.size is None:
                self.size = width, height
                self._begin(width, height)
            at = self.end if at is None else at
            duration = duration or max(1, round(1 / (self.rate * self.time_base)))
            self.end = at + duration
            if self.streams:
                self.streams.until(float(at * self.time_base))
            self._durations[at] = duration
            self._mux(self._frame(picture, at))
        except (av.error.FFmpegError, OSError) as error:
            raise UnwritableVideo(self.path, error.strerror or str(error)) from error

    def _begin(self, width: int, height: int) -> None:
        lossless = self.bitrate is None
        # Lossless in RGB: 4:2:0 would already lose colors before the encoder sees them.
        stream = self._container.add_stream("libx264rgb" if lossless else "libx264", rate=self.rate)
        stream.width, stream.height = (width, height) if lossless else (width + width % 2, height + height % 2)
        stream.pix_fmt = "bgr24" if lossless else "yuv420p"
        stream.time_base = stream.codec_context.time_base = self.time_base
        stream.codec_context.options = {"crf": "0"} if lossless else {}
        if self.hdr.x264_params:
            stream.codec_context.options |= {"x264-params": self.hdr.x264_params}
        if self.pixel_shape != 1:
            stream.codec_context.sample_aspect_ratio = self.pixel_shape
        if not lossless:
            stream.codec_context.bit_rate = round(self.bitrate * 1e6)
            stream.codec_context.colorspace, stream.codec_context.color_range = self.color.matrix, self.color.range
        stream.codec_context.color_primaries, stream.codec_context.color_trc = self.color.primaries, self.color.transfer
        self._stream = stream
        if self.streams:
            self.streams.begin(self._container)

    def _frame(self, picture, at: int):
        width, height = self.size
        if self.bitrate is None:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")
        else:
            even = cv2.copyMakeBorder(picture, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
            frame = av.VideoFrame.from_ndarray(even, format="bgr24").reformat(
                format="yuv420p", interpolation=ACCURATE,
                dst_colorspace=self.color.scaler_matrix, dst_color_range=self.color.scaler_range,
            )  # fmt: skip
        frame.pts, frame.time_base = at, self.time_base
        return frame

    def _mux(self, frame) -> None:
        for packet in self._stream.encode(frame):
            packet.duration = self._durations.pop(packet.pts, 0)
            self._container.mux(packet)

    def _complete(self) -> None:
        if self._stream is not None:
            self._mux(None)
            if self.streams:
                self.streams.rest()
        self._container.close()
        if self.finish:
            self.finish(self.partial)
