"""Labels of other programs put into the faces of a set."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dfl_cli.errors import UserError, explain_in_a_line
from dfl_cli.faceset.images import faces_in_pack
from dfl_cli.faceset.loading import load_faceset, reason_text
from dfl_cli.terminal.console import progress
from dfl_cli.text_files.encoding import read_text
from dfl_cli.text_files.schema import WrongField
from dfl_cli.text_files.syntax import NotParsed, parse_json
from dfl_cli.translate import tr
from dfl_cli.xseg.exchange.coco import from_coco, is_coco
from dfl_cli.xseg.exchange.exporting import SECONDS
from dfl_cli.xseg.exchange.labelme import from_labelme, is_labelme
from dfl_cli.xseg.exchange.matching import Matching
from dfl_cli.xseg.exchange.shapes import LabeledPicture, Meaning, Unusable, polygons_of
from dfl_cli.xseg.labels import save_labels
from samplers.files.dfl_image import FaceDataTooLarge
from samplers.files.face import READ_ERRORS, Face, reason_of
from samplers.files.faces import Source
from samplers.geometry.polygons import Polygon


@dataclass
class Imported:
    """What became of the labels, by the names of faces; skipped: of pictures, and why."""

    imported: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # they have other labels
    scaled: list[str] = field(default_factory=list)  # of those imported: the labels were for another size
    skipped: list[tuple[str, str]] = field(default_factory=list)


def import_labels(faces: Sequence[Face], source: Path, meanings: Mapping[str, Meaning], *, replace: bool) -> Imported:
    """Save the labels in `source`, a file or a folder, into the files of `faces`. Raises UserError."""
    files = label_files(source)
    done, matching, seen = Imported(), Matching(faces), set()
    with progress(None, tr("Importing labels"), keep=False, delay=SECONDS) as bar:
        for path in files:
            for picture in pictures_in(path):
                import_one(picture, matching, meanings, done, seen, replace=replace)
                bar.update(1)
    return done


def import_one(
    picture: LabeledPicture, matching: Matching, meanings, done: Imported, seen: set[str], *, replace: bool
) -> None:
    """Labels of a picture that cannot be used are named, and the others go on."""
    name = picture.names[0] if picture.names else picture.source
    try:
        if isinstance(picture.shapes, Unusable):
            raise picture.shapes
        match = matching.find(picture)
        if match.face.name in seen:
            raise Unusable(tr("a second file about the same face"))
        polygons = polygons_of(picture.shapes, meanings, match.scale)
        if not polygons:
            raise Unusable(tr("no labels"))
        seen.add(match.face.name)
        save(match.face, polygons, done, replace=replace)
        if match.scale != (1, 1) and match.face.name in done.imported[-1:]:
            done.scaled.append(match.face.name)
    except Unusable as error:
        done.skipped.append((name, str(error)))


def save(face: Face, polygons: Sequence[Polygon], done: Imported, *, replace: bool) -> None:
    """Raises Unusable."""
    if equal(face.polygons, polygons):
        done.unchanged.append(face.name)
    elif face.polygons and not replace:
        done.kept.append(face.name)
    else:
        try:
            save_labels(face.file_range.path, polygons)
        except READ_ERRORS as error:
            if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
                raise  # of a full disk, a folder that cannot be written ...: it would be the same for all
            raise Unusable(reason_text(reason_of(error))) from None
        except FaceDataTooLarge:
            raise Unusable(tr("too many points for the file of a face")) from None
        done.imported.append(face.name)


def equal(one: Sequence[Polygon], other: Sequence[Polygon]) -> bool:
    return len(one) == len(other) and all(
        a.type == b.type and np.array_equal(a.points, b.points) for a, b in zip(one, other, strict=True)
    )


def open_files(folder: Path, prefer: str):
    """The `Faceset` of a folder, whose faces can be changed. Raises UserError for those in packs."""
    faces = load_faceset(folder, prefer)
    if faces.source in (Source.PACK, Source.ZIP):
        trouble = faces_in_pack(folder, faces.source.value)
        raise UserError(trouble.what, saw=trouble.saw, fix=tr("dfl faceset unpack {folder}", folder=folder))
    return faces


def label_files(source: Path) -> list[Path]:
    """The file, or the JSON files in the folder and its subfolders. Raises UserError."""
    if not source.is_dir():
        if not source.exists():
            raise UserError(tr("There is no file {path}.", path=source), fix=tr("check the path"))
        return [source]
    found = []
    for place, folders, names in os.walk(source):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(place) / name for name in sorted(names) if is_label_file(name)]
    if not found:
        raise UserError(
            tr("No labels in {folder}.", folder=source),
            saw=tr("No JSON files."),
            fix=tr("Give a COCO file, a labelme file, or the folder with the labelme files."),
        )
    return found


def is_label_file(name: str) -> bool:
    return name.lower().endswith(".json") and not name.startswith(".")


def pictures_in(path: Path) -> Iterator[LabeledPicture]:
    """What a file says, picture by picture; why it cannot be used, where it cannot."""
    try:
        value = parse_json(read_text(path))
        if is_labelme(value):
            yield from_labelme(value, path)
        elif is_coco(value):
            yield from from_coco(value, path)
        else:
            yield unusable(path, tr("neither labelme's format nor COCO's"))
    except (WrongField, NotParsed) as error:
        yield unusable(path, error.problem if isinstance(error, WrongField) else str(error))
    except OSError as error:
        yield unusable(path, explain_in_a_line(error))
    except (ValueError, RecursionError):  # an encoding that cannot be detected, brackets without end
        yield unusable(path, tr("it is damaged"))


def unusable(path: Path, problem: str) -> LabeledPicture:
    return LabeledPicture(path.name, (path.name,), None, Unusable(problem))
