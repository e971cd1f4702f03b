"""The scores as a table for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dfl_cli.evaluate.metrics.score import Score
from dfl_cli.terminal.width import display_width
from dfl_cli.translate import tr

NONE = "–"
HIGHER, LOWER = "↑", "↓"


class Row(NamedTuple):
    """A metric in words: numbers with their units, and the direction in which it gets better."""

    label: str
    value: str
    floor: str
    chance: str
    better: str


def labels() -> dict[str, str]:
    """What each score is called."""
    return {
        "identity_transfer": tr("identity transfer"),
        "expression_correlation": tr("expression, correlation"),
        "expression_error": tr("expression, error"),
        "blink_correlation": tr("blinks, correlation"),
        "yaw_correlation": tr("yaw, correlation"),
        "yaw_error_degrees": tr("yaw, error"),
        "pitch_correlation": tr("pitch, correlation"),
        "pitch_error_degrees": tr("pitch, error"),
        "roll_correlation": tr("roll, correlation"),
        "roll_error_degrees": tr("roll, error"),
        "landmark_error": tr("landmarks, % of the eye distance"),
        "lag": tr("lag, frames"),
        "registration": tr("registration, network pixels"),
        "jitter": tr("jitter, % of the eye distance"),
        "flicker": tr("flicker, levels of 255"),
        "seam": tr("seam, times dst"),
        "sharpness": tr("sharpness, times dst"),
        "psnr": tr("self-reconstruction, PSNR"),
        "psnr_src": tr("  src, PSNR"),
        "psnr_dst": tr("  dst, PSNR"),
        "ssim": tr("self-reconstruction, SSIM"),
        "ssim_src": tr("  src, SSIM"),
        "ssim_dst": tr("  dst, SSIM"),
        "truth_psnr": tr("true swap, PSNR"),
        "truth_ssim": tr("true swap, SSIM"),
        "truth_landmark_error": tr("true swap, landmarks, % of the eye distance"),
    }


def heading() -> Row:
    # Translators: columns of a table of measurements. Best: what real pictures reach; chance: what the swaps of other frames get.
    return Row(tr("metric"), tr("value"), tr("floor"), tr("chance"), tr("better"))


def rows(scores: Mapping[str, Score]) -> list[Row]:
    named = labels()
    return [
        Row(
            named[name],
            *(number(value, one.unit) for value in (one.value, one.floor, one.chance)),
            HIGHER if one.higher_is_better else LOWER,
        )
        for name, one in scores.items()
    ]


def number(value: float | None, unit: str) -> str:
    """Three decimals at most; the units % and px are in the labels."""
    if value is None:
        return NONE
    suffix = {"degrees": "°", "dB": " dB"}.get(unit, "")
    digits = 3 if abs(value) < 10 else 1
    return f"{value:.{digits}f}{suffix}".replace("-0.000", "0.000")


def lines(scores: Mapping[str, Score]) -> list[str]:
    """A heading and a line for each score, columns aligned."""
    return in_columns([heading(), *rows(scores)])


def in_columns(shown: Sequence[tuple[str, ...]]) -> list[str]:
    """A line for each row; the first and the last column are aligned to the left."""
    last = len(shown[0]) - 1
    widths = [max(display_width(row[column]) for row in shown) for column in range(last + 1)]
    return [
        "  ".join(aligned(row[at], widths[at], right=0 < at < last) for at in range(last + 1)).rstrip() for row in shown
    ]


def aligned(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - display_width(text))
    return space + text if right else text + space
