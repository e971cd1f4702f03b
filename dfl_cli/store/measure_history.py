"""`measures.jsonl` of a model: how well it does on examples it is not trained on, over time and over how many examples it had.

Lines of JSON, appended during training:
    {"iteration": 5000, "name": "IoU", "examples": 24, "values": {"5c1f0a93": 0.941, "e0b77c21": 0.907}}
`examples` were trained on; `values` has a number for each held-out example, the higher the better, by what identifies it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dfl_cli.text_files.lines import open_for_lines
from dfl_cli.text_files.schema import Fields, MapOf, Number, Whole, Words
from samplers.files.regular_file import LARGEST_TEXT, read_regular

NAME = "measures.jsonl"
SWAP = "swap"  # name of a score of the swap: `values` are those of `dfl_cli.evaluate.quick.Quality` that are known
LINE = Fields({"iteration": Whole(), "name": Words(), "examples": Whole(), "values": MapOf(Number(), needs=())})
RECENT = 3  # measurements that are averaged
SMALLEST_GAIN = 0.002  # less than that is nothing, however sure
FEWEST_COMMON = 3  # held-out examples that two states must have in common to be compared


class Measured(NamedTuple):
    """One measurement."""

    iteration: int
    name: str  # of the number, as it is shown
    examples: int  # trained on
    values: Mapping[str, float]  # held-out example -> number

    @property
    def mean(self) -> float:
        return float(np.mean(list(self.values.values())))


class Comparison(NamedTuple):
    """What more examples have brought, on the held-out examples that were measured before and now."""

    name: str
    before: int  # examples
    now: int
    mean_before: float
    mean_now: float
    noise: float  # a smaller difference means nothing

    @property
    def helped(self) -> bool:
        return self.mean_now - self.mean_before > self.noise


def read_measures(folder: Path, newest: int | None = None) -> list[Measured]:
    """Of the model in `folder`, up to the iteration `newest`; lines that are damaged are passed over."""
    try:
        lines = read_regular(folder / NAME, limit=LARGEST_TEXT).splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        with contextlib.suppress(ValueError, RecursionError):  # half a line, or WrongField
            parsed = json.loads(line)
            LINE.check(parsed, "")
            if parsed["values"] and (newest is None or parsed["iteration"] <= newest):
                found.append(Measured(*(parsed[key] for key in Measured._fields)))
    return found


def append_measure(folder: Path, measured: Measured) -> None:
    """Raises OSError."""
    values = {key: round(value, 5) for key, value in measured.values.items()}
    with open_for_lines(folder / NAME) as file:
        file.write(json.dumps(measured._replace(values=values)._asdict()).encode() + b"\n")


def compare(measures: Sequence[Measured]) -> Comparison | None:
    """The present number of examples with the one before it; None where there is nothing to compare yet, or training still improves it."""
    now = [one for one in measures if one.examples == measures[-1].examples] if measures else []
    fewer = [one for one in measures if now and one.examples < now[0].examples]
    before = [one for one in fewer if one.examples == fewer[-1].examples]
    if len(now) < 2 * RECENT or len(before) < RECENT:
        return None
    common = sorted(set(now[-1].values) & set(before[-1].values))
    if len(common) < FEWEST_COMMON:
        return None
    numbers = np.array([[one.values.get(key, np.nan) for key in common] for one in now])
    halves = numbers[-2 * RECENT :].mean(axis=1).reshape(2, RECENT)
    over_time = np.sqrt(np.var(halves, axis=1, ddof=1).mean())
    if np.diff(halves.mean(axis=1)).item() > max(SMALLEST_GAIN, over_time):  # training still improves it
        return None
    later = numbers[-RECENT:].mean(axis=0)
    earlier = np.array([[one.values.get(key, np.nan) for key in common] for one in before[-RECENT:]]).mean(axis=0)
    if not np.isfinite(later - earlier).all():
        return None
    over_faces = np.std(later - earlier, ddof=1) / np.sqrt(len(common))
    return Comparison(
        measures[-1].name, before[-1].examples, now[-1].examples, float(earlier.mean()), float(later.mean()),
        noise=float(max(SMALLEST_GAIN, over_faces, over_time)),
    )  # fmt: skip
