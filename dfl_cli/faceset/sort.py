"""`dfl faceset sort`: a new order by renaming, and back again."""

from collections import Counter
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.faceset.loading import no_folder, reason_text
from dfl_cli.faceset.order_names import ALIASES
from dfl_cli.faceset.pictures import loose_pictures
from dfl_cli.faceset.renames import BadJournal, NameTaken, Renames, numbered
from dfl_cli.faceset.sort_orders import Ranking, Wishes, rank
from dfl_cli.terminal.console import notice
from dfl_cli.translate import ntr, tr
from samplers.files.faces import NoFolder


def sort(folder: Path, by: str, wishes: Wishes, *, dry: bool) -> tuple[Ranking, Renames]:
    """Sort the pictures of `folder`, or only find out their order.

    Raises:
        UserError: no pictures, a pack, a name in the way.
    """
    renames = open_renames(folder)
    ranking = rank(ALIASES.get(by, by), loose_pictures(folder), wishes)
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
            tr("There is no sort to take back in {folder}.", folder=folder),
            fix=tr("only what dfl faceset sort did in this folder can be taken back"),
        )
    by = renames.done[-1]["by"]
    try:
        return by, renames.gone() if dry else renames.undo()
    except NameTaken as error:
        raise name_taken(error) from error


def open_renames(folder: Path) -> Renames:
    """The renames of `folder`, an interrupted one completed first.

    Raises:
        UserError: no folder, a name in the way, or the file about renames is damaged.
    """
    if not folder.is_dir():
        raise no_folder(NoFolder(folder))
    try:
        renames = Renames(folder)
        if renames.finish():
            notice(tr("Completed a sort that was interrupted."))
    except NameTaken as error:
        raise name_taken(error) from error
    except BadJournal as error:
        raise UserError(
            tr("The record of sorts {path} is damaged.", path=error.path),
            fix=tr("delete it; the pictures keep the names they have now"),
        ) from error
    return renames


def name_taken(error: NameTaken) -> UserError:
    return UserError(
        tr("A file is in the way of a sorted picture; nothing was overwritten."),
        saw=str(error.path),
        fix=tr("move it elsewhere and start again; the sort is then completed"),
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
        lines.append(f"{new}  {name}" + ("" if score is None else f"  {score:.4g}"))
    lines += [f"-  {name}: {reason_text(reason)}" for name, reason in ranking.trash.items()]
    return lines or [nothing()]


def nothing() -> str:
    return tr("Nothing to sort: the order stays as it is.")


def done_lines(by: str, ranking: Ranking, renames: Renames) -> list[str]:
    if not ranking.order and not ranking.trash:
        return [nothing()]
    lines = [
        ntr("{count} picture sorted by {by}.", "{count} pictures sorted by {by}.", count=len(ranking.order), by=by)
    ]
    if ranking.trash:
        lines.append(
            ntr(
                "{count} picture moved to {folder}:",
                "{count} pictures moved to {folder}:",
                count=len(ranking.trash),
                folder=renames.trash,
            )
        )
        reasons = Counter(map(reason_text, ranking.trash.values()))
        lines += [f"  {count}: {reason}" for reason, count in reasons.most_common()]
    return [*lines, tr("To take it back: dfl faceset sort {folder} --undo", folder=renames.folder)]


def lines_undone(by: str, gone: list[str], *, dry: bool) -> list[str]:
    would = tr("The last sort was by {by}; without --dry-run it is taken back.", by=by)
    lines = [would if dry else tr("The pictures have the names from before the sort by {by} again.", by=by)]
    if gone:
        lines.append(
            ntr(
                "{count} picture is no longer there: {names}",
                "{count} pictures are no longer there: {names}",
                count=len(gone),
                names=", ".join(gone[:10]),
            )
        )
    return lines
