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
from dfl_cli.terminal.names import quoted
from dfl_cli.text_files.encoding import read_text
from dfl_cli.text_files.schema import WrongField
from dfl_cli.text_files.syntax import NotParsed, parse_json
from dfl_cli.translate import tr
from dfl_cli.xseg.exchange.coco import from_coco, is_coco
from dfl_cli.xseg.exchange.exporting import SECONDS
from dfl_cli.xseg.exchange.labelme import from_labelme, is_labelme
from dfl_cli.xseg.exchange.matching import Match, Matching
from dfl_cli.xseg.exchange.shapes import LabeledPicture, Meaning, Unusable, polygons_of
from dfl_cli.xseg.face_files import change_field, naming, recorded
from dfl_cli.xseg.history import History, Record, digest_of, face_digest, joined, packed
from dfl_cli.xseg.labels import POLYGONS, checked
from samplers.files.dfl_image import FaceDataTooLarge, read_fields, write_fields
from samplers.files.face import Face, UnreadableImage
from samplers.files.face_info import polygons_field
from samplers.files.faces import Faceset, Source
from samplers.files.regular_file import read_regular
from samplers.geometry.polygons import Polygon

BY = "import-labels"  # in the history of the folder


@dataclass
class Imported:
    """What became of the labels, by the names of faces; skipped: of pictures, and why."""

    imported: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # they have other labels
    scaled: list[str] = field(default_factory=list)  # of those imported: the labels were for another size
    skipped: list[tuple[str, str]] = field(default_factory=list)


def import_labels(faces: Faceset, source: Path, meanings: Mapping[str, Meaning], *, replace: bool) -> Imported:
    """Save the labels in `source`, a file or a folder, into the files of `faces`; what was there can be brought back.

    Raises UserError.
    """
    files = label_files(source)
    maker = joined([str(source.resolve()), *sorted(f"{label}={one.value}" for label, one in meanings.items())])
    with (
        History(faces.folder, POLYGONS) as history,
        progress(None, tr("Importing labels"), keep=False, delay=SECONDS) as bar,
    ):
        importing = Importing(Matching(faces), meanings, Writing(history, maker), replace=replace)
        for path in files:
            for picture in pictures_in(path):
                importing.take(picture)
                bar.update(1)
    return importing.done


class Writing:
    """Saves labels, after it has written down what they replace."""

    def __init__(self, history: History, maker: str):
        self.history, self.maker = history, maker
        self._begun = False

    def save(self, face: Face, polygons: Sequence[Polygon]) -> None:
        """Raises UnreadableImage, Unusable; OSError where nothing can be written."""
        new, path = polygons_field(tuple(map(checked, polygons))), face.file_range.path
        with naming(face.name):
            encoded = read_regular(path)
            fields = read_fields(encoded)
            record = Record(face.name, face_digest(encoded, fields), packed(fields.get(POLYGONS)), digest_of(new))
        try:
            write_fields(encoded, {**fields, POLYGONS: new})
        except FaceDataTooLarge:
            raise Unusable(tr("too many points for the file of a face")) from None
        if not self._begun:
            self.history.begin(BY, self.maker)
            self._begun = True
        self.history.add([record])
        job = recorded(path, self.history, record, new)
        change_field(job.path, job.name, POLYGONS, job.decide)


class Importing:
    """Takes labels picture by picture; those that cannot be used are named, and the others go on."""

    def __init__(self, matching: Matching, meanings: Mapping[str, Meaning], writing: Writing, *, replace: bool):
        self.matching, self.meanings, self.writing, self.replace = matching, meanings, writing, replace
        self.done = Imported()
        self._seen: set[str] = set()

    def take(self, picture: LabeledPicture) -> None:
        try:
            if isinstance(picture.shapes, Unusable):
                raise picture.shapes
            match = self.matching.find(picture)
            if match.face.name in self._seen:
                raise Unusable(tr("a second file about the same face"))
            polygons = polygons_of(picture.shapes, self.meanings, match.scale)
            if not polygons:
                raise Unusable(tr("no labels"))
            self._seen.add(match.face.name)
            self._save(match, polygons)
        except (Unusable, UnreadableImage) as error:
            name = picture.names[0] if picture.names else picture.source
            why = reason_text(error.reason) if isinstance(error, UnreadableImage) else str(error)
            self.done.skipped.append((name, why))

    def _save(self, match: Match, polygons: Sequence[Polygon]) -> None:
        """Raises what `Writing.save` raises."""
        face = match.face
        if equal(face.polygons, polygons):
            self.done.unchanged.append(face.name)
        elif face.polygons and not self.replace:
            self.done.kept.append(face.name)
        else:
            self.writing.save(face, polygons)
            self.done.imported.append(face.name)
            if match.scale != (1, 1):
                self.done.scaled.append(face.name)


def equal(one: Sequence[Polygon], other: Sequence[Polygon]) -> bool:
    return len(one) == len(other) and all(
        a.type == b.type and np.array_equal(a.points, b.points) for a, b in zip(one, other, strict=True)
    )


def open_files(folder: Path, prefer: str) -> Faceset:
    """The faces of a folder, whose faces can be changed. Raises UserError for those in packs."""
    faces = load_faceset(folder, prefer)
    if faces.source in (Source.PACK, Source.ZIP):
        trouble = faces_in_pack(folder, faces.source.value)
        raise UserError(trouble.what, saw=trouble.saw, fix=tr("dfl faceset unpack {folder}", folder=quoted(folder)))
    return faces


def label_files(source: Path) -> list[Path]:
    """The file, or the JSON files in the folder and its subfolders. Raises UserError."""
    if not source.is_dir():
        if not source.exists():
            raise UserError(tr("There is no file {path}.", path=source), fix=tr("Check the path."))
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
