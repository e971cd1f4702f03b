"""The answers of a training run: from flags, stages, answers file, person, model, last new model or table, in this order."""

from collections.abc import Mapping
from pathlib import Path

from dfl_cli.classes.registry import CLASSES
from dfl_cli.devices import device_facts
from dfl_cli.errors import UserError
from dfl_cli.options.answers_file import read_answers
from dfl_cli.options.flags import given_flags
from dfl_cli.options.given import Given
from dfl_cli.options.kinds import AUTO
from dfl_cli.options.option import restarting
from dfl_cli.options.stages import NO_STAGES, Schedule, Stage
from dfl_cli.options.stages_file import check_stages, read_stages
from dfl_cli.options.wizard import ask_override, ask_table, has_questions
from dfl_cli.store.remembered import read_remembered
from dfl_cli.store.saved_model import SavedModel
from dfl_cli.terminal.console import Console, notice
from dfl_cli.train.costs.model_costs import ModelCosts, auto_line, cost_line
from dfl_cli.translate import ntr, tr


def ask_options(
    args, saved: SavedModel | None, models: Path, *, devices, pretraining, silent: bool, console: Console
) -> tuple[dict, Schedule]:
    """Every option of the model class, the fixed ones too, and the stages of the training. Raises UserError."""
    model_class = CLASSES[args.model]
    table = model_class.table

    def costs_of(answers: Mapping) -> ModelCosts:
        return ModelCosts(model_class=args.model, options=model_class.with_fixed(answers), devices=devices)

    written = read_answers(args.answers, table) if args.answers else {}
    stages = read_stages(args.answers, table) if args.answers else None
    schedule, flags = schedule_of(saved, stages), given_flags(args)
    facts = {
        **device_facts(devices),
        "pretraining": pretraining,
        "finds_batch_size": True,
        "is_saved": saved is not None,
    }
    answers = ask_table(
        table,
        given={**written, **stage_answers(args, schedule, flags), **flags},
        stored=saved and saved.options,
        remembered=read_remembered(models, args.model),
        facts=facts,
        costs=lambda proposed: cost_line(costs_of(proposed)),
        ask_now=not silent and (saved is None or (has_questions(table) and ask_override(console))),
        review=True,
        console=console,
    )
    if restarting(table, answers) and schedule.stages:
        schedule = Schedule.starting_at(schedule.stages, 0)
        answers |= ask_table(table, given=schedule.changes(), stored=answers, facts=facts, ask_now=False)
    if answers["batch_size"] == AUTO:
        found = costs_of(answers).with_number()
        console.say(auto_line(found))
        answers["batch_size"] = found.options["batch_size"]
    if stages:
        check_stages(args.answers, table, stages, answers)
    schedule = usable_schedule(schedule, answers, given=stages)
    return model_class.with_fixed(answers), schedule


def stage_answers(args, schedule: Schedule, flags: Mapping[str, Given]) -> dict[str, Given]:
    """What the stages put in the place of the file's answers. Without a file the model has it stored, but for what is being moved.

    Raises:
        UserError: a flag is about something that the present stage moves.
    """
    for key in schedule.stage.ramps.keys() & flags.keys():
        raise UserError(
            tr("The current stage ramps {key}.", key=key),
            saw=flags[key].source,
            fix=tr("Remove it, or use an answers file with other stages."),
        )
    changes = schedule.changes() if args.answers else {key: ramp.peak for key, ramp in schedule.stage.ramps.items()}
    source = tr("stage {number}", number=schedule.index + 1)
    return {key: Given(value, source) for key, value in changes.items()}


def schedule_of(saved: SavedModel | None, stages: tuple[Stage, ...] | None) -> Schedule:
    """Where in the stages the model is: in those of the answers file, or in those it was saved with if the file lists none."""
    stored = Schedule.from_state(saved.state) if saved else NO_STAGES
    if stages is None or stages == stored.stages:
        return stored
    if stored.stages:
        notice(tr("The stages in the answers file replace those stored in the model."))
    counts_anew = saved is None or saved.options.get("pretrain", False)
    return Schedule.starting_at(stages, 0 if counts_anew else saved.iteration)


def usable_schedule(schedule: Schedule, options: Mapping, *, given: tuple[Stage, ...] | None) -> Schedule:
    """Pretraining knows no stages: given ones are refused, stored ones dropped. Raises UserError."""
    if not (schedule.stages and options.get("pretrain")):
        return schedule
    if given:
        raise UserError(
            tr("Pretraining does not support stages."),
            saw=ntr("pretrain y, and {count} stage", "pretrain y, and {count} stages", count=len(given)),
            fix=tr("Pretrain first with a separate file, then use this one with pretrain n."),
        )
    notice(tr("Pretraining does not support stages: the model's stages are dropped."))
    return NO_STAGES
