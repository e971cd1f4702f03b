"""Options of a training run: when to stop, what to keep, how many faces at a time."""

from collections.abc import Mapping

from dfl_cli.options.kinds import AUTO, AutoInteger, Integer, YesNo
from dfl_cli.options.option import Ask, Option
from dfl_cli.translate import N_, tr
from dfl_cli.units import GIGABYTE


def devices(answers: Mapping) -> int:
    """Every device takes the same share of the batch."""
    return answers.get("device_count", 1)


def batch_for_memory(answers: Mapping) -> int:
    """8 faces where the smallest chosen GPU has 4 GB, else 4; a GPU sold as 4 GB reports a little less (spec wizard.md 2.2)."""
    return 8 if answers.get("smallest_gpu_bytes", 0) >= 3.8 * GIGABYTE else 4


def undecided(batch_size: int | str, answers: Mapping) -> str | None:
    """`auto` needs somebody who finds the number: the fact `finds_batch_size`."""
    if batch_size == AUTO and not answers.get("finds_batch_size"):
        return tr("auto is decided only once, when dfl train starts. Enter a number here.")
    return None


def all_of_them(every: int, answers: Mapping) -> str | None:
    """Every face held out leaves none to train on."""
    return tr("1 would hold out every face. Enter 0, or 2 and more.") if every == 1 else None


AUTOBACKUP_HOUR = Option(
    key="autobackup_hour",
    label=N_("Autobackup every N hour"),
    kind=Integer(0, 24, range_text="0..24"),
    default=0,
    help=N_(
        "Copies all model files and the preview into a numbered backup folder every N hours; 01 is the "
        "newest, the last 24 are kept. Costs disk space, not speed. 1-4 is a good habit for long runs; 0 "
        "turns it off."
    ),
)

RESTART_TRAINING = Option(
    key="restart_training",
    label=N_("Restart training?"),
    kind=YesNo(),
    default=False,
    when=lambda answers: answers.get("is_saved", False),
    when_text=N_("the model exists"),
    inactive_value=False,
    remembered=False,
    once=True,
    restarts=True,
    in_dfl=False,
    help=N_(
        "Moves the model with all its saves to the trash and begins again from iteration 0. Use after changing the "
        "face type or when the masks went wrong. dfl model trash brings the old model back."
    ),
)

WRITE_PREVIEW_HISTORY = Option(
    key="write_preview_history",
    label=N_("Write preview history"),
    kind=YesNo(),
    default=False,
    help=N_(
        "Saves the preview image regularly to the history folder of the model, so that you can watch the "
        "progress later. Costs a little disk space, and a moment every few dozen iterations."
    ),
)

CHOOSE_PREVIEW_HISTORY = Option(
    key="choose_preview_history",
    label=N_("Choose image for the preview history"),
    kind=YesNo(),
    default=False,
    when=lambda answers: answers.get("write_preview_history", False),
    when_text=N_("write_preview_history is y"),
    inactive_value=False,
    remembered=False,
    once=True,
    in_dfl=False,
    help=N_(
        "Lets you pick the faces that every history image shows, in the preview window or the terminal; "
        "without either, faces are chosen at random. Turn it on after changing the source or target "
        "faceset."
    ),
)

TARGET_ITER = Option(
    key="target_iter",
    label=N_("Target iteration"),
    kind=Integer(0),
    default=0,
    help=N_(
        "Training saves and stops by itself when this iteration number is reached. 0 means train until you stop it."
    ),
)

HOLD_OUT = Option(
    key="hold_out",
    label=N_("Hold out every N-th face"),
    kind=Integer(0, 1000),
    default=0,
    ask=Ask.NEVER,
    remembered=False,
    in_dfl=False,
    listed_at_default=False,
    reject=all_of_them,
    help=N_(
        "Keeps every N-th face of both sets out of training, so that dfl evaluate can score the model on faces it has never "
        "seen. 0 trains on all of them. 10 costs little: neighboring frames show nearly the same."
    ),
)

KEEP_BEST = Option(
    key="keep_best",
    label=N_("Keep the best save"),
    kind=YesNo(),
    default=False,
    ask=Ask.NEVER,
    in_dfl=False,
    listed_at_default=False,
    help=N_(
        "Scores the swap whenever the model is saved, by how much it looks like src and moves as dst does, and keeps the "
        "save with the highest score besides the newest ones; dfl merge --best uses it. Takes 2 % of the time at most and "
        "the disk space of one more save."
    ),
)

RANDOM_SRC_FLIP = Option(
    key="random_src_flip",
    label=N_("Flip SRC faces randomly"),
    kind=YesNo(),
    default=False,
    help=N_(
        "Shows the src faces mirrored half of the time, which covers more angles. The face may look less "
        "natural, as asymmetric features (moles, hair parting) get lost: leave it off if src covers all "
        "directions."
    ),
)

RANDOM_DST_FLIP = Option(
    key="random_dst_flip",
    label=N_("Flip DST faces randomly"),
    kind=YesNo(),
    default=True,
    help=N_(
        "Shows the dst faces mirrored half of the time, so that the model generalizes better from src to the "
        "expressions of dst. Normally on, especially while src is not flipped."
    ),
)

BATCH_SIZE = Option(
    key="batch_size",
    label=N_("Batch_size"),
    kind=AutoInteger(1, multiple=devices),
    reject=undecided,
    default=batch_for_memory,
    default_text=N_("8 if the smallest chosen GPU has 4 GB or more, else 4"),
    help=N_(
        "Number of faces per iteration. Larger values generalize better, but need more GPU memory and time; "
        "lower it first when memory runs out. Typical: 4-16. auto takes the largest up to 16 that should fit "
        "into the free memory."
    ),
)
