"""XSeg: its options, samples and previews (spec wizard.md 2.5, models.md 6.4)."""

from collections.abc import Mapping
from dataclasses import replace

from dfl_cli.classes.model_class import ModelClass
from dfl_cli.options.kinds import AutoInteger, Number, YesNo
from dfl_cli.options.option import Ask, Option
from dfl_cli.options.tables.learning import ACCUMULATE_STEPS, EMA, GRADIENT_CHECKPOINTING, PRECISION, PRETRAIN
from dfl_cli.options.tables.run import (
    AUTOBACKUP_HOUR,
    BATCH_SIZE,
    CHOOSE_PREVIEW_HISTORY,
    RESTART_TRAINING,
    TARGET_ITER,
    WRITE_PREVIEW_HISTORY,
    devices,
)
from dfl_cli.options.tables.samples import CACHE_GB
from dfl_cli.options.tables.structure import FACE_TYPE, RESOLUTION
from dfl_cli.translate import N_, tr
from models.classes.xseg import XSEG as NETWORK
from models.classes.xseg_generic import widened
from models.networks.xseg_blocks import RESOLUTION as SIDE

HELD_OUT = Option(
    key="held_out",
    label=N_("Labeled faces held out, in percent"),
    kind=Number(0.0, 30.0),
    default=10.0,
    ask=Ask.NEVER,
    remembered=False,
    in_dfl=False,
    help=N_(
        "Share of the labeled faces that is not trained on, so that it shows how well the masks of unknown faces are. "
        "Works from 20 labeled faces on; with fewer all are trained on. 0 trains on all of them, as DeepFaceLab does."
    ),
)

GENERIC_START = Option(
    key="generic_start",
    label=N_("Start from the built-in mask network"),
    kind=YesNo(),
    default=True,
    ask=Ask.NEVER,
    in_dfl=False,
    listed_at_default=False,
    help=N_(
        "A new model begins with the mask network that comes with the program, which knows faces and hands already, so "
        "that fewer labels are needed. n begins with random weights. Without effect on a model that has weights, in "
        "pretraining, and with --init-from."
    ),
)

TABLE = (
    replace(AUTOBACKUP_HOUR, ask=Ask.NEVER, in_dfl=False),
    replace(WRITE_PREVIEW_HISTORY, ask=Ask.NEVER, in_dfl=False),
    replace(CHOOSE_PREVIEW_HISTORY, ask=Ask.NEVER, in_dfl=False),
    replace(TARGET_ITER, ask=Ask.NEVER, in_dfl=False),
    RESTART_TRAINING,
    replace(
        FACE_TYPE,
        default="wf",
        help=N_("Area in which masks are learned. Use the same type as the swap model you will train."),
    ),
    replace(
        BATCH_SIZE,
        kind=AutoInteger(2, 16, multiple=devices),
        default=4,
        default_text="",
        help=N_(
            "Number of faces per iteration. Larger values generalize better, but need more GPU memory and time; "
            "lower it first when memory runs out. 4 is enough for XSeg on most cards. auto takes the largest up "
            "to 16 that should fit into the free memory."
        ),
    ),
    replace(
        PRETRAIN,
        help=N_(
            "Teaches the network general face structure from a large unlabeled set before it learns masks. Use only "
            "when building a base model; leave off for normal work."
        ),
    ),
    HELD_OUT,
    GENERIC_START,
    CACHE_GB,
    EMA,
    PRECISION,
    ACCUMULATE_STEPS,
    GRADIENT_CHECKPOINTING,
)


def open_feed(faces: Mapping, options: Mapping, *, seed: int, start: int):
    from dfl_cli.classes.xseg_feed import XSegFeed

    return XSegFeed(faces, options, seed=seed, start=start)


def remarks(faces: Mapping, options: Mapping) -> list[str]:
    from dfl_cli.classes.xseg_feed import label_lines

    return [] if options["pretrain"] else label_lines(faces, options)


def open_measure(faces: Mapping, options: Mapping):
    from dfl_cli.classes.xseg_feed import open_agreement

    return None if options["pretrain"] else open_agreement(faces, options)


def add_examples(batch, faces: Mapping, options: Mapping, *, seed: int):
    from dfl_cli.classes.xseg_feed import read_examples
    from dfl_cli.classes.xseg_previews import XSegFaces

    examples = {} if options["pretrain"] else read_examples(faces, options, seed=seed, most=len(batch.picture))
    return XSegFaces(batch.picture, batch.mask, examples)


def first_weights(model, options: Mapping) -> list[str]:
    """The built-in network; what it leaves free keeps the random weights. Raises DamagedNetwork."""
    if options["pretrain"] or not options["generic_start"]:
        return []
    weights = model.weights()
    model.load(weights | widened(weights))
    return [tr("The model starts with the built-in mask network. With --generic-start n it starts from scratch.")]


def draw_previews(model, faces, options: Mapping) -> list:
    from dfl_cli.classes.xseg_previews import xseg_previews

    return xseg_previews(NETWORK.name, model, faces, pretrain=options["pretrain"])


XSEG = ModelClass(
    network=NETWORK,
    table=TABLE,
    fixed=((RESOLUTION, SIDE),),
    open_feed=open_feed,
    remarks=remarks,
    open_measure=open_measure,
    add_examples=add_examples,
    first_weights=first_weights,
    draw_previews=draw_previews,
    dfl_user_names=False,
    dfl_types={"batch_size": "int64"},  # which its limits make of it
    usual_name=NETWORK.name,
)
