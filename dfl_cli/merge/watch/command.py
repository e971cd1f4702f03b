"""`dfl merge` with somebody watching: in a window, or as a page in a browser."""

import argparse
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from dfl_cli.errors import UserError
from dfl_cli.merge.batch import FrameWork
from dfl_cli.merge.job import folder_in_use, may_be_kept
from dfl_cli.merge.journal import FolderInUse, Journal
from dfl_cli.merge.pixels.network import Predictor
from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.merge.resume import rest_of
from dfl_cli.merge.watch.session import ModelMark
from dfl_cli.merge.watch.workbench import lay_out, resume
from dfl_cli.options.kinds import YesNo
from dfl_cli.options.option import Ask, Option
from dfl_cli.options.wizard import ask
from dfl_cli.terminal.console import Console, say
from dfl_cli.translate import N_, tr

BATCH, WINDOW, BROWSER = "batch", "window", "browser"
LOOPBACK = "127.0.0.1"

USE_WINDOW = Option(
    key="",
    label=N_("Use interactive merger?"),
    kind=YesNo(),
    default=True,
    help=N_(
        "Opens a window in which every setting has its key and every frame its own settings. n asks for the settings here and "
        "merges all frames with them."
    ),
)


def add_watching_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the browser."""
    parser.add_argument(
        "--web",
        action="store_true",
        help=tr("Choose the settings in a browser, frame by frame, and render from there."),
    )
    parser.add_argument(
        "--port", type=int, metavar="N", help=tr("Port of --web; without it the first free one from 8088 on.")
    )
    parser.add_argument(
        "--host", default=LOOPBACK, metavar="ADDRESS",
        help=tr(
            "Address of --web. 127.0.0.1, the default, is seen from this machine only; with any other one whoever "
            "can read the traffic can read the token."
        ),
    )  # fmt: skip


def chosen_way(arguments: argparse.Namespace, *, silent: bool, console: Console) -> str:
    """BATCH, WINDOW or BROWSER, by flag or question. Raises UserError: --web without its extra."""
    if arguments.web:
        if importlib.util.find_spec("nicegui") is None:
            raise UserError(
                tr("The browser page needs NiceGUI."), saw="--web", fix=tr('Install it: pip install "dfl[web]"')
            )
        return BROWSER
    if silent:
        return BATCH
    from dfl_cli.merge.watch.window import windows_can_open

    return WINDOW if windows_can_open() and ask(USE_WINDOW, True, known={}, console=console) else BATCH


def questions(table: Sequence[Option], way: str) -> tuple[Option, ...]:
    """The options that are asked in the terminal: those that are changed while watching are not."""
    if way == BATCH:
        return tuple(table)
    later = {field.name for field in fields(MergeSettings)}
    return tuple(replace(option, ask=Ask.NEVER) if option.key in later else option for option in table)


def watch(
    way: str,
    frames: Sequence[Path],
    work: FrameWork,
    predictor: Predictor,
    *,
    answers: Mapping[str, Any],
    table: Sequence[Option],
    model: ModelMark,
    arguments: argparse.Namespace,
    silent: bool,
    console: Console,
) -> int:
    """Open window or page until the person ends it: 0, 1 if a frame failed, 128 + number of a signal. Raises UserError."""
    with Journal(work.target.pictures) as journal:
        claim(journal)
        rest = rest_of(frames, work, journal, again=True)
        keep = rest.foreign and not arguments.overwrite and (
            arguments.keep or may_be_kept(rest, None if silent else console)
        )  # fmt: skip
        bench = lay_out(
            frames, work, predictor,
            usual=work.settings_of(frames[0]), table=table, model=model, workers=answers["workers"],
            journal=journal, kept=frozenset(rest.foreign) if keep else frozenset(),
        )  # fmt: skip
        resume(bench, silent=silent, console=console)
        with bench:
            code = open_window(bench) if way == WINDOW else open_page(bench, arguments)
    say(tr("Session saved: {path}", path=bench.file.path))
    return code


def claim(journal: Journal) -> None:
    """Take the output folder for this session: two would write over each other's. Raises UserError."""
    try:
        journal.claim()
    except FolderInUse as error:
        raise folder_in_use(error) from error


def open_window(bench) -> int:
    from dfl_cli.merge.watch.window import show_window

    return show_window(bench)


def open_page(bench, arguments: argparse.Namespace) -> int:
    from dfl_cli.merge.watch.web.server import serve

    return serve(bench, host=arguments.host, port=arguments.port)
