"""Where the frames come from: a video, whose frames are also written to files, or files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from dfl_cli.frames import list_frames, read_frame, write_whole
from dfl_cli.terminal.console import notice
from dfl_cli.translate import tr
from dfl_cli.video.extract import (
    JPEG_QUALITY,
    at_rate,
    between,
    digits_for,
    expected_frames,
    is_whole,
    mention_pixels,
    mentioning_size,
    report_damage,
)
from dfl_cli.video.read import Frame, VideoReader
from samplers.files.file_range import FileRange, content_fingerprint, file_fingerprint

ENDS_EARLY = 0.9  # of the length that a video declares: less is a video that was cut off, more may be its sound
VIDEO_OPTIONS = ("fps", "image_format", "from_time", "to_time")  # that decide which frames there are

IsKnown = Callable[[Path], bool]  # whether a frame was looked at before, and its file is still the same


@dataclass(frozen=True)
class FrameJob:
    """A frame to look at. picture: of a video, to be written to `path`; None: `path` is read."""

    path: Path
    picture: np.ndarray | None = None

    def load(self) -> np.ndarray:
        """(H, W, 3) uint8 BGR, and the file is there. Raises UnreadableFrame, UnwritableFrame, OSError."""
        if self.picture is None:
            return read_frame(self.path)
        options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if self.path.suffix == ".jpg" else []
        write_whole(self.path, cv2.imencode(self.path.suffix, self.picture, options)[1].tobytes())
        return self.picture


class Source(Protocol):
    """Frames in the order of time. count: how many were passed by, once `jobs` has come to its end."""

    folder: Path  # of the files of the frames
    total: int  # frames, about; 0: not known
    count: int

    def identity(self) -> Mapping:
        """What tells it from others, in the index."""

    def jobs(self, is_known: IsKnown) -> Iterator[FrameJob]:
        """The frames that are not known."""


class FolderSource:
    """Frames that are files already."""

    def __init__(self, folder: Path, frames: Sequence[Path] | None = None):
        self.folder = folder
        self.frames = list_frames(folder) if frames is None else list(frames)
        self.total, self.count = len(self.frames), 0

    def identity(self) -> Mapping:
        return {"frames": "files"}

    def jobs(self, is_known: IsKnown) -> Iterator[FrameJob]:
        for path in self.frames:
            self.count += 1
            if not is_known(path):
                yield FrameJob(path)


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

    def jobs(self, is_known: IsKnown) -> Iterator[FrameJob]:
        mention_pixels(self.video, self.facts)
        digits = digits_for(self.total)
        with closing(self.frames()) as frames:
            for frame in frames:
                self.count += 1
                path = self.folder / f"{self.count:0{digits}d}.{self.answers['image_format']}"
                if not is_known(path):
                    yield FrameJob(path, frame.picture)
        report_damage(self.reader, self.facts, self.count if is_whole(self.answers) else None)
        if not self.answers["to_time"] and self.end < ENDS_EARLY * self.facts.seconds:
            seconds = {"found": round(self.end, 1), "seconds": round(self.facts.seconds, 1)}
            notice(tr("The frames of {name} end after {found} of {seconds} s.", name=self.video.name, **seconds))

    def frames(self) -> Iterator[Frame]:
        with closing(self.timed(self.reader.frames())) as all_frames:
            frames = between(all_frames, self.facts, self.answers["from_time"], self.answers["to_time"])
            if self.answers["fps"]:
                frames = at_rate(frames, self.facts, self.answers["fps"])
            yield from mentioning_size(frames, self.video, self.facts)

    def timed(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """`frames`; notes how far they reach."""
        with closing(frames):
            for frame in frames:
                self.end = float((frame.at + frame.duration) * self.facts.time_base)
                yield frame


def fingerprint_of(path: Path) -> str:
    """Of a frame's file; empty where there is none."""
    return file_fingerprint(path) or ""
