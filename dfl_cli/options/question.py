"""One question, put until it is answered (spec wizard.md 1)."""

from collections.abc import Mapping
from typing import Any

from dfl_cli.errors import UserError
from dfl_cli.options.option import Option, Unacceptable, resolve
from dfl_cli.options.review import BACK, HELP, WentBack
from dfl_cli.terminal.console import Console
from dfl_cli.translate import Lines, labeled, tr


def ask(option: Option, default: Any, *, known: Mapping, console: Console, can_go_back: bool | None = None) -> Any:
    """Put one question until it is answered; the default at the end of input in a pipe.

    Args:
        can_go_back: whether there is a question before this one; None: this is a question of its own.

    Raises:
        WentBack
        UserError: input ended and the default cannot be used.
    """
    for line in option.kind.menu():
        console.say(line)
    while True:
        text = console.read(prompt(option, default), option.kind.completions())
        if text in HELP and option.help:
            text = tr(option.help)
            console.say(labeled(option.key, Lines(text)) if option.key else text)
            if can_go_back:
                console.say(tr("< goes back to the previous question."))
            continue
        if text in BACK and can_go_back is not None:
            if can_go_back:
                raise WentBack
            console.say(tr("This is the first question."))
            continue
        try:
            value, said = resolve(option, text or default, known) if text or default is not None else (None, [])
        except Unacceptable as error:
            if text is None:
                raise UserError(
                    str(error), saw=option.title_and_key, fix=tr("Set it with {flag}.", flag=option.flag)
                ) from None
            console.say(str(error))
            continue
        for line in said:
            console.say(line)
        if not text or option.kind.echoes:
            console.say(option.kind.show(value) if value is not None else "")
        return value


def prompt(option: Option, default: Any) -> str:
    """`[256] AutoEncoder dimensions ( 32-1024 ?:help ) : ` (spec wizard.md 1.1)."""
    shown = f"[{option.kind.show(default)}] " if default is not None else ""
    inside = " ".join(part for part in (option.kind.hint(), "?:help" if option.help else "") if part)
    return f"{shown}{option.title} {f'( {inside} ) ' if inside else ''}: "
