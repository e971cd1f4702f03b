"""One thing the person can choose, as data, and how a raw value becomes a value within its limits."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from dfl_cli.options.kinds import Kind
from dfl_cli.translate import N_, language, tr


class Ask(Enum):
    """When a question is put."""

    EVERY_RUN = N_("first run, and later when the settings are overridden")
    NEW_MODEL = N_("first run only: fixed once the model has weights")
    NEVER = N_("only by flag or answers file")


@dataclass(frozen=True, kw_only=True)
class Option:
    """One thing the person can choose. Nothing about it is written anywhere else.

    Functions of the answers see the answers so far, what was given by flag or file, the values the model has, and the facts about this run
    (`smallest_gpu_bytes`, `device_count`, `pretraining`, `is_saved`).
    """

    key: str  # empty for a question that is no option, such as a confirmation
    label: str
    help: str  # why you would change it, and what it costs
    kind: Kind
    default: Any  # a value, or a function of the answers so far
    default_text: str = ""  # the function in words
    ask: Ask = Ask.EVERY_RUN
    when: Callable[[Mapping], bool] = lambda answers: True
    when_text: str = ""  # the condition in words
    inactive_value: Any = None  # the value whenever `when` is false; None: the value there is stays
    remembered: bool = True  # a new model proposes the answer given for the last new model
    once: bool = False  # an order for this run rather than a property of the model: yes is carried out, then forgotten
    restarts: bool = False  # yes makes a new model of a saved one: what only a new one is asked is asked again
    adjust: Callable[[Any, Mapping], tuple[Any, list[str]]] | None = None  # limits that the kind cannot express
    reject: Callable[[Any, Mapping], str | None] | None = None  # why this value cannot be used now
    readjusts: tuple[str, ...] = ()  # earlier answers whose limits depend on this one
    in_dfl: bool = True  # DeepFaceLab keeps it in the files of a model, too
    listed_at_default: bool = True  # in the summary, also while it has its default
    sizes: bool = False  # decides how large the networks are: once it is answered, the wizard says what they cost
    ramps: bool = False  # a stage may move it a little with every iteration
    risky: Callable[[Any, Any], bool] | None = (
        None  # (before, now): can that spoil a trained model? Then it is backed up first
    )

    def default_for(self, answers: Mapping) -> Any:
        return self.default(answers) if callable(self.default) else self.default

    @property
    def flag(self) -> str:
        return "--" + self.key.replace("_", "-")

    @property
    def title(self) -> str:
        """The label as the question has it."""
        return tr(self.label)

    @property
    def title_and_key(self) -> str:
        """The label; another language than English adds the key, by which files, forums and videos know the option."""
        return self.title if language() == "en" else f"{self.title} {self.key}".rstrip()


class Unacceptable(Exception):
    """`raw` cannot be a value of `option`; `problem` says why, or is empty where the kind's own description does."""

    def __init__(self, option: Option, raw: Any, problem: str = ""):
        super().__init__(option.key, raw)
        self.option, self.raw, self.problem = option, raw, problem

    def __str__(self) -> str:
        if self.problem:
            return self.problem
        return tr('"{raw}" is not valid here. Enter {accepted}.', raw=self.raw, accepted=self.option.kind.accepted())


def read(option: Option, raw: Any) -> Any:
    """`raw`, typed or from a file, as a value of the option's kind. Raises Unacceptable."""
    try:
        return option.kind.read(raw)
    except (ValueError, TypeError, OverflowError):
        raise Unacceptable(option, raw) from None


def resolve(option: Option, raw: Any, answers: Mapping) -> tuple[Any, list[str]]:
    """`raw` as a value within the option's limits, and a line for each thing that had to be changed. Raises Unacceptable."""
    value, said = option.kind.clamp_to_limits(read(option, raw), answers)
    if option.adjust:
        value, adjusted = option.adjust(value, answers)
        said = said + adjusted
    problem = option.reject(value, answers) if option.reject else None
    if problem:
        raise Unacceptable(option, raw, problem)
    return value, said


def by_key(table: Sequence[Option]) -> dict[str, Option]:
    return {option.key: option for option in table}


def restarting(table: Iterable[Option], answers: Mapping) -> bool:
    """Whether the answers make a new model of a saved one."""
    return any(option.restarts and answers.get(option.key) for option in table)


def changed(before: Any, now: Any) -> bool:
    """For `Option.risky`: any other value."""
    return before != now


def raised(before: float, now: float) -> bool:
    """For `Option.risky`: more of it, while less is no danger."""
    return now > before
