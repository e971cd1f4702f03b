"""The questions: a table in, a complete set of answers out (spec wizard.md 1 and 2.1)."""

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dfl_cli.errors import UserError
from dfl_cli.options.given import read_given, sourced
from dfl_cli.options.interview import Interview
from dfl_cli.options.option import Ask, Option, by_key
from dfl_cli.terminal.console import Console, is_interactive
from dfl_cli.translate import tr

OVERRIDE_SECONDS = 2


def ask_table(
    table: Sequence[Option],
    *,
    given: Mapping[str, Any] | None = None,
    stored: Mapping[str, Any] | None = None,
    remembered: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
    costs: Callable[[Mapping], str] | None = None,
    ask_now: bool = True,
    review: bool = False,
    console: Console | None = None,
) -> dict[str, Any]:
    """An answer for every option, in the table's order, from the first source that has one.

    Args:
        given: by flag or answers file, as Given or bare values; never asked.
        stored: the answers an existing model has; None: the model is new.
        remembered: the answers of the last new model; proposed to a new one.
        facts: what rules may look at besides answers: smallest_gpu_bytes, device_count, pretraining, is_saved.
        costs: all answers -> the line after a question that sizes the networks, for which those to come are as proposed.
        ask_now: whether questions are asked; for an existing model those of Ask.EVERY_RUN only.
        review: whether the answers are listed after the last question, and can be changed by number.

    Raises:
        UserError: a given value cannot be used, or contradicts the model.
        KeyboardInterrupt: Ctrl-C at a question.
    """
    options, given = by_key(table), sourced(given or {})
    for key, value in given.items():
        if key not in options:
            raise UserError(
                tr("This model class has no option {key}.", key=key),
                saw=value.source,
                fix=tr("Remove it. docs/options.md shows which model class has it."),
            )
    ahead = {key: read_given(options[key], value) for key, value in given.items()}
    answers: dict[str, Any] = {}
    interview = Interview(
        options=options,
        given=given,
        stored=stored,
        remembered=remembered or {},
        costs=costs,
        ask_now=ask_now,
        console=console or Console(),
        answers=answers,
        known=ChainMap(answers, ahead, dict(stored or {}), dict(facts or {})),
    )
    if ask_now:
        interview.console.flush()
        interview.introduce()
    interview.walk()
    if review:
        interview.review()
    return answers


def has_questions(table: Sequence[Option]) -> bool:
    """Whether there is anything to override; Quick96 asks nothing."""
    return any(option.ask is Ask.EVERY_RUN for option in table)


def ask_override(console: Console | None = None, *, silent: bool = False, seconds: float = OVERRIDE_SECONDS) -> bool:
    """Whether the person presses Enter in time to change the settings of an existing model; False where nobody can."""
    if silent or not is_interactive():
        return False
    console = console or Console()
    console.say(tr("Press enter in {seconds} seconds to override model settings.", seconds=seconds))
    return console.enter_within(seconds)
