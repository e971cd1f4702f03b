"""One of our models as the files DeepFaceLab opens (spec models.md 5.1 to 5.4, 8)."""

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
from dfl_cli.store.installing import complete_killed, install
from dfl_cli.store.lock import FolderLock, OutputLock
from dfl_cli.store.saved_model import SavedModel
from dfl_cli.terminal.console import progress, say
from dfl_cli.translate import listed, tr
from models import weights as weight_files
from models.exchange.dfl_checkpoint import write_optimizer, write_part
from models.layout import Layout
from models.spec import BadArchi, BadResolution
from samplers.files.atomic_file import (
    DanglingLink,
    creating_folder,
    is_dangling_link,
    staging_folder,
    sync,
)
from samplers.files.names import as_text
from samplers.files.pickles import safe_pickle

STAGING = "dfl-export"


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
    if os.path.lexists(output):
        with FolderLock(output):
            complete_killed(output)
            replace_export(saved, files, target, overwrite=overwrite)
    else:
        with OutputLock(output), creating_folder(output) as staging:
            write_files(saved, files, DflModel(staging, target.user, target.model_class))
    say(tr("Exported {name} as {prefix} to {folder}.", name=saved.name, prefix=target.prefix, folder=output))
    return target


def replace_export(saved: SavedModel, files: Layout, target: DflModel, *, overwrite: bool) -> None:
    """Into a folder that is there. The data file goes first and comes last: without it DeepFaceLab sees no model, never a mixed one."""
    output = target.folder
    in_the_way = files_of(target, files)
    if in_the_way and not overwrite:
        raise UserError(
            tr("There is already a model {name} in {folder}.", name=target.prefix, folder=output),
            saw=listed(path.name for path in in_the_way),
            fix=tr("Choose another name with --as or another folder, or replace it with --force."),
        )
    for path in in_the_way:
        if is_dangling_link(path):
            raise DanglingLink(path)
    with staging_folder(output, STAGING) as staging:
        write_files(saved, files, DflModel(staging, target.user, target.model_class))
        names = sorted((path.name for path in staging.iterdir()), key=lambda name: name == target.options_file.name)
        stale = [path.name for path in in_the_way if path == target.options_file or path.name not in names]
        install(output, staging, names, delete=stale, last=target.options_file.name)


def refuse_unexportable(saved: SavedModel) -> None:
    if saved.model_class not in CLASSES:
        raise UserError(
            tr("DeepFaceLab has no model class {model_class}.", model_class=saved.model_class),
            saw=saved.name,
            fix=tr("Export a model of one of these classes: {classes}", classes=listed(CLASSES)),
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
