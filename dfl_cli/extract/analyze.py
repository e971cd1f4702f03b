"""The first pass: every frame is looked at, by several threads, and what is found goes into the index in order.

A few frames are on the way at a time, so memory does not grow with the length of a video; a kill loses those alone.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import cv2

from dfl_cli.extract.analysis import FaceNetworks, Sighting
from dfl_cli.extract.following import Following
from dfl_cli.extract.index import ExtractIndex
from dfl_cli.extract.networks import NetworkChoice
from dfl_cli.extract.records import FrameRecord
from dfl_cli.extract.sources import FrameJob, Source, fingerprint_of
from dfl_cli.frames import UnreadableFrame, one_opencv_thread
from dfl_cli.shards.shard import Shard
from samplers.files.atomic_file import remove_leftovers

AHEAD = 1  # chunks on their way for each thread, besides the one it works on
CHUNK = 16  # frames that a thread looks at one after the other, so that it can follow a face
MOST_PIXELS = 32 * 10**6  # of all frames of a chunk; three bytes each


class BadFrame(NamedTuple):
    """A frame that could not be read."""

    name: str
    error: Exception


@dataclass
class Analysis:
    """What became of the frames that were looked at now."""

    frames: int = 0
    faces: int = 0
    bad: list[BadFrame] = field(default_factory=list)
    stopped: bool = False


class Stopped(Exception):
    """Nothing more is to be looked at."""


class Analyst:
    """Looks at frames; each thread has networks of its own: one the `opened` ones, the others open theirs at their first frame."""

    def __init__(self, choice: NetworkChoice, opened: FaceNetworks | None = None):
        self.choice, self._local = choice, threading.local()
        self._opened = [opened] if opened else []

    def networks(self) -> FaceNetworks:
        if not hasattr(self._local, "networks"):
            try:
                self._local.networks = self._opened.pop()
            except IndexError:
                self._local.networks = self.choice.open()
        return self._local.networks

    def look(self, jobs: Sequence[FrameJob]) -> list[FrameRecord | BadFrame]:
        """What is found in frames that follow one another. Raises UnwritableFrame, DamagedNetwork."""
        following, found = Following(self.networks()), {}
        for job in jobs:
            try:
                following.look(job.load(), is_last=job is jobs[-1])
            except (UnreadableFrame, OSError, cv2.error) as error:
                found[job.path] = BadFrame(job.path.name, error)
        sightings = iter(following.sightings)
        return [found.get(job.path) or record_of(job.path, next(sightings)) for job in jobs]


def record_of(path: Path, seen: Sighting) -> FrameRecord:
    height, width = seen.shape
    return FrameRecord(path.name, (width, height), fingerprint_of(path), seen.thumbnail, seen.faces)


def analyze(
    source: Source,
    index: ExtractIndex,
    choice: NetworkChoice,
    *,
    workers: int,
    opened: FaceNetworks | None = None,
    shard: Shard | None = None,
    on_frame: Callable[[Analysis], None] = lambda analysis: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Analysis:
    """Look at all frames of `source` that the index does not know. When `stopped` turns true, those on their way are finished.

    opened  networks of `choice` that nobody uses any more
    shard   look only at its part of the frames, while others write to the same folders

    Raises UnwritableFrame, DamagedNetwork, NotAVideo, OSError.
    """
    analysis, analyst, waiting = Analysis(), Analyst(choice, opened), deque()
    source.folder.mkdir(parents=True, exist_ok=True)
    if not shard:
        remove_leftovers(source.folder)

    def until_stopped(jobs: Iterable[FrameJob]) -> Iterator[FrameJob]:
        for job in jobs:
            if stopped():
                raise Stopped
            yield job

    def collect(*, keep: int) -> None:
        while len(waiting) > keep:
            take(waiting.popleft().result(), index, analysis, on_frame)

    with one_opencv_thread(), ThreadPoolExecutor(workers, thread_name_prefix="extract") as pool:
        try:
            with closing(source.jobs()) as jobs:
                for chunk in own_chunks(chunks(until_stopped(jobs)), shard):
                    if unknown := [job for job in chunk if not is_known(job.path, index)]:
                        waiting.append(pool.submit(analyst.look, unknown))
                        collect(keep=(AHEAD + 1) * workers - 1)
            collect(keep=0)
        except Stopped:
            analysis.stopped = True
            collect(keep=0)
        except BaseException:
            cancel(waiting)
            raise
    if not (analysis.stopped or shard) and index.count != source.count:
        index.complete(source.count)
    return analysis


def is_known(path: Path, index: ExtractIndex) -> bool:
    """Whether the frame was looked at before, and its file is still the same."""
    record = index.frames.get(path.name)
    return record is not None and record.fingerprint == fingerprint_of(path)


def own_chunks(chunks: Iterable[list[FrameJob]], shard: Shard | None) -> Iterator[list[FrameJob]]:
    """Every N-th of the chunks of all frames. No frame of a chunk says anything about another chunk, and the number of chunks
    need not be known in advance."""
    for number, chunk in enumerate(chunks):
        if shard is None or number % shard.count == shard.number - 1:
            yield chunk


def chunks(jobs: Iterable[FrameJob]) -> Iterator[list[FrameJob]]:
    """Lists of CHUNK frames, fewer where they are large; also of known ones, so that they begin where those of any other run do."""
    chunk: list[FrameJob] = []
    pixels = 0
    for job in jobs:
        chunk.append(job)
        pixels += math.prod(job.frame.size) if job.frame else 0
        if len(chunk) >= CHUNK or pixels >= MOST_PIXELS:
            yield chunk
            chunk, pixels = [], 0
    if chunk:
        yield chunk


def take(
    found: Sequence[FrameRecord | BadFrame],
    index: ExtractIndex,
    analysis: Analysis,
    on_frame: Callable[[Analysis], None],
) -> None:
    """What was found in a chunk."""
    index.add_frames([one for one in found if not isinstance(one, BadFrame)])
    for one in found:
        analysis.frames += 1
        if isinstance(one, BadFrame):
            analysis.bad.append(one)
        else:
            analysis.faces += sum(face.is_sure for face in one.faces)
        on_frame(analysis)


def cancel(waiting: deque[Future]) -> None:
    for future in waiting:
        future.cancel()
