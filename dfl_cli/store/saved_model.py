"""A model on the disk, opened: its newest whole generation, named damage, and the network with its weights."""

import contextlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from dfl_cli.classes.registry import CLASSES, swapping_classes
from dfl_cli.errors import UserError
from dfl_cli.store.dfl_models import import_advice
from dfl_cli.store.generation import Generation
from dfl_cli.store.model_dir import DamagedModel, ModelDir, saved_models
from dfl_cli.store.registration_file import registration_of
from dfl_cli.store.schemas import check_complete
from dfl_cli.store.state import State
from dfl_cli.terminal.console import notice
from dfl_cli.terminal.ignored_files import mention_ignored
from dfl_cli.text_files.schema import WrongField
from dfl_cli.translate import clauses, labeled, listed, tr
from samplers.files.names import Spellings

# Options with which a network is built for its results alone: they are the same in whatever precision it was trained.
FOR_RESULTS: Mapping = {"ema": "off", "precision": "float32"}


@dataclass(frozen=True)
class SavedModel:
    """What was saved; nothing of TensorFlow is loaded yet."""

    model_dir: ModelDir
    generation: Generation
    state: State

    @property
    def name(self) -> str:
        return self.model_dir.name

    @property
    def model_class(self) -> str:
        return self.state.model_class

    @property
    def iteration(self) -> int:
        return self.state.iteration

    @property
    def options(self) -> dict:
        return self.state.options

    @property
    def fingerprint(self) -> str:
        """Changes with the weights; the same for a copy under the same name."""
        files = self.generation.files()
        weights = [
            files[name]["sha256"] for name in sorted(files) if name.endswith(".safetensors") and "optimizer" not in name
        ]
        return " ".join([self.model_class, self.name, str(self.iteration), *weights])

    @property
    def weights_digest(self) -> str:
        """The sha256 of the weights that swap."""
        return self.generation.files()[self.swap_file.name]["sha256"]

    @property
    def swap_file(self) -> Path:
        """The weights that swap: the moving averages where the model keeps them, else the trained ones."""
        averages = self.generation.averages_file
        return averages if averages.name in self.generation.files() else self.generation.weights_file

    def build(self, *, corrected: bool = True):
        """The network with the weights of `swap_file`. `models.engine.runtime.prepare` comes first.

        corrected  `view` and `swap` take off the displacement that was measured
        """
        from models import weights

        network = CLASSES[self.model_class].network
        model = network.build({**self.options, **FOR_RESULTS}, seed=self.state.seed)
        model.load(weights.load(self.swap_file))
        if corrected and network.swaps and (record := registration_of(self)):
            model.corrections = record.corrections
        return model


def load_save(model, generation: Generation, *, model_class: str, options: Mapping) -> None:
    """Put the weights, the optimizer's state and the moving averages of a save into a model built for `options`.

    Averages that were not saved begin at the weights. Raises DamagedWeights, WeightMismatch, MissingWeights.
    """
    from models import weights

    file = generation.averages_file
    model.load(
        weights.load(generation.weights_file),
        weights.load(generation.optimizer_file),
        averages=weights.load(file) if file.exists() else None,
        fresh=CLASSES[model_class].network.parts_to_reinitialize(generation.state().options, options),
    )


def not_finite_in(generation: Generation) -> str | None:
    """The first array of a whole save, with its file, that holds numbers that are not finite; None if all are.

    Saves are checked before they are made; these may be from elsewhere, or from a version that did not check. A file that cannot be
    read at all is reported by whoever opens the save.
    """
    from models import weights

    for file in generation.files():
        if file.endswith(".safetensors"):
            with contextlib.suppress(weights.DamagedWeights):
                if name := weights.not_finite(weights.load(generation.folder / file)):
                    return f"{file}: {name}"
    return None


def open_model(model_dir: ModelDir) -> SavedModel:
    """The newest whole save; damaged newer ones are named.

    Raises:
        UserError: no save is whole.
    """
    try:
        generation, damaged = model_dir.newest()
    except DamagedModel as error:
        raise UserError(
            tr("Model {name} has no intact save.", name=model_dir.name),
            saw=clauses(labeled(name, fault) for name, fault in error.damaged) or tr("No files."),
            fix=backup_advice(model_dir),
        ) from error
    for name, fault in damaged:
        notice(tr("Save {name} is damaged ({fault}). Using the previous one.", name=name, fault=fault))
    return SavedModel(model_dir, generation, complete_state(model_dir, generation))


def complete_state(model_dir: ModelDir, generation: Generation) -> State:
    """The state of a whole save. Raises UserError if it lacks what opening a model needs.

    Options that are the same for all models of a class may be missing: earlier versions did not have them.
    """
    state = generation.state()
    if (known := CLASSES.get(state.get("model_class"))) and "options" in state:
        state["options"] = {**known.with_fixed({}), **state["options"]}
    try:
        check_complete(state)
    except WrongField as error:
        raise UserError(
            tr("Save {save} of {name} cannot be opened.", save=generation.folder.name, name=model_dir.name),
            saw=f"state.json: {error}",
            fix=backup_advice(model_dir),
        ) from None
    return state


def backup_advice(model_dir: ModelDir) -> str:
    """What to do without a whole save: the newest whole backup, if there is one."""
    for backup in model_dir.backups():
        if Generation(backup).fault() is None:
            return tr(
                "Restore backup {id} (iteration {iteration}): dfl model restore {name} --from {id}",
                id=backup.name,
                iteration=Generation(backup).state().iteration,
                name=model_dir.name,
            )
    return tr(
        "There is no intact backup either. Copy {folder} back from a backup of your own.", folder=model_dir.folder
    )


def open_best(model_dir: ModelDir) -> SavedModel:
    """The best save, which a training with the option keep_best keeps. Raises UserError without one."""
    best = model_dir.best()
    if best is None:
        raise UserError(
            tr("The model {name} has no best save.", name=model_dir.name),
            saw=tr("Nothing usable in {folder}.", folder=model_dir.folder / "best"),
            fix=tr(
                "Train it with --keep-best y, or leave out --best. A swap counts as soon as its head turns as dst's does."
            ),
        )
    return SavedModel(model_dir, best, complete_state(model_dir, best))


def find_model(
    models: Path, name: str | None, classes: Collection[str] | None = None, *, best: bool = False
) -> SavedModel:
    """The model called `name`, or the one saved last, of `classes`; None: of those that swap faces.

    best  its best save instead of the newest one

    Raises:
        UserError: there is none; the message lists what there is.
    """
    mention_ignored(models)
    classes = swapping_classes() if classes is None else classes
    chosen = named_or_newest(models, name, classes)
    if chosen is None:
        found = [one.name for one in models_of(models, classes)]
        raise UserError(
            tr("There is no model called {name}.", name=name) if name else tr("There is no model yet."),
            saw=tr("in {folder}: {names}", folder=models, names=listed(found) or tr("nothing")),
            fix=import_advice(models, name) or tr("Train one with dfl train, or check --models and --name."),
        )
    return open_best(chosen) if best else open_model(chosen)


def named_or_newest(models: Path, name: str | None, classes: Collection[str]) -> ModelDir | None:
    """The model called `name`, in any spelling of it, or the one saved last, of these classes; None without one."""
    found = models_of(models, classes)
    wanted = Spellings(one.name for one in found).find(name.strip()) if name else None
    return found[0] if found and name is None else next((one for one in found if one.name == wanted), None)


def models_of(models: Path, classes: Collection[str]) -> list[ModelDir]:
    """The saved models of these classes, the one saved last first."""
    return [one for one in saved_models(models) if one.header().get("model_class") in classes]
