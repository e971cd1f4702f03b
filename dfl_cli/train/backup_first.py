"""Backups made by themselves, before a stage begins or an option changes that can spoil the model."""

from dfl_cli.options.changes import changed_keys, changes_text
from dfl_cli.options.stages import Schedule, Stage
from dfl_cli.preview.gallery import PREVIEW_FILE
from dfl_cli.terminal.console import say
from dfl_cli.train.plan import Plan
from dfl_cli.translate import listed, ntr, phrases, tr


def back_up_first(plan: Plan) -> None:
    """Copy the newest save to the backups if this run begins a stage or has risky changes, and say which in one line."""
    if plan.begins_stage:
        text = begin_line(plan)
    elif plan.saved and (risky := plan.known.risky_changes(plan.saved.options, plan.options)):
        before, now = (plan.known.effective_options(options) for options in (plan.saved.options, plan.options))
        changes = changes_text(plan.table, risky, before, now)
        text = tr("Risky change: {changes}.", changes=changes)
    else:
        return
    if plan.saved:
        folder = plan.model_dir.backup(plan.model_dir.folder / PREVIEW_FILE)
        backup = tr(
            "Iteration {iteration} was backed up first: {folder}", iteration=plan.saved.iteration, folder=folder
        )
        text = f"{text} {backup}"
    say(text)


def begin_line(plan: Plan) -> str:
    """Which stage begins, and what changes with it."""
    schedule, changes = plan.schedule, []
    if plan.saved:
        keys = changed_keys(plan.table, plan.saved.options, plan.options)
        unmoved = [key for key in keys if key not in schedule.stage.ramps]
        changes = [changes_text(plan.table, unmoved, plan.saved.options, plan.options)] if unmoved else []
    for key, ramp in schedule.stage.ramps.items():
        changes.append(
            ntr(
                "{key} {first} -> {last} over {count} iteration",
                "{key} {first} -> {last} over {count} iterations",
                count=ramp.over,
                key=key,
                first=ramp.first,
                last=ramp.last,
            )
        )
    number, count = schedule.index + 1, len(schedule.stages)
    values = {"number": number, "count": count, "iteration": schedule.began}
    if not changes:
        return tr("Stage {number} of {count} starts at iteration {iteration}.", **values)
    return tr(
        "Stage {number} of {count} starts at iteration {iteration}: {changes}.", **values, changes=listed(changes)
    )


def stage_line(schedule: Schedule) -> str | None:
    """`2 of 3, until iteration 200000`; None without stages."""
    if not schedule.stages:
        return None
    place = tr("{number} of {count}", number=schedule.index + 1, count=len(schedule.stages))
    return phrases([place, *ends_of(schedule.stage)])


def ends_of(stage: Stage) -> list[str]:
    ends = []
    if stage.until_iter is not None:
        ends.append(tr("until iteration {iteration}", iteration=stage.until_iter))
    if stage.until_plateau is not None:
        ends.append(tr("until the loss falls by less than {plateau}", plateau=stage.until_plateau))
    if stage.until_best_age is not None:
        ends.append(tr("until the best save is {count} iterations old", count=stage.until_best_age))
    return ends
