"""What the user reads when a training diverges, with the option that is the usual cause."""

from collections.abc import Mapping

from dfl_cli.errors import UserError
from dfl_cli.store.loss_history import ONLY_LOSS
from dfl_cli.train.guard.guard import MAX_SKIPPED_STEPS
from dfl_cli.train.guard.record import RecoveryRecord
from dfl_cli.train.guard.verdict import Verdict
from dfl_cli.translate import ntr, tr

FRESH_ITERATIONS = 10_000  # in which style powers do the most harm


class RecoveryFailed(Exception):
    """The training of `iteration` has diverged and rollbacks have not helped, or there is no save to go back to.

    rollbacks  since steps had their full size
    kept       iteration of the save that is on the disk; None without any
    """

    def __init__(self, verdict: Verdict, *, iteration: int, rollbacks: int, kept: int | None):
        super().__init__(f"iteration {iteration}: {verdict}")
        self.verdict, self.iteration, self.rollbacks, self.kept = verdict, iteration, rollbacks, kept


def skipped_step_line(iteration: int, count: int) -> str:
    return tr(
        "Iteration {iteration}: losses or gradients were not finite. The step was skipped and changed "
        "nothing ({count} so far).",
        iteration=iteration,
        count=count,
    )


def save_postponed_line(iteration: int) -> str:
    return tr(
        "Iteration {iteration}: training looks unstable. Saving is postponed until it is stable again or rolled back.",
        iteration=iteration,
    )


def suspicious_save_line(iteration: int) -> str:
    return tr(
        "Iteration {iteration} looks unstable. Its save is marked as doubtful and the last good save is kept.",
        iteration=iteration,
    )


def full_steps_line(iteration: int) -> str:
    return tr("Iteration {iteration}: stable again; full step size restored.", iteration=iteration)


def rollback_line(verdict: Verdict, options: Mapping, *, broken: int, iteration: int, record: RecoveryRecord) -> str:
    """What happened and when, from where the training continues and how, and the usual cause among the `options` in force."""
    return tr(
        "Iteration {broken}: {what}. Rolled back to the save of iteration {iteration}. Until iteration "
        "{until} the step size is multiplied by {share:g} and gradients are clipped. Usual cause: "
        "{cause}.",
        broken=broken,
        what=what_happened(verdict),
        iteration=iteration,
        until=record.reduced_until,
        share=record.step_limits["learning_rate_scale"],
        cause=usual_cause(options, broken),
    )


def explain_recovery_failed(error: RecoveryFailed, options: Mapping) -> UserError:
    """Why the training ends, and what of the `options` in force to change before it is started again."""
    cause = usual_cause(options, error.iteration)
    if error.rollbacks:
        what = ntr(
            "Training failed again after {count} rollback and stops at iteration {iteration}.",
            "Training failed again after {count} rollbacks and stops at iteration {iteration}.",
            count=error.rollbacks,
            iteration=error.iteration,
        )
    elif error.kept is not None:
        what = tr("Training failed at iteration {iteration}, which was not saved.", iteration=error.iteration)
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
            count=MAX_SKIPPED_STEPS,
        )
    if verdict.kind == "weights":
        return tr("numbers of the model are not finite ({name})", name=verdict.name)
    if verdict.kind == "constant" and verdict.name == ONLY_LOSS:
        return tr("the network predicts the same image for all faces")
    if verdict.kind == "constant":
        return tr("the network predicts the same image for all {side} faces", side=verdict.name)
    if verdict.name == ONLY_LOSS:
        return tr("the loss rose to {ratio:.1f} times its usual level", ratio=verdict.ratio)
    return tr("the {side} loss rose to {ratio:.1f} times its usual level", side=verdict.name, ratio=verdict.ratio)


def usual_cause(options: Mapping, iteration: int) -> str:
    """Of the options in force, the one that most often makes a training diverge, with what to do about it."""
    styles = [key for key in ("face_style_power", "bg_style_power") if options.get(key)]
    if styles and iteration < FRESH_ITERATIONS:
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
