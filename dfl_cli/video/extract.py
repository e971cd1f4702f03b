"""`dfl video extract`: the pictures of a video as numbered files."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path

import cv2

from dfl_cli.errors import UserError
from dfl_cli.frames import pictures_in, write_whole
from dfl_cli.terminal.console import notice, progress, say
from dfl_cli.translate import ntr, tr
from dfl_cli.video.files import confirm, interruptible
from dfl_cli.video.read import Frame, VideoFacts, VideoReader

JPEG_QUALITY = 97  # about that of ffmpeg's -q:v 2


def extract(video: Path, folder: Path, answers: Mapping, *, overwrite: bool = False) -> int:
    """Write the pictures of `video` to `folder` as 00001.png, 00002.png, ...; how many. Raises UserError."""
    reader = VideoReader(video)
    facts = reader.facts()
    empty_folder(folder, overwrite=overwrite)
    frames = between(reader.frames(), facts, answers["from_time"], answers["to_time"])
    if answers["fps"]:
        frames = at_rate(frames, facts, answers["fps"])
    count = write_pictures(frames, folder, answers["image_format"], total=facts.declared_frames)
    report_damage(reader, facts, count if is_whole(answers) else None)
    say(ntr("{count} frame: {folder}", "{count} frames: {folder}", count=count, folder=folder))
    return count


def is_whole(answers: Mapping) -> bool:
    return not (answers["fps"] or answers["from_time"] or answers["to_time"])


def empty_folder(folder: Path, *, overwrite: bool) -> None:
    """The folder without pictures in it. Raises UserError unless their deletion was agreed to."""
    folder.mkdir(parents=True, exist_ok=True)
    there = pictures_in(folder)
    if not there:
        return
    question = ntr(
        "{folder} already contains {count} image. Delete it first?",
        "{folder} already contains {count} images. Delete them first?",
        count=len(there),
        folder=folder,
    )
    if not overwrite and not confirm(question):
        raise UserError(
            ntr(
                "{folder} already contains {count} image.",
                "{folder} already contains {count} images.",
                count=len(there),
                folder=folder,
            ),
            fix=tr("Add --overwrite to delete them first, or use another folder with --output."),
        )
    for path in there:
        path.unlink()


def write_pictures(frames: Iterable[Frame], folder: Path, image_format: str, *, total: int) -> int:
    """The pictures of `frames` as numbered files; how many. Raises UnwritableFrame."""
    options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if image_format == "jpg" else []
    count = 0
    with progress(total or None, tr("Extracting"), unit=tr("frames")) as bar:
        for count, frame in enumerate(interruptible(frames), start=1):
            encoded = cv2.imencode(f".{image_format}", frame.picture, options)[1]
            write_whole(folder / f"{count:05d}.{image_format}", encoded.tobytes())
            bar.update(1)
    return count


def between(frames: Iterable[Frame], facts: VideoFacts, start: float, end: float) -> Iterator[Frame]:
    """The frames shown from `start` to `end` seconds; an `end` of 0 is that of the video."""
    for frame in frames:
        seconds = frame.at * facts.time_base
        if end and seconds >= end:
            return
        if seconds >= start:
            yield frame


def at_rate(frames: Iterable[Frame], facts: VideoFacts, rate: float) -> Iterator[Frame]:
    """What is shown at each of `rate` moments a second, beginning with the first frame."""
    moment, begin = 0, None
    for frame in frames:
        begin = frame.at if begin is None else begin
        while (begin + moment / Fraction(rate) / facts.time_base) < frame.at + frame.duration:
            yield frame
            moment += 1


def report_damage(
    reader: VideoReader, facts: VideoFacts, count: int | None, on_line: Callable[[str], None] = notice
) -> None:
    """Say what of a video could not be read. count: how many frames came of the whole; None if only a part was wanted."""
    if reader.damaged:
        on_line(
            ntr(
                "{name} is damaged in {count} place, which was skipped, as players do.",
                "{name} is damaged in {count} places, which were skipped, as players do.",
                count=reader.damaged,
                name=reader.path.name,
            )
        )
    if count is not None and count < facts.declared_frames:
        on_line(
            ntr(
                "{name} declares {count} frame but has {found}.",
                "{name} declares {count} frames but has {found}.",
                count=facts.declared_frames,
                name=reader.path.name,
                found=count,
            )
        )
    if facts.is_16_bit:
        on_line(tr("{name} has more than 8 bits per color; extracted frames have 8.", name=reader.path.name))
