"""The doctor's trials, each in a process of its own."""

from collections.abc import Mapping, Sequence

from dfl_cli.child_process import TrialOutcome, run_module


def run_trial(trial: str, arguments: Sequence[str] = (), *, seconds: float, environment: Mapping = {}) -> TrialOutcome:
    """Run the function `trial` of `dfl_cli.doctor.trials` in a child process that has `seconds` to finish."""
    return run_module("dfl_cli.doctor.trials", [trial, *arguments], seconds=seconds, environment=environment)
