"""Pictures into a video that keeps the timing, the colors and the sound of another one, and what the pictures say about their origin."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from dfl_cli.errors import UserError
from dfl_cli.frames import UnreadableFrame, read_frame
from dfl_cli.provenance.claim import UnreadablePacket, packet, read_packet
from dfl_cli.provenance.file_metadata import DamagedFile, append_box, search
from dfl_cli.terminal.console import notice, progress
from dfl_cli.translate import ntr, system_reason, tr
from dfl_cli.video.color import HD, ColorTags
from dfl_cli.video.files import interruptible
from dfl_cli.video.frame_files import other_size
from dfl_cli.video.hdr import NO_HDR, StaticHdr
from dfl_cli.video.read import VideoReader
from dfl_cli.video.streams import StreamCopy
from dfl_cli.video.write import VideoWriter
from samplers.files.atomic_file import replacing
from samplers.files.names import readable

READ_AHEAD = 8  # pictures
MP4_SUFFIXES = {".mp4", ".m4v", ".mov"}


class FrameTiming(NamedTuple):
    """When frames are shown."""

    rate: Fraction  # frames per second, on average
    time_base: Fraction  # seconds of a tick
    times: Sequence[tuple[int, int]] | None = None  # (at, duration) of each, in ticks; None: evenly


def frame_timing(video: Path, count: int) -> FrameTiming:
    """The timing of `video` for `count` pictures; even where it has another number of frames. Raises NotAVideo."""
    reader = VideoReader(video)
    facts, times = reader.facts(), reader.times(count)
    if len(times) != count or is_even(times, facts.rate * facts.time_base):
        return FrameTiming(facts.rate, 1 / facts.rate)
    return FrameTiming(facts.rate, facts.time_base, times)


def is_even(times: Sequence[tuple[int, int]], frames_per_tick: Fraction) -> bool:
    """Whether frames follow each other evenly from the start, but for the rounding to ticks."""
    return all(abs(at - number / frames_per_tick) <= 1 for number, (at, _) in enumerate(times))


def mention_other_timing(video: Path, count: int) -> None:
    """Say it if `video` has another number of frames, so that only its frame rate counts."""
    there = len(VideoReader(video).times(count))
    if there != count:
        notice(
            tr(
                "{frames} in {name}, but {pictures}: only its frame rate is used, and audio may be out of sync.",
                pictures=ntr("{count} image", "{count} images", count=count),
                frames=ntr("{count} frame", "{count} frames", count=there),
                name=video.name,
            )
        )


class VideoOutput(NamedTuple):
    """Everything about a video to be made but its pictures."""

    output: Path
    timing: FrameTiming
    bitrate: float | None  # Mbit/s; None: lossless
    color: ColorTags = HD
    pixel_shape: Fraction = Fraction(1)  # width of a pixel / its height
    hdr: StaticHdr = NO_HDR
    streams: StreamCopy | None = None  # what else there is to be in it
    packet: bytes | None = None  # XMP that says where it comes from
    signer: object = None  # dfl_cli.provenance.signature.Signer
    original: Path | None = None  # what a signature says it was made from


def join(pictures: Sequence[Path], result: VideoOutput) -> None:
    """Write `pictures` as `result`.

    Raises:
        UserError: the pictures differ in size, or none can be read.
        UnwritableVideo, SigningFailed, NotAVideo
    """
    timing = result.timing
    with (
        writer_of(result) as video,
        progress(len(pictures), tr("Writing video"), unit=tr("frames")) as bar,
    ):
        for number, (path, picture) in enumerate(interruptible(repeat_unreadable(read_ahead(pictures)))):
            if video.size and picture.shape[1::-1] != video.size:
                raise other_size(path, picture.shape[1::-1], video.size)
            at, duration = timing.times[number] if timing.times else (None, None)
            video.add(picture, at=at, duration=duration)
            bar.update(1)


def writer_of(result: VideoOutput) -> VideoWriter:
    return VideoWriter(
        result.output, rate=result.timing.rate, time_base=result.timing.time_base, bitrate=result.bitrate,
        color=result.color, pixel_shape=result.pixel_shape, hdr=result.hdr, streams=result.streams,
        metadata=metadata_of(result), finish=lambda partial: finish(partial, result),
    )  # fmt: skip


def read_ahead(pictures: Sequence[Path]) -> Iterator[tuple[Path, Future]]:
    """The pictures in order, some of them already being decoded."""
    waiting: deque = deque()
    with ThreadPoolExecutor(2, thread_name_prefix="join") as pool:
        for path in pictures:
            waiting.append((path, pool.submit(read_frame, path)))
            if len(waiting) > READ_AHEAD:
                yield waiting.popleft()
        yield from waiting


def repeat_unreadable(pictures: Iterator[tuple[Path, Future]]) -> Iterator[tuple[Path, object]]:
    """Each picture, and in place of one that cannot be read the one before it, so that the rest stays in time."""
    last = None
    for path, future in pictures:
        try:
            last = future.result()
        except (UnreadableFrame, OSError) as error:
            reason = error.text if isinstance(error, UnreadableFrame) else system_reason(error)
            notice(tr("Cannot read {name} ({reason}); repeating the previous frame.", name=path.name, reason=reason))
            if last is None:
                raise first_unreadable(path) from error
        yield path, last


def first_unreadable(path: Path) -> UserError:
    return UserError(tr("Cannot read {path}.", path=path), fix=tr("Remove it, or replace it with an image."))


def metadata_of(result: VideoOutput) -> dict[str, str]:
    """Tags of the container; Matroska has no other place for a packet."""
    if result.packet is None or result.output.suffix.lower() in MP4_SUFFIXES:
        return {}
    return {"XMP": result.packet.decode()}


def finish(partial: Path, result: VideoOutput) -> None:
    """What is added to the complete file."""
    if result.packet is not None and result.output.suffix.lower() in MP4_SUFFIXES:
        append_box(partial, result.packet)
    if result.signer is not None:
        sign(partial, result)


def sign(partial: Path, result: VideoOutput) -> None:
    from dfl_cli.provenance.signature import MEDIA_TYPES, ManifestSource

    manifest_source = ManifestSource(readable(result.output.name), read_packet(result.packet), result.original)
    with (
        replacing(partial, durable=False) as signed,
        partial.open("rb") as source,
        signed.open("w+b") as target,
    ):
        result.signer.sign(source, target, MEDIA_TYPES[result.output.suffix.lower()], manifest_source)


def packet_of(files: Sequence[Path]) -> bytes | None:
    """The XMP of the first of `files` that says where it comes from; what holds for a part holds for the whole."""
    for path in files:
        try:
            found = search(path).packet
            claim = read_packet(found) if found else None
        except (DamagedFile, UnreadablePacket, OSError):
            continue
        if claim and claim.source_type:
            return packet(claim)
    return None


def refuse_unsignable(output: Path) -> None:
    """Before anything is written. Raises UserError."""
    if output.suffix.lower() not in MP4_SUFFIXES:
        raise UserError(
            tr("Cannot sign {name}.", name=output.name), fix=tr("Write a .mp4 or .mov; C2PA does not support Matroska.")
        )


def nothing_to_sign() -> UserError:
    return UserError(
        tr("There is nothing to sign."),
        saw=tr("None of the frames has provenance information."),
        fix=tr("Sign results of dfl merge made without --no-metadata."),
    )
