"""Which save a training that has diverged goes back to."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from dfl_cli.store.generation import Generation
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import not_finite_in
from dfl_cli.store.state import State


class RollbackTarget(NamedTuple):
    generation: Generation
    iteration: int  # in the present session, see `iteration_in`


def best_save(
    model_dir: ModelDir, options: Mapping, *, iteration: int, since: int, tried_saves: Collection[str]
) -> RollbackTarget | None:
    """The newest whole save from before the trouble.

    Saves marked as suspicious, or with numbers that are not finite, are never taken. Taken only when there is no other: those in
    `tried_saves`, from which the training has diverged again before it was stable, and those later than `since`, though all was
    stable when they were made.

    Args:
        options: of the model now.
        iteration: that the session has reached.
        tried_saves: names of generations.
    """
    found = []
    for generation in model_dir.generations():
        if generation.fault() is None and not generation.suspicious and not_finite_in(generation) is None:
            target = RollbackTarget(generation, iteration_in(generation.state(), options))
            if target.iteration <= iteration:
                found.append(target)
    return min(found, key=lambda one: (one.generation.folder.name in tried_saves, one.iteration > since), default=None)


def make_newest(model_dir: ModelDir, good: Generation) -> bool:
    """Where the newest save is marked as suspicious, make `good` the newest, so that the next session starts from it."""
    if not model_dir.newest()[0].suspicious:
        return False
    model_dir.restore(good.folder)
    return True


def iteration_in(state: State, options: Mapping) -> int:
    """Where a save stands for a model with `options`: one of pretraining is the beginning of what came after it."""
    left_pretraining = state.options.get("pretrain", False) and not options.get("pretrain", False)
    return 0 if left_pretraining else state.iteration
