"""What training really takes: a few iterations on noise, in a child process that may run out of memory without harm."""

import json
from dataclasses import asdict, dataclass

from dfl_cli.child_process import TrialOutcome, run_module
from dfl_cli.terminal.waiting import Waiting
from dfl_cli.train.costs.model_costs import ModelCosts
from dfl_cli.translate import tr
from dfl_cli.units import size_text

MODULE = "dfl_cli.bench.probe"  # by its name: what measures is built on training
ITERATIONS = 3
LONGEST = 1800  # seconds; a GPU may compile for minutes
MANY = 100_000  # iterations that the time is given for
KILLED = frozenset({"SIGKILL", "SIGABRT", "SIGBUS"})  # how a process ends for which there is no memory
OUT_OF_MEMORY = ("bad_alloc", "out of memory", "oom when", "resourceexhausted", "memoryerror")


@dataclass(frozen=True)
class Probe:
    """What a probe found. Either there is a time, or one of the texts."""

    ms: float | None = None  # of an iteration
    precision: str | None = None  # it computed in
    memory_mb: int | None = None  # millions of bytes that it took at most; None if not known
    out_of_memory: str = ""  # what was seen when memory ran out
    error: str = ""  # why else it failed

    @property
    def days(self) -> float | None:
        """Of MANY iterations."""
        return None if self.ms is None else MANY * self.ms / 1000 / 86400


def measured(costs: ModelCosts) -> Probe:
    """`run_probe`, with a line for the person who waits for it. Raises KeyboardInterrupt."""
    with Waiting() as waiting:
        waiting.show(tr("Measuring in a process of its own"))
        return run_probe(costs)


def run_probe(costs: ModelCosts) -> Probe:
    """Raises KeyboardInterrupt, with the child process gone."""
    job = {
        "model_class": costs.model_class,
        "options": dict(costs.options),
        "devices": [asdict(gpu) for gpu in costs.devices],
        "iterations": ITERATIONS,
    }
    return probe_of(run_module(MODULE, [json.dumps(job)], seconds=LONGEST))


def probe_of(outcome: TrialOutcome) -> Probe:
    if outcome.worked and "out_of_memory" in outcome.facts:
        return Probe(out_of_memory=outcome.facts["out_of_memory"])
    if outcome.worked:
        facts = outcome.facts
        return Probe(ms=facts["ms_per_iteration"], precision=facts["precision"], memory_mb=facts["peak_memory_mb"])
    if outcome.signal in KILLED:
        return Probe(out_of_memory=tr("The process was ended by {signal}.", signal=outcome.signal))
    if any(word in outcome.error.lower() for word in OUT_OF_MEMORY):
        return Probe(out_of_memory=outcome.error)
    if outcome.timed_out:
        return Probe(error=tr("It did not finish in {seconds:g} s.", seconds=outcome.seconds))
    return Probe(error=outcome.signal or outcome.error)


def probe_line(probe: Probe) -> str:
    """`245 ms per iteration in bfloat16: 100,000 iterations take 6.8 hours. Memory taken: 3.1 GB.`; for a probe that worked."""
    # Translators: {ms} is the time of one iteration, {time} that of all.
    time = tr(
        "{ms:.0f} ms per iteration in {precision}: {count:,} iterations take {time}.",
        ms=probe.ms, precision=probe.precision, count=MANY, time=time_text(probe.days),
    )  # fmt: skip
    if probe.memory_mb is None:
        return time
    taken = tr("Memory taken: {memory}.", memory=size_text(1e6 * probe.memory_mb))
    return tr("{sentence} {next}", sentence=time, next=taken)


def time_text(days: float) -> str:
    if days < 2:
        return tr("{hours:.1f} hours", hours=24 * days)
    return tr("{days:.1f} days ({hours:.0f} hours)", days=days, hours=24 * days)
