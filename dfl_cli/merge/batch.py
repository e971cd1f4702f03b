"""Merging a folder of frames: worker threads read, crop, blend and write; the calling thread runs the network on several faces
at once.

Frames travel in chunks fixed by the frame list alone, so results do not depend on the number of threads. While one chunk is
with the network, the next is being read and the one before it written.
"""

import json
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dfl_cli.frames import deepened, eight_bits, one_opencv_thread, read_pixels, write_png, write_whole
from dfl_cli.in_batches import FACES_AT_ONCE
from dfl_cli.merge.digest import common_digest, frame_digest, stat_fingerprint
from dfl_cli.merge.journal import Journal
from dfl_cli.merge.pixels.color_smoothing import shifted
from dfl_cli.merge.pixels.compose import Merged, merge_frame
from dfl_cli.merge.pixels.crop import Crop, ModelFace, Prediction, crop_face, needs_network
from dfl_cli.merge.pixels.masks.stored import StoredMask
from dfl_cli.merge.pixels.network import Enhancer, Network, Predictor
from dfl_cli.merge.pixels.notes import DAMAGED, NAMED, Note
from dfl_cli.merge.pixels.painted_masks import MaskNetwork, painting_for
from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.merge.pixels.tracks import Tracks
from dfl_cli.provenance.marking import Marking
from models.classes.corrections import NONE, Corrections
from samplers.files.atomic_file import remove_leftovers
from samplers.files.face import UnreadableImage
from samplers.files.file_range import content_fingerprint, file_fingerprint
from samplers.files.reason import Fault
from samplers.files.regular_file import read_regular


class MergeOutput(NamedTuple):
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
class MergeReport:
    """What became of the frames."""

    merged: int = 0
    without_face: int = 0
    failures: list[Failure] = field(default_factory=list)
    notes: Counter[Note] = field(default_factory=Counter)
    named: dict[Note, set[str]] = field(default_factory=dict)  # files to look at: of faces, else of frames
    stopped: bool = False

    def count(self, job: "FrameJob") -> None:
        self.notes.update(job.notes)
        for note in NAMED.intersection(job.notes):
            self.named.setdefault(note, set()).update(job.damaged_masks if note in DAMAGED else [job.path.name])
        if job.error is not None:
            self.failures.append(Failure(job.path, job.error))
        elif job.crops:
            self.merged += 1
        else:
            self.without_face += 1


@dataclass
class FrameJob:
    """A frame on its way: its settings, its picture and its faces, or the error that reading it ended with."""

    path: Path
    settings: MergeSettings
    digest: str | None = None  # of all that decides how the results look
    pixels: np.ndarray | None = None  # (H, W, 3) as the file has them: uint8 or uint16
    frame: np.ndarray | None = None  # the same as uint8
    crops: list[Crop] = field(default_factory=list)
    error: Exception | None = None
    notes: tuple[Note, ...] = ()
    damaged_masks: set[str] = field(default_factory=set)  # names of the aligned faces that have them
    files: dict[str, str | None] = field(default_factory=dict)  # what was written -> its fingerprint in the journal

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
class FrameMerger:
    """What worker threads do with a frame. Nothing here changes, so all threads share it."""

    tracks: Tracks
    model_face: ModelFace
    settings_of: Callable[[Path], MergeSettings]  # asked once for each frame, when its turn comes
    target: MergeOutput
    producer: str = ""  # the model, and whatever else is the same for all frames
    corrections: Corrections = NONE  # what the swap moves faces by, but in classic frames
    enhancer: Enhancer | None = None  # for settings with super resolution
    masks: Mapping[str, Sequence[StoredMask]] = field(default_factory=dict)  # stem -> XSeg masks of its faces
    xseg: MaskNetwork | None = None  # for settings with XSeg masks

    def is_digest(self, path: Path, digest: str) -> bool:
        """Whether nothing has changed since `digest` that decides how the results of a frame look. False where there is no frame."""
        settings = self.settings_of(path)
        try:
            return any(
                self.digest(path, settings, identify) == digest
                for identify in (content_fingerprint, stat_fingerprint)  # the second: as journals had it at first
            )
        except OSError:
            return False

    def digest(self, path: Path, settings: MergeSettings, identify=content_fingerprint) -> str:
        """Of all that decides how the results of a frame look. Raises OSError."""
        masks = self.masks.get(path.stem, ())
        return frame_digest(path, settings, self.tracks, self.producer_of(settings), masks, identify, self.xseg)

    def producer_of(self, settings: MergeSettings) -> str:
        """What makes a frame with such settings; it changes with the corrections where they count."""
        corrected = not settings.classic and self.corrections != NONE
        return f"{self.producer} {json.dumps(self.corrections)}" if corrected else self.producer

    def common_digest(self, settings: MergeSettings) -> str:
        """Of what is the same for all frames: shards of one merge must agree in it."""
        xseg = (self.xseg.fingerprint, self.xseg.face_type) if self.xseg else None
        return common_digest(settings, self.producer_of(settings), xseg, bool(self.target.masks))

    def load(self, path: Path) -> FrameJob:
        """Read the frame at `path` and crop its faces. Never raises: the error travels in the result."""
        job = FrameJob(path, self.settings_of(path))
        try:
            job.digest = self.digest(path, job.settings)
            job.pixels = read_pixels(path)
            job.frame = eight_bits(job.pixels)
            cut = {"enlarged": bool(job.settings.super_resolution_power), "classic": job.settings.classic}
            faces = self.tracks.landmarks(path, job.settings.landmark_smoothing)
            masks = self.masks.get(path.stem, ())
            sources = [partial(self.stored_mask, job, mask) for mask in masks] or [None] * len(faces)
            job.crops = [
                self.to_paint(crop_face(job.frame, landmarks, self.model_face, **cut, xseg_source=source), job)
                for landmarks, source in zip(faces, sources, strict=True)
            ]
        except Exception as error:  # any single frame may be broken in any way; the others go on
            job.error = error
        return job

    def to_paint(self, crop: Crop, job: FrameJob) -> Crop:
        """`crop` with what the XSeg network has to paint of it."""
        return replace(crop, painting=painting_for(crop, job.settings, self.xseg)) if self.xseg else crop

    def stored_mask(self, job: FrameJob, mask: StoredMask, matrix, side: int):
        """`StoredMask.in_square`; the name of a damaged one is noted in `job`. Raises UnreadableImage."""
        try:
            return mask.in_square(matrix, side)
        except UnreadableImage as error:
            if error.reason.fault is Fault.DAMAGED_MASK:
                job.damaged_masks.add(error.name)
            raise

    def finish(self, job: FrameJob, predictions: Sequence[Prediction | None]) -> FrameJob:
        """Merge `job` and write it; unchanged with an empty mask if that fails.

        Raises UnwritableFrame, SigningFailed.
        """
        if job.frame is None:
            written = self.copy_file(job.path)
        else:
            written = self.target.results(job.path)
            picture, mask, job.notes = self.merge(job, predictions)
            if job.is_deep:
                picture = deepened(picture, job.frame, job.pixels)
            write_png(written["picture"], picture, mark=self.mark_of(job))
            if "mask" in written:
                write_png(written["mask"], mask)
        job.files = {role: file_fingerprint(file) for role, file in written.items()}
        return job

    def mark_of(self, job: FrameJob) -> Callable[[bytes], bytes]:
        """What is added to the file of `job`: nothing where its pixels are those of the camera."""
        if self.target.marking is None or not job.swapped:
            return bytes
        return partial(self.target.marking.mark_png, original=job.path)

    def copy_file(self, path: Path) -> dict[str, Path]:
        """Copy the file of a frame that is no picture; nothing if it cannot even be read."""
        try:
            content = read_regular(path)
        except OSError:  # the same that reading the frame ended with; it is in the report
            return {}
        written = self.target.copy(path)
        for file in written.values():
            write_whole(file, content)
        return written

    def merge(self, job: FrameJob, predictions: Sequence[Prediction | None]) -> Merged:
        """What becomes of `job`; the frame itself when anything fails, with the error noted in `job`."""
        if job.error is None:
            try:
                return merge_frame(
                    job.frame, self.with_smoothed_colors(job), predictions, job.settings,
                    model_face=self.model_face, motion=self.tracks.motion(job.path),
                )  # fmt: skip
            except Exception as error:  # as above
                job.error = error
        return Merged(job.frame, np.zeros(job.frame.shape[:2], np.uint8), ())

    def with_smoothed_colors(self, job: FrameJob) -> list[Crop]:
        """The faces of `job`; what lends its colors is smoothed over time if the settings say so."""
        offset = self.tracks.color_offset(job.path, job.settings.color_smoothing)
        return (
            job.crops
            if offset is None
            else [replace(crop, smoothed_target=shifted(crop.color_source(), offset)) for crop in job.crops]
        )


def merge_frames(
    frames: Sequence[Path],
    merger: FrameMerger,
    predictor: Predictor,
    *,
    workers: int,
    journal: Journal | None = None,
    alone: bool = True,
    on_frame: Callable[[], None] = lambda: None,
    stopped: Callable[[], bool] = lambda: False,
) -> MergeReport:
    """Merge all `frames`. `on_frame` is called after each; when `stopped` turns true, begun frames are finished and the rest is left.

    journal  takes down what becomes of each frame, so that a later merge knows which need not be done again
    alone    whether nobody else writes to the same folders, so that hidden files there are leftovers
    raises   UnwritableFrame, MemoryError when the network cannot take even one face
    """
    report, network = MergeReport(), Network(predictor, merger.enhancer, merger.xseg)
    for folder in merger.target.folders if alone else ():
        remove_leftovers(folder)
    writing: deque[Future] = deque()

    def record_result(job: FrameJob) -> None:
        if journal:
            journal.finish(job.path.stem, None if job.error else job.digest, job.files)
        report.count(job)
        on_frame()

    with (
        one_opencv_thread(),
        ThreadPoolExecutor(workers, thread_name_prefix="merge") as pool,
        closing(read_ahead(chunks(frames, merger.tracks.faces), merger, pool)) as reading,
    ):
        for jobs in reading:
            if stopped():
                report.stopped = True
                break
            if journal:
                journal.begin(job.path.stem for job in jobs)
            predictions = network.predict([crop for job in jobs for crop in job.for_network])
            for job in jobs:
                own = list(islice(predictions, len(job.for_network))) or [None] * len(job.crops)
                writing.append(pool.submit(merger.finish, job, own))
            collect(writing, record_result, keep=len(jobs))
        collect(writing, record_result, keep=0)
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


def read_ahead(lists: Iterator[list[Path]], merger: FrameMerger, pool: ThreadPoolExecutor) -> Iterator[list[FrameJob]]:
    """The frames of each list, loaded by `pool`, with the next list already on its way."""
    waiting: deque[list[Future]] = deque()
    try:
        for paths in lists:
            waiting.append([pool.submit(merger.load, path) for path in paths])
            if len(waiting) > 1:
                yield [future.result() for future in waiting.popleft()]
        while waiting:
            yield [future.result() for future in waiting.popleft()]
    finally:
        for future in (future for futures in waiting for future in futures):
            future.cancel()


def collect(writing: deque[Future], record_result: Callable[[FrameJob], None], *, keep: int) -> None:
    """Wait until at most `keep` frames are unfinished, and take down what became of the others."""
    while len(writing) > keep:
        record_result(writing.popleft().result())
