"""An extraction is opened for a review: what takes long shows its progress on the terminal."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from dfl_cli.errors import UserError
from dfl_cli.extract.earlier import face_files
from dfl_cli.extract.index import ExtractIndex
from dfl_cli.extract.places import Places
from dfl_cli.extract.records import FrameRecord
from dfl_cli.frames import time_key
from dfl_cli.review.face_table import CutFace, cut_faces_of, face_table, knowledge
from dfl_cli.review.measures import Measures
from dfl_cli.review.other_faces import other_face
from dfl_cli.review.session import ReviewSession
from dfl_cli.terminal.console import notice, progress
from dfl_cli.translate import tr


def open_session(places: Places, index: ExtractIndex) -> ReviewSession:
    """The folder of the faces is locked. Raises UserError where no frame was looked at."""
    if not index.frames:
        raise UserError(
            tr("The extraction in {folder} has no frames yet.", folder=places.aligned),
            saw=str(index.path),
            fix=tr("Run dfl extract until it has looked at the frames."),
        )
    frames = {name: index.frame(name) for name in sorted(index.frames, key=time_key)}
    known, measures = knowledge(list(frames.values())), Measures(places.aligned)
    faces = faces_there(places, index, frames.values())
    with progress(len(faces), tr("Poses of the faces"), keep=False) as bar:
        poses = measures.poses_of([face.landmarks for face in faces], bar.update)
    sharpness = measures.known_sharpness([face.name for face in faces])
    table = face_table(faces, frames, known, poses=poses, sharpness=sharpness)
    return ReviewSession(places, index, frames, table, known, measures)


def faces_there(places: Places, index: ExtractIndex, frames: Iterable[FrameRecord]) -> list[CutFace]:
    """The faces whose files are in the folder, those that the index does not know at the end."""
    files = {path.name: path for path in face_files(places.aligned)}
    known = [face for face in cut_faces_of(index, frames) if files.pop(face.name, None)]
    others = []
    with (
        progress(len(files), tr("Reading face data"), keep=False) as bar,
        ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="read") as pool,
    ):
        for face in pool.map(other_face, files.values()):
            others += [face] if face else []
            bar.update(1)
    if len(others) < len(files):
        notice(tr("{count} without face data: left out.", count=len(files) - len(others)))
    return known + others
