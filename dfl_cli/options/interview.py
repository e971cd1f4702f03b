"""A walk through a table of options: an answer for each, from flags, the model, the last model or the person (spec wizard.md 2.1)."""

import sys
from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dfl_cli.errors import UserError
from dfl_cli.options.given import Given, read_given, resolve_given
from dfl_cli.options.option import Ask, Option, Unacceptable, resolve, restarting
from dfl_cli.options.question import ask
from dfl_cli.options.review import Row, WentBack, ask_review, review_lines
from dfl_cli.terminal.console import Console, is_terminal, terminal_size
from dfl_cli.translate import labeled, tr

FEWEST_TO_REVIEW = 3  # answers; fewer are still on the screen


class Silence:
    """A console for answers that nobody has given yet."""

    def say(self, text: str = "") -> None:
        """Not said: it may never come to that."""


@dataclass(frozen=True, kw_only=True)
class Interview:
    """One walk through a table, with steps back; `answers` fills up."""

    options: Mapping[str, Option]
    given: Mapping[str, Given]
    stored: Mapping[str, Any] | None
    remembered: Mapping[str, Any]
    costs: Callable[[Mapping], str] | None
    ask_now: bool
    console: Console
    answers: dict[str, Any]
    known: ChainMap  # what rules see: answers, then given, stored, facts
    asked: list[tuple[str, dict]] = field(default_factory=list)  # questions answered, and all answers before each
    typed: dict[str, Any] = field(
        default_factory=dict
    )  # other answers than the proposal, kept when the person goes back
    settled: set[str] = field(default_factory=set)  # answered before an earlier answer was changed: not asked again

    def introduce(self) -> None:
        """Say which keys there are, if anything will be asked of a person."""
        if is_terminal(sys.stdin) and any(self.asks(one) for one in self.options.values() if one.key not in self.given):
            self.console.say(
                tr("Enter accepts the value in brackets, ? explains a question, < goes back to the previous one.")
            )

    def walk(self) -> None:
        """Answer what has no answer yet, in the table's order; the person may step back as far as the first question."""
        while True:
            try:
                return self.finish()
            except WentBack:
                self.reopen(self.asked_keys[-1])

    def finish(self) -> None:
        """Raises WentBack."""
        for option in list(self.options.values())[len(self.answers) :]:
            self.resolve_one(option)

    def reopen(self, chosen: str) -> None:
        """Forget the person's answer to `chosen` and all answers since."""
        while True:
            key, before = self.asked.pop()
            if key == chosen:
                break
        self.answers.clear()
        self.answers.update(before)

    def review(self) -> None:
        """Show the answers, unless they are few, and change those the person names, until Enter."""
        while len(self.asked) >= FEWEST_TO_REVIEW:
            for line in review_lines(self.rows(), *terminal_size(self.console.output)):
                self.console.say(line)
            if self.costs:
                self.console.say(self.costs(self.answers))
            try:
                chosen = ask_review(self.asked_keys, self.console)
            except WentBack:
                self.reopen(self.asked_keys[-1])
                self.walk()
                continue
            if chosen is None:
                return
            self.change(chosen)

    def change(self, chosen: str) -> None:
        """Ask for one answer again, and for what follows from it. Those after it stay where they can; `<` leaves all as it was."""
        answers, asked, typed = dict(self.answers), list(self.asked), dict(self.typed)
        self.settled.update(self.asked_keys[self.asked_keys.index(chosen) + 1 :])
        self.reopen(chosen)
        try:
            self.finish()
        except WentBack:
            for kept, before in ((self.answers, answers), (self.typed, typed)):
                kept.clear()
                kept.update(before)
            self.asked[:] = asked
        self.settled.clear()

    @property
    def asked_keys(self) -> list[str]:
        return [key for key, _ in self.asked]

    def rows(self) -> list[Row]:
        """What was asked and what was given, in the table's order."""
        given = {key: value.source for key, value in self.given.items() if self.options[key].when(self.known)}
        return [self.row_of(key, given.get(key)) for key in self.options if key in given or key in self.asked_keys]

    def row_of(self, key: str, source: str | None) -> Row:
        number = self.asked_keys.index(key) + 1 if key in self.asked_keys else None
        option = self.options[key]
        return Row(number=number, option=option, value=self.answers[key], changed=key in self.typed, source=source)

    def resolve_one(self, option: Option) -> None:
        asked = len(self.asked)
        self.answers[option.key] = self.answer_to(option)
        for key in option.readjusts if self.is_new else ():
            self.revisit(self.options[key])
        put = len(self.asked) > asked and option.key not in self.settled
        if self.costs and option.sizes and put and (answers := self.projected()):
            self.console.say(self.costs(answers))

    def projected(self) -> dict[str, Any] | None:
        """All answers, if every proposal from here on is accepted; None where one of them cannot be used."""
        answers = dict(self.answers)
        known = ChainMap(answers, *self.known.maps[1:])
        ahead = replace(self, ask_now=False, console=Silence(), answers=answers, known=known)
        try:
            for key, option in self.options.items():
                if key not in answers:
                    ahead.resolve_one(option)
        except (UserError, Unacceptable):
            return None
        return answers

    def answer_to(self, option: Option) -> Any:
        applies = option.when(self.known)
        if not applies and option.inactive_value is not None:
            return self.forced(option)
        if option.key in self.given:
            return self.from_given(option)
        if applies and self.asks(option):
            return self.answer_by_person(option)
        if self.stored is not None and option.key in self.stored:
            return self.kept(option)
        return self.proposal(option, recall=applies)

    def answer_by_person(self, option: Option) -> Any:
        """Raises WentBack."""
        before, proposal = dict(self.answers), self.proposal(option)
        value = self.answer_before(option, proposal)
        if option.key not in self.settled:
            value = ask(option, value, known=self.known, console=self.console, can_go_back=bool(self.asked))
        self.asked.append((option.key, before))
        self.typed.pop(option.key, None)
        if value != proposal:
            self.typed[option.key] = value
        return value

    def answer_before(self, option: Option, proposal: Any) -> Any:
        """What the person answered before going back, if it can still be used; else the proposal."""
        if option.key not in self.typed:
            return proposal
        try:
            return resolve(option, self.typed[option.key], self.known)[0]
        except Unacceptable:
            return proposal

    def asks(self, option: Option) -> bool:
        kinds = {Ask.EVERY_RUN, Ask.NEW_MODEL} if self.is_new else {Ask.EVERY_RUN}
        return self.ask_now and option.ask in kinds

    @property
    def is_new(self) -> bool:
        """Whether the answers are those of a new model."""
        return self.stored is None or restarting(self.options.values(), self.answers)

    def proposal(self, option: Option, *, recall: bool = True) -> Any:
        """The value in brackets: stored, else remembered, else the table's."""
        if self.stored is not None and option.key in self.stored:
            return self.stored[option.key]
        if recall and option.remembered and option.key in self.remembered:
            try:
                return resolve(option, self.remembered[option.key], self.known)[0]
            except Unacceptable:
                pass  # an old or edited file; the table's default serves
        return resolve(option, option.default_for(self.known), self.known)[0]

    def kept(self, option: Option) -> Any:
        """The stored value, untouched, unless it cannot be used in this run."""
        value = self.stored[option.key]
        problem = option.reject(value, self.known) if option.reject else None
        if problem:
            raise UserError(
                problem, saw=f"{option.key} {option.kind.show(value)}", fix=tr("Change {flag}.", flag=option.flag)
            )
        return value

    def from_given(self, option: Option) -> Any:
        given = self.given[option.key]
        value, said = resolve_given(option, given, self.known)
        if not self.is_new and option.ask is Ask.NEW_MODEL and option.key in self.stored:
            return self.unchanged(option, value, given)
        for line in said:
            self.console.say(line)
        return value

    def unchanged(self, option: Option, value: Any, given: Given) -> Any:
        """The stored value of what weights depend on; a different one is refused."""
        stored = self.stored[option.key]
        if stored in (value, read_given(option, given)):
            return stored
        raise UserError(
            tr("{key} cannot change once the model has weights.", key=option.key),
            saw=tr("{source} {raw}; the model has {stored}", source=given.source, raw=given.raw, stored=stored),
            fix=tr("Remove it, or start a new model under another name."),
        )

    def forced(self, option: Option) -> Any:
        given = self.given.get(option.key)
        if given and read_given(option, given) != option.inactive_value:
            line = tr(
                "does not apply with the other answers: using {value}", value=option.kind.show(option.inactive_value)
            )
            self.console.say(f"{given.source}: {line}")
        return option.inactive_value

    def revisit(self, option: Option) -> None:
        """Fit an earlier answer to what was answered since."""
        value, said = resolve(option, self.answers[option.key], self.known)
        for line in said:
            self.console.say(labeled(tr(option.label), line))
        self.answers[option.key] = value
