"""A question while a training session is in trouble, to which the end of the program is a no."""

import signal

from dfl_cli.options.kinds import YesNo
from dfl_cli.options.option import Option
from dfl_cli.options.wizard import ask
from dfl_cli.terminal.console import Console
from dfl_cli.terminal.interrupt import Terminated, raise_on_signals, signal_handler


def confirm_in_trouble(trouble: str, question: str) -> bool:
    """Say the trouble and ask the person at the terminal, who may just press Enter for yes. Whatever ends the program means no."""
    console = Console()
    console.say(trouble)
    option = Option(key="", label=question, kind=YesNo(), default=True, help="")
    try:
        with raise_on_signals(), signal_handler(signal.default_int_handler, ("SIGINT",)):
            yes = ask(option, True, known={}, console=console)
    except (KeyboardInterrupt, Terminated):
        return False
    return yes and not console.ended
