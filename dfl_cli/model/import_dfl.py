"""A DeepFaceLab model becomes one of ours: everything is read and checked first, then written in one go."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from dfl_cli.classes.registry import CLASSES
from dfl_cli.errors import UserError
from dfl_cli.model.dfl_folder import DflModel, damaged, printable, read_dict
from dfl_cli.model.dfl_options import DflOptions, names, options_from_dfl
from dfl_cli.model.loss_table import read_history, write_losses
from dfl_cli.model.measure_import import measure_import
from dfl_cli.model.tensor_errors import as_user_error
from dfl_cli.options.summary import summary_box
from dfl_cli.registration.record import Registration
from dfl_cli.registration.words import registration_lines
from dfl_cli.store.choose_model import new_model
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.state import State
from dfl_cli.terminal.console import notice, progress, say
from dfl_cli.translate import listed, ntr, tr
from dfl_cli.units import MEGABYTE
from models import weights as weight_files
from models.exchange.dfl_checkpoint import read_optimizer, read_part, unknown_names
from models.layout import Layout, Optimizer, Part
from models.spec import BadArchi, BadResolution
from samplers.files.atomic_file import creating_folder, write_atomically

MOST_ITERATIONS = 10**12
RECORD = {"iter", "options", "loss_history", "sample_for_preview", "choosed_gpu_indexes"}  # keys of a data file


@dataclass
class Imported:
    """Everything of a DeepFaceLab model that is kept, in our terms."""

    model_class: str
    iteration: int
    options: dict[str, Any]
    losses: list[list[float]]
    weights: dict = field(default_factory=dict)
    optimizer_state: dict = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)  # what was changed or left out
    registration: Registration | None = None


def import_dfl(
    model: DflModel,
    models: Path,
    name: str,
    *,
    face_type: str | None = None,
    faces: Mapping[str, Path] | None = None,
) -> ModelDir:
    """Write `model` into `<models>/<name>`. Nothing is written unless all of it can be read.

    Args:
        face_type: what part of the head it shows, where the files say it wrongly.
        faces: folders of src and dst on whose faces it is measured where the model puts them; None: not here.

    Raises:
        UserError: the name is taken or no name; a file is missing, damaged, hostile, or does not fit the others.
    """
    with new_model(models, name) as target:
        return import_to(target, model, face_type, faces)


def import_to(target: Path, model: DflModel, face_type: str | None, faces: Mapping[str, Path] | None) -> ModelDir:
    name = target.name
    imported = read_model(model, {"face_type": face_type} if face_type else {})
    imported.registration = measure_import(
        imported.model_class,
        imported.iteration,
        options=imported.options,
        weights=imported.weights,
        folders=faces or {},
    )
    model_dir = write_model(target, imported, origin=model.prefix)
    for remark in imported.remarks:
        notice(remark)
    say(
        tr(
            "Imported {prefix} as {name}: {model_class}, iteration {iteration}.",
            prefix=model.prefix,
            name=name,
            model_class=model.model_class,
            iteration=imported.iteration,
        )
    )
    if faces is not None and CLASSES[imported.model_class].network.swaps:
        for line in registration_lines(imported.registration, iteration=imported.iteration):
            say(line)
    return model_dir


def read_model(model: DflModel, given: Mapping[str, Any]) -> Imported:
    """All files of a model, checked against what its options say the networks are; `given` are options that count anyway."""
    imported = read_data_dat(model, given)
    try:
        files = CLASSES[imported.model_class].network.layout(imported.options)
    except BadArchi as error:
        raise bad_structure(f"archi {error.archi}") from error
    except BadResolution as error:
        facts = [f"resolution {error.resolution}", *filter(None, [imported.options.get("archi")])]
        raise bad_structure(listed(facts)) from error
    WeightReader(model, imported).read(files)
    refuse_not_finite(imported)
    return imported


def refuse_not_finite(imported: Imported) -> None:
    """A model that can only get worse is not imported. Raises UserError."""
    bad = weight_files.not_finite(imported.weights) or weight_files.not_finite(imported.optimizer_state)
    if bad:
        raise UserError(
            tr("The DeepFaceLab model holds numbers that are not finite."),
            saw=bad,
            fix=tr("The training that wrote it had diverged. Import an older backup of it."),
        )


def bad_structure(saw: str) -> UserError:
    return UserError(
        tr("Cannot build a network with the options of the DeepFaceLab model."),
        saw=saw,
        fix=tr("The model may be too old or damaged. Try another backup of it."),
    )


def read_data_dat(model: DflModel, given: Mapping[str, Any]) -> Imported:
    """The data file: iteration, options, loss history."""
    path = model.options_file
    record = read_dict(path)
    iteration, stored = whole_number(record.get("iter")), record.get("options")
    if iteration is None:
        raise damaged(path, tr("No iteration number."))
    if not isinstance(stored, dict) or (not stored and CLASSES[model.model_class].table):
        raise damaged(path, tr("No options."))
    options = options_from_dfl(model.model_class, stored, given)
    remarks = lines_about_options(options, path.name, [key for key in record if key not in RECORD])
    losses = read_history(record.get("loss_history", []), model.model_class)
    if losses is None:
        remarks.append(tr("The loss history in {file} is not usable and was skipped.", file=path.name))
    return Imported(model.model_class, iteration, options.values, losses or [], remarks=remarks)


def lines_about_options(options: DflOptions, file: str, unknown: list[object]) -> list[str]:
    """What is different here, and what is left out; `unknown` are further keys of the file."""
    lines = []
    if options.changed:
        lines += [tr("Options that are different here:"), *(f"  {line}" for line in options.changed)]
    dropped = list(options.dropped)
    if unknown:
        dropped.append(tr("{names}: unknown entries of {file}", names=names(unknown), file=file))
    if dropped:
        lines += [tr("Not imported; the weights do not depend on it:"), *(f"  {line}" for line in dropped)]
    return lines


def whole_number(value: object) -> int | None:
    number = value.item() if hasattr(value, "item") and getattr(value, "size", 0) == 1 else value
    number = int(number) if type(number) is float and number.is_integer() else number
    return number if type(number) is int and 0 <= number <= MOST_ITERATIONS else None


class WeightReader:
    """Reads the weight and optimizer files of one model into `imported`."""

    def __init__(self, model: DflModel, imported: Imported):
        self.model, self.imported = model, imported
        self.powers = CLASSES[model.model_class].effective_options(imported.options)

    def read(self, files: Layout) -> None:
        wanted = [self.model.file(known.file) for known in (*files.parts, *files.optimizers)]
        total = sum(megabytes(path) for path in wanted if path.is_file())
        with progress(total, tr("Reading {name}", name=self.model.prefix), unit="MB", keep=False) as bar:
            for part in files.parts:
                self.read_part(part)
                bar.update(megabytes(self.model.file(part.file)))
            for optimizer in files.optimizers:
                self.read_optimizer(optimizer)
                bar.update(megabytes(self.model.file(optimizer.file)))

    def read_part(self, part: Part) -> None:
        path = self.model.file(part.file)
        if not path.is_file():
            self.report_missing_part(part, path)
            return
        stored = read_dict(path)
        try:
            with as_user_error(path):
                self.imported.weights |= read_part(part, stored)
        except UserError:
            if part.required or self.is_on(part):
                raise
            line = tr("{file} does not match the options and was skipped; it is not in use.", file=path.name)
            self.imported.remarks.append(line)
        else:
            self.remark_unknown(path, unknown_names(part, stored))

    def report_missing_part(self, part: Part, path: Path) -> None:
        if part.required:
            raise UserError(
                tr("{file} is missing.", file=path.name),
                saw=tr("Not in {folder}.", folder=path.parent),
                fix=tr("Copy all files of the model into one folder."),
            )
        self.remark_missing(path, part)

    def read_optimizer(self, optimizer: Optimizer) -> None:
        path = self.model.file(optimizer.file)
        if not all(self.has(part) for part in optimizer.parts):
            return
        if not path.is_file():
            self.remark_missing(path, optimizer.parts[0])
            return
        stored = read_dict(path)
        with as_user_error(path):
            self.imported.optimizer_state |= read_optimizer(optimizer, stored)
        self.remark_unknown(path, unknown_names(optimizer, stored))

    def remark_missing(self, path: Path, part: Part) -> None:
        """What belongs to a discriminator that is not in use is missed by nobody."""
        if part.required or self.is_on(part):
            self.imported.remarks.append(tr("{file} is missing: this part starts from scratch.", file=path.name))

    def is_on(self, part: Part) -> bool:
        """Whether the options make use of a discriminator."""
        return bool(self.powers.get(part.power, 0))

    def has(self, part: Part) -> bool:
        return all(f"{part.name}/{path}" in self.imported.weights for path in part.tensors)

    def remark_unknown(self, path: Path, names: list[str]) -> None:
        if names:
            line = ntr(
                "{file}: skipped {count} entry unknown to the model, {name}.",
                "{file}: skipped {count} entries unknown to the model, the first is {name}.",
                file=path.name,
                count=len(names),
                name=printable(names[0]),
            )
            self.imported.remarks.append(line)


def megabytes(path: Path) -> int:
    """Size of a file, rounded up; 0 if there is none."""
    return -(-path.stat().st_size // MEGABYTE) if path.is_file() else 0


def write_model(target: Path, imported: Imported, *, origin: str) -> ModelDir:
    """Write a complete model under a hidden name, then give it its own: half a model is never seen."""
    with creating_folder(target) as folder:
        staging = ModelDir(folder)
        structure = CLASSES[imported.model_class].structure(imported.options)
        staging.create(imported.model_class, structure, imported_from=origin)
        write_losses(
            staging.folder / "loss.csv",
            imported.losses,
            model_class=imported.model_class,
            iteration=imported.iteration,
        )
        save_arrays(staging, imported)
        summary = summary_of(target.name, imported)
        write_atomically(folder / "summary.txt", summary.encode(errors="backslashreplace"))
    return ModelDir(target)


def save_arrays(model_dir: ModelDir, imported: Imported) -> None:
    state = State.of(
        model_class=imported.model_class,
        iteration=imported.iteration,
        seed=secrets.randbits(31),
        options=imported.options,
        registration=imported.registration and imported.registration.as_dict(),
    )
    files = {"weights.safetensors": imported.weights, "optimizer.safetensors": imported.optimizer_state}
    total = sum(size_of(arrays) for arrays in files.values())
    with progress(total, tr("Writing"), unit="MB", keep=False) as bar:

        def write(path: Path, arrays: Mapping) -> None:
            weight_files.save(path, arrays)
            bar.update(size_of(arrays))

        model_dir.save(state, {name: partial(write, arrays=arrays) for name, arrays in files.items()})


def size_of(arrays: Mapping) -> int:
    """Megabytes, rounded up."""
    return -(-sum(array.nbytes for array in arrays.values()) // MEGABYTE)


def summary_of(name: str, imported: Imported) -> str:
    known = CLASSES[imported.model_class]
    options = known.effective_options(imported.options)
    return summary_box(known.listed, name=name, iteration=imported.iteration, options=options, devices=None) + "\n"
