"""What a comparison of two face sets means for the swap, in plain words and as JSON."""

from typing import NamedTuple

import numpy as np

from dfl_cli.faceset.degrees import signed
from dfl_cli.translate import ntr, tr
from samplers.colors.face_colors import FaceColors, color_distance
from samplers.pose_coverage import FEW, NEAR, Coverage, Directions, Gap

NOTICEABLE_SHAPE = 0.08  # of a proportion: a difference that is seen
NOTICEABLE_COLOR = 8.0  # Lab
NOTICEABLE_LIGHT = 10.0  # L
MAX_GAPS_SHOWN = 5
SMALL = 5 * FEW  # faces of a set below which shares are given as counts


class Comparison(NamedTuple):
    """Two face sets side by side."""

    src: Directions
    dst: Directions
    poses: Coverage
    shapes: dict[str, tuple[float, float]]  # proportion -> src, dst
    colors: tuple[FaceColors, FaceColors] | None  # src, dst; None where it was not asked for


def comparison_lines(found: Comparison) -> list[str]:
    """What the numbers mean for the swap, a line each."""
    lines = [*covered_lines(found), *gap_lines(found.poses)[:MAX_GAPS_SHOWN]]
    if len(found.poses.gaps) > MAX_GAPS_SHOWN:
        lines.append(
            ntr(
                "... and {count} more direction.",
                "... and {count} more directions.",
                count=len(found.poses.gaps) - MAX_GAPS_SHOWN,
            )
        )
    lines += face_shape_lines(found)
    return lines + (color_lines(*found.colors, few=too_few(found)) if found.colors else [])


def face_shape_lines(found: Comparison) -> list[str]:
    """Nothing of sets so small that an expression or a turn of the head makes the difference."""
    if too_few(found):
        return []
    shapes = shape_lines(found.shapes)
    lines = shapes or [tr("Face shapes are similar.")]
    if shapes:
        lines.append(
            tr(
                "The frame keeps dst's outline, so the swap looks less like src; liae adapts to dst's shape "
                "more than df."
            )
        )
    return lines


def short_words(found: Comparison) -> list[str]:
    """Two lines: how much is covered, and the worst of what is not, or what could not be compared."""
    return [*covered_lines(found), *gap_lines(found.poses), *face_shape_lines(found)][:2]


def too_few(found: Comparison) -> bool:
    """Whether the sets are too small for more than their numbers of faces."""
    return min(found.src.count, found.dst.count) < FEW


def covered_lines(found: Comparison) -> list[str]:
    """How much of dst is covered, in words that say no more than the sets are large enough for."""
    src, dst, covered = found.src.count, found.dst.count, found.poses.covered
    lines = []
    if min(src, dst) < FEW or covered is None:
        lines.append(tr("src has {src}, dst has {dst}.", src=faces_text(src), dst=faces_text(dst)))
    if covered is not None and min(src, dst) >= SMALL:
        lines.append(tr("src covers {share} of dst's head directions.", share=share_text(covered)))
    elif covered is not None:
        lines.append(covered_faces_line(round(covered * dst), dst))
    if covered is None:
        lines.append(tr("Comparing head directions and face shapes takes at least {few} faces in each set.", few=FEW))
    elif too_few(found):
        lines.append(tr("Comparing face shapes takes at least {few} faces in each set.", few=FEW))
    return lines


def covered_faces_line(covered: int, count: int) -> str:
    if count > 1:
        return tr(
            "src has at least {few} faces within {near} degrees of the directions of {covered} of dst's {count} faces.",
            few=FEW,
            near=NEAR,
            covered=covered,
            count=count,
        )
    if covered:
        return tr(
            "src has at least {few} faces within {near} degrees of the direction of dst's face.", few=FEW, near=NEAR
        )
    return tr(
        "src has fewer than {few} faces within {near} degrees of the direction of dst's face.", few=FEW, near=NEAR
    )


def faces_text(count: int) -> str:
    return ntr("{count} face", "{count} faces", count=count)


def share_text(share: float) -> str:
    """A percentage that is 0 or 100 only where none or all are meant."""
    return f"{share:.0%}" if share in (0, 1) else f"{min(max(share, 0.01), 0.99):.0%}"


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
    return [shape_line(name, difference(*pair)) for name, pair in by_size if abs(difference(*pair)) >= NOTICEABLE_SHAPE]


def difference(src: float, dst: float) -> float:
    """By what fraction dst's is greater."""
    return dst / src - 1 if src > 0 else 0.0


def shape_line(name: str, more: float) -> str:
    part, percent = part_name(name), f"{abs(more):.0%}"
    if more > 0:
        return tr("{part}: {percent} larger in dst than in src.", part=part, percent=percent)
    return tr("{part}: {percent} smaller in dst than in src.", part=part, percent=percent)


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


def color_lines(src: FaceColors, dst: FaceColors, *, few: bool = False) -> list[str]:
    """How the colors differ; of a few faces, only how far their means are apart."""
    lines = []
    apart, lighter = color_distance(src, dst), dst.mean[0] - src.mean[0]
    if apart < NOTICEABLE_COLOR:
        lines.append(tr("Skin colors are close: Lab distance {distance:.0f}.", distance=apart))
    else:
        lines.append(
            tr(
                "Skin colors differ: Lab distance {distance:.0f}, dst {lighter:+.0f} in lightness. Train with "
                "ct_mode rct or lct, or merge with color transfer.",
                distance=apart,
                lighter=lighter,
            )
        )
    if few:
        return lines
    if src.darkest - dst.darkest > NOTICEABLE_LIGHT:
        lines.append(tr("dst has images darker than any in src: expect faces that are too light there."))
    if dst.lightest - src.lightest > NOTICEABLE_LIGHT:
        lines.append(tr("dst has images lighter than any in src: expect faces that are too dark there."))
    return lines


def facts(found: Comparison) -> dict:
    """What `--json` prints; an open side of a gap is null, and `covered` where src has too few faces to tell."""
    src, dst = found.colors
    return {
        "src_faces": len(found.src.degrees),
        "dst_faces": len(found.dst.degrees),
        "covered": None if found.poses.covered is None else round(found.poses.covered, 4),
        "gaps": [
            {"yaw": list(map(side, gap.yaw)), "pitch": list(map(side, gap.pitch)), "src": gap.src, "dst": gap.dst}
            for gap in found.poses.gaps
        ],
        "shape": {
            name: {"src": round(pair[0], 4), "dst": round(pair[1], 4), "difference": round(difference(*pair), 4)}
            for name, pair in found.shapes.items()
        },
        "color": {"distance": round(color_distance(src, dst), 2), "src": colors(src), "dst": colors(dst)},
        "words": comparison_lines(found),
    }


def side(degrees: float) -> float | None:
    return float(degrees) if np.isfinite(degrees) else None


def colors(set_: FaceColors) -> dict:
    return {
        "lab": [round(value, 2) for value in set_.mean],
        "darkest": round(set_.darkest, 2),
        "lightest": round(set_.lightest, 2),
    }
