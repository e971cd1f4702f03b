"""Where a DeepFaceLab model puts faces, measured while it is imported; nothing that goes wrong here stops the import."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dfl_cli.classes.registry import CLASSES
from dfl_cli.registration.measuring import FIRST, measure
from dfl_cli.registration.record import SIDES, Registration
from dfl_cli.store.saved_model import FOR_RESULTS
from dfl_cli.store.workspace import existing_folder, folder_for, folder_in_workspace
from dfl_cli.terminal.console import counted_progress, notice
from dfl_cli.translate import system_reason, tr
from samplers.files.faces import NoFaces, open_faceset


def find_faces(args: argparse.Namespace) -> dict[str, Path]:
    """The folders that --src and --dst name, and those that the workspace has. Raises UserError where a named one is missing."""
    found = {}
    for side in SIDES:
        given, flag = getattr(args, side), f"--{side}"
        if given is not None:
            found[side] = existing_folder(folder_for(given, None, side, flag=flag), flag)
        elif folder := folder_in_workspace(args.workspace, side):
            found[side] = folder
    return found


def measure_import(
    model_class: str, iteration: int, *, options: Mapping[str, Any], weights: Mapping, folders: Mapping[str, Path]
) -> Registration | None:
    """On the faces in `folders` of src and dst; None where that cannot be measured. Loads TensorFlow if there are faces.

    options, weights  of the model
    """
    faces = load_sides(folders) if CLASSES[model_class].network.swaps and iteration >= FIRST else {}
    if not faces:
        return None
    notice(tr("Measuring where the model puts faces."))
    from models.engine.runtime import prepare

    prepare("cpu")
    try:
        model = CLASSES[model_class].network.build({**options, **FOR_RESULTS}, seed=0)
        model.load(weights)
        return measure(model, faces, options, iteration=iteration)
    except MemoryError:
        notice(tr("Not enough memory to measure where the model puts faces."))
        return None


def load_sides(folders: Mapping[str, Path]) -> dict:
    """The face sets that can be read; others are reported."""
    found = {}
    for side, folder in folders.items():
        try:
            with counted_progress(tr("Loading faces of {folder}", folder=folder), keep=False) as show:
                found[side] = open_faceset(folder, on_progress=show)
        except NoFaces:
            notice(tr("No faces in {path}.", path=folder))
        except OSError as error:
            notice(tr("{folder} cannot be read ({reason}).", folder=folder, reason=system_reason(error)))
    return found
