"""Files made of the faces of a set, one for each, in a folder of their own: the loop behind `convert`, `resize`, `enhance` and others.

Threads read a face, make a file of it and write that, whole or not at all; a face that cannot be read is named and left out. The
folder is marked with what its files were made with. Files of an earlier run with the same settings are left alone, so a killed
run goes on where it was.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import NamedTuple, TypeVar

import cv2

from dfl_cli.faceset.images import THREADS, OpenedFaces, open_any
from dfl_cli.faceset.loading import MAX_NAMES, no_faces, reason_text, skipped_facts
from dfl_cli.frames import one_opencv_thread
from dfl_cli.options.outputs import folder_with_settings, is_written, other_than
from dfl_cli.store.lock import FolderLock
from dfl_cli.terminal.console import progress
from dfl_cli.translate import labeled, ntr
from samplers.files.atomic_file import remove_leftovers, write_atomically
from samplers.files.dfl_image import FaceDataTooLarge, write_fields
from samplers.files.faces import READ_ERRORS, Face, Fault, NoFaces, Reason, Skipped, UnreadableImage, reason_of
from samplers.files.names import fitting, printable
from samplers.geometry.align import FlatLandmarks

QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 100, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
SUFFIXES = (".jpg", ".jpeg", ".png")  # of the files
Item, Result = TypeVar("Item"), TypeVar("Result")
Make = Callable[[Face], bytes]  # the file of a face. Raises UnreadableImage, FlatLandmarks, FaceDataTooLarge


class Copies(NamedTuple):
    """What became of the faces of a set."""

    folder: Path
    faces: int
    written: int
    already_there: int  # files of an earlier run, left alone
    skipped: list[Skipped]

    def facts(self) -> dict:
        """For --json."""
        return {
            "folder": str(self.folder),
            "faces": self.faces,
            "written": self.written,
            "already_there": self.already_there,
            "skipped": skipped_facts(self.skipped),
        }


class Target(NamedTuple):
    """Where the files go.

    settings   what they are made with, by name, and by which command: `made_by`; empty: the folder is not marked
    overwrite  whether files that the same command made before may be replaced
    """

    folder: Path
    settings: Mapping[str, str] = {}
    overwrite: bool = False


def beside(folder: Path, ending: str, given: Path | None) -> Path:
    """The folder for the results: `given` by the person, else `folder` with an ending. Raises UserError for the face set itself."""
    return other_than(folder, given or folder.with_name(fitting(folder.name, ending)))


def usable_faces(folder: Path, prefer: str) -> OpenedFaces:
    """The faces in `folder`, and what is left out there. Raises UserError without a face."""
    opened = open_any(folder, prefer)
    if not opened.faces:
        raise no_faces(NoFaces(folder, found=len(opened.skipped), skipped=opened.skipped))
    return opened


def write_copies(
    faces: Sequence[Face], skipped: Iterable[Skipped], target: Target, make: Make, *, ending: str = ".jpg", label: str
) -> Copies:
    """What `make` makes of each face, in files with the `ending` behind the name of the face. Raises UserError, OSError.

    skipped  pictures that are left out already
    """
    with FolderLock(target.folder):
        open_target(target, {str(PurePosixPath(face.name).parent) for face in faces} - {"."})
        names = file_names([face.name for face in faces], ending)
        left = [face for face in faces if not is_written(target.folder / names[face.name])]
        results = all_done(left, lambda face: write(face, target.folder / names[face.name], make), label)
    failed = [each for each in results if each]
    return Copies(target.folder, len(faces), len(left) - len(failed), len(faces) - len(left), [*skipped, *failed])


def open_target(target: Target, persons: set[str]) -> None:
    """The folder, marked and without half-written files. Raises UserError if it has files that may not be replaced."""
    folder = target.folder
    if target.settings:
        folder_with_settings(
            folder, target.settings, overwrite=target.overwrite, suffixes=SUFFIXES, subfolders=sorted(persons)
        )
    for place in (folder, *(folder / person for person in persons)):
        place.mkdir(exist_ok=True)
        remove_leftovers(place)


def file_names(faces: Sequence[str], ending: str) -> dict[str, str]:
    """Name of the face -> name of its file, in the folder of its person; faces that differ in their ending only get a number."""
    names, taken = {}, set()
    for face in faces:
        path, number = PurePosixPath(face), 2
        file = str(path.with_name(fitting(path.stem, ending)))
        while file.casefold() in taken:
            file = str(path.with_name(fitting(path.stem, f"_{number}{ending}")))
            number += 1
        taken.add(file.casefold())
        names[face] = file
    return names


def all_done(items: Sequence[Item], work: Callable[[Item], Result], label: str) -> list[Result]:
    """What `work` returns for each item, in threads, with a progress bar. After an error, or Ctrl-C, no other item is begun."""
    results: list[Result] = []
    threads = ThreadPoolExecutor(THREADS, thread_name_prefix="faces")
    try:
        with one_opencv_thread(), progress(len(items), label, keep=False) as bar:
            for result in threads.map(work, items):
                results.append(result)
                bar.update(1)
    finally:
        threads.shutdown(cancel_futures=True)
    return results


def write(face: Face, path: Path, make: Make) -> Skipped | None:
    """The file of a face; why there is none, else None. Raises OSError."""
    try:
        content = make(face)
    except UnreadableImage as error:
        return Skipped(face.name, error.reason)
    except READ_ERRORS as error:
        return Skipped(face.name, reason_of(error))
    except FlatLandmarks as error:
        return Skipped(face.name, Reason(Fault.LANDMARKS, error.fact))
    except FaceDataTooLarge as error:
        return Skipped(face.name, Reason(Fault.DAMAGED, str(error)))
    write_atomically(path, content, durable=False)  # it can be made again
    return None


def face_jpeg(picture, fields: dict) -> bytes:
    """The file of a face: `picture` (H, W, 3) uint8 BGR and its face data. Raises FaceDataTooLarge."""
    return write_fields(cv2.imencode(".jpg", picture, QUALITY)[1].tobytes(), fields)


def lines(done: Copies) -> list[str]:
    """For a person."""
    folder, count = done.folder, done.written
    text = [ntr("{count} face written to {folder}.", "{count} faces written to {folder}.", count=count, folder=folder)]
    if count := done.already_there:
        text.append(ntr("{count} face was already there.", "{count} faces were already there.", count=count))
    return text + lines_skipped(done.skipped)


def lines_skipped(skipped: Sequence[Skipped]) -> list[str]:
    """What was left out, and how much."""
    if not skipped:
        return []
    text = [ntr("{count} image skipped:", "{count} images skipped:", count=len(skipped))]
    shown = [(printable(each.name), reason_text(each.reason)) for each in skipped[:MAX_NAMES]]
    text += ["  " + labeled(name, reason) for name, reason in shown]
    if (more := len(skipped) - MAX_NAMES) > 0:
        text.append(ntr("... and {count} more skipped image.", "... and {count} more skipped images.", count=more))
    return text
