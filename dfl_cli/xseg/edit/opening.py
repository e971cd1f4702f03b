"""A folder of faces is opened for the editor."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.faceset.loading import load_faceset, no_folder
from dfl_cli.terminal.names import quoted
from dfl_cli.translate import listed, tr
from dfl_cli.xseg.edit.face_list import FaceList
from dfl_cli.xseg.edit.orders import BY_NAME, SUGGESTED, ordered_names
from dfl_cli.xseg.edit.session import EditSession
from dfl_cli.xseg.suggest.order_file import order_file
from samplers.files.dfl_pack import PACK_NAME
from samplers.files.face_folder import list_folder
from samplers.files.face_zip import ZIP_NAME
from samplers.files.faces import NoFolder


def open_session(folder: Path, order: str) -> EditSession:
    """The faces of `folder`, which is locked, in the order by name and in `order`. Raises UserError."""
    faceset = load_faceset(folder, "files")
    faces = FaceList(
        [face.name for face in faceset],
        [bool(face.polygons) for face in faceset],
        [face.has_xseg_mask for face in faceset],
    )
    for one in dict.fromkeys([order, BY_NAME]):
        faces.set_order(one, ordered_names(one, folder, faces.names))
    if order != SUGGESTED and order_file(folder).is_file():
        with suppress(UserError):  # of another version, or damaged: it is not asked for
            faces.set_order(SUGGESTED, ordered_names(SUGGESTED, folder, faces.names))
    return EditSession(folder, faces)


def refuse_pack(folder: Path) -> None:
    """Raises UserError where training would read the faces from a pack, in which nothing can be edited, or where there is no folder."""
    if not folder.is_dir():
        raise no_folder(NoFolder(folder))
    contents = list_folder(folder)
    if PACK_NAME in contents.packs or (ZIP_NAME in contents.packs and not contents.pictures):
        raise UserError(
            tr("The editor cannot change faces in a pack."),
            saw=listed(str(folder / name) for name in contents.packs),
            fix=tr("Unpack it first: dfl faceset unpack {folder}", folder=quoted(folder))
            if PACK_NAME in contents.packs
            else tr("Extract the files of the archive into the folder and move the archive elsewhere."),
        )
