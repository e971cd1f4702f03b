"""One save of a model by its name: `NAME`, `NAME@ITERATION`, or `NAME@01` for a backup."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from dfl_cli.classes.registry import swapping_classes
from dfl_cli.errors import UserError
from dfl_cli.store.generation import UNREADABLE, Generation
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import SavedModel, complete_state, find_model, named_or_newest, open_best
from dfl_cli.translate import listed, tr

MARK = "@"
BEST = "best"


def find_checkpoint(models: Path, name: str | None, classes: Collection[str] | None = None) -> SavedModel:
    """As `find_model`, and of a model with `@` behind its name the save of that iteration, the backup of that number, or the `best`.

    Two digits are a backup if there is one of that number. Of several saves of one iteration the newest is opened; a backup only where
    no save has that iteration.

    Raises:
        UserError: there is no such model or save, which lists what there is, or the save is damaged.
    """
    classes = swapping_classes() if classes is None else classes
    before, mark, which = (name or "").rpartition(MARK)
    if not mark or named_or_newest(models, name, classes):
        return find_model(models, name, classes)
    model_dir = named_or_newest(models, before, classes) if before.strip() else None
    if model_dir is None:
        return find_model(models, before, classes)  # which says that there is none
    return open_save(model_dir, which.strip())


def open_save(model_dir: ModelDir, which: str) -> SavedModel:
    """See `find_checkpoint`. Raises UserError."""
    if which == BEST:
        return open_best(model_dir)
    saves = saves_of(model_dir)
    generation = next((one for one in saves if one.folder.name == which), None)
    if generation is None and which.isdecimal():
        generation = next((one for one in saves if iteration_of(one) == int(which)), None)
    if generation is None:
        raise UserError(
            tr("The model {name} has no save {id}.", name=model_dir.name, id=which or '""'),
            saw=tr("Available: {names}", names=listed(map(described, saves)) or tr("nothing")),
            fix=tr("Use NAME@ITERATION, NAME@01 for a backup, or NAME@best for the best save."),
        )
    if fault := generation.fault():
        raise UserError(
            tr("Save {save} of {name} cannot be opened.", save=generation.folder.name, name=model_dir.name),
            saw=fault,
            fix=tr("Use another one. Available: {names}", names=listed(map(described, saves))),
        )
    return SavedModel(model_dir, generation, complete_state(model_dir, generation))


def saves_of(model_dir: ModelDir) -> list[Generation]:
    """The saves, the newest first, and behind them the backups."""
    return [*model_dir.generations(), *map(Generation, model_dir.backups())]


def iteration_of(generation: Generation) -> int | None:
    """None where it cannot be read."""
    try:
        return generation.state().iteration
    except UNREADABLE:
        return None


def described(generation: Generation) -> str:
    """As it is written behind the `@`: a save by its iteration, a backup by its number."""
    iteration = iteration_of(generation)
    if generation.folder.parent.name == "backups":
        iteration = "?" if iteration is None else iteration
        return tr("{id} (iteration {iteration})", id=generation.folder.name, iteration=iteration)
    return generation.folder.name if iteration is None else str(iteration)
