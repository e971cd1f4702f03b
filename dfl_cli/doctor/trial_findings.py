"""What the trials in child processes say, as findings."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from dfl_cli.doctor.finding import GOOD, NOTE, PROBLEM, Finding
from dfl_cli.doctor.trial_process import TrialOutcome, run_trial
from dfl_cli.opencv_import import opencv_advice
from dfl_cli.train.precision import WORTHWHILE
from dfl_cli.translate import ntr, tr


def findings(
    *, seconds: float, has_card: bool, on_trial: Callable[[str], object] = lambda name: None
) -> Iterator[Finding]:
    """One finding for each trial. What needs a library that does not even load is not tried."""
    on_trial("opencv")
    yield opencv(run_trial("opencv", seconds=seconds))
    on_trial("tensorflow")
    loaded = run_trial("tensorflow", seconds=seconds)
    yield tensorflow(loaded, has_card=has_card)
    if loaded.worked:
        for name, judge in COMPUTING.items():
            on_trial(name)
            yield judge(run_trial(name, seconds=seconds))


def opencv(outcome: TrialOutcome) -> Finding:
    if not outcome.worked:
        advice = unless_slow(outcome, opencv_advice(outcome.error))
        return Finding(key="opencv", state=PROBLEM, text=failed("OpenCV", outcome), advice=advice)
    facts = dict(outcome.facts)
    windows = facts["windows"] or "NONE"
    text = tr("OpenCV {version} loads; windows: {windows}", version=facts["version"], windows=windows)
    if windows == "NONE":
        advice = tr("For a preview window: pip uninstall opencv-python-headless; pip install opencv-python")
        return Finding(key="opencv", state=NOTE, text=text, advice=advice, facts=facts)
    return Finding(key="opencv", state=GOOD, text=text, facts=facts)


def tensorflow(outcome: TrialOutcome, *, has_card: bool) -> Finding:
    if outcome.signal == "SIGILL":
        advice = tr("This CPU lacks AVX, which TensorFlow requires. Use another machine.")
    elif has_card:
        advice = tr('Reinstall it: pip install --force-reinstall "dfl-trainer[gpu]"')
    else:
        advice = tr("Reinstall it: pip install --force-reinstall tensorflow")
    if not outcome.worked:
        advice = unless_slow(outcome, advice)
        return Finding(key="tensorflow", state=PROBLEM, text=failed("TensorFlow", outcome), advice=advice)
    facts = dict(outcome.facts)
    count = len(facts["gpus"])
    text = ntr(
        "TensorFlow loads in {seconds} s and sees {count} GPU",
        "TensorFlow loads in {seconds} s and sees {count} GPUs",
        count=count,
        seconds=facts["import_seconds"],
    )
    if has_card and not count:
        advice = tr(
            'TensorFlow does not use the GPU. Run pip install "dfl-trainer[gpu]" and check the driver with nvidia-smi.'
        )
        return Finding(key="tensorflow", state=NOTE, text=text, advice=advice, facts=facts)
    return Finding(key="tensorflow", state=GOOD, text=text, facts=facts)


def convolution(outcome: TrialOutcome) -> Finding:
    name = tr("A convolution")
    return trial_finding("convolution", name, outcome, PROBLEM, tr("Try --cpu. On a GPU, update its driver."))


def train_step(outcome: TrialOutcome) -> Finding:
    name = tr("A training step of a tiny model")
    return trial_finding(
        "train_step", name, outcome, PROBLEM, tr("Try --cpu, free some memory, or update the GPU driver.")
    )


def mixed_precision(outcome: TrialOutcome) -> Finding:
    name = tr("Mixed precision")
    found = trial_finding("mixed_precision", name, outcome, NOTE, tr("Nothing to do: training uses float32."))
    if not outcome.worked:
        return found
    times = outcome.facts["bfloat16_speedup"]
    precision = "bfloat16" if times >= WORTHWHILE else "float32"
    text = tr(
        "{name} works: bfloat16 is {times} times as fast as float32; --precision auto means {precision}",
        name=name,
        times=times,
        precision=precision,
    )
    return replace(found, text=text)


def xla(outcome: TrialOutcome) -> Finding:
    return trial_finding("xla", "XLA", outcome, NOTE, tr("Nothing to do: training does not use XLA."))


COMPUTING = {
    "convolution": convolution,
    "train_step": train_step,
    "mixed_precision": mixed_precision,
    "xla": xla,
}


def trial_finding(key: str, name: str, outcome: TrialOutcome, state: str, advice: str) -> Finding:
    """A finding about a trial that either works or is what `state` says."""
    if not outcome.worked:
        return Finding(key=key, state=state, text=failed(name, outcome), advice=unless_slow(outcome, advice))
    facts = dict(outcome.facts)
    text = tr("{name} works", name=name)
    if "ms" in facts:
        text = tr("{name} works: {ms} ms on {device}", name=name, ms=facts["ms"], device=facts["device"])
    return Finding(key=key, state=GOOD, text=text, facts=facts)


def unless_slow(outcome: TrialOutcome, advice: str) -> str:
    """`advice`, after the one that fits most trials that ran out of time."""
    if not outcome.timed_out:
        return advice
    return tr("If the machine is busy, try again with a larger --seconds. Otherwise: {advice}", advice=advice)


def failed(name: str, outcome: TrialOutcome) -> str:
    if outcome.timed_out:
        return tr("{name} did not finish in {seconds:g} s", name=name, seconds=outcome.seconds)
    if outcome.signal:
        return tr("{name} crashes: {signal}", name=name, signal=outcome.signal)
    return tr("{name} fails: {error}", name=name, error=outcome.error)
