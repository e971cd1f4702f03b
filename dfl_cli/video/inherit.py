"""A new video keeps what the one it is made from has beside its pixels, and what it cannot keep is reported before any work is done.

How it is found out: a trial video of one black picture is written with all that is to be kept, and read back.
"""

from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from dfl_cli.terminal.console import notice
from dfl_cli.translate import tr
from dfl_cli.video.join import VideoOutput, writer_of
from dfl_cli.video.properties import Properties, losses, properties_of
from dfl_cli.video.read import VideoFacts, VideoReader
from dfl_cli.video.streams import FirstPackets, StreamCopy
from dfl_cli.video.write import UnwritableVideo

ROUNDING = 2  # pixels by which scaled pictures may miss the shape of the video


def inheriting(result: VideoOutput, streams: StreamCopy, size: tuple[int, int]) -> VideoOutput:
    """`result` with the colors, pixel shape, HDR and other streams of the video that `streams` copies; reports what is not kept.

    size    (width, height) of the pictures
    raises  NotAVideo, UnwritableVideo, UnfitAudio: it cannot be written like that
    """
    facts = VideoReader(streams.path).facts()
    whole = result._replace(color=facts.color, pixel_shape=shape_for(size, facts), hdr=facts.hdr, streams=streams)
    before = properties_of(streams.path)
    try:
        lost = lost_in(whole, before, size)
    except UnwritableVideo:
        if not (before.timecode and streams.timecode):
            raise
        streams.timecode = False  # a clock that does not fit the frame rate, as one with dropped numbers
        lost = lost_in(whole, before, size)
    if lost:
        notice(tr("Not kept from {name}: {things}", name=streams.path.name, things=tr("; ").join(lost)))
    if lost and result.output.suffix.lower() != ".mkv":
        still_lost = lost_in(whole._replace(output=result.output.with_suffix(".mkv")), before, size)
        if kept := [thing for thing in lost if thing not in still_lost]:
            notice(tr("A .mkv file would keep: {things}", things=tr("; ").join(kept)))
    return whole


def shape_for(size: tuple[int, int], facts: VideoFacts) -> Fraction:
    """The pixel shape of the video for pictures that look like its frames, or are scaled; else pixels are square."""
    (width, height), (own_width, own_height) = size, facts.size
    fits = abs(width * own_height / own_width - height) <= ROUNDING
    return facts.pixel_shape if fits else Fraction(1)


def lost_in(result: VideoOutput, before: Properties, size: tuple[int, int]) -> list[str]:
    """What a video like `result` lacks of `before`. Raises UnwritableVideo, UnfitAudio."""
    first = FirstPackets(result.streams.path, audio=result.streams.audio)
    first.timecode = result.streams.timecode
    with TemporaryDirectory() as folder:
        trial = result._replace(
            output=Path(folder, f"trial{result.output.suffix}"), packet=None, signer=None, streams=first,
        )  # fmt: skip
        try:
            with writer_of(trial) as video:
                video.add(np.zeros((size[1], size[0], 3), np.uint8))
        except UnwritableVideo as error:
            raise UnwritableVideo(result.output, error.reason) from error
        kept = [track for track in before.tracks if track.index in first.copies]
        return losses(before, properties_of(trial.output), kept)
