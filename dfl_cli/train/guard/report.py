"""What the person is told when a training breaks down, with the option that is the usual cause."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dfl_cli.errors import UserError
from dfl_cli.options.tables.train import in_force
from dfl_cli.train.guard.guard import ROW, Verdict
from dfl_cli.translate import ntr, tr

if TYPE_CHECKING:
    from dfl_cli.train.guard.rollback import GaveUp, Record

FRESH = 10_000  # iterations in which style powers do the most harm


def skipped_line(iteration: int, count: int) -> str:
    return tr(
        "Iteration {iteration}: losses or gradients were not finite. The step was skipped and changed "
        "nothing ({count} so far).",
        iteration=iteration,
        count=count,
    )


def held_line(iteration: int) -> str:
    return tr(
        "Iteration {iteration}: training looks unstable. Saving is postponed until it is stable again or rolled back.",
        iteration=iteration,
    )


def doubtful_line(iteration: int) -> str:
    return tr(
        "Iteration {iteration} looks unstable. Its save is marked as doubtful and the last good save is kept.",
        iteration=iteration,
    )


def careful_no_more_line(iteration: int) -> str:
    return tr("Iteration {iteration}: stable again; full step size restored.", iteration=iteration)


def rollback_line(verdict: Verdict, options: Mapping, *, broken: int, iteration: int, care: "Record") -> str:
    """What happened and when, where the training goes on and how, and the usual cause: one line."""
    return tr(
        "Iteration {broken}: {what}. Rolled back to the save of iteration {iteration}. Until iteration "
        "{until} the step size is multiplied by {share:g} and gradients are clipped. Usual cause: "
        "{cause}.",
        broken=broken,
        what=what_happened(verdict),
        iteration=iteration,
        until=care.careful_until,
        share=care.care["learning_rate_scale"],
        cause=usual_cause(options, broken),
    )


def explain_gave_up(error: "GaveUp", options: Mapping) -> UserError:
    """Why the training ends, and what to change before it is started again."""
    cause = usual_cause(options, error.iteration)
    if error.rollbacks:
        what = ntr(
            "Training failed again after {count} rollback and stops at iteration {iteration}.",
            "Training failed again after {count} rollbacks and stops at iteration {iteration}.",
            count=error.rollbacks,
            iteration=error.iteration,
        )
    else:
        what = tr(
            "Training failed at iteration {iteration}, and there is no earlier good save.",
            iteration=error.iteration,
        )
    if error.kept is None:
        fix = tr("Start over with other options. Usual cause: {cause}.", cause=cause)
    else:
        fix = tr(
            "Start again to resume from iteration {kept}, but first fix the usual cause: {cause}. To go "
            "back further: dfl model restore",
            kept=error.kept,
            cause=cause,
        )
    return UserError(what, saw=what_happened(error.verdict), fix=fix)


def what_happened(verdict: Verdict) -> str:
    if verdict.kind == "steps":
        return ntr(
            "{count} step without finite losses or gradients",
            "{count} steps in a row without finite losses or gradients",
            count=ROW,
        )
    if verdict.kind == "constant":
        return tr("the network predicts the same image for all {side} faces", side=verdict.side)
    return tr("the {side} loss rose to {ratio:.1f} times its usual level", side=verdict.side, ratio=verdict.ratio)


def usual_cause(options: Mapping, iteration: int) -> str:
    """The option in force that most often breaks a training, with what to do about it."""
    options = in_force(options)
    styles = [key for key in ("face_style_power", "bg_style_power") if options.get(key)]
    if styles and iteration < FRESH:
        return tr("{option} on a new model; turn it on later", option=styles[0])
    if options.get("gan_power"):
        return tr("gan_power {value}; lower it, or turn it on later", value=options["gan_power"])
    if options.get("true_face_power"):
        return tr("true_face_power {value}; lower it, or turn it on later", value=options["true_face_power"])
    if styles:
        return tr("{option} {value}; lower it", option=styles[0], value=options[styles[0]])
    if not options.get("clipgrad", True):
        return tr("gradients are not clipped; turn on clipgrad")
    return tr("none of the options; check the face sets for damaged images and the hardware for overclocking")
