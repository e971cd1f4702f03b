"""What the trials in child processes say, as findings."""

from collections.abc import Callable, Iterator

from dfl_cli.doctor.child import Outcome, attempt
from dfl_cli.doctor.finding import GOOD, NOTE, PROBLEM, Finding
from dfl_cli.opencv_import import opencv_advice
from dfl_cli.translate import ntr, tr


def findings(
    *, seconds: float, has_card: bool, on_trial: Callable[[str], object] = lambda name: None
) -> Iterator[Finding]:
    """One finding for each trial. What needs a library that does not even load is not tried."""
    on_trial("opencv")
    yield opencv(attempt("opencv", seconds=seconds))
    on_trial("tensorflow")
    loaded = attempt("tensorflow", seconds=seconds)
    yield tensorflow(loaded, has_card=has_card)
    if loaded.worked:
        for name, judge in COMPUTING.items():
            on_trial(name)
            yield judge(attempt(name, seconds=seconds))


def opencv(outcome: Outcome) -> Finding:
    if not outcome.worked:
        advice = unless_slow(outcome, opencv_advice(outcome.error))
        return Finding(key="opencv", state=PROBLEM, text=failed("OpenCV", outcome), advice=advice)
    facts = dict(outcome.facts)
    windows = facts["windows"] or "NONE"
    text = tr("OpenCV {version} loads; windows: {windows}", version=facts["version"], windows=windows)
    if windows == "NONE":
        advice = tr("for a preview window: pip uninstall opencv-python-headless; pip install opencv-python")
        return Finding(key="opencv", state=NOTE, text=text, advice=advice, facts=facts)
    return Finding(key="opencv", state=GOOD, text=text, facts=facts)


def tensorflow(outcome: Outcome, *, has_card: bool) -> Finding:
    if outcome.signal == "SIGILL":
        advice = tr("this processor lacks AVX, which TensorFlow's packages need; use another machine")
    elif has_card:
        advice = tr('install it again: pip install --force-reinstall "dfl[gpu]"')
    else:
        advice = tr("install it again: pip install --force-reinstall tensorflow")
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
            'TensorFlow does not use the graphics card: pip install "dfl[gpu]", and check the driver with nvidia-smi'
        )
        return Finding(key="tensorflow", state=NOTE, text=text, advice=advice, facts=facts)
    return Finding(key="tensorflow", state=GOOD, text=text, facts=facts)


def convolution(outcome: Outcome) -> Finding:
    name = tr("A convolution")
    return judged("convolution", name, outcome, PROBLEM, tr("try --cpu; on a graphics card, update its driver"))


def train_step(outcome: Outcome) -> Finding:
    name = tr("A training step of a tiny model")
    return judged("train_step", name, outcome, PROBLEM, tr("try --cpu; free memory; update the graphics driver"))


def mixed_precision(outcome: Outcome) -> Finding:
    name = tr("Mixed precision")
    return judged("mixed_precision", name, outcome, NOTE, tr("nothing to do: training uses float32"))


def xla(outcome: Outcome) -> Finding:
    return judged("xla", "XLA", outcome, NOTE, tr("nothing to do: training does not use XLA"))


COMPUTING = {
    "convolution": convolution,
    "train_step": train_step,
    "mixed_precision": mixed_precision,
    "xla": xla,
}


def judged(key: str, name: str, outcome: Outcome, state: str, advice: str) -> Finding:
    """A finding about a trial that either works or is what `state` says."""
    if not outcome.worked:
        return Finding(key=key, state=state, text=failed(name, outcome), advice=unless_slow(outcome, advice))
    facts = dict(outcome.facts)
    text = tr("{name} works", name=name)
    if "ms" in facts:
        text = tr("{name} works: {ms} ms on {device}", name=name, ms=facts["ms"], device=facts["device"])
    return Finding(key=key, state=GOOD, text=text, facts=facts)


def unless_slow(outcome: Outcome, advice: str) -> str:
    """`advice`, after the one that fits most trials that ran out of time."""
    if not outcome.timed_out:
        return advice
    return tr("if the machine is busy, try again with a greater --seconds; else {advice}", advice=advice)


def failed(name: str, outcome: Outcome) -> str:
    if outcome.timed_out:
        return tr("{name} did not finish in {seconds:g} s", name=name, seconds=outcome.seconds)
    if outcome.signal:
        return tr("{name} crashes: {signal}", name=name, signal=outcome.signal)
    return tr("{name} fails: {error}", name=name, error=outcome.error)
