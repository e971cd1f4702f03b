"""The face sets of a training: their folders, looked for before any question, and their faces."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from dfl_cli.classes.model_class import ModelClass
from dfl_cli.errors import UserError
from dfl_cli.faceset.loading import existing_face_folder, load_faceset, warn_of_smaller_faces
from dfl_cli.options.tables.run import HOLD_OUT
from dfl_cli.registration.words import displacement_text
from dfl_cli.store.registration_file import registration_of
from dfl_cli.store.workspace import folder_for, folder_in_workspace
from dfl_cli.terminal.console import notice
from dfl_cli.train.plan import Plan
from dfl_cli.translate import tr
from models.classes.corrections import NONE
from samplers.held_out import trained_on

SIDES = ("src", "dst")


def find_face_folders(args: argparse.Namespace, known: ModelClass) -> dict[str, Path]:
    """The folders of src and dst by these names; of a class that does not swap, those there are.

    Raises:
        UserError: a folder that was given or is needed is missing.
    """
    found = {}
    for side in SIDES:
        given = getattr(args, side)
        if known.network.swaps or given is not None:
            found[side] = face_folder(args, side)
        elif folder := folder_in_workspace(args.workspace, side):
            found[side] = folder
    if not found and not args.pretraining:
        face_folder(args, SIDES[0])  # which says what is missing
    return found


def face_folder(args: argparse.Namespace, side: str) -> Path:
    """Raises UserError."""
    flag = f"--{side}"
    return existing_face_folder(folder_for(getattr(args, side), args.workspace, side, flag=flag), flag)


def load_faces(plan: Plan) -> Mapping:
    """The face sets by name, see `ModelClass`. Raises UserError."""
    if plan.options.get("pretrain"):
        found = dict.fromkeys(SIDES, load_faceset(plan.pretraining, plan.prefer))
    else:
        found = {side: trained_on(faces, every_held_out(plan)) for side, faces in load_sides(plan).items()}
    for faces in {id(one): one for one in found.values()}.values():
        warn_of_smaller_faces(faces, plan.options["face_type"])
    return found


def every_held_out(plan: Plan) -> int:
    """Every how many-th face is held out; 0 for none, as while a model is pretrained."""
    return 0 if plan.options.get("pretrain") else plan.options.get(HOLD_OUT.key, 0)


def held_out_line(every: int, faces: Mapping) -> str:
    return tr(
        "1 in {every} faces is held out of training; trained on: {src} faces of src, {dst} of dst.",
        every=every,
        src=len(faces["src"]),
        dst=len(faces["dst"]),
    )


def load_sides(plan: Plan) -> dict:
    """Those of src and dst; a class that does not swap can do without one of them. Raises UserError."""
    found, empty = {}, []
    for side, folder in plan.face_folders.items():
        try:
            found[side] = load_faceset(folder, plan.prefer)
        except UserError as error:
            if plan.known.network.swaps:
                raise
            empty.append(error)
    if empty and not found:
        raise empty[0]
    for error in empty:
        notice(error.what)
    return found


def faces_remarks(plan: Plan, faces: Mapping) -> list[str]:
    """What to know about the faces before days of training. Raises UserError where the class cannot learn from them."""
    lines = plan.known.remarks(faces, plan.known.effective_options(plan.options))
    if every := every_held_out(plan):
        lines = [*lines, held_out_line(every, faces)]
    return [*lines, *displacement_lines(plan)]


def coverage_lines(plan: Plan, faces: Mapping) -> list[str]:
    """Two lines about what src lacks; none where there is nothing to compare or the model is trained already."""
    if (
        not plan.shows_coverage
        or not plan.known.network.swaps
        or plan.saved is not None
        or faces["src"] is faces["dst"]
    ):
        return []
    from dfl_cli.faceset.coverage import short_lines

    return short_lines(faces["src"], faces["dst"])


def displacement_lines(plan: Plan) -> list[str]:
    """About a model that goes on learning from samples beside their place."""
    if plan.saved is None or not plan.known.network.swaps or plan.options.get("corrected_samples"):
        return []
    record = registration_of(plan.saved)
    if record is None or record.corrections == NONE:
        return []
    return [
        tr(
            "This model learned to put faces off their place: {offsets}. Previews and merging correct it; with "
            "--corrected-samples y it learns the right place (a backup is made first).",
            offsets=displacement_text(record),
        )
    ]
