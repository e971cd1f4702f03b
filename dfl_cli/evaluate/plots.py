"""Curves over the frames as SVG that stands alone in a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

WIDTH, HEIGHT = 900, 150
LEFT, RIGHT, TOP, BOTTOM = 48, 8, 8, 20  # room for the numbers beside the curves


def curves(
    title: str, values: Mapping[str, np.ndarray], starts: Sequence[bool], ends: tuple[int, int] | None = None
) -> str:
    """Curves by their names, each (N,) with nan where there is nothing.

    starts  (N,) where a new stretch of frames begins
    ends    numbers below the first and the last; None: 1 and N
    """
    known = np.concatenate([one[np.isfinite(one)] for one in values.values()])
    if not len(known):
        return ""
    low, high = float(known.min()), float(known.max())
    high = high if high > low else low + 1
    count = len(next(iter(values.values())))
    drawn = "".join(
        f'<path class="curve curve{number}" d="{path(one, starts, low, high)}"/>'
        for number, one in enumerate(values.values())
    )
    legend = "".join(
        f'<span class="key{number}">{escape(name)}</span> ' for number, name in enumerate(values) if len(values) > 1
    )
    return (
        f'<figure class="plot"><figcaption>{escape(title)} {legend}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">{axes(low, high, ends or (1, count))}{drawn}</svg>'
        "</figure>"
    )


def axes(low: float, high: float, ends: tuple[int, int]) -> str:
    """The frame of a plot with the numbers at its ends."""
    bottom = HEIGHT - BOTTOM
    return (
        f'<path class="axis" d="M{LEFT} {TOP}V{bottom}H{WIDTH - RIGHT}"/>'
        f'<text x="{LEFT - 6}" y="{TOP + 9}" text-anchor="end">{high:.3g}</text>'
        f'<text x="{LEFT - 6}" y="{bottom}" text-anchor="end">{low:.3g}</text>'
        f'<text x="{LEFT}" y="{HEIGHT - 4}">{ends[0]}</text>'
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 4}" text-anchor="end">{ends[1]}</text>'
    )


def path(values: np.ndarray, starts: Sequence[bool], low: float, high: float) -> str:
    """Lines between frames that follow one another."""
    x = LEFT + np.arange(len(values)) * (WIDTH - LEFT - RIGHT) / max(len(values) - 1, 1)
    y = TOP + (high - values) * (HEIGHT - TOP - BOTTOM) / (high - low)
    pieces, pen_up = [], True
    for number in range(len(values)):
        if not np.isfinite(y[number]):
            pen_up = True
            continue
        pieces.append(f"{'M' if pen_up or starts[number] else 'L'}{x[number]:.1f} {y[number]:.1f}")
        pen_up = False
    return "".join(pieces)
