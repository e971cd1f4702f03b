"""`dfl video cut`: a part of a video with one of its sounds."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.terminal.console import progress, say
from dfl_cli.translate import ntr, tr
from dfl_cli.video.extract import between, nothing_between, one_size, report_damage
from dfl_cli.video.files import OUTPUT_SUFFIXES, interruptible
from dfl_cli.video.inherit import inheriting
from dfl_cli.video.join import FrameTiming, VideoOutput, packet_of, writer_of
from dfl_cli.video.read import VideoFacts, VideoReader
from dfl_cli.video.streams import StreamCopy
from samplers.files.names import fitting


def name_of_part(video: Path) -> Path:
    """`<name>_cut` beside the video, with its suffix where that can be written, else .mkv, which holds every sound."""
    suffix = video.suffix if video.suffix.lower() in OUTPUT_SUFFIXES else ".mkv"
    return video.with_name(fitting(video.stem, f"_cut{suffix}"))


def cut(video: Path, output: Path, answers: Mapping) -> None:
    """Write the part of `video` that `answers` name to `output`. Raises UserError, NotAVideo, UnwritableVideo."""
    reader = VideoReader(video)
    facts = reader.facts()
    span = answers["from_time"], answers["to_time"]
    result = VideoOutput(
        output, FrameTiming(facts.rate, facts.time_base), None if answers["lossless"] else answers["bitrate"],
        packet=packet_of([video]),
    )  # fmt: skip
    result = inheriting(result, streams_of(video, facts, answers), facts.size)
    count = write_part(reader, facts, result, span)
    report_damage(reader, facts, None)
    say(ntr("{count} frame: {path}", "{count} frames: {path}", count=count, path=output))


def streams_of(video: Path, facts: VideoFacts, answers: Mapping) -> StreamCopy:
    """What is copied, with the audio track that is wanted. Raises UserError when another one than the first was named and is not there."""
    track = answers["audio_track"]
    if track and track >= facts.audio_tracks:
        raise UserError(
            tr("There is no audio track {track}.", track=track),
            saw=ntr("{count} audio track", "{count} audio tracks", count=facts.audio_tracks),
            fix=tr("Use another number with --audio-track, counted from 0."),
        )
    end = Fraction(answers["to_time"]) if answers["to_time"] else None
    return StreamCopy(video, audio=[track] if facts.audio_tracks else (), start=Fraction(answers["from_time"]), end=end)


def write_part(reader: VideoReader, facts: VideoFacts, result: VideoOutput, span: tuple[float, float]) -> int:
    """The frames within `span` (seconds), counted from its start; how many. Raises UserError if there are none."""
    begin, count = round(span[0] / facts.time_base), 0
    with (
        writer_of(result) as output,
        progress(None, tr("Cutting"), unit=tr("frames")) as bar,
    ):
        for frame in interruptible(one_size(between(reader.frames(), facts, *span), reader.path, facts)):
            count += 1
            output.add(frame.picture, at=frame.at - begin, duration=frame.duration)
            bar.update(1)
        if not count:
            raise nothing_between(*span)
    return count
