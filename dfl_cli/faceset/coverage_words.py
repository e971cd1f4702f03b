"""What a comparison of two face sets means for the swap, in plain words and as JSON."""

from typing import NamedTuple

import numpy as np

from dfl_cli.faceset.degrees import signed
from dfl_cli.translate import ntr, tr
from samplers.colors.face_colors import FaceColors, color_distance
from samplers.pose_coverage import Coverage, Directions, Gap

PLAIN_SHAPE = 0.08  # of a proportion: a difference that is seen
PLAIN_COLOR = 8.0  # Lab
PLAIN_LIGHT = 10.0  # L
GAPS_TOLD = 5


class Comparison(NamedTuple):
    """Two face sets side by side."""

    src: Directions
    dst: Directions
    poses: Coverage
    shapes: dict[str, tuple[float, float]]  # proportion -> src, dst
    colors: tuple[FaceColors, FaceColors] | None  # src, dst; None where it was not asked for


def words(found: Comparison) -> list[str]:
    """What the numbers mean for the swap, a line each."""
    lines = [covered_line(found.poses), *gap_lines(found.poses)[:GAPS_TOLD]]
    if len(found.poses.gaps) > GAPS_TOLD:
        lines.append(
            ntr(
                "... and {count} more such place.",
                "... and {count} more such places.",
                count=len(found.poses.gaps) - GAPS_TOLD,
            )
        )
    shapes = shape_lines(found.shapes)
    lines += shapes or [tr("Face shapes are alike.")]
    if shapes:
        lines.append(
            tr("The frame keeps dst's outline, so the swap looks less like src; liae follows dst's shape more than df.")
        )
    return lines + (color_lines(*found.colors) if found.colors else [])


def short_words(found: Comparison) -> list[str]:
    """Two lines: how much is covered, and the worst of what is not."""
    worst = [*gap_lines(found.poses), *shape_lines(found.shapes)]
    return [covered_line(found.poses), worst[0] if worst else tr("Face shapes are alike.")]


def covered_line(poses: Coverage) -> str:
    return tr("src has faces for {share:.0%} of the directions dst looks in.", share=poses.covered)


def gap_lines(poses: Coverage) -> list[str]:
    return [gap_line(gap) for gap in poses.gaps]


def gap_line(gap: Gap) -> str:
    """One gap; degrees count to the right and upward as one sees them in the picture."""
    (left, right), (low, high) = gap.yaw, gap.pitch
    counts = {
        "frames": ntr("{count} frame", "{count} frames", count=gap.dst),
        "faces": ntr("{count} such face", "{count} such faces", count=gap.src),
    }
    if np.isfinite([left, right, low, high]).all():
        where = {"left": signed(left), "right": signed(right), "low": signed(low), "high": signed(high)}
        return tr(
            "dst looks {left} to {right} degrees sideways and {low} to {high} degrees up in {frames}; "
            "src has at most {faces}: expect blur there.",
            **where,
            **counts,
        )
    limit = next(side for side in (right, left, high, low) if np.isfinite(side))
    values = {"limit": signed(limit), **counts}
    if np.isfinite(right):
        return tr("dst looks left of {limit} degrees in {frames}; src has {faces}: expect blur there.", **values)
    if np.isfinite(left):
        return tr("dst looks right of {limit} degrees in {frames}; src has {faces}: expect blur there.", **values)
    if np.isfinite(high):
        return tr("dst looks below {limit} degrees in {frames}; src has {faces}: expect blur there.", **values)
    return tr("dst looks above {limit} degrees in {frames}; src has {faces}: expect blur there.", **values)


def shape_lines(shapes: dict[str, tuple[float, float]]) -> list[str]:
    """The proportions that plainly differ, the most different first."""
    by_size = sorted(shapes.items(), key=lambda item: -abs(difference(*item[1])))
    return [shape_line(name, difference(*pair)) for name, pair in by_size if abs(difference(*pair)) >= PLAIN_SHAPE]


def difference(src: float, dst: float) -> float:
    """By what fraction dst's is greater."""
    return dst / src - 1 if src > 0 else 0.0


def shape_line(name: str, more: float) -> str:
    part, percent = part_name(name), f"{abs(more):.0%}"
    if more > 0:
        return tr("{part}: dst's is {percent} greater than src's.", part=part, percent=percent)
    return tr("{part}: dst's is {percent} smaller than src's.", part=part, percent=percent)


def part_name(name: str) -> str:
    """A proportion of samplers.geometry.face_shape for a person."""
    names = {
        "face_width": tr("width of the face for its height"),
        "jaw_width": tr("width of the jaw"),
        "chin_height": tr("height of the chin"),
        "nose_length": tr("length of the nose"),
        "nose_width": tr("width of the nose"),
        "mouth_width": tr("width of the mouth"),
        "eye_distance": tr("distance of the eyes"),
    }
    return names[name]


def color_lines(src: FaceColors, dst: FaceColors) -> list[str]:
    lines = []
    apart, lighter = color_distance(src, dst), dst.mean[0] - src.mean[0]
    if apart < PLAIN_COLOR:
        lines.append(tr("Skin colors are close: {distance:.0f} apart in Lab.", distance=apart))
    else:
        lines.append(
            tr(
                "Skin colors are {distance:.0f} apart in Lab, dst {lighter:+.0f} in lightness: "
                "train with ct_mode rct or lct, or merge with color transfer.",
                distance=apart,
                lighter=lighter,
            )
        )
    if src.darkest - dst.darkest > PLAIN_LIGHT:
        lines.append(tr("dst has darker pictures than any of src: expect faces too light there."))
    if dst.lightest - src.lightest > PLAIN_LIGHT:
        lines.append(tr("dst has lighter pictures than any of src: expect faces too dark there."))
    return lines


def facts(found: Comparison) -> dict:
    """What `--json` prints; an open side of a gap is null."""
    src, dst = found.colors
    return {
        "src_faces": len(found.src.degrees),
        "dst_faces": len(found.dst.degrees),
        "covered": round(found.poses.covered, 4),
        "gaps": [
            {"yaw": list(map(side, gap.yaw)), "pitch": list(map(side, gap.pitch)), "src": gap.src, "dst": gap.dst}
            for gap in found.poses.gaps
        ],
        "shape": {
            name: {"src": round(pair[0], 4), "dst": round(pair[1], 4), "difference": round(difference(*pair), 4)}
            for name, pair in found.shapes.items()
        },
        "color": {"distance": round(color_distance(src, dst), 2), "src": colors(src), "dst": colors(dst)},
        "words": words(found),
    }


def side(degrees: float) -> float | None:
    return float(degrees) if np.isfinite(degrees) else None


def colors(set_: FaceColors) -> dict:
    return {
        "lab": [round(value, 2) for value in set_.mean],
        "darkest": round(set_.darkest, 2),
        "lightest": round(set_.lightest, 2),
    }
