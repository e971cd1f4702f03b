"""What an earlier extraction, or somebody else, left in the folder of the faces: go on with it, or set it aside.

Nothing is deleted. What has to go moves to the folder NAME_trash beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.extract.cutting import Plan
from dfl_cli.extract.index import ExtractIndex
from dfl_cli.extract.places import Places
from dfl_cli.options.kinds import YesNo
from dfl_cli.options.option import Option
from dfl_cli.options.outputs import confirm
from dfl_cli.options.question import ask
from dfl_cli.shards.files import shard_files
from dfl_cli.terminal.console import Console, notice
from dfl_cli.terminal.names import shortened
from dfl_cli.translate import N_, ntr, tr
from samplers.files.atomic_file import sync
from samplers.files.face_folder import FACE_SUFFIXES
from samplers.files.file_range import file_fingerprint
from samplers.files.foreign_files import own_files
from samplers.files.names import free_path

MANY = 128  # faces, from which it is asked whether to go on with them
CONTINUE = Option(
    key="",
    label=N_("Continue extraction?"),
    kind=YesNo(),
    default=True,
    help=N_("y extracts the frames that are missing; n moves all faces to the trash folder and starts again."),
)


def wants_again(index: ExtractIndex, *, again: bool, asks: bool) -> bool:
    """Whether everything is to be extracted again, by flag or question."""
    if again or not asks or len(index.files) <= MANY:
        return again
    return not ask(CONTINUE, True, known={}, console=Console())


def open_index(
    places: Places, source: Mapping, networks: str, *, again: bool, overwrite: bool, asks: bool
) -> tuple[ExtractIndex, bool]:
    """The index to go on with, or one that is still to be started, and whether the frames that are there are of this source.

    Afterwards nothing else is in the folder of the faces, which is locked.

    source  see `Source.identity`
    again   start from the beginning
    Raises UserError where something is in the way and nobody allowed to move it.
    """
    index = ExtractIndex(places.aligned)
    again = wants_again(index, again=again, asks=asks)
    other, is_same = index.source is not None and not fits(index, source, networks), index.source == source
    strangers = [path for path in face_files(places.aligned) if path.name not in index.files]
    if strangers or (other and index.files and not again):
        allow_moving(places, index, strangers, overwrite=overwrite, asks=asks)
    if again or other:
        set_aside(
            places, [*strangers, *(places.aligned / name for name in index.files), index.path, *shard_files(index.path)]
        )
        repairs, index = index.repairs, ExtractIndex(places.aligned)
        index.repairs.update(repairs)  # `start` writes them; each holds only for the very frame it was made in
    elif strangers:
        set_aside(places, strangers)
    return index, is_same


def fits(index: ExtractIndex, source: Mapping, networks: str) -> bool:
    """Whether the index is of this source. Frames that are files are compared one by one."""
    return index.networks == networks and (source == index.source or "video" not in source)


def face_files(folder: Path) -> list[Path]:
    return sorted(path for path in own_files(folder) if path.suffix.lower() in FACE_SUFFIXES) if folder.is_dir() else []


def allow_moving(places: Places, index: ExtractIndex, strangers: list[Path], *, overwrite: bool, asks: bool) -> None:
    """Raises UserError unless what is in the folder may be moved to the trash."""
    names = [path.name for path in strangers] or list(index.files)
    what = (
        tr("{folder} contains images that this extraction did not write.", folder=places.aligned)
        if strangers
        else tr("{folder} contains the faces of another source, or found by other networks.", folder=places.aligned)
    )
    saw = ntr("{count} file: {names}", "{count} files: {names}", count=len(names), names=shortened(names, 3))
    if overwrite:
        return
    if asks:
        notice(tr("{what}: {saw}", what=what.rstrip(".。"), saw=saw))
        if confirm(tr("Move them to {folder}?", folder=places.trash)):
            return
    raise UserError(
        what,
        saw=saw,
        fix=tr("Add --overwrite to move them to {folder}, or use another folder.", folder=places.trash),
    )


def set_aside(places: Places, paths: Iterable[Path]) -> int:
    """Move the files of `paths` that there are to the trash; how many that were."""
    count = 0
    for path in paths:
        if path.is_file() or path.is_symlink():
            places.trash.mkdir(parents=True, exist_ok=True)
            path.rename(free_path(places.trash / path.name))
            count += 1
    if count:
        sync(places.trash)
        notice(
            ntr(
                "Moved {count} file to {folder}.",
                "Moved {count} files to {folder}.",
                count=count,
                folder=places.trash,
            )
        )
    return count


def clear_the_way(plan: Plan, index: ExtractIndex, places: Places) -> None:
    """Move what somebody changed, and faces that are no longer wanted, to the trash; after that all of `plan` can be written."""
    ours = [name for name in plan.obsolete if is_ours(places.aligned / name, index)]
    for names in (plan.changed, ours):
        set_aside(places, (places.aligned / name for name in names))
    plan.stale.update(plan.changed)
    if plan.obsolete:
        index.remove(plan.obsolete)


def is_ours(path: Path, index: ExtractIndex) -> bool:
    """Whether the file at `path` is as this program wrote it, or was writing it."""
    return index.files[path.name].fingerprint in (None, file_fingerprint(path))
