"""The index of an extraction, `.dfl-extract.jsonl` in the folder of the aligned faces.

Lines of JSON that are only ever appended, so that no moment of a crash can lose more than the last:
    {"format": 1, "source": {...}, "networks": "..."}        what the faces are from; the first line
    {"frame": "00001.png", "size": [640, 480], "file": "812345-9fe1...", "thumbnail": "...", "faces": [{"box": [l, t, r, b],
     "score": 0.93, "presence": 17.5, "turn": 0, "landmarks": "...", "identity": "...", "expression": "..."}]}
    {"repaired": "00001.png", "file": "812345-9fe1...", "faces": [...]}      a person put the faces of this frame right
    {"unrepaired": "00001.png"}                              the faces that were found hold again
    {"settings": {"face_type": "wf", "size": 512, ...}}      how faces are cut, from here on
    {"frames": 77}                                           all frames of the source were looked at
    {"begun": ["00001_0.jpg"]}                               these files are being written
    {"cut": "00001_0.jpg", "digest": "5f1c...", "file": "81234-9fe1...", "landmarks": "..."}      written, by these landmarks
    {"removed": ["00001_0.jpg"]}
A shard (`--shard 2/8`) writes the first two kinds to a file of its own beside it, see `dfl_cli/shards/files.py`.
Arrays are base64 of little-endian float32 (thumbnails of uint8). Of several lines about one thing the last counts.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dfl_cli.extract.records import THUMBNAIL, FaceRecord, FrameRecord, Repair
from dfl_cli.shards.files import new_shard_file, shard_files, take_in
from dfl_cli.shards.shard import Shard
from dfl_cli.terminal.console import notice
from dfl_cli.text_files.lines import open_for_lines
from dfl_cli.text_files.schema import (
    Anything,
    Fields,
    ListOf,
    MapOf,
    Number,
    Optional,
    Row,
    Whole,
    Words,
    WrongField,
    YesOrNo,
    wrong,
)
from dfl_cli.translate import tr
from samplers.files.atomic_file import sync
from samplers.files.names import escape_surrogates
from samplers.files.regular_file import open_regular

FILE_NAME = ".dfl-extract.jsonl"
FORMAT = 1
SYNC_EVERY = 256  # frames; a kill loses none of them, a power cut at most these


class Array:
    """A schema: base64 of an array of `shape`."""

    def __init__(self, shape: tuple[int, ...], dtype: str = "<f4"):
        self.shape, self.dtype = shape, np.dtype(dtype)
        self.count = math.prod(shape)

    def check(self, value, field):
        if not isinstance(value, str) or self.decoded(value) is None:
            raise wrong(field, value, tr("{count} encoded numbers", count=self.count))

    def decoded(self, value: str) -> np.ndarray | None:
        """None where it is something else, also where a number is not finite."""
        try:
            content = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            return None
        if len(content) != self.dtype.itemsize * self.count:
            return None
        array = np.frombuffer(content, self.dtype).reshape(self.shape)
        return array if self.dtype.kind == "u" or np.isfinite(array).all() else None

    def encoded(self, array: np.ndarray) -> str:
        return base64.b64encode(np.ascontiguousarray(array, self.dtype).tobytes()).decode("ascii")


LANDMARKS, IDENTITY, EXPRESSION, SMALL = (
    Array((68, 2)),
    Array((128,)),
    Array((52,)),
    Array((THUMBNAIL, THUMBNAIL), "u1"),
)
PIXEL = Number(-1e6, 1e6)
FACE = Fields(
    {
        "box": Row((PIXEL,) * 4),
        "score": Number(0, 1),
        "presence": Number(),
        "turn": Whole(0, 270),
        "landmarks": LANDMARKS,
        "identity": Optional(IDENTITY),
        "expression": Optional(EXPRESSION),
    },
    {"by_hand": YesOrNo()},
)
FRAME_LINE = Fields(
    {"frame": Words(), "size": Row((Whole(1), Whole(1))), "file": Words(), "thumbnail": SMALL, "faces": ListOf(FACE)}
)
HEADER = Fields({"format": Whole(FORMAT, FORMAT), "source": MapOf(Anything()), "networks": Words()})
SETTINGS = Fields(
    {"face_type": Words(), "size": Whole(1), "quality": Whole(1, 100), "classic": YesOrNo(), "max_faces": Whole()}
)
OTHER_LINES = {
    "settings": Fields({"settings": SETTINGS}),
    "repaired": Fields({"repaired": Words(), "file": Words(), "faces": ListOf(FACE)}),
    "unrepaired": Fields({"unrepaired": Words()}),
    "frames": Fields({"frames": Whole()}),
    "begun": Fields({"begun": ListOf(Words())}),
    "cut": Fields({"cut": Words(), "digest": Words(), "file": Words(), "landmarks": LANDMARKS}),
    "removed": Fields({"removed": ListOf(Words())}),
}


class CutFile(NamedTuple):
    """A face file that this program wrote, or was writing."""

    digest: str | None  # of all that decides how it looks; None: begun, so whatever lies there is ours
    fingerprint: str | None
    landmarks: np.ndarray | None  # (68, 2) in the frame; smoothed ones differ from those of the record


BEGUN = CutFile(None, None, None)


class ExtractIndex:
    """The index in `folder`; a context manager that closes its file. The caller holds the lock of the folder.

    source, networks  of the first line; None where there is no usable index
    frames            name -> record, as it was found; see `frame`
    repairs           name of a frame -> what a person made of it
    files             name -> CutFile
    settings          how faces were last cut: those of CutSettings, and max_faces; None where none was cut yet
    """

    def __init__(self, folder: Path, shard: Shard | None = None):
        """shard: what this run looks at; None: all frames"""
        self.path, self.shard = folder / FILE_NAME, shard
        self.source: Mapping | None = None
        self.networks: str | None = None
        self.count: int | None = None  # of the frames of the source, once all were looked at
        self.frames: dict[str, FrameRecord] = {}
        self.repairs: dict[str, Repair] = {}
        self.files: dict[str, CutFile] = {}
        self.settings: Mapping | None = None
        self._file, self._own_path, self._unsynced, self._is_used = None, self.path, 0, False
        for path in [self.path, *shard_files(self.path)]:
            self._read(path)

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
            if self.shard and not self._is_used:
                self._own_path.unlink(missing_ok=True)

    def start(self, source: Mapping, networks: str) -> None:
        """Begin an index where there is none, or the file of a shard; repairs of an earlier one go on."""
        self._append({"format": FORMAT, "source": source, "networks": networks})
        for name, repair in [] if self.shard else list(self.repairs.items()):
            self.repair(name, repair)
        self.flush()
        self.source, self.networks = source, networks

    def add_frame(self, record: FrameRecord) -> None:
        self.add_frames([record])

    def add_frames(self, records: Sequence[FrameRecord]) -> None:
        """Written at once: after a kill all of them are there or none, so frames that were looked at together stay together."""
        if not records:
            return
        self._append(*map(line_of, records))
        self.frames |= {record.name: record for record in records}
        self._is_used = True
        self._unsynced += len(records)
        if self._unsynced >= SYNC_EVERY:
            self.flush()

    def frame(self, name: str) -> FrameRecord:
        """The frame with its repair, if there is one. Raises KeyError."""
        repair = self.repairs.get(name)
        return repair.applied(self.frames[name]) if repair else self.frames[name]

    def repair(self, name: str, repair: Repair | None) -> None:
        """Note what a person made of a frame; None: what was found holds again. On the disk when this returns."""
        if repair is None:
            self._append({"unrepaired": name})
            self.repairs.pop(name, None)
        else:
            faces = [face_line(face) for face in repair.faces]
            self._append({"repaired": name, "file": repair.fingerprint, "faces": faces})
            self.repairs[name] = repair
        self.flush()

    def set_settings(self, settings: Mapping) -> None:
        """Note how faces are cut from here on, so that one whose landmarks are repaired is cut alike."""
        if settings != self.settings:
            self._append({"settings": dict(settings)})
            self.settings = dict(settings)

    def complete(self, count: int) -> None:
        """Note that all `count` frames of the source were looked at, unreadable ones included."""
        self._append({"frames": count})
        self.flush()
        self.count = count

    def begin(self, names: Iterable[str]) -> None:
        """Note, before the first byte of them is written, that these files are ours. On the disk when this returns."""
        names = list(names)
        self._append({"begun": names})
        self.flush()
        self.files.update(dict.fromkeys(names, BEGUN))

    def finish(self, name: str, file: CutFile) -> None:
        """Note that a face is written."""
        self._append(
            {
                "cut": name,
                "digest": file.digest,
                "file": file.fingerprint,
                "landmarks": LANDMARKS.encoded(file.landmarks),
            }
        )
        self.files[name] = file

    def remove(self, names: Iterable[str]) -> None:
        """Note that these files are no longer there, or no longer ours."""
        names = list(names)
        self._append({"removed": names})
        for name in names:
            self.files.pop(name, None)

    def flush(self) -> None:
        """To the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._unsynced = 0

    def _append(self, *lines: Mapping) -> None:
        if self._file is None:
            self._open()
        texts = (escape_surrogates(json.dumps(line, separators=(",", ":"))) for line in lines)
        self._file.write("".join(f"{text}\n" for text in texts).encode())
        self._file.flush()

    def _open(self) -> None:
        if self.shard:
            self._own_path, self._file = new_shard_file(self.path, self.shard)
            return
        take_in(self.path)
        is_new = not self.path.exists()
        self._file = open_for_lines(self.path)
        if is_new:
            sync(self.path.parent)

    def _read(self, path: Path) -> None:
        try:
            file = open_regular(path)
        except FileNotFoundError:
            return
        with file:
            for number, line in enumerate(file, start=1):
                try:
                    self._take(json.loads(line))
                except WrongField as error:
                    notice(
                        tr(
                            "{file}, line {line} is left out: {problem}",
                            file=path.name,
                            line=number,
                            problem=str(error),
                        )
                    )
                except (ValueError, TypeError, RecursionError):  # half a line
                    continue

    def _take(self, line: Mapping) -> None:
        """Raises WrongField; ValueError, TypeError for what is no line of ours."""
        if "frame" in line:
            FRAME_LINE.check(line, "")
            self.frames[line["frame"]] = record_of(line)
        elif "format" in line:
            HEADER.check(line, "")
            self.source, self.networks = line["source"], line["networks"]
        else:
            kind = next((kind for kind in OTHER_LINES if kind in line), None)
            if kind is None:
                return  # of a later version
            OTHER_LINES[kind].check(line, "")
            self._take_other(kind, line)

    def _take_other(self, kind: str, line: Mapping) -> None:
        match kind:
            case "repaired":
                self.repairs[line["repaired"]] = Repair(line["file"], tuple(map(face_of, line["faces"])))
            case "unrepaired":
                self.repairs.pop(line["unrepaired"], None)
            case "settings":
                self.settings = line["settings"]
            case "frames":
                self.count = line["frames"]
            case "begun":
                self.files.update(dict.fromkeys(line["begun"], BEGUN))
            case "cut":
                self.files[line["cut"]] = CutFile(line["digest"], line["file"], LANDMARKS.decoded(line["landmarks"]))
            case "removed":
                for name in line["removed"]:
                    self.files.pop(name, None)


def line_of(record: FrameRecord) -> dict:
    return {
        "frame": record.name,
        "size": list(record.size),
        "file": record.fingerprint,
        "thumbnail": SMALL.encoded(record.thumbnail),
        "faces": [face_line(face) for face in record.faces],
    }


def face_line(face: FaceRecord) -> dict:
    by_hand = {"by_hand": True} if face.by_hand else {}
    return by_hand | {
        "box": [round(float(side), 2) for side in face.box],
        "score": round(float(face.score), 4),
        "presence": round(float(face.presence), 3),
        "turn": face.turn,
        "landmarks": LANDMARKS.encoded(face.landmarks),
        "identity": None if face.identity is None else IDENTITY.encoded(face.identity),
        "expression": None if face.expression is None else EXPRESSION.encoded(face.expression),
    }


def record_of(line: Mapping) -> FrameRecord:
    return FrameRecord(
        line["frame"],
        tuple(line["size"]),
        line["file"],
        SMALL.decoded(line["thumbnail"]),
        tuple(map(face_of, line["faces"])),
    )


def face_of(line: Mapping) -> FaceRecord:
    identity, expression = line["identity"], line["expression"]
    return FaceRecord(
        box=tuple(line["box"]),
        landmarks=LANDMARKS.decoded(line["landmarks"]),
        score=line["score"],
        presence=line["presence"],
        identity=None if identity is None else IDENTITY.decoded(identity),
        expression=None if expression is None else EXPRESSION.decoded(expression),
        turn=line["turn"],
        by_hand=line.get("by_hand", False),
    )
