"""The fifth stage: `dfl train` with the recipe of the workspace, until it ends, the time is over, or somebody presses Enter."""

import argparse
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.options.answers_file import AnswersFile
from dfl_cli.store.saved_model import open_model
from dfl_cli.swap.job import MODEL_NAME, Swap
from dfl_cli.swap.recipe_file import digest_of
from dfl_cli.terminal.console import notice, say
from dfl_cli.terminal.output import ignore_output_errors
from dfl_cli.train import command as train_command
from dfl_cli.train.report import duration
from dfl_cli.translate import tr
from samplers.files.regular_file import LARGEST_TABLE, read_regular

STAGE = "train"
AUTOSAVE_MINUTES = "10"  # the score of every save decides about the end


def train(swap: Swap) -> int:
    """Returns 0 when the training is over, 128 + signal when a signal ended it after saving. Raises UserError."""
    facts = {"recipe": digest_of(swap), **swap.limit.facts}
    if swap.state.is_done(STAGE, facts) and swap.model_dir.exists:
        say(tr("Done before: iteration {iteration}.", iteration=open_model(swap.model_dir).iteration))
        return 0
    left = swap.limit.longest - trained_seconds(swap.model_dir.folder / "loss.csv")
    if left <= 0 and swap.model_dir.exists:
        say(tr("The training time is used up: {time}.", time=duration(swap.limit.longest)))
    else:
        if left < float("inf"):
            say(tr("Training for {time} at most.", time=duration(left)))
        try:
            code = train_for(swap, left)
        except UserError:
            notice(tr("The settings of the training are in {file}.", file=swap.recipe_file))
            raise
        if code:
            notice(tr("Run the same command again to continue."))
            return code
    swap.state.finish(STAGE, facts)
    return 0


def train_for(swap: Swap, seconds: float) -> int:
    """`dfl train`, ended after `seconds`."""
    with ExitStack() as stack:
        plan = train_command.make_plan(train_arguments(swap), stack)
        with ignore_output_errors():
            plan = replace(
                plan, deadline=time.monotonic() + seconds, shows_coverage=False
            )  # a stage of its own shows it
            return train_command.run_plan(plan)


def train_arguments(swap: Swap) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    train_command.add_arguments(parser)
    words = ["--workspace", str(swap.workspace.root), "--name", MODEL_NAME, "--answers", str(swap.recipe_file)]
    words += ["--silent-start", "--no-probe", "--autosave-minutes", AUTOSAVE_MINUTES, *swap.device_flags]
    if swap.preview:
        words += ["--preview", swap.preview]
    if swap.limit.target is not None or "target_iter" not in AnswersFile(swap.recipe_file).values:
        words += ["--target-iter", str(swap.limit.target or 0)]  # or the target of an earlier run would hold
    return parser.parse_args(words)


def trained_seconds(losses: Path) -> float:
    """Of all iterations that are on record; lines that are damaged count nothing."""
    try:
        rows = [row.split(b",", 2) for row in read_regular(losses, limit=LARGEST_TABLE).splitlines()]
    except OSError:
        return 0.0
    return sum(float(row[1]) for row in rows if len(row) == 3 and row[1].replace(b".", b"", 1).isdigit())
