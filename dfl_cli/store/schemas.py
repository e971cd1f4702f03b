"""What the files of a model hold: `model.json`, `state.json` and `manifest.json` (DESIGN section 5), and the remembered answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dfl_cli.classes.registry import CLASSES
from dfl_cli.options.kinds import LARGEST_WHOLE, Integer, Kind
from dfl_cli.options.kinds import Number as NumberKind
from dfl_cli.options.kinds import YesNo as YesNoKind
from dfl_cli.options.option import Ask, Option
from dfl_cli.options.stages import Schedule
from dfl_cli.text_files.schema import (
    Anything,
    Fields,
    ListOf,
    MapOf,
    Number,
    Optional,
    Schema,
    Whole,
    Words,
    WrongField,
    YesOrNo,
    missing,
    within,
    wrong,
)
from dfl_cli.translate import listed, tr

FORMAT = 1  # of model.json, state.json and manifest.json
BEYOND_LIMITS = 16  # times the upper limit of the question: DeepFaceLab and its forks allow more than our questions
SEED = Whole(-(2**64), 2**64)


@dataclass(frozen=True)
class OptionValue:
    """A value that an option has been given, as it is stored. Limits of the questions are not looked at, only what is absurd."""

    option: Option

    def check(self, value, field):
        kind = self.option.kind
        if isinstance(kind, Integer):
            low = min(0 if kind.low is None else kind.low, 1)
            Whole(low, LARGEST_WHOLE if kind.high is None else BEYOND_LIMITS * max(kind.high, 1)).check(value, field)
        elif isinstance(kind, NumberKind):
            low = -1e9 if kind.low is None else min(kind.low, 0)
            Number(low, 1e9 if kind.high is None else BEYOND_LIMITS * max(kind.high, 1)).check(value, field)
        elif isinstance(kind, YesNoKind):
            YesOrNo().check(value, field)
        elif not isinstance(value, str) or not readable(kind, value):
            raise wrong(field, value, kind.accepted())


def readable(kind: Kind, value: str) -> bool:
    try:
        kind.read(value)
    except (ValueError, TypeError):
        return False
    return True


@dataclass(frozen=True)
class StageList:
    """`stages` and `stage` of a state.json, which `options.stages` reads."""

    def check(self, value, field):
        try:
            schedule = Schedule.from_state(value)
            wrong_place = schedule.stages and not 0 <= schedule.index < len(schedule.stages)
            Whole().check(schedule.began, within(within(field, "stage"), "began"))
            for number, stage in enumerate(schedule.stages):
                place = within(field, f"stages[{number}]")
                Optional(Whole()).check(stage.until_iter, within(place, "until_iter"))
                Optional(Whole()).check(stage.until_best_age, within(place, "until_best_age"))
        except WrongField:
            raise
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            wrong_place = True
        if wrong_place:
            raise wrong(within(field, "stages"), value.get("stages"), tr("a list of stages, and the present one"))


HEADER = Fields(
    {"format": Whole(FORMAT, FORMAT), "model_class": Words(r"\w+"), "structure": MapOf(Anything())},
    {"imported_from": Words()},
)
MANIFEST = Fields(
    {
        "files": MapOf(
            Fields({"bytes": Whole(high=2**63), "sha256": Words("[0-9a-f]{64}", lambda: tr("64 hexadecimal digits"))}),
            pattern=r"(?!\.)[^/\\\0]+",  # a name in the folder of the save
            needs=("state.json", "weights.safetensors"),
        )
    },
    {"format": Whole(FORMAT, FORMAT)},
)
COUNTS = (
    "passed_over",
    "skipped",
    "rollbacks",
    "strikes",
    "careful_until",
)  # below `guard`, see store.state.GUARD_KEYS
FARTHEST = 1000  # pixels that a face may lie beside its place
DISPLACEMENT = Fields(
    {
        "shift": ListOf(Number(-FARTHEST, FARTHEST), 2),
        "spread": ListOf(Number(0, FARTHEST), 2),
        "scale": Number(0, FARTHEST),
        "turn": Number(-360, 360),
        "faces": Whole(),
        "correction": ListOf(Number(-FARTHEST, FARTHEST), 2),
    }
)
QUALITIES = ("identity_transfer", "expression_correlation", "yaw_correlation")  # see `dfl_cli.evaluate.quick.Quality`
REGISTRATION = Fields({"iteration": Whole()}, dict.fromkeys(("src", "dst"), Optional(DISPLACEMENT)))
STATE_FIELDS = Fields(
    {"iteration": Whole()},
    {
        "format": Whole(FORMAT, FORMAT),
        "model_class": Words(r"\w+"),
        "seed": SEED,
        "history_seed": Optional(SEED),
        "options": MapOf(Anything()),
        "saved_at": Optional(Words()),
        "registration": Optional(REGISTRATION),
        "quality": Optional(
            Fields({"iteration": Whole(), "value": Optional(Number())}, dict.fromkeys(QUALITIES, Optional(Number())))
        ),
        "guard": Fields({}, {**dict.fromkeys(COUNTS, Whole()), "refuge": Words()}),
        "doubtful": Optional(
            Fields({"since": Whole(-(10**12)), "level": Optional(ListOf(Number()))}),
        ),
    },
)


@dataclass(frozen=True)
class StateSchema:
    """state.json: its own fields, then the options by the table of the model class."""

    def check(self, value, field):
        STATE_FIELDS.check(value, field)
        StageList().check(value, field)
        known = CLASSES.get(value.get("model_class"))
        for option in known.listed if known else ():
            if option.key in value.get("options", {}):
                OptionValue(option).check(value["options"][option.key], within(within(field, "options"), option.key))


STATE: Schema = StateSchema()


def check_complete(state: Mapping[str, Any]) -> None:
    """Whether a model can be opened with a state whose fields are right as far as they are there. Raises WrongField."""
    for key in ("model_class", "options", "seed"):
        if key not in state:
            raise missing(key)
    known = CLASSES.get(state["model_class"])
    if known is None:
        raise wrong("model_class", state["model_class"], listed(CLASSES))
    for option in known.listed:
        if option.ask is Ask.NEW_MODEL and option.key not in state["options"]:
            raise missing(within("options", option.key))
