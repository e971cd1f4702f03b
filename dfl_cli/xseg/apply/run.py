"""Masks for a whole face set: threads read faces and write masks, the calling thread runs the network on several faces at once.

What is about to be changed is written down first (`history.py`), so that a killed run loses nothing and the next one goes on where it was.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

import numpy as np

from dfl_cli.faceset.images import THREADS
from dfl_cli.frames import one_opencv_thread
from dfl_cli.xseg.apply.painter import Painter
from dfl_cli.xseg.apply.quality import confidence
from dfl_cli.xseg.apply.smoothing import Seen, Window, needed, ready, smoothed
from dfl_cli.xseg.apply.view import mask_for_face, thresholded, view_of
from dfl_cli.xseg.face_files import FaceFile, change_field, naming, recorded
from dfl_cli.xseg.history import Change, History, Record, digest_of, joined, packed
from dfl_cli.xseg.predict import mask_from
from samplers.files.face import Skipped, UnreadableImage
from samplers.files.face_info import encode_mask
from samplers.geometry.face_types import FaceType

GROUP = 16  # faces that are written down at once
WAITING = 2  # groups that may wait to be written


class Finished(NamedTuple):
    """A face whose mask is ready to be stored."""

    index: int
    file: FaceFile
    record: Record
    encoded: np.ndarray  # the mask as the file keeps it


@dataclass
class Report:
    """What became of the faces."""

    applied: int = 0
    replaced: int = 0  # of those applied, how many had another mask before
    skipped: list[Skipped] = field(default_factory=list)
    confidence: dict[int, float] = field(default_factory=dict)  # by the index of the face

    def add(self, one: Finished | Skipped) -> None:
        if isinstance(one, Skipped):
            self.skipped.append(one)
            return
        self.applied += 1
        self.replaced += one.file.value is not None and one.record.new != digest_of(one.file.value)
        self.confidence[one.index] = one.record.confidence


@dataclass(frozen=True)
class Applying:
    """The faces of a set, and how their masks are made. order: what each mask is made from."""

    files: Sequence[FaceFile]
    order: Sequence[Window]
    face_type: FaceType | None
    history: History

    def left(self, change: Change) -> tuple[list[Window], dict[int, float]]:
        """The faces to be painted, and the confidence of those that have the mask of `change` already."""
        done = {(one.seen, one.new): one.confidence or 0.0 for one in change.records}
        left, confidence = [], {}
        for window in self.order:
            file = self.files[window.index]
            key = self.seen(window), digest_of(file.value)
            if file.value is not None and key in done:
                confidence[window.index] = done[key]
            else:
                left.append(window)
        return left, confidence

    def seen(self, window: Window) -> str:
        """Digest of all faces that a mask is made from."""
        return joined(self.files[index].digest for index in window.weights)

    def load(self, index: int) -> Seen | Skipped:
        """What the network is to see of a face."""
        face = self.files[index].face
        try:
            with naming(face.name):
                return Seen(view_of(face.read_info(), face.read(), self.face_type), np.empty(0))
        except UnreadableImage as error:
            return Skipped(error.name, error.reason)

    def finish(self, window: Window, found: Mapping[int, Seen | Skipped]) -> Finished | Skipped:
        """The mask of a face as it is stored, and what is written down about it; a neighbor that cannot be read does not count."""
        here, file = found[window.index], self.files[window.index]
        if isinstance(here, Skipped):
            return here
        seen = {index: one for index, one in found.items() if isinstance(one, Seen)}
        probabilities = smoothed(window, seen)
        encoded = encode_mask(thresholded(mask_for_face(mask_from(probabilities), here.view)))
        record = Record(
            file.face.name, file.digest, packed(file.value), digest_of(encoded),
            seen=self.seen(window), confidence=round(confidence(probabilities), 4),
        )  # fmt: skip
        return Finished(window.index, file, record, encoded)

    def store(self, group: Sequence[Future]) -> list[Finished | Skipped]:
        """Write masks into their files, all at once so that the disk is waited for seldom. Raises OSError."""
        results = [future.result() for future in group]
        self.history.add(one.record for one in results if isinstance(one, Finished))
        return [self.write(one) if isinstance(one, Finished) else one for one in results]

    def write(self, one: Finished) -> Finished | Skipped:
        path, name, decide = recorded(one.file.path, self.history, one.record, one.encoded)
        try:
            change_field(path, name, self.history.field, decide)
        except UnreadableImage as error:
            return Skipped(error.name, error.reason)
        return one


def apply(
    applying: Applying,
    left: Sequence[Window],
    painter: Painter,
    *,
    on_face: Callable[[], None],
    stopped: Callable[[], bool],
) -> Report:
    """Paint and store the masks of the faces `left`. `on_face` is called after each; when `stopped` turns true, begun ones are finished.

    Raises MemoryError where the network cannot take even one face, OSError where a file cannot be written.
    """
    report, storing = Report(), deque()

    def collect(*, keep: int) -> None:
        while len(storing) > keep:
            for one in storing.popleft().result():
                report.add(one)
                on_face()

    with (
        one_opencv_thread(),
        ThreadPoolExecutor(1, thread_name_prefix="store") as writer,
        ThreadPoolExecutor(THREADS, thread_name_prefix="masks") as pool,
        closing(paint(applying, needed(left), painter, pool)) as painted,
    ):
        finished: list[Future] = []
        for window, seen in ready(left, painted):
            if stopped():
                break
            finished.append(pool.submit(applying.finish, window, seen))
            if len(finished) == GROUP:
                storing.append(writer.submit(applying.store, finished))
                finished = []
                collect(keep=WAITING)
        storing.append(writer.submit(applying.store, finished))
        collect(keep=0)
    return report


def paint(
    applying: Applying, indices: Sequence[int], painter: Painter, pool: ThreadPoolExecutor
) -> Iterator[tuple[int, Seen | Skipped]]:
    """What the network makes of the faces, the next ones already being read."""
    rest, waiting = iter(indices), deque()
    try:
        while True:
            while len(waiting) < 2 and (chunk := list(islice(rest, painter.at_once))):
                waiting.append((chunk, [pool.submit(applying.load, index) for index in chunk]))
            if not waiting:
                return
            chunk, futures = waiting.popleft()
            loaded = [future.result() for future in futures]
            pictures = [one.view.picture for one in loaded if isinstance(one, Seen)]
            probabilities = iter(painter.probabilities(pictures))
            for index, one in zip(chunk, loaded, strict=True):
                yield index, one._replace(probabilities=next(probabilities)) if isinstance(one, Seen) else one
    finally:
        for _, futures in waiting:
            for future in futures:
                future.cancel()
