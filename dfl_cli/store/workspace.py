"""Where things are in a DeepFaceLab workspace, which workspace is meant, and where a command finds its folders."""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.terminal.console import notice
from dfl_cli.translate import tr
from samplers.files.names import existing_spelling

VARIABLE = "DFL_WORKSPACE"
SIDES, MODELS = ("data_src", "data_dst"), "model"
ENOUGH = 2  # of these make a folder a workspace


@dataclass(frozen=True)
class Workspace:
    """The folders below `root`, as DeepFaceLab users have them."""

    root: Path

    @property
    def src(self) -> Path:
        return self.root / "data_src" / "aligned"

    @property
    def dst(self) -> Path:
        return self.root / "data_dst" / "aligned"

    @property
    def frames(self) -> Path:
        return self.root / "data_dst"

    @property
    def models(self) -> Path:
        return self.root / "model"

    @property
    def merged(self) -> Path:
        return self.root / "data_dst" / "merged"

    @property
    def merged_mask(self) -> Path:
        return self.root / "data_dst" / "merged_mask"


def workspace_for(given: Path | None, *, announce: bool = True) -> Path | None:
    """The workspace a command works in: `given` by --workspace, else by DFL_WORKSPACE, else the current folder if it looks like one.

    announce  say so on stderr, once, if it is the current folder
    """
    if given is None and (variable := os.environ.get(VARIABLE)):
        given = Path(variable)
    if given is not None:
        return existing_spelling(given.expanduser().absolute())
    current = current_workspace()
    if current and announce:
        announce_current(current)
    return current


def current_workspace() -> Path | None:
    """The current folder if it looks like a workspace."""
    try:
        current = Path.cwd()
        return current if looks_like_workspace(current) else None
    except OSError:  # somebody has deleted or closed it
        return None


def looks_like_workspace(folder: Path) -> bool:
    """Whether at least two of data_src, data_dst and model are there. The first two may still be videos, such as data_src.mp4."""
    folders = {name for name in (*SIDES, MODELS) if (folder / name).is_dir()}
    if len(folders) < ENOUGH:
        folders |= {path.stem for path in folder.iterdir() if path.suffix and path.stem in SIDES}
    return len(folders) >= ENOUGH


@cache  # once for each folder
def announce_current(folder: Path) -> None:
    notice(tr("Workspace: {path} (current folder)", path=folder))


def folder_for(given: Path | None, workspace: Path | None, role: str, *, flag: str, announce: bool = True) -> Path:
    """The folder a command works on: the one given by `flag`, else the `role` (an attribute of Workspace) of the workspace.

    workspace, announce  as for `workspace_for`

    Raises:
        UserError: there is neither, or DFL_WORKSPACE names a folder that is not there.
    """
    if given is not None:
        return existing_spelling(given.expanduser().absolute())
    if root := workspace_for(workspace, announce=announce):
        if workspace is None and not root.exists():
            raise UserError(
                tr("The workspace {path} does not exist.", path=root),
                fix=tr("Correct the variable {name}, or unset it.", name=VARIABLE),
            )
        return getattr(Workspace(root), role)
    raise UserError(
        tr("{flag} is missing.", flag=flag),
        fix=tr(
            "Give {flag} FOLDER or --workspace FOLDER, set DFL_WORKSPACE, or run the command in a workspace: a folder "
            "with data_src, data_dst and model.",
            flag=flag,
        ),
    )


def folder_in_workspace(given: Path | None, role: str) -> Path | None:
    """The `role` of the workspace where there is such a folder."""
    root = workspace_for(given)
    folder = root and getattr(Workspace(root), role)
    return folder if folder and folder.is_dir() else None


def named_face_set(folder: Path, workspace: Path | None = None) -> Path:
    """`folder`; by `src` and `dst`, where no such folder is here, the face set of the workspace is meant."""
    if str(folder) not in ("src", "dst") or folder.exists() or not (root := workspace_for(workspace)):
        return folder
    return getattr(Workspace(root), str(folder))


def existing_folder(path: Path, flag: str) -> Path:
    """`path` if it is a folder.

    Raises:
        UserError: it is not there, or is a file.
    """
    if path.is_dir():
        return path
    # Translators: what was seen where a folder should be.
    saw = tr("a file") if path.exists() else tr("nothing there")
    check = tr("Check the path given with {flag}.", flag=flag)
    raise UserError(
        tr("The folder for {flag} does not exist.", flag=flag),
        saw=tr("{path} ({found})", path=path, found=saw),
        fix=tr("Give its folder: {folder}", folder=path.parent) if path.exists() else check,
    )
