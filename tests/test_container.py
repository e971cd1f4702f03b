"""What the Dockerfile promises, read from it: no image is built here."""

import json
import re
import shlex

import pytest

from dfl_cli.opencv_import import SYSTEM_LIBRARIES
from dfl_cli.text_files import toml
from programs import ROOT


@pytest.fixture(scope="module")
def steps() -> list[tuple[str, str]]:
    """(instruction, its text), lines that continue joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"^#.*\n", "", text, flags=re.M).replace("\\\n", " ").splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines if line)]


def texts(steps: list[tuple[str, str]], wanted: str) -> list[str]:
    return [text for word, text in steps if word == wanted]


def copied(steps: list[tuple[str, str]]) -> set[str]:
    """What comes from the checkout."""
    return {name for text in texts(steps, "COPY") if "--from" not in text for name in text.split()[:-1]}


def test_it_copies_what_exists_and_what_building_needs(steps):
    assert all((ROOT / name).exists() for name in copied(steps))
    assert copied(steps) == {"dfl_cli", "models", "samplers", "CHANGELOG.md", "LICENSE", "MANIFEST.in", "README.md",
                             "README.zh.md", "pyproject.toml", "setup.py"}  # fmt: skip


def test_nothing_else_is_sent_to_the_builder(steps):
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == copied(steps)


def test_it_runs_dfl_as_an_ordinary_user_in_the_workspace(steps):
    assert texts(steps, "USER") == ["1000"] and "--uid 1000" in " ".join(texts(steps, "RUN"))
    assert texts(steps, "VOLUME") == ["/workspace"] and texts(steps, "WORKDIR")[-1] == "/workspace"
    assert [json.loads(text) for text in texts(steps, "ENTRYPOINT")] == [["dfl"]]
    order = [word for word, _ in steps]
    assert order.index("USER") < order.index("VOLUME") < order.index("ENTRYPOINT")
    assert "RUN" not in order[order.index("USER") :]


def test_bases_are_names_without_a_registry_and_no_stage_is_unknown(steps):
    arguments = dict(text.split("=", 1) for text in texts(steps, "ARG"))
    stages = set()
    for text in texts(steps, "FROM"):
        image, *name = text.replace("${BASE}", arguments["BASE"]).split(" AS ")
        assert image in stages or ("." not in image.partition("/")[0].partition(":")[0] and ":" in image)
        stages |= set(name)
    assert {found for text in texts(steps, "COPY") for found in re.findall(r"--from=(\w+)", text)} <= stages


def test_it_has_the_extras_and_the_system_libraries_of_the_program(steps):
    extras = toml.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    asked = re.findall(r"EXTRAS=([\w,]+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    assert len(asked) == 3 and {name for names in asked for name in names.split(",")} <= extras.keys()
    words = {word for text in texts(steps, "RUN") for word in shlex.split(text, comments=True)}
    assert words >= set(SYSTEM_LIBRARIES.values())


def test_no_secret_has_a_place_in_it(steps):
    said = " ".join(f"{word} {text}" for word, text in steps if word in ("ARG", "ENV", "COPY", "ADD"))
    assert not re.search(r"token|secret|password|key|\.env|\.pem", said, re.I)
    assert not texts(steps, "ADD")
