"""`metadata.jsonl`, the face data of a face set in a file of its own, and `meta.dat`, in which DeepFaceLab keeps the same.

{"format": 1, "faces": 2}
{"name": "00001_0.jpg", "shape": [512, 512], "fields": {"face_type": "whole_face", "landmarks": [[101.5, 210.25], ...]}}
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from dfl_cli.errors import UserError
from dfl_cli.faceset.edit.data_values import from_json, to_json
from dfl_cli.faceset.loading import reason_text
from dfl_cli.translate import tr
from samplers.files.atomic_file import write_atomically
from samplers.files.faces import READ_ERRORS, reason_of
from samplers.files.image_codec import check_size
from samplers.files.pickles import safe_pickle
from samplers.files.pickles.pickle_values import N_, Damaged
from samplers.files.regular_file import MB, read_regular

NAME, OLD_NAME = "metadata.jsonl", "meta.dat"
FORMAT = 1
LARGEST = 4096 * MB  # of either file; 100,000 faces with masks have 1 GB
SUFFIXES = {".jpg", ".jpeg", ".png"}


class Saved(NamedTuple):
    """The face data of one picture, and how large that was: (height, width)."""

    name: str
    shape: tuple[int, int]
    fields: dict


def line_of(saved: Saved) -> bytes:
    """Its line. Raises UnsafePickle."""
    content = {"name": saved.name, "shape": list(saved.shape), "fields": to_json(saved.fields)}
    return json.dumps(content).encode() + b"\n"


def write_lines(path: Path, lines: Mapping[str, bytes]) -> None:
    """The whole file from its lines by name. Raises OSError."""
    head = json.dumps({"format": FORMAT, "faces": len(lines)}).encode() + b"\n"
    write_atomically(path, [head, *lines.values()])


def read_lines(path: Path) -> dict[str, bytes]:
    """The lines of a `metadata.jsonl` by the name of the face. Raises UserError, OSError."""
    head, *lines = read_regular(path, limit=LARGEST).splitlines(keepends=True) or [b""]
    if parsed(head).get("format") != FORMAT:
        raise unusable(path, Damaged(N_("garbled")))
    return {name: line for line in lines if isinstance(name := parsed(line).get("name"), str)}


def parsed(line: bytes) -> dict:
    """A line; empty where it is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def saved_of(line: bytes) -> Saved:
    """What a line says. Raises Damaged, UnsafePickle, ImageTooLarge."""
    content = parsed(line)
    return checked(content.get("name"), content.get("shape"), from_json(content.get("fields")))


def read_old(path: Path) -> Iterable[Saved]:
    """What DeepFaceLab wrote down: a pickle of name -> (shape, face data), read without running anything. Raises UserError, OSError."""
    try:
        content = safe_pickle.loads(read_regular(path, limit=LARGEST))
        if not isinstance(content, dict):
            raise Damaged(N_("garbled"))
        return [
            checked(name, *entry)
            for name, entry in content.items()
            if isinstance(entry, (tuple, list)) and len(entry) == 2
        ]
    except READ_ERRORS as error:
        raise unusable(path, error) from error


def checked(name: object, shape: object, fields: object) -> Saved:
    """Raises Damaged, ImageTooLarge; also where the name could lead out of the folder."""
    sides = list(shape)[:2] if isinstance(shape, (tuple, list)) else []
    whole = len(sides) == 2 and all(isinstance(side, int) and side > 0 for side in sides)
    if not isinstance(name, str) or name != Path(name).name or "/" in name or "\\" in name:
        raise Damaged(N_("garbled"))
    if Path(name).suffix.lower() not in SUFFIXES or not whole or not isinstance(fields, dict):
        raise Damaged(N_("garbled"))
    return Saved(name, check_size((sides[0], sides[1])), fields)


def unusable(path: Path, error: Exception) -> UserError:
    return UserError(
        tr("Cannot read {path}.", path=path), saw=reason_text(reason_of(error)),
        fix=tr("Use another copy of the file, or save the metadata again."),
    )  # fmt: skip
