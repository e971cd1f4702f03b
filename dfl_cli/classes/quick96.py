"""Quick96: asks nothing; its samples and previews (spec models.md 2.2, 3.7 and wizard.md 2.5)."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from dfl_cli.classes.model_class import ModelClass
from dfl_cli.options.option import Ask
from dfl_cli.options.tables.learning import (
    ACCUMULATE_STEPS,
    CT_MODE,
    EMA,
    GRADIENT_CHECKPOINTING,
    PRECISION,
    RANDOM_WARP,
    UNIFORM_YAW,
)
from dfl_cli.options.tables.run import (
    AUTOBACKUP_HOUR,
    BATCH_SIZE,
    CHOOSE_PREVIEW_HISTORY,
    HOLD_OUT,
    KEEP_BEST,
    RANDOM_DST_FLIP,
    RANDOM_SRC_FLIP,
    TARGET_ITER,
    WRITE_PREVIEW_HISTORY,
)
from dfl_cli.options.tables.samples import CACHE_GB, CORRECTED_SAMPLES
from dfl_cli.options.tables.structure import (
    AE_DIMS,
    ARCHI,
    D_DIMS,
    D_MASK_DIMS,
    E_DIMS,
    FACE_TYPE,
    RESOLUTION,
)
from models.classes.quick96 import QUICK96 as NETWORK
from models.spec import QUICK96 as STRUCTURE

REPEAT_PERIOD = 3  # iterations

TABLE = (
    replace(AUTOBACKUP_HOUR, ask=Ask.NEVER),
    replace(WRITE_PREVIEW_HISTORY, ask=Ask.NEVER),
    replace(CHOOSE_PREVIEW_HISTORY, ask=Ask.NEVER),
    replace(TARGET_ITER, ask=Ask.NEVER),
    replace(BATCH_SIZE, ask=Ask.NEVER, default=4, default_text=""),
    CACHE_GB,
    replace(CORRECTED_SAMPLES, ask=Ask.NEVER),
    EMA,
    PRECISION,
    ACCUMULATE_STEPS,
    GRADIENT_CHECKPOINTING,
    HOLD_OUT,
    KEEP_BEST,
)

FIXED = (
    (RANDOM_SRC_FLIP, False),
    (RANDOM_DST_FLIP, False),
    (RESOLUTION, STRUCTURE["resolution"]),
    (FACE_TYPE, "f"),
    (ARCHI, STRUCTURE["archi"]),
    (AE_DIMS, STRUCTURE["ae_dims"]),
    (E_DIMS, STRUCTURE["e_dims"]),
    (D_DIMS, STRUCTURE["d_dims"]),
    (D_MASK_DIMS, STRUCTURE["d_mask_dims"]),
    (UNIFORM_YAW, False),
    (RANDOM_WARP, True),
    (CT_MODE, "none"),
)


class RepeatingFeed:
    """Every third batch of a feed is the one before it again, unwarped (models.md 3.7).

    open_batches  (start) -> the feed whose batches these are
    """

    def __init__(self, open_batches: Callable, *, start: int):
        repeated = is_repeated(start)
        drawn = start - max(0, start - 1) // REPEAT_PERIOD  # batches that the iterations before `start` have drawn
        self.feed, self.iteration = open_batches(drawn - repeated), start
        self.last = next(self.feed) if repeated else None

    def __next__(self):
        if is_repeated(self.iteration):
            batch = self.last._replace(warped_src=self.last.target_src, warped_dst=self.last.target_dst)
        else:
            batch = self.last = next(self.feed)
        self.iteration += 1
        return batch

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.feed.close()

    @property
    def skipped(self) -> list:
        return self.feed.skipped


def is_repeated(iteration: int) -> bool:
    """Whether the batch of `iteration`, counted from 0, is that of the iteration before."""
    return iteration > 0 and iteration % REPEAT_PERIOD == 0


def open_feed(faces: Mapping, options: Mapping, *, seed: int, start: int) -> RepeatingFeed:
    from dfl_cli.classes.pair_feed import PairFeed

    scale_range = (-0.05, 0.05)  # facesets.md 3.5
    return RepeatingFeed(
        lambda first: PairFeed(faces, options, seed=seed, start=first, scale_range=scale_range), start=start
    )


def draw_previews(model, batch, options: Mapping) -> list:
    from dfl_cli.classes.pair_previews import pair_previews

    return pair_previews(NETWORK.name, model, batch, options)


QUICK96 = ModelClass(network=NETWORK, table=TABLE, fixed=FIXED, open_feed=open_feed, draw_previews=draw_previews)
