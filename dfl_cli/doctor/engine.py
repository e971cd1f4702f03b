"""Which engine training uses on this machine, and whether that one has code for its cards."""

from collections.abc import Callable, Mapping, Sequence

from dfl_cli.doctor.finding import GOOD, PROBLEM, Finding
from dfl_cli.engines import NAMES, advice, described, without_code
from dfl_cli.translate import listed, tr
from models.engine.capability import installed_version
from models.engine.engine import DEFAULT, ENGINES


def finding(gpus: Sequence[Mapping], version_of: Callable[[str], str | None] = installed_version) -> Finding:
    """gpus: facts of the GPUs, with `name` and, where the driver tells, `capability`."""
    known = {one["name"]: one for one in gpus if "capability" in one}
    versions = {engine: version for engine in ENGINES if (version := version_of(engine))}
    missed = {engine: without_code(engine, known, known) for engine in ENGINES}
    fitting = [engine for engine in versions if not missed[engine]]
    engine = DEFAULT if DEFAULT in fitting else next(iter(fitting), DEFAULT)
    there = listed(f"{NAMES[name]} {version}" for name, version in versions.items()) or tr("none")
    facts = {"installed": versions, "engine": engine, "without_code": missed[DEFAULT]}
    if not missed[engine]:
        text = tr("Engines: {names}. Training uses {engine}.", names=there, engine=NAMES[engine])
        return Finding(key="engine", state=GOOD, text=text, facts=facts)
    text = tr(
        "Engines: {names}. {engine} has no code for {cards}.",
        names=there,
        engine=NAMES[engine],
        cards=described(missed[engine]),
    )
    return Finding(key="engine", state=PROBLEM, text=text, advice=advice(missed[engine]), facts=facts)
