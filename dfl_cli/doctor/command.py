"""`dfl doctor`: look, try, and say what to do."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from dfl_cli.doctor import engine, installed, machine, trial_findings
from dfl_cli.doctor.finding import GOOD, NOTE, PROBLEM, Finding
from dfl_cli.engines import use_engine
from dfl_cli.options.flags import positive, spellings
from dfl_cli.store.workspace import existing_folder
from dfl_cli.terminal.console import progress, say
from dfl_cli.translate import tr

TRIALS = 2 + len(trial_findings.COMPUTING)
MARKS = {GOOD: "  ok ", NOTE: "  ?  ", PROBLEM: " /!\\ "}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        *spellings("--models"), type=Path, default=Path(),
        help=tr("Folder whose disk is checked; default: the current one."),
    )  # fmt: skip
    parser.add_argument(
        "--seconds", type=positive, default=120.0, metavar="N", help=tr("Time limit per check in seconds.")
    )
    parser.add_argument("--json", action="store_true", help=tr("Print a single JSON object."))


def run(arguments: argparse.Namespace) -> int:
    """Returns 0 if training can run here, 1 if something is in its way."""
    folder = existing_folder(arguments.models.expanduser().absolute(), "--models")
    found = []
    for finding in examine(folder, seconds=arguments.seconds):
        found.append(finding)
        if not arguments.json:
            say(line(finding))
    healthy = all(finding.state != PROBLEM for finding in found)
    if arguments.json:
        print(json.dumps({"healthy": healthy, "findings": [as_json(finding) for finding in found]}), flush=True)
    else:
        say()
        say(tr("This machine is ready for training.") if healthy else tr("Problems found; see the lines marked /!\\."))
    return 0 if healthy else 1


def examine(folder: Path, *, seconds: float) -> Iterator[Finding]:
    """Quick looks first, then the trials, with a progress bar."""
    yield from installed.findings()
    gpus: list = []
    for finding in machine.findings(folder):
        gpus += finding.facts.get("gpus", [])
        yield finding
    chosen = engine.finding(gpus)
    yield chosen
    use_engine(chosen.facts["engine"])  # the trials inherit it
    has_card = bool(gpus)
    with progress(TRIALS, tr("Checking what training needs"), keep=False) as bar:
        trials = trial_findings.findings(seconds=seconds, has_card=has_card, on_trial=bar.set_postfix_str)
        for finding in trials:
            bar.update(1)
            bar.clear()  # the finding takes its place
            yield finding


def line(finding: Finding) -> str:
    text = MARKS[finding.state] + finding.text
    return text + "\n       " + tr("fix: {fix}", fix=finding.advice) if finding.advice else text


def as_json(finding: Finding) -> dict:
    return {
        "key": finding.key,
        "state": finding.state,
        "text": finding.text,
        "advice": finding.advice,
        "facts": dict(finding.facts),
    }
