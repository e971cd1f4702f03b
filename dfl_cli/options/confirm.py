"""Questions that are answered yes or no; in trouble, the end of the program is a no."""

import signal

from dfl_cli.options.kinds import YesNo
from dfl_cli.options.option import Option
from dfl_cli.options.question import ask
from dfl_cli.terminal.console import Console
from dfl_cli.terminal.interrupt import Terminated, raise_on_signals, signal_handler


def ask_yes_no(question: str, *, default: bool = False, console: Console | None = None) -> bool:
    """The answer of the person at the terminal."""
    option = Option(key="", label=question, kind=YesNo(), default=default, help="")
    return ask(option, default, known={}, console=console or Console())


def confirm_in_trouble(trouble: str, question: str) -> bool:
    """Say the trouble and ask the person at the terminal, who may just press Enter for yes. Whatever ends the program means no."""
    console = Console()
    console.say(trouble)
    try:
        with raise_on_signals(), signal_handler(signal.default_int_handler, ("SIGINT",)):
            yes = ask_yes_no(question, default=True, console=console)
    except (KeyboardInterrupt, Terminated):
        return False
    return yes and not console.ended
