"""One of our models as the files DeepFaceLab opens (spec models.md 5.1 to 5.4, 8)."""

import contextlib
import glob
import os
from collections.abc import Iterator
from pathlib import Path

from dfl_cli.classes.registry import CLASSES
from dfl_cli.errors import UserError
from dfl_cli.model.dfl_folder import DflModel
from dfl_cli.model.dfl_options import options_for_dfl, options_from_dfl
from dfl_cli.model.import_dfl import bad_structure
from dfl_cli.model.loss_table import read_losses
from dfl_cli.model.tensor_errors import as_user_error
from dfl_cli.store.choose_model import name_problem
from dfl_cli.store.durable import json_bytes, read_json, sha256
from dfl_cli.store.lock import FolderLock
from dfl_cli.store.saved_model import SavedModel
from dfl_cli.terminal.console import notice, progress, say
from dfl_cli.translate import tr
from models import weights as weight_files
from models.exchange.dfl_checkpoint import write_optimizer, write_part
from models.layout import Layout
from models.spec import BadArchi, BadResolution
from samplers.files.atomic_file import (
    DanglingLink,
    creating_folder,
    is_dangling_link,
    remove_leftovers,
    sync,
    write_atomically,
)
from samplers.files.names import as_text
from samplers.files.pickles import safe_pickle

STAGED = ".dfl-export"  # in the folder of the result: the complete files of an export, about to be put in place
STEPS = "steps.json"  # among them: the names to remove, and those to place, in order


def export_dfl(saved: SavedModel, output: Path, *, user: str | None, overwrite: bool) -> DflModel:
    """Write the newest save of a model into `output`: in a hidden folder first, then every file by one rename.

    What a process that was killed had written completely is put in place first, or removed where it was not complete.

    Args:
        user: what DeepFaceLab calls the model; None: our name, with `-` for `_`.
        overwrite: replace the files of a model of that name; other files are left alone in any case.

    Raises:
        UserError: the model cannot be exported, or its files would replace others.
        DanglingLink: they would replace a link whose target is missing.
    """
    refuse_unexportable(saved)
    target = DflModel(output, user_name(saved, user), saved.model_class)
    files = layout_of(saved)
    with FolderLock(output):
        remove_leftovers(output)
        finish_installing(output)
        write_export(saved, files, target, overwrite=overwrite)
    say(tr("Exported {name} as {prefix} to {folder}.", name=saved.name, prefix=target.prefix, folder=output))
    return target


def write_export(saved: SavedModel, files: Layout, target: DflModel, *, overwrite: bool) -> None:
    output = target.folder
    in_the_way = files_of(target, files)
    if in_the_way and not overwrite:
        raise UserError(
            tr("There is already a model {name} in {folder}.", name=target.prefix, folder=output),
            saw=", ".join(path.name for path in in_the_way),
            fix=tr("Choose another name with --as or another folder, or replace it with --force."),
        )
    for path in in_the_way:
        if is_dangling_link(path):
            raise DanglingLink(path)
    with creating_folder(output / STAGED) as staging:
        write_files(saved, files, DflModel(staging, target.user, target.model_class))
        # The data file first and last: without it DeepFaceLab sees no model, and never one of mixed files.
        names = sorted((path.name for path in staging.iterdir()), key=lambda name: name == target.options_file.name)
        stale = [path.name for path in in_the_way if path == target.options_file or path.name not in names]
        replaced = sha256(target.options_file) if target.options_file.exists() else ""
        steps = {"remove": stale, "place": names, "replaced": replaced}
        write_atomically(staging / STEPS, json_bytes(steps))
    install(output)


def refuse_unexportable(saved: SavedModel) -> None:
    if saved.model_class not in CLASSES:
        raise UserError(
            tr("DeepFaceLab has no model class {model_class}.", model_class=saved.model_class),
            saw=saved.name,
            fix=tr("Export a model of one of these classes: {classes}", classes=", ".join(CLASSES)),
        )
    if not saved.iteration:
        raise UserError(
            tr("The model {name} has not been trained yet.", name=saved.name),
            saw=tr("Iteration 0; DeepFaceLab would train it from scratch."),
            fix=tr("Train it for at least one iteration first."),
        )


def user_name(saved: SavedModel, given: str | None) -> str:
    """The name in front of `_SAEHD`. DeepFaceLab takes what is before the first `_` for it; XSeg files have none."""
    if not CLASSES[saved.model_class].dfl_user_names:
        if given is not None:
            raise UserError(
                tr("A model of the class {model_class} has no name in DeepFaceLab.", model_class=saved.model_class),
                saw=f"--as {given}",
                fix=tr("Remove --as."),
            )
        return ""
    name = as_text(saved.name).replace("_", "-") if given is None else given.strip()
    reason = name_problem(name) or (tr("{character} is not allowed", character="'_'") if "_" in name else None)
    if reason:
        raise UserError(
            tr("A DeepFaceLab model cannot be called {name}.", name=repr(name)),
            saw=reason,
            fix=tr("Use letters, digits, spaces, - and ."),
        )
    return name


def layout_of(saved: SavedModel) -> Layout:
    """What the files hold, by the options of the model; those are checked as strictly as on the way in."""
    try:
        return CLASSES[saved.model_class].network.layout(options_from_dfl(saved.model_class, saved.options).values)
    except (BadArchi, BadResolution) as error:
        raise bad_structure(str(error)) from error


def files_of(target: DflModel, files: Layout) -> list[Path]:
    """The files there are that DeepFaceLab would take for this model's, the data file first."""
    if target.user:
        weights = sorted(target.folder.glob(f"{glob.escape(target.prefix)}_*.npy"))
    else:
        weights = [target.file(known.file) for known in (*files.parts, *files.optimizers)]
    return [path for path in [target.options_file, *weights] if os.path.lexists(path)]


def write_files(saved: SavedModel, files: Layout, target: DflModel) -> None:
    total = len(files.parts) + len(files.optimizers) + 1
    with progress(total, tr("Writing"), keep=False) as bar:
        for path, content in weight_contents(saved, files, target):
            if content:
                write(path, content)
            bar.update(1)
        write(target.options_file, data_dat(saved))
        bar.update(1)


def weight_contents(saved: SavedModel, files: Layout, target: DflModel) -> Iterator[tuple[Path, dict]]:
    """Each file and the dictionary it holds, empty where the model has no such part."""
    weights, state = saved.generation.weights_file, saved.generation.optimizer_file
    fix = tr("Restore a backup and export again: dfl model restore {name}", name=saved.name)
    arrays = weight_files.load(weights)
    with as_user_error(weights, fix):
        for part in files.parts:
            yield target.file(part.file), write_part(part, arrays)
    arrays = weight_files.load(state)
    with as_user_error(state, fix):
        for optimizer in files.optimizers:
            yield target.file(optimizer.file), write_optimizer(optimizer, arrays)


def data_dat(saved: SavedModel) -> dict:
    """The data file. DeepFaceLab draws its fixed preview faces again."""
    return {
        "iter": saved.iteration,
        "options": options_for_dfl(saved.model_class, saved.options),
        "loss_history": read_losses(saved.model_dir.folder / "loss.csv", saved.iteration),
        "sample_for_preview": None,
        "choosed_gpu_indexes": None,
    }


def write(path: Path, content: dict) -> None:
    path.write_bytes(safe_pickle.dumps(content))
    sync(path)


def complete_export(folder: Path) -> None:
    """Put the files of an export to `folder` that was interrupted in place. Raises InUse."""
    if os.path.lexists(folder / STAGED):
        with FolderLock(folder):
            finish_installing(folder)


def finish_installing(output: Path) -> None:
    """Put the files of an export that was interrupted in place, if all of them had been written."""
    staged = output / STAGED
    if not os.path.lexists(staged):
        return
    if (staged / STEPS).is_file():
        refuse_newer(output)
        install(output)
        notice(tr("Completed an export that was interrupted."))
    else:  # all of its files are in place
        staged.rmdir()


def refuse_newer(output: Path) -> None:
    """Raises UserError where DeepFaceLab has begun another model of that name since the export was interrupted."""
    staged, (*_, data_file) = output / STAGED, staged_names(output)["place"]
    there, replaced = output / data_file, read_json(staged / STEPS).get("replaced")
    if replaced is not None and (staged / data_file).exists() and there.exists() and sha256(there) != replaced:
        raise UserError(
            tr("The interrupted export {path} cannot be completed.", path=staged),
            saw=tr("{name} was written by another program since.", name=data_file),
            fix=tr("Delete it, then export again."),
        )


def install(output: Path) -> None:
    """Put the staged files in place; may be begun again after any step. Raises UserError."""
    staged, names = output / STAGED, staged_names(output)
    for name in names["remove"]:
        if (staged / names["place"][0]).exists():  # else new files may already have these names
            (output / name).unlink(missing_ok=True)
    for name in names["place"]:
        with contextlib.suppress(FileNotFoundError):  # placed before the interruption
            (staged / name).replace(output / name)
    sync(output)
    (staged / STEPS).unlink()
    staged.rmdir()


def staged_names(output: Path) -> dict[str, list[str]]:
    """What to remove and what to place: plain names only, the file may come from a stranger. Raises UserError."""
    path = output / STAGED / STEPS
    try:
        found = {key: list(read_json(path)[key]) for key in ("remove", "place")}
        if not found["place"] or any(
            Path(name).name != name or "\\" in name for names in found.values() for name in names
        ):
            raise ValueError(path)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(
            tr("The interrupted export {path} cannot be completed.", path=output / STAGED),
            saw=STEPS,
            fix=tr("Delete it, then export again."),
        ) from error
    return found
