"""In which order the faces come: by name, or as a file says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.translate import listed, tr
from dfl_cli.xseg.suggest.order_file import suggested_names
from samplers.files.names import Spellings
from samplers.files.regular_file import LARGEST_TEXT, read_regular

BY_NAME, SUGGESTED = "name", "suggested"
Order = Callable[
    [Path, Sequence[str]], Sequence[str]
]  # (folder of the faces, their names) -> names, the first ones first


def suggested(folder: Path, names: Sequence[str]) -> list[str]:
    """As `dfl xseg suggest` found last; without the faces that are gone. Raises UserError."""
    there = set(names)
    return [name for name in suggested_names(folder) if name in there]


ORDERS: dict[str, Order] = {  # what --order takes besides a file
    BY_NAME: lambda folder, names: sorted(names),
    SUGGESTED: suggested,
}


def ordered_names(order: str, folder: Path, names: Sequence[str]) -> list[str]:
    """All `names`: those that the order knows first, the others after them by name. Raises UserError."""
    first = ORDERS[order](folder, names) if order in ORDERS else names_in_file(Path(order), names)
    return list(dict.fromkeys([*first, *sorted(names)]))


def names_in_file(path: Path, names: Sequence[str]) -> list[str]:
    """The faces that the lines of a text file name; what follows a tab is not read. Raises UserError."""
    try:
        lines = read_regular(path, limit=LARGEST_TEXT).decode("utf-8-sig").splitlines()
    except (OSError, UnicodeError) as error:
        raise UserError(
            tr("Cannot read the order of the faces: {path}.", path=path),
            saw=str(error),
            fix=tr(
                "Give --order a text file with the name of a face on each line, or one of: {orders}.", orders=known()
            ),
        ) from error
    spellings = Spellings(names)
    found = [spellings.find(line.partition("\t")[0].strip()) for line in lines]
    if not any(found):
        raise UserError(
            tr("The file {path} names no face of this folder.", path=path),
            saw=(lines or [""])[0][:80],
            fix=tr(
                "Give --order a text file with the name of a face on each line, or one of: {orders}.", orders=known()
            ),
        )
    return [name for name in found if name]


def known() -> str:
    return listed(ORDERS)
