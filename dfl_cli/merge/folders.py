"""The folders of a merge, and whether what lies in them belongs together."""

import argparse
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.faceset.loading import existing_face_folder, load_faceset, reason_text, report_skipped
from dfl_cli.frames import namesakes
from dfl_cli.merge.alignments import Alignments, collect_alignments
from dfl_cli.merge.batch import MergeOutput
from dfl_cli.store.workspace import existing_folder, folder_for, folder_in_workspace, workspace_for
from dfl_cli.terminal.console import notice
from dfl_cli.terminal.ignored_files import mention_ignored
from dfl_cli.terminal.names import shortened
from dfl_cli.translate import listed, ntr, remarked, tr
from dfl_cli.video.frame_files import mention_namesakes, mention_order, mention_orientation
from samplers.files.faces import Skipped

NAMES_SHOWN = 20  # of a list that may be as long as the video


@dataclass(frozen=True)
class Folders:
    """Where a merge reads and writes."""

    frames: Path
    aligned: Path
    models: Path
    target: MergeOutput
    src: Path | None = None  # faces that a model is measured on


def find_folders(arguments: argparse.Namespace) -> Folders:
    """The folders from flags and workspace; the output folders are made. Raises UserError."""

    def folder(flag: str, role: str) -> Path:
        return folder_for(getattr(arguments, flag.strip("-").replace("-", "_")), arguments.workspace, role, flag=flag)

    frames, aligned, models = folder("--frames", "frames"), folder("--aligned", "dst"), folder("--models", "models")
    pictures = folder("--output", "merged")
    masks = folder("--output-mask", "merged_mask") if writes_masks(arguments) else None
    existing_folder(frames, "--frames")
    existing_face_folder(aligned, "--aligned")
    existing_folder(models, "--models")
    refuse_to_overwrite(frames, pictures, masks)
    refuse_to_mix(aligned, pictures, masks)
    for path in filter(None, (pictures, masks)):
        path.mkdir(parents=True, exist_ok=True)
    return Folders(frames, aligned, models, MergeOutput(pictures, masks), src_folder(arguments))


def writes_masks(arguments: argparse.Namespace) -> bool:
    """Into the folder that is named, or beside the results in a workspace: not there if the results go elsewhere by --output."""
    if arguments.output_mask or arguments.workspace:
        return True
    return arguments.output is None and workspace_for(None) is not None


def src_folder(arguments: argparse.Namespace) -> Path | None:
    """The faces of src: given by flag, else those of the workspace where it has some. Raises UserError."""
    if arguments.src:
        return existing_face_folder(folder_for(arguments.src, None, "src", flag="--src"), "--src")
    return folder_in_workspace(arguments.workspace, "src")


def refuse_to_overwrite(frames: Path, pictures: Path, masks: Path | None) -> None:
    """Results are named after their frames, so each kind needs a folder of its own."""
    taken = [os.path.realpath(path) for path in (frames, pictures, masks) if path]
    if len(set(taken)) < len(taken):
        raise UserError(
            tr("Frames, merged images and masks need three different folders."),
            saw=listed(taken),
            fix=tr("Use separate folders for --output and --output-mask."),
        )


def refuse_to_mix(aligned: Path, pictures: Path, masks: Path | None) -> None:
    """Results among the faces would be taken for faces by the next command. Raises UserError."""
    for flag, path in (("--output", pictures), ("--output-mask", masks)):
        if path and os.path.realpath(path) == os.path.realpath(aligned):
            raise UserError(
                tr("{flag} is the folder of the aligned faces.", flag=flag),
                saw=str(path),
                fix=tr("Use separate folders for --output and --output-mask."),
            )


def faces_of(frames: Sequence[Path], folders: Folders, prefer: str = "pack") -> Alignments:
    """The faces by frame; what is odd about them is said. Raises UserError when there is nothing to merge."""
    mention_ignored(folders.frames)
    if not frames:
        raise UserError(
            tr("No images in {folder}.", folder=folders.frames),
            saw=tr("No .jpg, .jpeg, .png, .tif or .tiff file."),
            fix=tr("Check the path given with --frames."),
        )
    mention_namesakes(namesakes(folders.frames, frames))
    stems = {path.stem for path in frames}
    alignments = collect_alignments(load_faceset(folders.aligned, prefer), stems)
    faces, without_frame = alignments.faces, alignments.without_frame
    if alignments.skipped:
        report_unplaced(alignments.skipped, folders.aligned, other_faces=bool(faces))
    if not stems & faces.keys():
        raise UserError(
            tr("None of the faces in {folder} belong to these frames.", folder=folders.aligned),
            saw=tr(
                "frames {frames}, faces of {faces}",
                frames=shortened(sorted(stems), 3),
                faces=shortened(sorted(faces), 3),
            ),
            fix=tr("Use the aligned faces that were extracted from these frames."),
        )
    if without_frame:
        notice(
            ntr(
                "{count} face has no source frame recorded and was skipped.",
                "{count} faces have no source frame recorded and were skipped.",
                count=without_frame,
            )
        )
    crowded = [path.stem for path in frames if len(faces.get(path.stem, ())) > 1]
    if crowded:
        notice(
            tr(
                "Several faces in {frames}: all of them are swapped.",
                frames=shortened(crowded, NAMES_SHOWN),
            )
        )
        notice(tr("To swap only one person, move the aligned faces of the others to another folder."))
    mention_order(frames)
    mention_orientation(frames)
    return alignments


def report_unplaced(skipped: Sequence[Skipped], folder: Path, *, other_faces: bool) -> None:
    """Name the faces whose landmarks in the frame are of no use. Raises UserError where there are no other faces."""
    report_skipped(skipped)
    if not other_faces:
        reasons = Counter(reason_text(one.reason) for one in skipped)
        raise UserError(
            tr("None of the faces in {folder} can be placed in a frame.", folder=folder),
            saw=listed(remarked(reason, count) for reason, count in reasons.most_common()),
            fix=tr("Extract the faces of these frames again."),
        )
    notice(
        ntr(
            "{folder}: {count} face cannot be placed in its frame and was skipped.",
            "{folder}: {count} faces cannot be placed in their frames and were skipped.",
            count=len(skipped),
            folder=folder,
        )
    )
