"""`dfl faceset sort`: a new order by renaming, and back again."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.faceset.images import image_files
from dfl_cli.faceset.loading import no_faces, no_folder, reason_text
from dfl_cli.faceset.orders.names import ALIASES
from dfl_cli.faceset.orders.rank import ORDERS, Ranking, SortOptions, rank
from dfl_cli.faceset.renames import BadJournal, NameTaken, Renames, numbered
from dfl_cli.store.lock import FolderLock
from dfl_cli.terminal.console import notice
from dfl_cli.terminal.names import quoted
from dfl_cli.translate import labeled, listed, ntr, tr
from samplers.files.atomic_file import remove_leftovers
from samplers.files.faces import NoFaces, NoFolder, Skipped
from samplers.files.names import printable


def sort(
    folder: Path, by: str, sort_options: SortOptions, *, dry: bool, prefer: str = "pack"
) -> tuple[Ranking, Renames]:
    """Sort the pictures of `folder`, or only find out their order.

    Raises:
        UserError: no pictures, a pack, no face where the order needs some, a name in the way.
    """
    renames, order, pictures = open_renames(folder), ALIASES.get(by, by), image_files(folder, prefer)
    if ORDERS[order].needs_faces and not any(one.face for one in pictures):
        skipped = [Skipped(one.name, one.reason) for one in pictures]
        raise no_faces(NoFaces(folder, found=len(pictures), skipped=skipped))  # all would go to the trash
    ranking = rank(order, pictures, sort_options)
    if not dry:
        try:
            renames.sort(ranking.order, ranking.trash, by=by)
        except NameTaken as error:
            raise name_taken(error) from error
    return ranking, renames


def undo(folder: Path, *, dry: bool) -> tuple[str, list[str]]:
    """Take back the last sort, or only look: by what it was, and the pictures that are gone since.

    Raises:
        UserError: there is none.
    """
    renames = open_renames(folder)
    if not renames.done:
        raise UserError(
            tr("There is no sort to undo in {folder}.", folder=folder),
            fix=tr("Only a sort by dfl faceset sort in this folder can be undone."),
        )
    by = renames.done[-1]["by"]
    try:
        return by, renames.missing() if dry else renames.undo()
    except NameTaken as error:
        raise name_taken(error) from error


@contextmanager
def changing(folder: Path, *, dry: bool = False) -> Iterator[None]:
    """Until the end of the block no other process changes the face set; what a killed one left is completed or removed first.

    dry  only look: a folder that cannot be written will do unless a sort in it was interrupted

    Raises:
        InUse: another process is changing it.
        UserError: no folder, a name in the way, or the file about renames is damaged.
    """
    if dry and not read_renames(folder).pending:
        yield
        return
    with FolderLock(folder):
        remove_leftovers(folder)
        open_renames(folder)
        yield


def read_renames(folder: Path) -> Renames:
    """The renames of `folder`, whatever state they are in. Raises UserError."""
    if not folder.is_dir():
        raise no_folder(NoFolder(folder))
    try:
        return Renames(folder)
    except BadJournal as error:
        raise UserError(
            tr("The sort history {path} is damaged.", path=error.path),
            saw=error.problem,
            fix=tr("Delete it. The images keep their current names."),
        ) from error


def open_renames(folder: Path) -> Renames:
    """The renames of `folder`, an interrupted one completed first.

    Raises:
        UserError: no folder, a name in the way, or the file about renames is damaged.
    """
    renames = read_renames(folder)
    try:
        if renames.finish():
            notice(tr("Completed a sort that was interrupted."))
    except NameTaken as error:
        raise name_taken(error) from error
    return renames


def name_taken(error: NameTaken) -> UserError:
    return UserError(
        tr("A sorted image would replace an existing file. Nothing was overwritten."),
        saw=str(error.path),
        fix=tr("Move it elsewhere and run the command again to complete the sort."),
    )


def facts(by: str, ranking: Ranking, *, dry: bool) -> dict:
    """What `--json` prints."""
    names = numbered(ranking.order)
    return {
        "by": ALIASES.get(by, by),
        "dry_run": dry,
        "order": [{"name": name, "new_name": new, "score": ranking.scores.get(name)} for name, new in names.items()],
        "trash": [{"name": name, "reason": str(reason)} for name, reason in ranking.trash.items()],
    }


def plan_lines(ranking: Ranking) -> list[str]:
    """A line for each picture: new name, old name, score."""
    lines = []
    for name, new in numbered(ranking.order).items():
        score = ranking.scores.get(name)
        lines.append(f"{new}  {printable(name)}" + ("" if score is None else f"  {score:.4g}"))
    lines += ["-  " + labeled(name, reason_text(reason)) for name, reason in ranking.trash.items()]
    return lines or [nothing()]


def nothing() -> str:
    return tr("Nothing to sort: the order is unchanged.")


def done_lines(by: str, ranking: Ranking, renames: Renames) -> list[str]:
    if not ranking.order and not ranking.trash:
        return [nothing()]
    lines = [ntr("{count} image sorted by {by}.", "{count} images sorted by {by}.", count=len(ranking.order), by=by)]
    if ranking.trash:
        lines.append(
            ntr(
                "{count} image moved to {folder}:",
                "{count} images moved to {folder}:",
                count=len(ranking.trash),
                folder=renames.trash,
            )
        )
        reasons = Counter(map(reason_text, ranking.trash.values()))
        lines += ["  " + labeled(count, reason) for reason, count in reasons.most_common()]
    return [*lines, tr("To undo: dfl faceset sort {folder} --undo", folder=quoted(renames.folder))]


def lines_undone(by: str, missing: list[str], *, dry: bool) -> list[str]:
    would = tr("The last sort was by {by}. Run without --dry-run to undo it.", by=by)
    lines = [would if dry else tr("Restored the names from before the sort by {by}.", by=by)]
    if missing:
        lines.append(
            ntr(
                "{count} image no longer exists: {names}",
                "{count} images no longer exist: {names}",
                count=len(missing),
                names=listed(missing[:10]),
            )
        )
    return lines
