"""Videos as pictures: upright, in full color, with the time each is shown."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.frames import LARGEST_FRAME, too_many_pixels
from dfl_cli.translate import system_reason
from dfl_cli.video.color import HD, ColorTags
from dfl_cli.video.hdr import StaticHdr, static_hdr
from dfl_cli.video.library import Disposition, VideoReformatter, av
from dfl_cli.video.write import ACCURATE
from samplers.files.regular_file import check_regular

# From version 19 on, PyAV reads bytes of tags that are not UTF-8 as surrogates without being told to, and has no such argument.
TAGS_AS_THEY_ARE = {} if int(av.__version__.partition(".")[0]) >= 19 else {"metadata_errors": "surrogateescape"}
RGB_MATRIX = 0
THREAD = threading.local()


class NotAVideo(Exception):
    """`path` cannot be opened as a video with pictures in it; `reason` is the library's, empty if there are just no pictures."""

    def __init__(self, path: Path, reason: str = ""):
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


class VideoFacts(NamedTuple):
    """What a video says about itself."""

    rate: Fraction  # frames per second, on average
    time_base: Fraction  # seconds of a tick
    start: Fraction  # seconds; what its clock shows at the first picture or sound
    color: ColorTags
    declared_frames: int  # frames according to the file; 0 if it does not say
    audio_tracks: int
    is_16_bit: bool  # more than 8 bits for a color
    seconds: float  # how long it is according to the file; 0 if it does not say
    size: tuple[int, int]  # (width, height) of its first picture when it is upright
    pixel_shape: Fraction  # width of a pixel of that picture / its height
    hdr: StaticHdr
    is_interlaced: bool
    has_alpha: bool

    @property
    def usual(self) -> int:
        """Ticks that a frame is shown where nothing else is said."""
        return max(1, round(1 / (self.rate * self.time_base)))


class Frame(NamedTuple):
    """A picture and when it is shown, in ticks of the video's time base."""

    picture: np.ndarray  # (H, W, 3) uint8 BGR
    at: int
    duration: int

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.picture.shape[1::-1]


@dataclass(frozen=True, eq=False)
class DecodedFrame:
    """Like Frame, but the picture is made each time it is asked for, by the thread that asks."""

    decoded: av.VideoFrame
    at: int
    duration: int

    @property
    def picture(self) -> np.ndarray:
        return upright(self.decoded)

    @property
    def size(self) -> tuple[int, int]:
        return upright_size(self.decoded)


@dataclass
class VideoReader:
    """The pictures of the video at `path`."""

    path: Path
    damaged: int = 0  # packets that could not be decoded and were passed over

    def facts(self) -> VideoFacts:
        """Raises NotAVideo."""
        with opened(self.path) as container:
            stream, first = main_stream(container), first_picture(self.path, container)
            rate = stream.average_rate or stream.guessed_rate or Fraction(25)
            return VideoFacts(
                rate=rate,
                time_base=stream.time_base or 1 / rate,
                start=start_of(container),
                color=tags_of(first),
                declared_frames=stream.frames,
                audio_tracks=len(container.streams.audio),
                is_16_bit=any(component.bits > 8 for component in first.format.components),
                seconds=(container.duration or 0) / av.time_base,
                size=upright_size(first),
                pixel_shape=pixel_shape(stream, first),
                hdr=static_hdr(first),
                is_interlaced=first.interlaced_frame,
                has_alpha=any(component.is_alpha for component in first.format.components),
            )

    def frames(self) -> Iterator[Frame]:
        """All pictures in order, turned as the file says they are to be shown. Raises NotAVideo."""
        for frame in self.decoded():
            yield Frame(frame.picture, frame.at, frame.duration)

    def times(self, expected: int) -> list[tuple[int, int]]:
        """(at, duration) of every picture, in ticks; without decoding if the file lists `expected` of them. Raises NotAVideo."""
        listed = self._listed()
        return listed if len(listed) == expected else [(frame.at, frame.duration) for frame in self.decoded()]

    def _listed(self) -> list[tuple[int, int]]:
        facts = self.facts()
        offset = round(facts.start / facts.time_base)
        with opened(self.path) as container:
            packets = [
                packet for packet in self._packets_of(container) if packet.pts is not None and not packet.is_discard
            ]
            return sorted((packet.pts - offset, packet.duration or facts.usual) for packet in packets)

    def decoded(self) -> Iterator[DecodedFrame]:
        """Like `frames`, for pictures that other threads make."""
        facts = self.facts()
        offset, last, end = round(facts.start / facts.time_base), -1, 0
        with opened(self.path) as container:
            main_stream(container).thread_type = "AUTO"
            for frame in self._frames_of(container):
                at = end if frame.pts is None else max(frame.pts - offset, last + 1)
                last, duration = at, frame.duration or facts.usual
                end = at + duration
                yield DecodedFrame(frame, at, duration)

    def _frames_of(self, container) -> Iterator:
        """Decoded frames; a packet that cannot be decoded is passed over, as players do."""
        for packet in self._packets_of(container):
            try:
                yield from packet.decode()
            except av.error.InvalidDataError:
                self.damaged += 1

    def _packets_of(self, container) -> Iterator:
        """The packets up to the end, or to where the file breaks off."""
        try:
            yield from container.demux(main_stream(container))
        except av.error.FFmpegError:
            self.damaged += 1


def opened(path: Path):
    """The container at `path`, which has pictures. Raises NotAVideo."""
    try:
        check_regular(path)
        container = av.open(str(path), **TAGS_AS_THEY_ARE)
    except (av.error.FFmpegError, OSError) as error:
        raise NotAVideo(path, system_reason(error)) from error
    stream = main_stream(container)
    if stream is None:
        container.close()
        raise NotAVideo(path)
    if stream.width * stream.height > LARGEST_FRAME:
        container.close()
        raise NotAVideo(path, too_many_pixels(stream.width, stream.height))
    stream.codec_context.options = {"max_pixels": str(LARGEST_FRAME)}  # also where the size changes on the way
    return container


def first_picture(path: Path, container):
    """The first frame of the `container` opened at `path`, decoded. Raises NotAVideo."""
    try:
        first = next(container.decode(main_stream(container)), None)
    except av.error.FFmpegError as error:
        raise NotAVideo(path, system_reason(error)) from error
    if first is None:
        raise NotAVideo(path)
    return first


def main_stream(container):
    """The track with the pictures: the first that is no cover; None in a file of sound."""
    return next((stream for stream in container.streams.video if not is_cover(stream)), None)


def is_cover(stream) -> bool:
    return bool(int(stream.disposition) & int(Disposition.attached_pic))


def start_of(container) -> Fraction:
    """What the clock of a video shows at its first picture or sound, in seconds."""
    return max(Fraction(container.start_time or 0, av.time_base), Fraction(0))


def pixel_shape(stream, first) -> Fraction:
    """Width / height of a pixel of the first picture, the way it is to be shown; 1 where the file does not say."""
    shape = stream.sample_aspect_ratio or Fraction(1)
    return 1 / shape if lies_on_its_side(display_matrix(first)) else shape


def shape_text(shape: Fraction) -> str:
    return f"{shape.numerator}:{shape.denominator}"


def tags_of(frame) -> ColorTags:
    """The color tags of a decoded frame. Those of an RGB video, which has no matrix, are completed for one that needs it."""
    tags = ColorTags(int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace), int(frame.color_range))
    return tags._replace(matrix=HD.matrix, range=HD.range) if tags.matrix == RGB_MATRIX else tags


def upright(frame):
    """A decoded frame as (H, W, 3) uint8 BGR, the way it is to be shown."""
    rgb = int(frame.colorspace) == RGB_MATRIX
    tags = tags_of(frame)
    if not hasattr(THREAD, "reformatter"):
        THREAD.reformatter = VideoReformatter()  # keeps its tables from frame to frame
    converted = THREAD.reformatter.reformat(
        frame, format="bgr24", interpolation=ACCURATE,
        src_colorspace=None if rgb else tags.scaler_matrix, src_color_range=None if rgb else tags.scaler_range,
    )  # fmt: skip
    return oriented(converted.to_ndarray(), display_matrix(frame))


def upright_size(frame) -> tuple[int, int]:
    """(width, height) of a decoded frame, the way it is to be shown."""
    size = frame.width, frame.height
    return size[::-1] if lies_on_its_side(display_matrix(frame)) else size


def display_matrix(frame) -> np.ndarray:
    """(2, 2): row 0 is where the frame's x axis points when it is shown, row 1 its y axis; the identity where the file has no matrix."""
    data = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return np.eye(2)
    return np.frombuffer(bytes(data), np.int32, 9).reshape(3, 3)[:2, :2] / 65536  # 16.16 fixed point


def lies_on_its_side(matrix: np.ndarray) -> bool:
    """Whether the x axis points up or down."""
    return abs(matrix[0, 1]) > abs(matrix[0, 0])


def oriented(picture: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """`picture` (H, W, 3) turned and mirrored to the nearest of the eight orientations of `matrix`."""
    if lies_on_its_side(matrix):
        picture, across, down = cv2.transpose(picture), matrix[1, 0], matrix[0, 1]
    else:
        across, down = matrix[0, 0], matrix[1, 1]
    if across < 0:
        picture = cv2.flip(picture, 1)
    return cv2.flip(picture, 0) if down < 0 else picture
