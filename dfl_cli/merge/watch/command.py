"""`dfl merge` with somebody watching: in a window, or as a page in a browser."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from dfl_cli.merge.batch import FrameMerger
from dfl_cli.merge.job import confirm_keep, refuse_dangling_links
from dfl_cli.merge.journal import Journal
from dfl_cli.merge.pixels.network import Predictor
from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.merge.resume import sort_frames
from dfl_cli.merge.watch.interactive_merge import open_interactive_merge, resume
from dfl_cli.merge.watch.session import ModelVersion
from dfl_cli.options.flags import add_address_flags
from dfl_cli.options.kinds import YesNo
from dfl_cli.options.option import Ask, Option
from dfl_cli.options.question import ask
from dfl_cli.terminal.console import Console, say
from dfl_cli.translate import N_, tr
from dfl_cli.web.requirements import require_nicegui

BATCH, WINDOW, BROWSER = "batch", "window", "browser"

USE_WINDOW = Option(
    key="",
    label=N_("Use interactive merger?"),
    kind=YesNo(),
    default=True,
    help=N_(
        "Opens a window with a key for every setting and separate settings for every frame. n asks for "
        "the settings here and uses them for all frames."
    ),
)


def add_web_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the browser."""
    parser.add_argument(
        "--web",
        action="store_true",
        help=tr("Choose the settings frame by frame in a browser, and render from there."),
    )
    add_address_flags(
        parser,
        port=tr("Port for --web; default: the first free port from 8088."),
        host=tr(
            "Address for --web. The default 127.0.0.1 is reachable only from this machine; with any other "
            "address, anyone who can read the traffic can read the token."
        ),
    )


def choose_interface(arguments: argparse.Namespace, *, silent: bool, console: Console) -> str:
    """BATCH, WINDOW or BROWSER, by flag or question. Raises UserError: --web without its extra."""
    if arguments.web:
        require_nicegui("--web")
        return BROWSER
    if silent:
        return BATCH
    from dfl_cli.merge.watch.window import windows_can_open

    return WINDOW if windows_can_open() and ask(USE_WINDOW, True, known={}, console=console) else BATCH


def questions(table: Sequence[Option], interface: str) -> tuple[Option, ...]:
    """The options that are asked in the terminal: those that are changed while watching are not."""
    if interface == BATCH:
        return tuple(table)
    later = {field.name for field in fields(MergeSettings)}
    return tuple(replace(option, ask=Ask.NEVER) if option.key in later else option for option in table)


def run_interactive(
    interface: str,
    frames: Sequence[Path],
    merger: FrameMerger,
    predictor: Predictor,
    *,
    answers: Mapping[str, Any],
    table: Sequence[Option],
    model: ModelVersion,
    arguments: argparse.Namespace,
    silent: bool,
    console: Console,
) -> int:
    """Open window or page until the person ends it: 0, 1 if a frame failed, 128 + number of a signal. Raises UserError."""
    with Journal(merger.target.pictures, merger.target.masks) as journal:
        journal.lock()
        rest = sort_frames(frames, merger, journal, again=True)
        keep = rest.foreign and not arguments.overwrite and (
            arguments.keep or confirm_keep(rest, None if silent else console)
        )  # fmt: skip
        if not keep:
            refuse_dangling_links(rest)
        interactive = open_interactive_merge(
            frames, merger, predictor,
            defaults=merger.settings_of(frames[0]), table=table, model=model, workers=answers["workers"],
            journal=journal, kept=frozenset(rest.foreign) if keep else frozenset(),
        )  # fmt: skip
        resume(interactive, silent=silent, console=console)
        with interactive:
            code = open_window(interactive) if interface == WINDOW else open_page(interactive, arguments)
    say(tr("Session saved: {path}", path=interactive.file.path))
    return code


def open_window(interactive) -> int:
    from dfl_cli.merge.watch.window import show_window

    return show_window(interactive)


def open_page(interactive, arguments: argparse.Namespace) -> int:
    from dfl_cli.merge.watch.web.server import serve

    return serve(interactive, host=arguments.host, port=arguments.port)
