"""Where the frames come from: a video, whose frames are also written to files, or files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from dfl_cli.extract.index import ExtractIndex
from dfl_cli.frames import PNG_OPTIONS, list_frames, read_frame, write_whole
from samplers.files.file_range import file_fingerprint

FRAME_QUALITY = 97  # of frames as JPEG, as `dfl video extract` writes them


class VideoFrame(Protocol):
    """A frame of a video. picture: (H, W, 3) uint8 BGR, made when it is asked for; size: (width, height)."""

    picture: np.ndarray
    size: tuple[int, int]


@dataclass(frozen=True)
class FrameJob:
    """A frame to look at. frame: of a video, to be written to `path`; None: `path` is read."""

    path: Path
    frame: VideoFrame | None = None

    def load(self) -> np.ndarray:
        """(H, W, 3) uint8 BGR, and the file is there. Raises UnreadableFrame, UnwritableFrame, OSError."""
        if self.frame is None:
            return read_frame(self.path)
        picture = self.frame.picture
        options = [cv2.IMWRITE_JPEG_QUALITY, FRAME_QUALITY] if self.path.suffix == ".jpg" else PNG_OPTIONS
        write_whole(self.path, cv2.imencode(self.path.suffix, picture, options)[1].tobytes())
        return picture


class Source(Protocol):
    """Frames in the order of time. count: how many were passed by, once `jobs` has come to its end."""

    folder: Path  # of the files of the frames
    total: int  # frames, about; 0: not known
    count: int

    def identity(self) -> Mapping:
        """What tells it from others, in the index."""

    def make_room(self, *, overwrite: bool) -> None:
        """Move frames of another source away. Raises UserError unless somebody allowed it."""

    def without_decoding(self, index: ExtractIndex) -> Source:
        """What gives the same frames with less work, as all of them were looked at; else the source itself."""

    def jobs(self) -> Iterator[FrameJob]:
        """All frames."""


class FolderSource:
    """Frames that are files already."""

    def __init__(self, folder: Path, frames: Sequence[Path] | None = None):
        self.folder = folder
        self.frames = list_frames(folder) if frames is None else list(frames)
        self.total, self.count = len(self.frames), 0

    def identity(self) -> Mapping:
        return {"frames": "files"}

    def make_room(self, *, overwrite: bool) -> None:
        """Nothing is written there."""

    def without_decoding(self, index: ExtractIndex) -> Source:
        return self

    def jobs(self) -> Iterator[FrameJob]:
        for path in self.frames:
            self.count += 1
            yield FrameJob(path)


def fingerprint_of(path: Path) -> str:
    """Of a frame's file; empty where there is none."""
    return file_fingerprint(path) or ""
