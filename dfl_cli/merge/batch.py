"""Merging a folder of frames: worker threads read, cut, blend and write; the calling thread asks the network, several faces at once.

Frames travel in chunks fixed by the frame list alone, so results do not depend on the number of threads. While one chunk is
with the network, the next is being read and the one before it written.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

import cv2
import numpy as np

from dfl_cli.merge.compose import Crop, Merged, ModelFace, Prediction, crop_face, merge_frame, needs_network
from dfl_cli.merge.frames import read_frame, write_png, write_whole
from dfl_cli.merge.notes import Note
from dfl_cli.merge.settings import MergeSettings
from dfl_cli.merge.tracks import Tracks
from dfl_cli.provenance.marking import Marking

FACES_AT_ONCE = 8


class Predictor(Protocol):
    """A model as merging sees it."""

    face: ModelFace

    def predict(self, faces):
        """(B, R, R, 3) float32 -> swapped faces (B, R, R, 3), their masks and the masks of the given faces (B, R, R, 1), all 0..1."""


class Target(NamedTuple):
    """Where results go: `<stem>.png` in each folder; swapped pictures, and only those, get the marking."""

    pictures: Path
    masks: Path | None
    marking: Marking | None = None


class Failure(NamedTuple):
    """A frame that could not be merged, and why."""

    path: Path
    error: Exception


@dataclass
class Report:
    """What became of the frames."""

    merged: int = 0
    without_face: int = 0
    failures: list[Failure] = field(default_factory=list)
    notes: Counter[Note] = field(default_factory=Counter)
    stopped: bool = False


@dataclass
class Cut:
    """A frame on its way: its settings, its picture and its faces, or the error that reading it ended with."""

    path: Path
    settings: MergeSettings
    frame: np.ndarray | None = None
    crops: list[Crop] = field(default_factory=list)
    error: Exception | None = None
    notes: tuple[Note, ...] = ()

    @property
    def for_network(self) -> list[Crop]:
        """The faces the network has to see."""
        return self.crops if needs_network(self.settings) else []

    @property
    def swapped(self) -> bool:
        """Whether the result shows anything that the network made."""
        return bool(self.crops) and self.error is None and self.settings.mode != "original"


@dataclass(frozen=True)
class FrameWork:
    """What worker threads do with a frame. Nothing here changes, so all threads share it."""

    tracks: Tracks
    model_face: ModelFace
    settings_of: Callable[[Path], MergeSettings]  # asked once for each frame, when its turn comes
    target: Target

    def cut(self, path: Path) -> Cut:
        """Read the frame at `path` and cut its faces out. Never raises: the error travels in the result."""
        cut = Cut(path, self.settings_of(path))
        try:
            cut.frame = read_frame(path)
            enlarged = bool(cut.settings.super_resolution_power)
            faces = self.tracks.landmarks(path, cut.settings.landmark_smoothing)
            cut.crops = [crop_face(cut.frame, landmarks, self.model_face, enlarged=enlarged) for landmarks in faces]
        except Exception as error:  # any single frame may be broken in any way; the others go on
            cut.error = error
        return cut

    def finish(self, cut: Cut, predictions: Sequence[Prediction | None]) -> Cut:
        """Merge `cut` and write it; unchanged with an empty mask if that fails. Raises UnwritableFrame, SigningFailed."""
        if cut.frame is None:
            self.copy_file(cut.path)
            return cut
        picture, mask, cut.notes = self.merge(cut, predictions)
        name = f"{cut.path.stem}.png"
        write_png(self.target.pictures / name, picture, mark=self.mark_of(cut))
        if self.target.masks:
            write_png(self.target.masks / name, mask)
        return cut

    def mark_of(self, cut: Cut) -> Callable[[bytes], bytes]:
        """What is added to the file of `cut`: nothing where its pixels are those of the camera."""
        if self.target.marking is None or not cut.swapped:
            return bytes
        return partial(self.target.marking.on_png, original=cut.path)

    def copy_file(self, path: Path) -> None:
        """The file of a frame that is no picture, under its own name; nothing if it cannot even be read."""
        try:
            content = path.read_bytes()
        except OSError:  # the same that reading the frame ended with; it is in the report
            return
        write_whole(self.target.pictures / path.name, content)

    def merge(self, cut: Cut, predictions: Sequence[Prediction | None]) -> Merged:
        """What becomes of `cut`; the frame itself when anything fails, with the error noted in `cut`."""
        if cut.error is None:
            try:
                return merge_frame(
                    cut.frame, cut.crops, predictions, cut.settings,
                    model_face=self.model_face, motion=self.tracks.motion(cut.path),
                )  # fmt: skip
            except Exception as error:  # as above
                cut.error = error
        return Merged(cut.frame, np.zeros(cut.frame.shape[:2], np.uint8), ())


def merge_frames(
    frames: Sequence[Path],
    work: FrameWork,
    predictor: Predictor,
    *,
    workers: int,
    on_frame: Callable[[], None] = lambda: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Report:
    """Merge all `frames`. `on_frame` is called after each; when `stopped` turns true, begun frames are finished and the rest is left."""
    report = Report()
    writing: deque[Future] = deque()
    with (
        one_opencv_thread(),
        ThreadPoolExecutor(workers, thread_name_prefix="merge") as pool,
        closing(read_ahead(chunks(frames, work.tracks.faces), work, pool)) as reading,
    ):
        for cuts in reading:
            if stopped():
                report.stopped = True
                break
            predictions = predict(predictor, [crop for cut in cuts for crop in cut.for_network])
            for cut in cuts:
                own = list(islice(predictions, len(cut.for_network))) or [None] * len(cut.crops)
                writing.append(pool.submit(work.finish, cut, own))
            collect(writing, report, on_frame, keep=len(cuts))
        collect(writing, report, on_frame, keep=0)
    return report


def chunks(frames: Sequence[Path], faces: Mapping[str, Sequence]) -> Iterator[list[Path]]:
    """`frames` in order, in lists of about FACES_AT_ONCE faces, and of no more than twice as many frames."""
    chunk: list[Path] = []
    count = 0
    for path in frames:
        chunk.append(path)
        count += len(faces.get(path.stem, ()))
        if count >= FACES_AT_ONCE or len(chunk) >= 2 * FACES_AT_ONCE:
            yield chunk
            chunk, count = [], 0
    if chunk:
        yield chunk


def read_ahead(lists: Iterator[list[Path]], work: FrameWork, pool: ThreadPoolExecutor) -> Iterator[list[Cut]]:
    """The frames of each list, cut by `pool`, with the next list already on its way."""
    waiting: deque[list[Future]] = deque()
    try:
        for paths in lists:
            waiting.append([pool.submit(work.cut, path) for path in paths])
            if len(waiting) > 1:
                yield [future.result() for future in waiting.popleft()]
        while waiting:
            yield [future.result() for future in waiting.popleft()]
    finally:
        for future in (future for futures in waiting for future in futures):
            future.cancel()


def predict(predictor: Predictor, crops: Sequence[Crop]) -> Iterator[Prediction]:
    """What the network makes of `crops`, one for each."""
    for start in range(0, len(crops), FACES_AT_ONCE):
        faces = np.stack([crop.picture for crop in crops[start : start + FACES_AT_ONCE]])
        yield from (Prediction(*one) for one in zip(*predictor.predict(faces), strict=True))


def collect(writing: deque[Future], report: Report, on_frame: Callable[[], None], *, keep: int) -> None:
    """Wait until at most `keep` frames are unfinished, and count the others."""
    while len(writing) > keep:
        cut = writing.popleft().result()
        report.notes.update(cut.notes)
        if cut.error is not None:
            report.failures.append(Failure(cut.path, cut.error))
        elif cut.crops:
            report.merged += 1
        else:
            report.without_face += 1
        on_frame()


@contextmanager
def one_opencv_thread():
    """OpenCV works in the calling thread only: frames are what runs in parallel here."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
