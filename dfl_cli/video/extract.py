"""`dfl video extract`: the pictures of a video as numbered files."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import cv2

from dfl_cli.errors import UserError, dangling_link
from dfl_cli.frames import PNG_OPTIONS, SUFFIXES, UnwritableFrame, write_whole
from dfl_cli.options.outputs import confirm
from dfl_cli.store.installing import complete_killed, install, trash_beside
from dfl_cli.store.lock import FolderLock, OutputLock
from dfl_cli.terminal.console import notice, progress, say
from dfl_cli.translate import ntr, tr
from dfl_cli.video.files import interruptible
from dfl_cli.video.read import Frame, VideoFacts, VideoReader, shape_text
from samplers.files.atomic_file import DanglingLink, creating_folder, is_dangling_link, staging_folder
from samplers.files.foreign_files import own_files

JPEG_QUALITY = 97  # about that of ffmpeg's -q:v 2
STAGING = "dfl-extracting"  # the folder for frames that are not all there yet
DIGITS = 5  # of a frame's number, as in DeepFaceLab; more where the video has more frames


def extract(video: Path, folder: Path, answers: Mapping, *, overwrite: bool = False) -> int:
    """Write the pictures of `video` to `folder` as 00001.png, 00002.png, ...; how many. Raises UserError.

    Pictures that are there stay until all new ones are complete.
    """
    reader = VideoReader(video)
    facts = reader.facts()

    def write(staging: Path) -> int:
        frames = between(reader.frames(), facts, answers["from_time"], answers["to_time"])
        if answers["fps"]:
            frames = at_rate(frames, facts, answers["fps"])
        frames, total = mentioning_size(frames, video, facts), expected_frames(facts, answers)
        mention_pixels(video, facts)
        if not (count := write_pictures(frames, staging, answers["image_format"], total=total)):
            raise nothing_between(answers["from_time"], answers["to_time"])
        return count

    if os.path.lexists(folder):
        count = replace_pictures(folder, write, overwrite=overwrite)
    else:
        with OutputLock(folder), creating_folder(folder) as staging:
            count = write(staging)
    report_damage(reader, facts, count if is_whole(answers) else None)
    say(ntr("{count} frame: {folder}", "{count} frames: {folder}", count=count, folder=folder))
    return count


def replace_pictures(folder: Path, write: Callable[[Path], int], *, overwrite: bool) -> int:
    """What `write` writes to the folder it is given, in a `folder` that is there, in place of the pictures in it."""
    with FolderLock(folder):
        complete_killed(folder)
        older = pictures_to_replace(folder, overwrite=overwrite)
        with staging_folder(folder, STAGING) as staging:
            count = write(staging)
            put_in_place(staging, folder, older)
        return count


def nothing_between(start: float, end: float) -> UserError:
    return UserError(
        tr("There are no frames between these times."),
        saw=f"{start:g} .. " + (f"{end:g}" if end else tr("the end of the video")),
        fix=tr("Use other times with --from and --to."),
    )


def expected_frames(facts: VideoFacts, answers: Mapping | None = None) -> int:
    """About how many frames there will be, of the whole video without `answers`; 0 if it does not say how long it is."""
    if answers is None or is_whole(answers):
        return facts.declared_frames or round(facts.seconds * facts.rate)
    end = min(answers["to_time"] or facts.seconds, facts.seconds)
    return round(max(0.0, end - answers["from_time"]) * (answers["fps"] or facts.rate))


def is_whole(answers: Mapping) -> bool:
    return not (answers["fps"] or answers["from_time"] or answers["to_time"])


class OlderPictures(NamedTuple):
    """What is in the folder of an extraction, by what happens to it once the new pictures are complete."""

    deleted: list[Path]  # as the person said
    set_aside: list[Path]  # frames of a longer video or of another format: to the trash
    kept: list[Path]  # no frames by their names


def pictures_to_replace(folder: Path, *, overwrite: bool) -> OlderPictures:
    """What has to go. Raises UserError unless somebody allowed it, and for links that lead nowhere."""
    there = [path for path in own_files(folder) if path.suffix.lower() in SUFFIXES and not path.is_dir()]
    for path in there:
        if is_dangling_link(path):
            raise dangling_link(DanglingLink(path))
    if overwrite or not there:
        frames, others = parted(there)
        return OlderPictures([], frames, others)
    question = ntr(
        "{folder} already contains {count} image. Delete it?",
        "{folder} already contains {count} images. Delete them?",
        count=len(there),
        folder=folder,
    )
    if confirm(question):
        return OlderPictures(there, [], [])
    raise UserError(
        ntr(
            "{folder} already contains {count} image.",
            "{folder} already contains {count} images.",
            count=len(there),
            folder=folder,
        ),
        fix=tr("Add --overwrite to replace the frames among them, or use another folder with --output."),
    )


def parted(pictures: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Those whose names are numbers as an extraction pads them, and the others: a date as 20190704 is no number of a frame."""
    pictures = sorted(pictures)
    stems = {path.stem for path in pictures}
    widths = {DIGITS} | {width for width in map(len, stems) if f"{1:0{width}d}" in stems}
    frames = [path for path in pictures if path.stem.isdecimal() and len(path.stem) in widths]
    return frames, [path for path in pictures if path not in set(frames)]


def put_in_place(staging: Path, folder: Path, older: OlderPictures) -> None:
    """Move the complete pictures from `staging` to `folder`, in place of the older ones."""
    new = sorted(path.name for path in staging.iterdir())
    for name in new:
        if (folder / name).is_dir():
            raise UnwritableFrame(folder / name, tr("a folder"))
    set_aside = [path.name for path in older.set_aside if path.name not in new]
    deleted = [path.name for path in older.deleted if path.name not in new]
    install(folder, staging, new, delete=deleted, set_aside=set_aside)
    mention_older(folder, trash_beside(folder), set_aside=len(set_aside), kept=len(older.kept))


def mention_older(folder: Path, trash: Path, *, set_aside: int, kept: int) -> None:
    """Say which of the older pictures are where."""
    if set_aside:
        notice(
            ntr(
                "Moved {count} older frame to {folder}.",
                "Moved {count} older frames to {folder}.",
                count=set_aside,
                folder=trash,
            )
        )
    if kept:
        notice(
            ntr(
                "{count} image in {folder} is not named like a frame and was kept.",
                "{count} images in {folder} are not named like frames and were kept.",
                count=kept,
                folder=folder,
            )
        )


def write_pictures(frames: Iterable[Frame], folder: Path, image_format: str, *, total: int, digits: int = 0) -> int:
    """The pictures of `frames` as numbered files; how many. Raises UnwritableFrame.

    total   how many are expected; 0: not known
    digits  of the numbers; 0: as many as all of them need, but DIGITS at least
    """
    options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if image_format == "jpg" else PNG_OPTIONS
    count, wide = 0, digits or digits_for(total)
    with progress(total or None, tr("Extracting"), unit=tr("frames")) as bar:
        for count, frame in enumerate(interruptible(frames), start=1):
            encoded = cv2.imencode(f".{image_format}", frame.picture, options)[1]
            write_whole(folder / f"{count:0{wide}d}.{image_format}", encoded.tobytes())
            bar.update(1)
    if not digits and digits_for(count) > wide:
        widen(folder, image_format, count, wide)
    return count


def digits_for(count: int) -> int:
    return max(DIGITS, len(str(count)))


def widen(folder: Path, image_format: str, count: int, digits: int) -> None:
    """Give the numbers with `digits` digits as many as `count` has: there are more frames than the video said."""
    wide = digits_for(count)
    for number in range(1, 10**digits):
        (folder / f"{number:0{digits}d}.{image_format}").replace(folder / f"{number:0{wide}d}.{image_format}")


def mention_pixels(video: Path, facts: VideoFacts) -> None:
    """Say what frames in files do not show of a video."""
    if facts.pixel_shape != 1:
        notice(
            tr(
                "{name} has pixels that are not square ({shape}). Frames in files have square ones and look squeezed; "
                "dfl merge --video and dfl video join --reference restore the shape.",
                name=video.name,
                shape=shape_text(facts.pixel_shape),
            )
        )
    if facts.is_interlaced:
        notice(tr("{name} is interlaced. Its frames show both fields at once; deinterlace it first.", name=video.name))
    if facts.has_alpha:
        notice(tr("{name} has transparency, which frames in files do not keep.", name=video.name))


def watching_size(frames: Iterable[Frame], on_change: Callable[[int, Frame, tuple[int, int]], None]) -> Iterator[Frame]:
    """`frames`; the first of another size is passed to `on_change`: its number from 1, the frame, and the size before it."""
    first, reported = None, False
    for number, frame in enumerate(frames, start=1):
        size = frame.size
        first = first or size
        if size != first and not reported:
            reported = True
            on_change(number, frame, first)
        yield frame


def one_size(frames: Iterable[Frame], video: Path, facts: VideoFacts) -> Iterator[Frame]:
    """`frames`; raises UserError at the first of another size."""

    def stop(number: int, frame: Frame, size: tuple[int, int]) -> None:
        raise UserError(
            tr("{name} changes size in the middle. All frames of a video must have the same size.", name=video.name),
            saw=change_text(number, frame, size, facts),
            fix=tr("Cut it into parts of one size with dfl video cut, --from and --to."),
        )

    return watching_size(frames, stop)


def mentioning_size(frames: Iterable[Frame], video: Path, facts: VideoFacts) -> Iterator[Frame]:
    """`frames`; the first of another size is mentioned."""

    def mention(number: int, frame: Frame, size: tuple[int, int]) -> None:
        change = change_text(number, frame, size, facts)
        notice(tr("{name} changes size in the middle: {change}", name=video.name, change=change))

    return watching_size(frames, mention)


def change_text(number: int, frame: Frame, size: tuple[int, int], facts: VideoFacts) -> str:
    return tr(
        "frame {number} at {seconds:.3f} s is {found}, the first one is {wanted}",
        number=number,
        seconds=float(frame.at * facts.time_base),
        found="x".join(map(str, frame.size)),
        wanted="x".join(map(str, size)),
    )


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
