"""Which engine computes a training: the one that was asked for, or the one that carries code for the cards."""

import os
import subprocess
from collections.abc import Callable, Iterable, Mapping

from dfl_cli.errors import UserError
from dfl_cli.terminal.console import notice
from dfl_cli.translate import listed, remarked, tr
from models.engine.capability import carries, installed_version
from models.engine.engine import DEFAULT

NAMES = {"tensorflow": "TensorFlow", "jax": "JAX"}
EXTRAS = {"tensorflow": "gpu", "jax": "jax-cuda"}  # with code for NVIDIA GPUs
QUERY = ("nvidia-smi", "--query-gpu=name,compute_cap,driver_version", "--format=csv,noheader")


def choose_engine(
    given: str | None,
    cards: Iterable[str],
    *,
    known: Mapping[str, Mapping] | None = None,
    version_of: Callable[[str], str | None] = installed_version,
) -> str:
    """The engine, with a notice where it is not the usual one or does not fit.

    Args:
        given: by --engine; None: TensorFlow, or JAX where TensorFlow has no code for a card and JAX is installed.
        cards: names of the chosen GPUs; none for the CPU.
        known: as `capabilities` gives it; None: asked of the driver.
        version_of: (engine) -> its version, None if it is not installed.

    Raises:
        UserError: the engine that was asked for is not installed.
    """
    cards = list(cards)
    if given:
        require(given, version_of)
    if not cards:
        if given == "jax":
            notice(tr("On a CPU, JAX trains at 0.55 to 0.65 times the speed of TensorFlow."))
        return given or DEFAULT
    known = capabilities() if known is None else known
    engine = given or DEFAULT
    missed = without_code(engine, cards, known)
    if missed and not given and version_of("jax") and not without_code("jax", cards, known):
        notice(tr("Using JAX: TensorFlow has no code for {cards}.", cards=described(missed)))
        return "jax"
    if missed:
        notice(
            tr(
                "{engine} has no code for {cards}. {advice}",
                engine=NAMES[engine],
                cards=described(missed),
                advice=advice(missed),
            )
        )
    return engine


def require(engine: str, version_of: Callable[[str], str | None] = installed_version) -> None:
    """Raises UserError where it is not installed."""
    if version_of(engine):
        return
    raise UserError(
        tr("{engine} is not installed.", engine=NAMES[engine]),
        saw=f"--engine {engine}",
        fix=tr('Run pip install "dfl-trainer[jax]", or pip install "dfl-trainer[jax-cuda]" for NVIDIA GPUs.'),
    )


def without_code(engine: str, cards: Iterable[str], known: Mapping[str, Mapping]) -> dict[str, float]:
    """Name -> compute capability of the cards that `engine` has no code for; cards that are not known are trusted."""
    found = {card: known[card]["capability"] for card in cards if card in known}
    return {card: capability for card, capability in found.items() if not carries(engine, capability)}


def advice(missed: Mapping[str, float]) -> str:
    """What to do about cards that an engine has no code for."""
    for engine, extra in EXTRAS.items():
        if all(carries(engine, capability) for capability in missed.values()):
            return tr(
                'Run pip install "dfl-trainer[{extra}]" and train with --engine {engine}.', extra=extra, engine=engine
            )
    return tr("Use another GPU, or train on the CPU with --cpu.")


def described(cards: Mapping[str, float]) -> str:
    return listed(
        remarked(card, tr("compute capability {number}", number=capability)) for card, capability in cards.items()
    )


def use_engine(engine: str) -> None:
    """Let this process and those it starts compute with it; before any of them loads one."""
    os.environ["KERAS_BACKEND"] = engine


def capabilities() -> dict[str, dict]:
    """Name of a card -> its compute capability and driver, where the driver tells."""
    try:
        answer = subprocess.run(QUERY, capture_output=True, text=True, errors="replace", timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return {}
    return parse_capabilities(answer.stdout)


def parse_capabilities(text: str) -> dict[str, dict]:
    known = {}
    for line in text.splitlines():
        *name, capability, driver = [field.strip() for field in line.split(",")]
        try:
            known[", ".join(name)] = {"capability": float(capability), "driver": driver}
        except ValueError:  # an older driver does not know the question
            continue
    return known
