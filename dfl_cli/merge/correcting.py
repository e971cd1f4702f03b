"""Where a model puts faces: known from its save, else measured on the faces of the merge (docs/decisions/0036-where-a-face-lies.md)."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.faceset.loading import load_faceset
from dfl_cli.merge.alignments import Alignments
from dfl_cli.merge.folders import Folders
from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.merge.predictor import SwapNetwork
from dfl_cli.registration.measuring import measure
from dfl_cli.store.registration_file import keep, registration_of
from dfl_cli.store.saved_model import SavedModel
from dfl_cli.terminal.console import notice, say
from dfl_cli.translate import tr
from models.classes.corrections import NONE, Corrections
from samplers.files.face import Face


def find_corrections(
    network: SwapNetwork, folders: Folders, alignments: Alignments, settings: MergeSettings, *, prefer: str
) -> Corrections | None:
    """What the faces of a merge are moved by; None where it is not known, and cannot be measured.

    Loads TensorFlow only to measure.
    """
    known = registration_of(network.saved)
    if known is None and not settings.classic:
        src = folders.src and faces_of_src(folders.src, prefer)
        return measured(network, {"src": src, "dst": faces_in(alignments)}) if src else None
    return known and known.corrections


def faces_of_src(folder: Path, prefer: str) -> Sequence[Face] | None:
    """None without a face that can be used; a merge can do without."""
    try:
        return load_faceset(folder, prefer)
    except UserError as error:
        notice(str(error))
        return None


def faces_in(alignments: Alignments) -> list[Face]:
    """The aligned faces of a merge."""
    return [mask.face for masks in alignments.masks.values() for mask in masks]


def measured(network: SwapNetwork, faces: Mapping[str, Sequence[Face]]) -> Corrections:
    """Measure, and keep what was found beside the saves: frames merged later are to be corrected by the same."""
    saved = network.saved
    say(tr("Measuring where {name} puts faces.", name=saved.name))
    try:
        found = measure(network.model, faces, saved.options, iteration=saved.iteration)
    except MemoryError:
        notice(tr("Not enough memory to measure where the model puts faces."))
        return NONE
    if found is None or found.src is None:
        notice(
            tr(
                "Cannot measure where {name} puts faces: its results have nothing in common with the faces.",
                name=saved.name,
            )
        )
        return NONE
    with suppress(OSError):  # a folder that cannot be written: the next merge measures the same
        keep(saved, found)
    return found.corrections


def say_corrections(saved: SavedModel, corrections: Corrections | None, settings: MergeSettings) -> None:
    """How far the merged faces are moved, or that it is not known."""
    if settings.classic:
        return
    if corrections is None:
        notice(
            tr(
                "It is not known where {name} puts faces, so this is not corrected. To measure it, give the faces of src "
                "with --src.",
                name=saved.name,
            )
        )
        return
    x, y = corrections.src
    if x or y:
        say(
            tr(
                "{name} puts faces beside their place: it is shown them moved by {x:+.2f} / {y:+.2f} px (right / down, at "
                "{resolution} px), so that the swapped face lies in its place.",
                name=saved.name, x=x, y=y, resolution=saved.options["resolution"],
            )
        )  # fmt: skip
