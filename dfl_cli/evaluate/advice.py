"""What limits a swap, in words, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from dfl_cli.evaluate.limits import (
    Blurred,
    Finding,
    Misplaced,
    MissingDirections,
    MissingExpression,
    PeopleAlike,
    ResolutionReached,
    StillLearning,
    VisibleEdge,
)
from dfl_cli.faceset.coverage_text import share_text
from dfl_cli.faceset.degrees import signed
from dfl_cli.translate import ntr, tr


def advice(findings: Sequence[Finding]) -> list[str]:
    """A line for each finding; one that says so where there is none."""
    return [sentence(one) for one in findings] or [tr("Nothing stands out.")]


def limits_title() -> str:
    return tr("What limits the swap")


def sentence(one: Finding) -> str:
    match one:
        case StillLearning():
            return tr(
                "Train longer: the loss still falls by {percent} per 1,000 iterations.",
                percent=share_text(one.loss_fall),
            )
        case MissingDirections():
            return direction_sentence(one)
        case MissingExpression():
            return expression_sentence(one)
        case Misplaced():
            return tr(
                "Faces lie {pixels:.1f} pixels of the network off their place. Train with --corrected-samples y; for a model "
                "that was trained without it, merging measures this and corrects it.",
                pixels=one.pixels,
            )
        case VisibleEdge():
            return tr(
                "The edge shows: across it, colors change {times:.1f} times as fast as in dst. Merge with color transfer and a "
                "larger blur_mask_modifier, or train with XSeg masks.",
                times=one.seam,
            )
        case Blurred():
            return tr(
                "Blurred: sharpness is {percent} of that of real pictures of src at {resolution} pixels. More iterations, a "
                "new model with larger d_dims, or gan_power late in training sharpen it.",
                percent=share_text(one.sharpness),
                resolution=one.resolution,
            )
        case ResolutionReached():
            return resolution_sentence(one)
        case PeopleAlike():
            return tr(
                "src and dst are too alike to tell apart: likeness to src is {src:.2f} for src and {dst:.2f} for dst. Judge "
                "the identity by eye.",
                src=one.src,
                dst=one.dst,
            )


def direction_sentence(one: MissingDirections) -> str:
    values = {"where": where(one), "share": share_text(one.worst_frames)}
    if not one.src:
        return tr(
            "src has no faces looking {where}: {share} of the worst frames are there. Add such faces to src.", **values
        )
    return ntr(
        "src has only {count} face looking {where}: {share} of the worst frames are there. Add such faces to src.",
        "src has only {count} faces looking {where}: {share} of the worst frames are there. Add such faces to src.",
        count=one.src,
        **values,
    )


def where(one: MissingDirections) -> str:
    """The directions, as one sees them in the picture."""
    (left, right), (low, high) = one.yaw, one.pitch
    if None not in (left, right, low, high):
        sides = {"left": signed(left), "right": signed(right), "low": signed(low), "high": signed(high)}
        return tr("{left} to {right} degrees sideways and {low} to {high} degrees up", **sides)
    if right is not None:
        return tr("left of {limit} degrees", limit=signed(right))
    if left is not None:
        return tr("right of {limit} degrees", limit=signed(left))
    if high is not None:
        return tr("below {limit} degrees", limit=signed(high))
    return tr("above {limit} degrees", limit=signed(low))


def expression_sentence(one: MissingExpression) -> str:
    shares = {"dst": share_text(one.dst), "src": share_text(one.src)}
    facts = {
        "closed_eyes": tr("Eyes are closed in {dst} of dst's frames and {src} of src's faces", **shares),
        "open_mouth": tr("The mouth is open in {dst} of dst's frames and {src} of src's faces", **shares),
        "smile": tr("dst smiles in {dst} of its frames, src in {src} of its faces", **shares),
        "pursed_lips": tr("Lips are pursed in {dst} of dst's frames and {src} of src's faces", **shares),
        "raised_brows": tr("Brows are raised in {dst} of dst's frames and {src} of src's faces", **shares),
        "frown": tr("dst frowns in {dst} of its frames, src in {src} of its faces", **shares),
    }
    return tr(
        "{fact}: the swap follows dst's with a correlation of {correlation:.2f}. Add such faces to src.",
        fact=facts[one.expression],
        correlation=one.correlation,
    )


def resolution_sentence(one: ResolutionReached) -> str:
    values = {"resolution": one.resolution, "error": one.landmark_error, "floor": one.floor}
    first = tr(
        "The swap is as good as {resolution} pixels allow: landmarks are {error:.1f}% of the eye distance off, those of real "
        "pictures of src {floor:.1f}%. It takes a model of a higher resolution to get better.",
        **values,
    )
    if one.frame_pixels is None:
        return first
    return " ".join(
        [first, tr("One pixel of the network covers {pixels:.1f} pixels of the frame.", pixels=one.frame_pixels)]
    )
