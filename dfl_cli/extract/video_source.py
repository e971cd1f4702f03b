"""A video as the source of frames. Importing this module needs PyAV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from dfl_cli.extract.index import ExtractIndex
from dfl_cli.extract.sources import FolderSource, FrameJob, Source
from dfl_cli.frames import time_key
from dfl_cli.terminal.console import notice
from dfl_cli.translate import tr
from dfl_cli.video.extract import (
    at_rate,
    between,
    digits_for,
    expected_frames,
    is_whole,
    mention_older,
    mention_pixels,
    mentioning_size,
    nothing_between,
    pictures_to_replace,
    report_damage,
)
from dfl_cli.video.read import DecodedFrame, VideoReader
from samplers.files.file_range import FileRange, content_fingerprint
from samplers.files.names import fitting, free_path

ENDS_EARLY = 0.9  # of the length that a video declares: less is a video that was cut off, more may be its sound
VIDEO_OPTIONS = ("fps", "image_format", "from_time", "to_time")  # that decide which frames there are


class VideoSource:
    """A video; its frames are numbered from 1 and written to `folder`."""

    def __init__(self, video: Path, folder: Path, answers: Mapping):
        """Raises NotAVideo."""
        self.video, self.folder, self.answers = video, folder, answers
        self.reader = VideoReader(video)
        self.facts = self.reader.facts()
        self.total, self.count = expected_frames(self.facts, answers), 0
        self.end = 0.0  # seconds of the video that were seen

    def identity(self) -> Mapping:
        content = content_fingerprint(FileRange(self.video)).hex()
        return {"video": content} | {key: self.answers[key] for key in VIDEO_OPTIONS}

    def make_room(self, *, overwrite: bool) -> None:
        older = pictures_to_replace(self.folder, overwrite=overwrite)
        trash = self.folder.with_name(fitting(self.folder.name, "_trash"))
        for path in older.deleted:
            path.unlink(missing_ok=True)
        for path in older.set_aside:
            trash.mkdir(exist_ok=True)
            path.rename(free_path(trash / path.name))
        mention_older(self.folder, trash, set_aside=len(older.set_aside), kept=len(older.kept))

    def without_decoding(self, index: ExtractIndex) -> Source:
        """The files of the frames, once all of the video were looked at."""
        there = [path for name in sorted(index.frames, key=time_key) if (path := self.folder / name).is_file()]
        return FolderSource(self.folder, there) if index.count is not None and there else self

    def jobs(self) -> Iterator[FrameJob]:
        mention_pixels(self.video, self.facts)
        digits = digits_for(self.total)
        with closing(self.frames()) as frames:
            for frame in frames:
                self.count += 1
                yield FrameJob(self.folder / f"{self.count:0{digits}d}.{self.answers['image_format']}", frame)
        if not self.count:
            raise nothing_between(self.answers["from_time"], self.answers["to_time"])
        report_damage(self.reader, self.facts, self.count if is_whole(self.answers) else None)
        if not self.answers["to_time"] and self.end < ENDS_EARLY * self.facts.seconds:
            seconds = {"found": round(self.end, 1), "seconds": round(self.facts.seconds, 1)}
            notice(tr("The frames of {name} end after {found} of {seconds} s.", name=self.video.name, **seconds))

    def frames(self) -> Iterator[DecodedFrame]:
        with closing(self.timed(self.reader.decoded())) as all_frames:
            frames = between(all_frames, self.facts, self.answers["from_time"], self.answers["to_time"])
            if self.answers["fps"]:
                frames = at_rate(frames, self.facts, self.answers["fps"])
            yield from mentioning_size(frames, self.video, self.facts)

    def timed(self, frames: Iterator[DecodedFrame]) -> Iterator[DecodedFrame]:
        """`frames`; notes how far they reach."""
        with closing(frames):
            for frame in frames:
                self.end = float((frame.at + frame.duration) * self.facts.time_base)
                yield frame
