"""`dfl train --plan`: what a training would cost, from the same sources as the training, and without writing anything."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from dfl_cli.classes.registry import CLASSES
from dfl_cli.devices import choose_devices, list_gpus
from dfl_cli.faceset.loading import existing_face_folder
from dfl_cli.options.summary import summary_box
from dfl_cli.store.choose_model import choose_model
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import SavedModel
from dfl_cli.store.workspace import Workspace, folder_for, workspace_for
from dfl_cli.terminal.console import Console, counted_progress, say
from dfl_cli.train.answers import ask_options
from dfl_cli.train.costs.model_costs import ModelCosts
from dfl_cli.train.costs.probe import Probe, measured, probe_line
from dfl_cli.translate import clauses, listed, tr
from dfl_cli.units import size_text

NOWHERE = Path(os.devnull)  # in the place of a models folder that was not given: nothing is in it
NEW = "new"
SIDES = ("src", "dst", "pretraining")


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What would be trained."""

    name: str
    saved: SavedModel | None
    costs: ModelCosts
    faces: Mapping[str, int | None]  # usable faces of each set; None: there is no such folder
    probe: Probe | None  # None: not wanted


def print_plan(args: argparse.Namespace, open_saved: Callable) -> int:
    """Returns the exit code. `open_saved`: (ModelDir, model class) -> the saved model, None for a new one."""
    with redirect_stdout(sys.stderr):
        outlook = look_ahead(args, open_saved)
    if args.json:
        print(json.dumps(as_data(outlook), ensure_ascii=False))
    else:
        say("\n".join(as_lines(outlook)))
    return 0


def look_ahead(args: argparse.Namespace, open_saved: Callable) -> Outlook:
    """Raises UserError, as the training would."""
    faces = {side: face_count(face_folder(args, side), args.prefer) for side in SIDES}
    models = models_folder(args)
    usual = CLASSES[args.model].usual_name
    given = args.name or ((usual or NEW) if models is NOWHERE else None)
    name = choose_model(models, args.model, given=given, usual_name=usual, silent=True)
    saved = open_saved(ModelDir(models / name), args.model) if (models / name).is_dir() else None
    devices = choose_devices(list_gpus(), cpu=args.cpu, given=args.gpus, silent=True)
    pretraining = args.pretraining or True  # the costs are the same without the faces
    options, _ = ask_options(
        args, saved, models, devices=devices, pretraining=pretraining, silent=True, console=Console()
    )
    costs = ModelCosts(model_class=args.model, options=options, devices=devices)
    probe = None if args.no_probe else measured(costs)
    return Outlook(name=name, saved=saved, costs=costs, faces=faces, probe=probe)


def models_folder(args: argparse.Namespace) -> Path:
    if args.models is None and workspace_for(args.workspace, announce=False) is None:
        return NOWHERE
    return folder_for(args.models, args.workspace, "models", flag="--models", announce=False)


def face_folder(args: argparse.Namespace, side: str) -> Path | None:
    """One that was given by its own flag has to be there. Raises UserError."""
    given = getattr(args, side)
    if given is not None:
        return existing_face_folder(given.expanduser().absolute(), f"--{side}")
    root = workspace_for(args.workspace, announce=False)
    if side == "pretraining" or root is None:
        return None
    folder = getattr(Workspace(root), side)
    return folder if folder.is_dir() else None


def face_count(folder: Path | None, prefer: str) -> int | None:
    if folder is None:
        return None
    from samplers.files.faces import NoFaces, Prefer, open_faceset

    shown = f"{folder.parent.name}/{folder.name}"
    with counted_progress(tr("Loading faces of {folder}", folder=shown), keep=False) as show:
        try:
            return len(open_faceset(folder, show, prefer=Prefer(prefer), keeps_index=False))
        except NoFaces:
            return 0


def as_data(outlook: Outlook) -> dict:
    """For `--json`; docs/training.md explains the fields."""
    costs, probe = outlook.costs, outlook.probe or Probe()
    memory, save = costs.needed, costs.save_bytes
    return {
        "model_class": costs.model_class,
        "name": outlook.name,
        "iteration": outlook.saved.iteration if outlook.saved else 0,
        "archi": costs.effective.get("archi"),
        "resolution": costs.effective["resolution"],
        "batch_size": costs.options["batch_size"],
        "devices": [gpu.name for gpu in costs.devices] or ["cpu"],
        "parameters": costs.parameters,
        "parameters_by_part": {part.name: part.weights for part in costs.parts},
        "estimated_memory_mb": megabytes(costs.memory),
        "estimated_weights_mb": megabytes(costs.weights_on_device),
        "estimated_optimizer_mb": megabytes(memory.total(0) - costs.weights_on_device),
        "estimated_memory_per_face_mb": megabytes(memory.per_face),
        "free_memory_mb": None if costs.free is None else megabytes(costs.free),
        "fits": None if costs.free is None else costs.memory <= costs.free,
        "save_mb": megabytes(save),
        "saves": costs.saves,
        "saves_mb": megabytes(save * costs.saves),
        "backups": costs.backups,
        "backups_mb": megabytes(save * costs.backups),
        "precision": probe.precision,
        "ms_per_iteration": probe.ms,
        "days_per_100k_iterations": probe.days and round(probe.days, 3),
        "measured_memory_mb": probe.memory_mb,
        "out_of_memory": probe.out_of_memory or None,
        "probe_error": probe.error or None,
        "faces": dict(outlook.faces),
        "options": costs.effective,
    }


def megabytes(count: float) -> float:
    """Millions of bytes."""
    return round(count / 1e6, 1)


def as_lines(outlook: Outlook) -> list[str]:
    costs = outlook.costs
    iteration = outlook.saved.iteration if outlook.saved else 0
    known, devices = CLASSES[costs.model_class], list(costs.devices)
    box = summary_box(known.listed, name=outlook.name, iteration=iteration, options=costs.effective, devices=devices)
    lines = [box, "", tr("Model class: {name}", name=costs.model_class), parameter_line(costs), memory_line(costs)]
    return [*lines, disk_line(costs), faces_line(outlook.faces), *probe_lines(outlook.probe)]


def parameter_line(costs: ModelCosts) -> str:
    parts = listed(f"{part.name} {part.weights / 1e6:.1f}" for part in costs.parts)
    return tr("Parameters: {millions:.1f} million ({parts})", millions=costs.parameters / 1e6, parts=parts)


def memory_line(costs: ModelCosts) -> str:
    memory = costs.needed
    return tr(
        "Memory (estimate): {total} at batch size {batch_size}: weights {weights}, optimizer and gradients {optimizer}, "
        "each sample {face}; {free} free",
        total=size_text(costs.memory),
        batch_size=costs.options["batch_size"],
        weights=size_text(costs.weights_on_device),
        optimizer=size_text(memory.total(0) - costs.weights_on_device),
        face=size_text(memory.per_face),
        free="?" if costs.free is None else size_text(costs.free),
    )


def disk_line(costs: ModelCosts) -> str:
    save = costs.save_bytes
    line = tr(
        "Disk: {save} per save, {saves} for the {count} that are kept",
        save=size_text(save),
        saves=size_text(save * costs.saves),
        count=costs.saves,
    )
    if not costs.backups:
        return line
    more = tr("{count} backups: {size}", count=costs.backups, size=size_text(save * costs.backups))
    return clauses([line, more])


def faces_line(faces: Mapping[str, int | None]) -> str:
    # Translators: number of faces in each face set.
    counts = listed(f"{side} {count}" for side, count in faces.items() if count is not None)
    return tr("Faces: {counts}", counts=counts or tr("no face set"))


def probe_lines(probe: Probe | None) -> list[str]:
    if probe is None:
        return []
    if probe.out_of_memory:
        return [tr("These settings do not fit: memory ran out."), f"  {probe.out_of_memory}"]
    if probe.error:
        return [tr("The probe failed; training may fail in the same way: {error}", error=probe.error)]
    return [tr("Measured: {found}", found=probe_line(probe))]
