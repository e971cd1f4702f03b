"""The labels of a face set written for other programs."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.errors import UserError
from dfl_cli.options.outputs import confirm, file_to_write
from dfl_cli.terminal.console import progress
from dfl_cli.translate import ntr, tr
from dfl_cli.xseg.assist.outlines import polygons_of_mask
from dfl_cli.xseg.exchange.coco import Exported, to_coco
from dfl_cli.xseg.exchange.labelme import to_labelme
from samplers.files.atomic_file import write_atomically
from samplers.files.face import Face, Skipped, UnreadableImage
from samplers.files.names import escape_surrogates
from samplers.files.regular_file import read_regular

SECONDS = 2.0  # until a progress bar is shown
FEWEST_POINTS = 3  # of a polygon that encloses something


class Written(NamedTuple):
    """What was exported. masks: of the faces those without polygons, whose mask was taken."""

    output: Path
    faces: int
    polygons: int
    masks: int
    unlabeled: int
    skipped: list[Skipped]


def export(faces: Sequence[Face], output: Path, form: str, *, masks: bool, overwrite: bool, asks: bool) -> Written:
    """Write the labels of `faces` as `form`, labelme or coco; what is there already is replaced only if that is allowed.

    masks  faces without polygons that have an XSeg mask are exported, too

    Raises UserError.
    """
    found, skipped = [], []
    with progress(len(faces), tr("Exporting labels"), keep=False, delay=SECONDS) as bar:
        for face in faces:
            try:
                if one := exported(face, masks=masks):
                    found.append((face, one))
            except UnreadableImage as error:
                skipped.append(Skipped(error.name, error.reason))
            bar.update(1)
    write = write_labelme if form == "labelme" else write_coco
    write(found, output, overwrite=overwrite, asks=asks)
    return Written(
        output,
        faces=len(found),
        polygons=sum(len(one.polygons) for _, one in found),
        masks=sum(one.mask is not None for _, one in found),
        unlabeled=len(faces) - len(found) - len(skipped),
        skipped=skipped,
    )


def exported(face: Face, *, masks: bool) -> Exported | None:
    """None for a face without labels. Raises UnreadableImage."""
    polygons = [each for each in face.polygons if len(each.points) >= FEWEST_POINTS]
    if polygons:
        return Exported(face.name, face.shape, polygons)
    mask = face.read_xseg_mask() if masks else None
    if mask is None:
        return None
    inside = cv2.resize(mask, face.shape[::-1], interpolation=cv2.INTER_LINEAR) >= 0.5
    return Exported(face.name, face.shape, [], np.uint8(inside)) if inside.any() else None


def write_coco(found: Sequence[tuple[Face, Exported]], output: Path, *, overwrite: bool, asks: bool) -> None:
    """One file. Raises UserError."""
    path = file_to_write(output, overwrite=overwrite, asks=asks)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, as_json(to_coco([one for _, one in found])))


def write_labelme(found: Sequence[tuple[Face, Exported]], output: Path, *, overwrite: bool, asks: bool) -> None:
    """A file for each face, named after it, in the folder `output`. Raises UserError."""
    folder = output.expanduser().absolute()
    if folder.is_file():
        raise UserError(tr("{path} is a file.", path=folder), fix=tr("labelme's format needs a folder."))
    contents = {}
    for face, one in found:
        path = folder / file_name(face.name, contents, folder)
        polygons = one.polygons if one.mask is None else polygons_of_mask(one.mask)
        contents[path] = as_json(to_labelme(polygons, picture_path(face, path), face.shape), indent=2)
    changed = {path: content for path, content in contents.items() if not holds(path, content)}
    check_replacing([path for path in changed if os.path.lexists(path)], overwrite=overwrite, asks=asks)
    with progress(len(changed), tr("Writing files"), keep=False, delay=SECONDS) as bar:
        for path, content in changed.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, content)
            bar.update(1)


def file_name(name: str, taken: dict, folder: Path) -> str:
    """`person/a.json` for `person/a.jpg`; `a.png.json` where `a.jpg` was there before."""
    plain = PurePosixPath(name).with_suffix(".json")
    return str(plain) if folder / plain not in taken else f"{name}.json"


def picture_path(face: Face, path: Path) -> str:
    """Where labelme finds the picture from the file at `path`; only its name if it is in a pack or on another drive."""
    if face.file_range.path.name != PurePosixPath(face.name).name:
        return face.name
    try:
        return Path(os.path.relpath(face.file_range.path, path.parent)).as_posix()
    except ValueError:
        return face.name


def as_json(value: dict, *, indent: int | None = None) -> bytes:
    return (escape_surrogates(json.dumps(value, ensure_ascii=False, indent=indent)) + "\n").encode()


def holds(path: Path, content: bytes) -> bool:
    try:
        return read_regular(path) == content
    except OSError:
        return False


def check_replacing(there: Sequence[Path], *, overwrite: bool, asks: bool) -> None:
    """Raises UserError unless files may be replaced."""
    if not there or overwrite:
        return
    count = len(there)
    question = ntr(
        "{count} file exists with other labels. Replace it?",
        "{count} files exist with other labels. Replace them?",
        count=count,
    )
    if asks and confirm(question):
        return
    raise UserError(
        ntr("{count} file exists with other labels.", "{count} files exist with other labels.", count=count),
        saw=str(there[0]),
        fix=tr("Import them first, use another folder, or add --overwrite to replace them."),
    )
