"""The order that `dfl xseg suggest` found, as a file in the face set's folder that `dfl xseg edit --order suggested` reads."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.store.durable import json_bytes
from dfl_cli.terminal.names import quoted
from dfl_cli.text_files.schema import Fields, ListOf, Words, WrongField, read_checked
from dfl_cli.translate import system_reason, tr
from dfl_cli.xseg.history import FOLDER
from samplers.files.atomic_file import write_atomically

NAME = "suggested.json"
SCHEMA = Fields({"faces": ListOf(Fields({"name": Words()}))})


def order_file(folder: Path) -> Path:
    return folder / FOLDER / NAME


def write_order(folder: Path, found: Mapping) -> None:
    """`found` as `SCHEMA` wants it. Raises OSError."""
    path = order_file(folder)
    path.parent.mkdir(exist_ok=True)
    write_atomically(path, json_bytes(found))


def suggested_names(folder: Path) -> list[str]:
    """The faces that were suggested last, the first one first; some may be gone meanwhile. Raises UserError where nothing was."""
    path = order_file(folder)
    fix = tr("Let dfl find out: dfl xseg suggest {folder}", folder=quoted(folder))
    if not os.path.lexists(path):
        raise UserError(tr("No faces have been suggested in {folder} yet.", folder=folder), fix=fix)
    try:
        return [face["name"] for face in read_checked(path, SCHEMA)["faces"]]
    except WrongField as error:
        raise UserError(tr("{file} cannot be used.", file=path), saw=str(error), fix=fix) from None
    except OSError as error:
        raise UserError(tr("{file} cannot be used.", file=path), saw=system_reason(error), fix=fix) from None
