"""Which faces the preview history shows, picked by the person (wizard.md 5.5)."""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from dfl_cli.classes.preview import Preview
from dfl_cli.classes.registry import CLASSES
from dfl_cli.terminal.console import say
from dfl_cli.terminal.interrupt import Interrupt
from dfl_cli.terminal.keys import KeySources, TerminalKeys
from dfl_cli.train.session import Session
from dfl_cli.translate import tr

POLL_SECONDS = 0.03


def choose_history_faces(session: Session, faces: Mapping, *, screen, interrupt: Interrupt) -> None:
    """Let the person pick what the history of `session` shows."""

    def batch_of(seed: int):
        return CLASSES[session.model_class].fixed_batch(faces, session.options_in_force, seed=seed)

    with TerminalKeys() as terminal:
        keys = KeySources(terminal, screen)
        seed = choose_faces(
            session.history_seed,
            lambda seed: session.previews.draw(batch_of(seed)),
            screen=screen,
            keys=keys,
            interrupt=interrupt,
        )
    session.choose_history_faces(seed, batch_of(seed))


def choose_faces(
    seed: int, draw: Callable[[int], Sequence[Preview]], *, screen, keys, interrupt: Interrupt, pick=secrets.randbits
) -> int:
    """Show the faces of `seed` and, as long as the person wishes, those of others; returns the seed that was taken.

    Args:
        draw: (seed) -> the previews of its faces.
        screen: where they are shown; closing it takes the faces.
        pick: (bits) -> a new seed.
    """
    say(tr("Choose the faces for the preview history: [p] other faces, [space] next preview, [Enter] use these."))
    screen.attach(keys=[tr("[p] other faces [space] next preview [Enter] use these")])
    previews, shown = draw(seed), 0
    while True:
        preview = previews[shown]
        picture = np.rint(preview.image * 255).astype(np.uint8)
        screen.show(picture, f"{preview.name} [{shown + 1}/{len(previews)}]", preview.ends())
        match next_key(screen, keys, interrupt):
            case "p":
                seed = pick(31)
                previews = draw(seed)
            case "space":
                shown = (shown + 1) % len(previews)
            case _:
                return seed


def next_key(screen, keys, interrupt: Interrupt) -> str | None:
    """The next of p, space and enter; None when a signal came or the screen is gone."""
    while screen.open and not interrupt.signal:
        key = keys.pressed()
        if key in ("p", "space", "enter"):
            return key
        time.sleep(POLL_SECONDS)
    return None
