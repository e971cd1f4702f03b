"""The second pass: faces are cut from their frames and written, those that are not there yet.

The index tells our files from those of somebody else, and those that somebody has changed since, as by adding a mask.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePath

import cv2
import numpy as np

from dfl_cli.extract.analyze import BadFrame, cancel
from dfl_cli.extract.choose import Choice
from dfl_cli.extract.cut import CutSettings, cut_face, digest_of
from dfl_cli.extract.debug_image import debug_jpeg
from dfl_cli.extract.index import CutFile, ExtractIndex
from dfl_cli.extract.records import FaceToCut
from dfl_cli.frames import UnreadableFrame, one_opencv_thread, read_frame, write_whole
from samplers.files.atomic_file import remove_leftovers
from samplers.files.file_range import file_fingerprint
from samplers.files.names import fitting
from samplers.geometry.align import FlatLandmarks
from samplers.geometry.face_types import FaceType

AHEAD = 2  # frames on their way for each thread
CHUNK = 32  # frames whose faces are noted as begun at a time


@dataclass
class Plan:
    """What is to be done with which files. All are names in the folder of the aligned faces."""

    wanted: dict[str, FaceToCut] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)  # to be written
    deleted: list[str] = field(default_factory=list)  # written before and gone since: somebody does not want them
    changed: list[str] = field(default_factory=list)  # to be written, but somebody has changed them since
    obsolete: list[str] = field(default_factory=list)  # ours, and no longer wanted


@dataclass
class Cutting:
    """What became of the faces that were cut now."""

    faces: int = 0
    bad: list[BadFrame] = field(default_factory=list)
    stopped: bool = False


def face_file(frame: str, number: int) -> str:
    """What the file of a face is called: `frame` is the name of its frame, `number` its place in it, from 0."""
    return fitting(PurePath(frame).stem, f"_{number}.jpg")


def plan_cutting(choice: Choice, index: ExtractIndex, folder: Path, settings: CutSettings) -> Plan:
    plan = Plan()
    for name, faces in choice.faces.items():
        plan.wanted |= {face_file(name, number): face for number, face in enumerate(faces)}
    for name, face in plan.wanted.items():
        known, there = index.files.get(name), file_fingerprint(folder / name)
        if known is not None and known.digest == digest_of(face, settings):
            plan.deleted += [name] if there is None else []
        elif there is None or (known is not None and known.fingerprint in (None, there)):
            plan.stale.add(name)
        else:
            plan.changed.append(name)
    plan.obsolete = [name for name in index.files if name not in plan.wanted]
    return plan


@dataclass(frozen=True)
class Cutter:
    """What worker threads do with a frame. Nothing here changes, so all threads share it."""

    frames: Path
    folder: Path
    settings: CutSettings
    debug: Path | None  # folder of the debug images

    def cut(
        self, frame: str, faces: Mapping[str, FaceToCut], marked: Sequence[FaceToCut]
    ) -> dict[str, CutFile] | BadFrame:
        """Write `faces` (name of the file -> face) of a frame, and its debug image with the `marked` ones.

        Raises UnwritableFrame.
        """
        try:
            picture = read_frame(self.frames / frame)
        except (UnreadableFrame, OSError) as error:
            return BadFrame(frame, error)
        if self.debug:
            boxes = [(face.face.box, face.landmarks) for face in marked]
            jpeg = debug_jpeg(picture, boxes, FaceType.from_short(self.settings.face_type))
            write_whole(self.debug / fitting(PurePath(frame).stem, ".jpg"), jpeg)
        try:
            return {name: self.write(picture, name, face) for name, face in faces.items()}
        except (FlatLandmarks, cv2.error) as error:
            return BadFrame(frame, error)

    def write(self, picture: np.ndarray, name: str, face: FaceToCut) -> CutFile:
        write_whole(self.folder / name, cut_face(picture, face, self.settings))
        fingerprint = file_fingerprint(self.folder / name)
        return CutFile(digest_of(face, self.settings), fingerprint, np.asarray(face.landmarks, np.float32))


def cut_faces(
    plan: Plan,
    index: ExtractIndex,
    cutter: Cutter,
    *,
    workers: int,
    on_frame: Callable[[], None] = lambda: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Cutting:
    """Cut the stale faces of `plan`; with debug images all frames are read. Raises UnwritableFrame."""
    cutting, waiting = Cutting(), deque()
    remove_leftovers(cutter.folder)
    if cutter.debug:
        cutter.debug.mkdir(parents=True, exist_ok=True)

    def collect(*, keep: int) -> None:
        while len(waiting) > keep:
            take(waiting.popleft().result(), index, cutting)
            on_frame()

    with one_opencv_thread(), ThreadPoolExecutor(workers, thread_name_prefix="cut") as pool:
        try:
            for jobs in chunks(frames_to_cut(plan, index, every=cutter.debug is not None)):
                names = [name for _, faces, _ in jobs for name in faces]
                if names:
                    index.begin(names)
                for job in jobs:
                    waiting.append(pool.submit(cutter.cut, *job))
                    collect(keep=AHEAD * workers)
                if stopped():
                    cutting.stopped = True
                    break
            collect(keep=0)
        except BaseException:
            cancel(waiting)
            raise
    return cutting


def frames_to_cut(plan: Plan, index: ExtractIndex, *, every: bool) -> Iterator[tuple[str, dict, list]]:
    """(name of the frame, its stale faces, all its wanted faces); every: also frames without a stale face."""
    by_frame: dict[str, dict[str, FaceToCut]] = {name: {} for name in index.frames} if every else {}
    for name, face in plan.wanted.items():
        by_frame.setdefault(face.frame.name, {})[name] = face
    for frame, faces in by_frame.items():
        stale = {name: face for name, face in faces.items() if name in plan.stale}
        if stale or every:
            yield frame, stale, list(faces.values())


def chunks(items: Iterable) -> Iterator[list]:
    items = iter(items)
    while chunk := list(islice(items, CHUNK)):
        yield chunk


def take(written: dict[str, CutFile] | BadFrame, index: ExtractIndex, cutting: Cutting) -> None:
    if isinstance(written, BadFrame):
        cutting.bad.append(written)
        return
    for name, file in written.items():
        index.finish(name, file)
        cutting.faces += 1
