"""`dfl faceset pack` and `unpack`: nothing is deleted before what replaces it was read back and compared."""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from dfl_cli.errors import UserError
from dfl_cli.faceset.loading import no_faces, reason_text
from dfl_cli.faceset.sort import changing
from dfl_cli.terminal.console import progress
from dfl_cli.terminal.ignored_files import mention_ignored
from dfl_cli.translate import labeled, listed, ntr, tr
from samplers.files.atomic_file import remove_leftovers, replacing, write_atomically
from samplers.files.dfl_image import read_face_info
from samplers.files.dfl_pack import PACK_NAME, FaceFile, ImageChanged, PackEntry, read_pack, safe_name, write_pack
from samplers.files.face_folder import is_there, person_names
from samplers.files.face_png import is_png
from samplers.files.face_zip import ZIP_NAME, ZipRange, read_zip
from samplers.files.faces import (
    FACE_SUFFIXES,
    IMAGE_SUFFIXES,
    READ_ERRORS,
    Face,
    NoFaces,
    Skipped,
    read_face,
    reason_of,
)
from samplers.files.file_range import FileRange
from samplers.files.foreign_files import is_foreign, own_entries
from samplers.files.jpeg_segments import NotAJpeg, is_complete, segments
from samplers.files.names import as_text, fitting
from samplers.files.pickles.safe_pickle import Damaged
from samplers.files.reason import Fault, Reason
from samplers.files.regular_file import check_regular, read_regular


class PackCandidates(NamedTuple):
    """What could go into a pack, and what cannot."""

    files: list[FaceFile]
    skipped: list[Skipped]


class Unpacked(NamedTuple):
    count: int
    damaged: list[str]  # names of faces whose pictures are not whole; the pack was kept because of them
    pack_kept: Path | None


def person_folders(folder: Path) -> list[Path]:
    """Folders in `folder` with pictures in them, by name."""
    with os.scandir(folder) as listing:
        inner = sorted(
            folder / name for name in person_names([entry for entry in listing if not is_foreign(entry.name)])
        )
    return [each for each in inner if pictures_in(each)]


def pictures_in(folder: Path) -> list[Path]:
    mention_ignored(folder)
    return sorted(path for path in own_entries(folder) if path.suffix.lower() in IMAGE_SUFFIXES)


def candidates(folder: Path, *, persons: bool) -> PackCandidates:
    """The faces of `folder`, or of the folders in it, each read whole.

    Raises:
        UserError: not one face.
    """
    pairs = [(path, None) for path in pictures_in(folder)]
    if persons:
        pairs = [(path, each.name) for each in person_folders(folder) for path in pictures_in(each)]
    found = PackCandidates([], [])
    with progress(len(pairs), tr("Reading images"), keep=False) as bar:
        for path, person in pairs:
            reason = fault(path, person)
            if reason is None:
                found.files.append(FaceFile(path, person))
            else:
                found.skipped.append(Skipped(path.relative_to(folder).as_posix(), reason))
            bar.update(1)
    if not found.files:
        raise no_faces(NoFaces(folder, found=len(pairs), skipped=found.skipped))
    return found


def fault(path: Path, person: str | None) -> Reason | None:
    """Why a picture cannot go into a pack; None if it can."""
    try:
        if not check_regular(path).st_size:
            return Reason(Fault.EMPTY)
    except OSError as fact:
        return reason_of(fact)
    if path.suffix.lower() not in FACE_SUFFIXES:
        return not_for_a_pack(path)
    if safe_name(person, path.name) != as_text("/".join(filter(None, (person, path.name)))):
        return Reason(Fault.IMPOSSIBLE_NAME)
    try:
        jpeg = read_regular(path)
        read_face_info(jpeg)
    except READ_ERRORS as fact:
        return reason_of(fact)
    if is_png(jpeg):
        return Reason(Fault.PNG_FACE)
    return None if is_whole(jpeg) else Reason(Fault.TRUNCATED)


def not_for_a_pack(path: Path) -> Reason:
    """A PNG face of DeepFaceLab 1 would be useful, but a pack holds JPEG files."""
    is_face = isinstance(read_face(path, path.name), Face)
    return Reason(Fault.PNG_FACE if is_face else Fault.NO_FACE_DATA)


def is_whole(jpeg: bytes) -> bool:
    """Whether these are the bytes of a JPEG file up to its end mark."""
    try:
        return is_complete(jpeg[segments(jpeg)[-1].end :])
    except (NotAJpeg, Damaged):
        return False


def write(folder: Path, files: Sequence[FaceFile]) -> Path | None:
    """Write the pack of `folder`; where an older pack with other faces went, None if there is none.

    Raises:
        UserError: a picture changed meanwhile.
    """
    pack = folder / PACK_NAME
    older = keep_older(pack, files) if pack.exists() else None
    try:
        write_pack(pack, files)
    except ImageChanged as error:
        raise UserError(
            tr("An image changed while it was being packed."),
            saw=str(error.path),
            fix=tr("Start again. Nothing was deleted."),
        ) from error
    return older


def keep_older(pack: Path, files: Sequence[FaceFile]) -> Path | None:
    """Keep the pack under another name, unless every face of it is among `files`."""
    names = {safe_name(file.person, file.path.name): file.path for file in files}
    try:
        entries = read_pack(pack)
        if all(entry.name in names and entry.jpeg.read() == read_regular(names[entry.name]) for entry in entries):
            return None
    except READ_ERRORS:
        pass  # what cannot be read is kept
    older = free_name(pack)
    try:
        os.link(pack, older)
    except OSError:
        with replacing(older) as partial:
            shutil.copy2(pack, partial)
    return older


def free_name(pack: Path) -> Path:
    number = 1
    while os.path.lexists(free := pack.with_name(f"faceset_old_{number}.pak")):
        number += 1
    return free


def delete_packed(folder: Path, files: Sequence[FaceFile]) -> list[FaceFile]:
    """Delete those of `files` that are in the pack byte for byte; returns those that stayed."""
    stayed = []
    entries = {entry.name: entry for entry in entries_of(folder / PACK_NAME)}
    with progress(len(files), tr("Deleting originals"), keep=False) as bar:
        for file in files:
            if is_packed(file, entries):
                file.path.unlink()
            else:
                stayed.append(file)
            bar.update(1)
    return stayed


@contextmanager
def changing_persons(folder: Path | None) -> Iterator[None]:
    """Until the end of the block no other process sorts or packs the persons in `folder`, see `changing`; None: there are none."""
    with ExitStack() as stack:
        for each in person_folders(folder) if folder else ():
            stack.enter_context(changing(each))
        yield


def remove_empty(folders: Iterable[Path]) -> None:
    """Those of persons whose faces are all in the pack."""
    for each in folders:
        if not any(each.iterdir()):
            each.rmdir()


def is_packed(file: FaceFile, entries: Mapping[str, PackEntry]) -> bool:
    """Whether it is in the pack byte for byte."""
    entry = entries.get(safe_name(file.person, file.path.name))
    return entry is not None and entry.jpeg.read() == read_regular(file.path)


def holds_all(folder: Path, files: Sequence[FaceFile]) -> bool:
    """Whether the pack there has all these faces, as where an earlier run was killed while it deleted them."""
    try:
        entries = {entry.name: entry for entry in read_pack(folder / PACK_NAME)}
        return all(is_packed(file, entries) for file in files)
    except READ_ERRORS:
        return False


def unpack(folder: Path, *, keep_pack: bool) -> Unpacked:
    """Write every face of the pack in `folder` beside it; the pack goes when all of them are there and whole.

    A `faceset.zip` is unpacked where there is no pack, and stays: it may hold more than faces.

    Raises:
        UserError: no pack, or one that cannot be read.
    """
    pack = folder / PACK_NAME
    zipped = not pack.exists() and (folder / ZIP_NAME).exists()
    faces = zipped_faces(folder / ZIP_NAME) if zipped else [(each.name, each.jpeg) for each in entries_of(pack)]
    for place in {(folder / name).parent for name, _ in faces}:
        if place.is_dir():
            remove_leftovers(place)  # also of a person none of whose faces was there when the process was killed
    damaged, used = [], {}
    with progress(len(faces), tr("Unpacking"), keep=False) as bar:
        for name, place in faces:
            encoded = read_whole(place)
            if encoded:
                put(folder / name, encoded, used)
            else:
                damaged.append(name)
            bar.update(1)
    if zipped:
        return Unpacked(len(faces) - len(damaged), damaged, None)
    kept = keep_pack or bool(damaged)
    if not kept:
        pack.unlink()
    return Unpacked(len(faces) - len(damaged), damaged, pack if kept else None)


def zipped_faces(archive: Path) -> list[tuple[str, FileRange | ZipRange | Reason]]:
    """The pictures of a zip file.

    Raises:
        UserError: it cannot be read.
    """
    try:
        return list(read_zip(archive, IMAGE_SUFFIXES).entries)
    except READ_ERRORS as fact:
        raise unreadable_pack(archive, fact) from fact


def read_whole(place: FileRange | ZipRange | Reason) -> bytes | None:
    """The bytes of a JPEG or PNG picture; None where it is damaged or cannot be had."""
    if isinstance(place, Reason):
        return None
    try:
        encoded = place.read()
    except (OSError, Damaged):
        return None
    return encoded if is_png(encoded) or is_whole(encoded) else None


def entries_of(pack: Path) -> list[PackEntry]:
    """What is in a pack.

    Raises:
        UserError: it is not there or cannot be read.
    """
    if not is_there(pack):
        raise UserError(
            tr("There is no pack in {folder}.", folder=pack.parent), saw=PACK_NAME, fix=tr("Check the path.")
        )
    try:
        return read_pack(pack)
    except READ_ERRORS as fact:
        raise unreadable_pack(pack, fact) from fact


def unreadable_pack(pack: Path, fact: Exception) -> UserError:
    return UserError(
        tr("The pack cannot be read."),
        saw=labeled(pack, reason_text(reason_of(fact))),
        fix=tr("Pack the faces again, or use a copy of the pack."),
    )


def put(path: Path, jpeg: bytes, used: dict[Path, int]) -> None:
    """Write a face to `path`, or to a like name if that is another file's; one that is there already is left alone.

    used  names that faces of this pack have -> the number to try next for another of that name
    """
    target, number = path, used.get(path, 2)
    while target in used or (os.path.lexists(target) and not same(target, jpeg)):
        target = path.with_name(fitting(path.stem, f"_{number}{path.suffix}"))
        number += 1
    used[path] = number
    used.setdefault(target, 2)
    if not target.exists():
        target.parent.mkdir(exist_ok=True)
        write_atomically(target, [jpeg])


def same(path: Path, jpeg: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(jpeg) and read_regular(path) == jpeg


def lines(facts: dict, skipped: Sequence[Skipped]) -> list[str]:
    """What packing did, for a person."""
    text = [
        ntr("{count} face packed: {pack}", "{count} faces packed: {pack}", count=facts["packed"], pack=facts["pack"])
    ]
    if skipped:
        text.append(tr("Not packed, left in place: {count}", count=len(skipped)))
        text += ["  " + labeled(each.name, reason_text(each.reason)) for each in skipped]
    if facts["originals_left"]:
        text.append(
            ntr(
                "{count} original is still there; it is ignored while the pack exists.",
                "{count} originals are still there; they are ignored while the pack exists.",
                count=facts["originals_left"],
            )
        )
    if facts["older_pack"]:
        text.append(tr("The previous pack had other faces. It is kept as {path}.", path=facts["older_pack"]))
    return text


def lines_unpacked(folder: Path, done: Unpacked) -> list[str]:
    text = [
        ntr(
            "{count} face unpacked to {folder}.", "{count} faces unpacked to {folder}.", count=done.count, folder=folder
        )
    ]
    if done.damaged:
        names = listed(done.damaged[:10])
        text.append(
            ntr(
                "{count} face in the pack is damaged: {names}",
                "{count} faces in the pack are damaged: {names}",
                count=len(done.damaged),
                names=names,
            )
        )
    if done.pack_kept:
        text.append(tr("The pack was kept. While it exists, the files are ignored."))
    return text
