"""Where the editor stands. All tabs of the page share one `EditSession`, and threads call it; `revision` counts the changes."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from dfl_cli.errors import UserError
from dfl_cli.faceset.identify import move_away
from dfl_cli.faceset.loading import reason_text
from dfl_cli.review import trash
from dfl_cli.translate import tr
from dfl_cli.xseg.edit.face_list import FaceList
from dfl_cli.xseg.edit.versions import Labels, read_info, save_version
from samplers.files.dfl_image import FaceDataTooLarge
from samplers.files.face import READ_ERRORS, reason_of
from samplers.files.face_info import FaceInfo
from samplers.files.image_codec import decode_bgr
from samplers.files.names import printable
from samplers.files.regular_file import read_regular
from samplers.geometry.polygons import Polygon

BY = "xseg-edit"  # in the history of the folder


class EditSession:
    """The labels of one folder, which is locked.

    changes  number of a face -> revision of its last change
    """

    def __init__(self, folder: Path, faces: FaceList):
        self.folder, self.faces = folder, faces
        self.lock = threading.RLock()
        self.revision = 0
        self.changes: dict[int, int] = {}
        self.trashed = [name for home in homes(folder, faces.names) for name in in_trash(folder, home)]

    def path(self, number: int) -> Path:
        return self.folder / self.faces.names[number]

    def info(self, number: int) -> FaceInfo:
        """What the file of a face says now. Raises UserError."""
        with self._explained(number):
            return read_info(self.path(number))

    def picture(self, number: int) -> np.ndarray:
        """(H, W, 3) uint8 BGR. Raises UserError."""
        with self._explained(number):
            return decode_bgr(read_regular(self.path(number)))

    def save(self, number: int, polygons: Iterable[Polygon], *, base: str) -> Labels:
        """See `save_version`. Raises UserError, LabelsChanged, OSError."""
        with self.lock, self._explained(number):  # in the order in which they come
            labels = save_version(self.path(number), polygons, base=base)
            self.faces.labeled[number] = bool(labels.polygons)
            self._note(number)
            return labels

    def move_to_trash(self, number: int) -> None:
        """To the folder beside, `<name>_trash`. Raises UserError."""
        with self.lock:
            path = self.path(number)
            if not path.is_file():
                self._note(number, gone=True)
                raise self._is_gone(number)
            move_away(path.parent, [path.name], by=BY)
            self.trashed.append(self.faces.names[number])
            self._note(number, gone=True)

    def restore(self) -> int | None:
        """Bring back the face that went to the trash last; its number, None where the trash is empty. Raises UserError."""
        with self.lock:
            while self.trashed:
                name = self.trashed.pop()
                path = self.folder / name
                if not trash.restore(path.parent, [path.name]) or not path.is_file():
                    continue
                number = self._number_of(name)
                if number is not None:
                    self._note(number, gone=False)
                    return number
            return None

    def changed_since(self, revision: int) -> list[int]:
        with self.lock:
            return [number for number, changed in self.changes.items() if changed > revision]

    def _number_of(self, name: str) -> int | None:
        """The number of a face that came back; None where it is no face."""
        try:
            info = read_info(self.folder / name)
        except READ_ERRORS:
            return None
        labeled, masked = bool(info.polygons), info.xseg_mask is not None
        if name not in self.faces.numbers:
            return self.faces.add(name, labeled=labeled, masked=masked)
        number = self.faces.numbers[name]
        self.faces.labeled[number], self.faces.masked[number] = labeled, masked
        return number

    @contextmanager
    def _explained(self, number: int) -> Iterator[None]:
        """What goes wrong with the file of a face, as UserError; errors of the disk as they are."""
        try:
            yield
        except FileNotFoundError as error:
            self._note(number, gone=True)
            raise self._is_gone(number) from error
        except OSError:
            raise
        except FaceDataTooLarge as error:
            raise UserError(
                tr("The labels do not fit into the file {name}.", name=printable(self.faces.names[number])),
                saw=str(error),
                fix=tr("Use fewer points."),
            ) from error
        except READ_ERRORS as error:
            raise UserError(
                tr("The labels of {name} cannot be changed.", name=printable(self.faces.names[number])),
                saw=reason_text(reason_of(error)),
                fix=tr("Replace the file, or move it to the trash."),
            ) from error

    def _note(self, number: int, *, gone: bool = False) -> None:
        with self.lock:
            self.faces.gone[number] = gone
            self.revision += 1
            self.changes[number] = self.revision

    def _is_gone(self, number: int) -> UserError:
        return UserError(
            tr("The face {name} is no longer in the folder.", name=printable(self.faces.names[number])),
            fix=tr("If it is in the trash, restore it with U; labels that were not saved are kept in this browser."),
        )


def homes(folder: Path, names: Sequence[str]) -> list[Path]:
    """The folders that the faces lie in: `folder`, or those of persons in it."""
    return [folder / home for home in dict.fromkeys(name.rpartition("/")[0] for name in names)]


def in_trash(folder: Path, home: Path) -> list[str]:
    return [(home / name).relative_to(folder).as_posix() for name in trash.in_trash(home)]
