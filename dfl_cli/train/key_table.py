"""What a key does while training: the loop, the starting line, the help, the window and docs/watching.md are made from this table."""

from collections.abc import Callable
from dataclasses import dataclass

from dfl_cli.terminal.console import say
from dfl_cli.terminal.width import display_width
from dfl_cli.train.session import Session
from dfl_cli.translate import tr

LABEL_COLUMNS = 6  # of the help


@dataclass(frozen=True)
class Key:
    name: str  # as in `keys.key_names`
    label: str
    short: str  # for the window; empty: not shown there
    help: str
    action: Callable[[Session], None]


def key_table() -> tuple[Key, ...]:
    """The keys in the order in which they are listed, in the person's language."""
    return (
        Key("enter", tr("Enter"), tr("save and stop"), tr("save and stop"), Session.stop),
        Key("q", "q", "", tr("same as Enter"), Session.stop),
        Key("s", "s", tr("save"), tr("save"), lambda session: session.saves.save()),
        Key("b", "b", tr("backup"), tr("save and copy the save to backups/01"), lambda session: session.saves.backup()),
        Key(
            "p",
            "p",
            # Translators: what the key p does, as short as can be: update the preview.
            tr("update"),
            tr("update the preview with the latest batch"),
            lambda session: session.previews.write(),
        ),
        Key("space", tr("space"), tr("next preview"), tr("next preview"), lambda session: session.previews.show_next()),
        Key(
            "l",
            "l",
            tr("graph range"),
            tr("range of the loss graph: all, or the last 5000 to 100000 iterations"),
            lambda session: session.previews.show_next_range(),
        ),
        Key("?", "?", "", tr("this list"), show_keys),
    )


def press(name: str, session: Session) -> None:
    """Do what the key stands for, if it stands for anything."""
    for key in key_table():
        if key.name == name:
            key.action(session)


def show_keys(session: Session) -> None:
    session.report.end_line()
    for key in key_table():
        say(f"  {key.label}{' ' * (LABEL_COLUMNS - display_width(key.label))} {key.help}")


def keys_in_short() -> str:
    """For the starting line."""
    return tr("Keys: {keys}; press ? for help.", keys=" ".join(f"[{key.label}]" for key in key_table()))


def keys_in_window() -> tuple[str, str]:
    """Two lines above the picture (wizard.md 5.6)."""
    named = [f"[{key.label}] {key.short}" for key in key_table() if key.short]
    half = (len(named) + 1) // 2
    return "  ".join(named[:half]), "  ".join(named[half:])
