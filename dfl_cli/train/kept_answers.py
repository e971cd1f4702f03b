"""Where the answers of a run are kept besides the model: for the next new model, and in the file of --save-answers."""

from dfl_cli.options.answers_file import write_answers
from dfl_cli.store.remembered import remember
from dfl_cli.train.plan import Plan


def store_answers(plan: Plan, *, again: bool = False) -> None:
    """Write them.

    Args:
        again: they have changed because the first ones did not work; the file is the one of this run.

    Raises:
        UserError: the file of --save-answers cannot be written.
    """
    if plan.saved is None:
        answers = {option.key: plan.options[option.key] for option in plan.table}
        remember(plan.model_dir.folder.parent, plan.model_class, answers)
    if plan.answers_file:
        stages = [stage.as_data() for stage in plan.schedule.stages]
        overwrite = again or plan.overwrite_answers
        write_answers(plan.answers_file, plan.table, plan.options, stages, overwrite=overwrite, asks=True)
