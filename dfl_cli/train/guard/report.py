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
        "Iteration {iteration}: losses or gradients were not finite numbers. The step was left out and changed nothing; so far {count}.",
        iteration=iteration,
        count=count,
    )


def held_line(iteration: int) -> str:
    return tr(
        "Iteration {iteration}: the training looks unsteady; saving waits until it is calm again or goes back.",
        iteration=iteration,
    )


def doubtful_line(iteration: int) -> str:
    return tr(
        "Iteration {iteration} looks unsteady; its save is marked as doubtful and the last good one stays beside it.",
        iteration=iteration,
    )


def careful_no_more_line(iteration: int) -> str:
    return tr("Iteration {iteration}: all went well since; steps are of full length again.", iteration=iteration)


def rollback_line(verdict: Verdict, options: Mapping, *, broken: int, iteration: int, care: "Record") -> str:
    """What happened and when, where the training goes on and how, and the usual cause: one line."""
    return tr(
        "Iteration {broken}: {what}. Gone back to the save of iteration {iteration}; until iteration {until} steps are "
        "{share:g} as long and gradients are clipped. Usual cause: {cause}.",
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
            "The training has broken down again after going back {count} time; it ends at iteration {iteration}.",
            "The training has broken down again after going back {count} times; it ends at iteration {iteration}.",
            count=error.rollbacks,
            iteration=error.iteration,
        )
    else:
        what = tr(
            "The training has broken down at iteration {iteration}, and there is no good save from before.",
            iteration=error.iteration,
        )
    if error.kept is None:
        fix = tr("start anew with other options; the usual cause is: {cause}", cause=cause)
    else:
        fix = tr(
            "start again, it goes on from iteration {kept}; change first what is the usual cause: {cause}. "
            "Older states: dfl model restore",
            kept=error.kept,
            cause=cause,
        )
    return UserError(what, saw=what_happened(error.verdict), fix=fix)


def what_happened(verdict: Verdict) -> str:
    if verdict.kind == "steps":
        return ntr(
            "{count} step in a row had no finite numbers", "{count} steps in a row had no finite numbers", count=ROW
        )
    if verdict.kind == "constant":
        return tr("the network paints the same picture for all faces of {side}", side=verdict.side)
    return tr("the {side} loss rose to {ratio:.1f} times its usual level", side=verdict.side, ratio=verdict.ratio)


def usual_cause(options: Mapping, iteration: int) -> str:
    """The option in force that most often breaks a training, with what to do about it."""
    options = in_force(options)
    styles = [key for key in ("face_style_power", "bg_style_power") if options.get(key)]
    if styles and iteration < FRESH:
        return tr("{option} on a fresh model; turn it on later", option=styles[0])
    if options.get("gan_power"):
        return tr("gan_power {value}; take less, or turn it on later", value=options["gan_power"])
    if options.get("true_face_power"):
        return tr("true_face_power {value}; take less, or turn it on later", value=options["true_face_power"])
    if styles:
        return tr("{option} {value}; take less", option=styles[0], value=options[styles[0]])
    if not options.get("clipgrad", True):
        return tr("gradients that are not clipped; turn clipgrad on")
    return tr("none of the options; look for damaged pictures among the faces, and for overclocked hardware")
