"""Options of a training run: when to stop, what to keep, how many faces at a time."""

from collections.abc import Mapping

from dfl_cli.options.kinds import Whole, YesNo
from dfl_cli.options.option import Option

GIGABYTE = 1 << 30


def devices(answers: Mapping) -> int:
    """Every device takes the same share of the batch."""
    return answers.get("device_count", 1)


def batch_for_memory(answers: Mapping) -> int:
    """8 faces where the smallest chosen GPU has 4 GB, else 4; a GPU sold as 4 GB reports a little less (spec wizard.md 2.2)."""
    return 8 if answers.get("smallest_gpu_bytes", 0) >= 3.8 * GIGABYTE else 4


AUTOBACKUP_HOUR = Option(
    key="autobackup_hour",
    label="Autobackup every N hour",
    kind=Whole(0, 24, span="0..24"),
    default=0,
    help=(
        "Copies all model files into numbered backup folders every N hours and keeps the last 24 copies. Costs disk "
        "space, not speed; 0 turns it off, 1-4 is a good habit for long runs."
    ),
)

WRITE_PREVIEW_HISTORY = Option(
    key="write_preview_history",
    label="Write preview history",
    kind=YesNo(),
    default=False,
    help=(
        "Saves the preview picture regularly to the model's history folder so you can watch the progress later. Costs"
        " a little disk space and a moment every few dozen iterations."
    ),
)

CHOOSE_PREVIEW_HISTORY = Option(
    key="choose_preview_history",
    label="Choose image for the preview history",
    kind=YesNo(),
    default=False,
    when=lambda answers: answers.get("write_preview_history", False),
    when_text="only with write_preview_history",
    otherwise=False,
    remembered=False,
    once=True,
    in_dfl=False,
    help=(
        "Lets you pick the faces that every history picture shows, in the preview window or the terminal; where there is "
        "neither, others are taken at random. Turn it on after changing the source or target faceset."
    ),
)

TARGET_ITER = Option(
    key="target_iter",
    label="Target iteration",
    kind=Whole(0),
    default=0,
    help="Training saves and stops by itself when this iteration number is reached. 0 means train until you stop it.",
)

RANDOM_SRC_FLIP = Option(
    key="random_src_flip",
    label="Flip SRC faces randomly",
    kind=YesNo(),
    default=False,
    help=(
        "Shows the source faces mirrored half of the time, which fills in missing angles. Asymmetric features (moles,"
        " hair parting) may be lost, so leave it off if the source covers all directions."
    ),
)

RANDOM_DST_FLIP = Option(
    key="random_dst_flip",
    label="Flip DST faces randomly",
    kind=YesNo(),
    default=True,
    help=(
        "Shows the target faces mirrored half of the time so the model generalises better to the target's "
        "expressions. Normally on, especially while source flipping is off."
    ),
)

BATCH_SIZE = Option(
    key="batch_size",
    label="Batch_size",
    kind=Whole(1, multiple=devices),
    default=batch_for_memory,
    default_text="8 if the smallest chosen GPU has 4 GB or more, else 4",
    help=(
        "Number of faces per training step. Larger values learn more steadily but need more video memory and time per"
        " step; lower it first when memory runs out. Typical: 4-16."
    ),
)
