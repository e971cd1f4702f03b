"""Merging a folder of frames: worker threads read, cut, blend and write; the calling thread asks the network, several faces at once.

Frames travel in chunks fixed by the frame list alone, so results do not depend on the number of threads. While one chunk is
with the network, the next is being read and the one before it written.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.frames import deepened, eight_bits, read_pixels, write_png, write_whole
from dfl_cli.merge.digest import frame_digest
from dfl_cli.merge.journal import Journal, mark
from dfl_cli.merge.pixels.compose import Merged, merge_frame
from dfl_cli.merge.pixels.crop import Crop, ModelFace, Prediction, crop_face, needs_network
from dfl_cli.merge.pixels.masks.stored import StoredMask
from dfl_cli.merge.pixels.network import FACES_AT_ONCE, Enhancer, Network, Predictor
from dfl_cli.merge.pixels.notes import Note
from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.merge.pixels.steady_colors import shifted
from dfl_cli.merge.pixels.tracks import Tracks
from dfl_cli.provenance.marking import Marking
from samplers.files.atomic_file import remove_leftovers


class Target(NamedTuple):
    """Where results go: `<stem>.png` in each folder; swapped pictures, and only those, get the marking."""

    pictures: Path
    masks: Path | None
    marking: Marking | None = None

    @property
    def folders(self) -> list[Path]:
        return [folder for folder in (self.pictures, self.masks) if folder]

    def results(self, frame: Path) -> dict[str, Path]:
        """The files of a frame that went well."""
        name = f"{frame.stem}.png"
        return {"picture": self.pictures / name} | ({"mask": self.masks / name} if self.masks else {})

    def copy(self, frame: Path) -> dict[str, Path]:
        """The file of a frame that is no picture; under the name of the result if that is its own."""
        file = self.pictures / frame.name
        return {"picture" if file == self.results(frame)["picture"] else "copy": file}


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

    def count(self, cut: "Cut") -> None:
        self.notes.update(cut.notes)
        if cut.error is not None:
            self.failures.append(Failure(cut.path, cut.error))
        elif cut.crops:
            self.merged += 1
        else:
            self.without_face += 1


@dataclass
class Cut:
    """A frame on its way: its settings, its picture and its faces, or the error that reading it ended with."""

    path: Path
    settings: MergeSettings
    digest: str | None = None  # of all that decides how the results look
    pixels: np.ndarray | None = None  # (H, W, 3) as the file has them: uint8 or uint16
    frame: np.ndarray | None = None  # the same as uint8
    crops: list[Crop] = field(default_factory=list)
    error: Exception | None = None
    notes: tuple[Note, ...] = ()
    files: dict[str, str | None] = field(default_factory=dict)  # what was written -> its mark in the journal

    @property
    def for_network(self) -> list[Crop]:
        """The faces the network has to see."""
        return self.crops if needs_network(self.settings) else []

    @property
    def is_deep(self) -> bool:
        """Whether the result has 16 bits: where the frame has, unless the result is no frame but the network's square."""
        return self.pixels.dtype == np.uint16 and self.settings.mode != "raw-predict"

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
    made_with: str = ""  # the model, and whatever else is the same for all frames
    enhancer: Enhancer | None = None  # for settings with super resolution
    masks: Mapping[str, Sequence[StoredMask]] = field(default_factory=dict)  # stem -> XSeg masks of its faces

    def digest(self, path: Path) -> str | None:
        """Changes with everything that decides how the results of a frame look; None where there is no such frame."""
        try:
            return frame_digest(
                path, self.settings_of(path), self.tracks, self.made_with, self.masks.get(path.stem, ())
            )
        except OSError:
            return None

    def cut(self, path: Path) -> Cut:
        """Read the frame at `path` and cut its faces out. Never raises: the error travels in the result."""
        cut = Cut(path, self.settings_of(path))
        try:
            cut.digest = frame_digest(path, cut.settings, self.tracks, self.made_with, self.masks.get(path.stem, ()))
            cut.pixels = read_pixels(path)
            cut.frame = eight_bits(cut.pixels)
            enlarged = bool(cut.settings.super_resolution_power)
            faces = self.tracks.landmarks(path, cut.settings.landmark_smoothing)
            sources = [mask.in_square for mask in self.masks.get(path.stem, ())] or [None] * len(faces)
            cut.crops = [
                crop_face(cut.frame, landmarks, self.model_face, enlarged=enlarged, xseg_source=source)
                for landmarks, source in zip(faces, sources, strict=True)
            ]
        except Exception as error:  # any single frame may be broken in any way; the others go on
            cut.error = error
        return cut

    def finish(self, cut: Cut, predictions: Sequence[Prediction | None]) -> Cut:
        """Merge `cut` and write it; unchanged with an empty mask if that fails. Raises UnwritableFrame, SigningFailed."""
        if cut.frame is None:
            written = self.copy_file(cut.path)
        else:
            written = self.target.results(cut.path)
            picture, mask, cut.notes = self.merge(cut, predictions)
            if cut.is_deep:
                picture = deepened(picture, cut.frame, cut.pixels)
            write_png(written["picture"], picture, mark=self.mark_of(cut))
            if "mask" in written:
                write_png(written["mask"], mask)
        cut.files = {role: mark(file) for role, file in written.items()}
        return cut

    def mark_of(self, cut: Cut) -> Callable[[bytes], bytes]:
        """What is added to the file of `cut`: nothing where its pixels are those of the camera."""
        if self.target.marking is None or not cut.swapped:
            return bytes
        return partial(self.target.marking.on_png, original=cut.path)

    def copy_file(self, path: Path) -> dict[str, Path]:
        """Copy the file of a frame that is no picture; nothing if it cannot even be read."""
        try:
            content = path.read_bytes()
        except OSError:  # the same that reading the frame ended with; it is in the report
            return {}
        written = self.target.copy(path)
        for file in written.values():
            write_whole(file, content)
        return written

    def merge(self, cut: Cut, predictions: Sequence[Prediction | None]) -> Merged:
        """What becomes of `cut`; the frame itself when anything fails, with the error noted in `cut`."""
        if cut.error is None:
            try:
                return merge_frame(
                    cut.frame, self.steadied(cut), predictions, cut.settings,
                    model_face=self.model_face, motion=self.tracks.motion(cut.path),
                )  # fmt: skip
            except Exception as error:  # as above
                cut.error = error
        return Merged(cut.frame, np.zeros(cut.frame.shape[:2], np.uint8), ())

    def steadied(self, cut: Cut) -> list[Crop]:
        """The faces of `cut`; what lends its colors is smoothed over time if the settings say so."""
        offset = self.tracks.color_offset(cut.path, cut.settings.color_smoothing)
        return (
            cut.crops
            if offset is None
            else [replace(crop, smoothed=shifted(crop.lender(), offset)) for crop in cut.crops]
        )


def merge_frames(
    frames: Sequence[Path],
    work: FrameWork,
    predictor: Predictor,
    *,
    workers: int,
    journal: Journal | None = None,
    on_frame: Callable[[], None] = lambda: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Report:
    """Merge all `frames`. `on_frame` is called after each; when `stopped` turns true, begun frames are finished and the rest is left.

    journal  takes down what becomes of each frame, so that a later merge knows which need not be done again
    raises   UnwritableFrame, MemoryError when the network cannot take even one face
    """
    report, network = Report(), Network(predictor, work.enhancer)
    for folder in work.target.folders:
        remove_leftovers(folder)
    writing: deque[Future] = deque()

    def take_down(cut: Cut) -> None:
        if journal:
            journal.finish(cut.path.stem, None if cut.error else cut.digest, cut.files)
        report.count(cut)
        on_frame()

    with (
        one_opencv_thread(),
        ThreadPoolExecutor(workers, thread_name_prefix="merge") as pool,
        closing(read_ahead(chunks(frames, work.tracks.faces), work, pool)) as reading,
    ):
        for cuts in reading:
            if stopped():
                report.stopped = True
                break
            if journal:
                journal.begin(cut.path.stem for cut in cuts)
            predictions = network.predict([crop for cut in cuts for crop in cut.for_network])
            for cut in cuts:
                own = list(islice(predictions, len(cut.for_network))) or [None] * len(cut.crops)
                writing.append(pool.submit(work.finish, cut, own))
            collect(writing, take_down, keep=len(cuts))
        collect(writing, take_down, keep=0)
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


def collect(writing: deque[Future], take_down: Callable[[Cut], None], *, keep: int) -> None:
    """Wait until at most `keep` frames are unfinished, and take down what became of the others."""
    while len(writing) > keep:
        take_down(writing.popleft().result())


@contextmanager
def one_opencv_thread():
    """OpenCV works in the calling thread only: frames are what runs in parallel here."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
