"""Where things are in a DeepFaceLab workspace, and where a command finds its folders."""

from dataclasses import dataclass
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.translate import tr
from samplers.files.names import existing_spelling


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


def folder_for(given: Path | None, workspace: Path | None, role: str, *, flag: str) -> Path:
    """The folder a command works on: the one given by `flag`, else the `role` (an attribute of Workspace) of the workspace.

    Raises:
        UserError: neither was given.
    """
    if given is not None:
        return existing_spelling(given.expanduser().absolute())
    if workspace is not None:
        return getattr(Workspace(existing_spelling(workspace.expanduser().absolute())), role)
    raise UserError(
        tr("{flag} is missing.", flag=flag),
        fix=tr("Give {flag} FOLDER, or --workspace FOLDER with DeepFaceLab's folder layout.", flag=flag),
    )


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
