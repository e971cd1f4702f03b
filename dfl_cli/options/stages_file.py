"""The stages of an answers file, read and checked before anything is trained."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dfl_cli.errors import UserError
from dfl_cli.options.answers_file import STAGE, AnswersFile
from dfl_cli.options.given import Given, read_given, unknown_key
from dfl_cli.options.option import Ask, Option, Unacceptable, by_key, resolve
from dfl_cli.options.stages import END_KEYS, Plateau, Ramp, Stage
from dfl_cli.translate import tr

RUN_KEYS = ("pretrain", "target_iter")  # of the run as a whole: pretraining has another face set and counts from 0


def read_stages(path: Path, table: Sequence[Option]) -> tuple[Stage, ...] | None:
    """The file's stages, the limits of their options not yet checked (`check_stages`); None if it lists none.

    Raises:
        UserError: something in them is unknown, cannot change in a stage, or is out of order.
    """
    file = AnswersFile(path)
    if STAGE not in file.values:
        return None
    tables = file.values[STAGE]
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise UserError(
            tr("Each stage is a table of its own."),
            saw=file.source(STAGE),
            fix=tr("Write [[stage]] above each, with double brackets."),
        )
    stages = tuple(read_stage(file, number, one, by_key(table)) for number, one in enumerate(tables, start=1))
    check_order(file, stages)
    check_target(file, stages)
    return stages


def read_stage(file: AnswersFile, number: int, table: Mapping, options: Mapping[str, Option]) -> Stage:
    values, ramps = {}, {}
    for key, raw in table.items():
        given = Given(raw, source_of(file, key, number))
        if key in END_KEYS:
            continue
        if key not in options:
            raise unknown_key(key, {*options, *END_KEYS}, given.source)
        refuse_fixed(options[key], given)
        if isinstance(raw, Mapping):
            ramps[key] = read_ramp(options[key], given)
        else:
            values[key] = read_given(options[key], given)
    return Stage(
        until_iter=read_count(file, number, table.get("until_iter"), "until_iter"),
        until_plateau=read_plateau(file, number, table.get("until_plateau")),
        until_best_age=read_count(file, number, table.get("until_best_age"), "until_best_age"),
        values=values,
        ramps=ramps,
    )


def source_of(file: AnswersFile, key: str, number: int) -> str:
    return tr("{key} (stage {number})", key=file.source(key, number), number=number)


def refuse_fixed(option: Option, given: Given) -> None:
    """What no stage can change. Raises UserError."""
    if option.ask is Ask.NEW_MODEL:
        raise UserError(
            tr("{key} cannot change once the model has weights.", key=option.key),
            saw=given.source,
            fix=tr("Set it above the first [[stage]]."),
        )
    if option.once or option.key in RUN_KEYS:
        raise UserError(
            tr("{key} cannot change in a stage.", key=option.key),
            saw=given.source,
            fix=tr("Set it above the first [[stage]], or in a separate run."),
        )


def read_ramp(option: Option, given: Given) -> Ramp:
    if not option.ramps:
        raise UserError(
            tr("{key} cannot be ramped.", key=option.key),
            saw=given.source,
            fix=tr("Use {accepted}.", accepted=option.kind.accepted()),
        )
    try:
        return Ramp.parse(given.raw)
    except (ValueError, TypeError):
        raise wrong(given, tr("Write {option} = {{from = 0.0, to = 0.1, over = 20000}}", option=option.key)) from None


def read_count(file: AnswersFile, number: int, raw: Any, key: str) -> int | None:
    if raw is None or (isinstance(raw, int) and not isinstance(raw, bool) and raw > 0):
        return raw
    raise wrong(Given(raw, source_of(file, key, number)), tr("Give a whole number of iterations, 1 or more."))


def read_plateau(file: AnswersFile, number: int, raw: Any) -> Plateau | None:
    if raw is None:
        return None
    try:
        return Plateau.parse(raw)
    except (ValueError, TypeError):
        given = Given(raw, source_of(file, "until_plateau", number))
        raise wrong(given, tr('Write "0.01 per 10000": the loss falls by less than 1% in 10000 iterations.')) from None


def check_order(file: AnswersFile, stages: Sequence[Stage]) -> None:
    """Every stage but the last has an end, and each end lies behind the one before. Raises UserError."""
    reached = 0
    for number, stage in enumerate(stages, start=1):
        if number < len(stages) and not stage.ends:
            raise UserError(
                tr("Stage {number} has no end, but another stage follows.", number=number),
                saw=str(file.path),
                fix=tr("Give it until_iter, until_plateau or until_best_age."),
            )
        if stage.until_iter is not None and stage.until_iter <= reached:
            given = Given(stage.until_iter, source_of(file, "until_iter", number))
            raise wrong(given, tr("Use more than {reached}, where an earlier stage ends.", reached=reached))
        reached = stage.until_iter or reached


def check_target(file: AnswersFile, stages: Sequence[Stage]) -> None:
    """A target inside the stages contradicts them; one given as a flag ends this run early, which is fine. Raises UserError."""
    target, last = file.values.get("target_iter"), max([stage.until_iter or 0 for stage in stages], default=0)
    if isinstance(target, int) and 0 < target < last:
        raise wrong(
            Given(target, file.source("target_iter")),
            tr("Remove it, or use {last} or more: the stages run until then.", last=last),
        )


def check_stages(path: Path, table: Sequence[Option], stages: Sequence[Stage], answers: Mapping[str, Any]) -> None:
    """Whether every value keeps its limits, the answers and the stages before it being what they are. Raises UserError."""
    file, options, known = AnswersFile(path), by_key(table), dict(answers)
    for number, stage in enumerate(stages, start=1):
        known.update(stage.changes)
        if stage.until_best_age is not None and not known.get("keep_best"):
            given = Given(stage.until_best_age, source_of(file, "until_best_age", number))
            raise wrong(given, tr("Set keep_best = true above the first [[stage]]: it scores the saves."))
        for key, value in stage.values.items():
            check_value(options[key], Given(value, source_of(file, key, number)), known)
        for key, ramp in stage.ramps.items():
            for value in (ramp.first, ramp.last):
                check_value(options[key], Given(value, source_of(file, key, number)), known)
        known.update(stage.lasting_values)


def check_value(option: Option, given: Given, known: Mapping) -> None:
    """Nobody is there to see a value moved within its limits, so it is refused."""
    if not option.when(known) and option.inactive_value not in (None, given.raw):
        raise wrong(given, tr("Remove it: it does not apply with the other answers."))
    try:
        value, _ = resolve(option, given.raw, known)
    except Unacceptable as error:
        raise wrong(given, str(error)) from None
    if value != given.raw:
        raise wrong(given, tr("Use {accepted}, such as {value}.", accepted=option.kind.accepted(), value=value))


def wrong(given: Given, fix: str) -> UserError:
    return UserError(tr("{source} cannot be {raw}.", source=given.source, raw=given.raw), saw=str(given.raw), fix=fix)
