"""`dfl merge`: questions or flags, then every frame of a folder."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from dfl_cli.devices import Gpu, choose_devices, list_gpus
from dfl_cli.errors import UserError
from dfl_cli.facesets import load_faceset
from dfl_cli.merge.alignments import collect_alignments
from dfl_cli.merge.batch import FrameWork, Predictor, Report, Target, merge_frames
from dfl_cli.merge.frames import UnreadableFrame, UnwritableFrame, list_frames
from dfl_cli.merge.settings import MergeSettings
from dfl_cli.merge.tracks import Tracks
from dfl_cli.model_choice import choose_model
from dfl_cli.options.flags import add_device_flags, add_flags, given_flags, spellings
from dfl_cli.options.merge import MERGE_AMP, merge_table
from dfl_cli.options.wizard import ask_table
from dfl_cli.provenance.marking import add_marking_flags, marking_for
from dfl_cli.saved_model import SavedModel, find_model
from dfl_cli.terminal import Console, complain, is_interactive, notice, progress, say
from dfl_cli.train.interrupt import Interrupt
from dfl_cli.translate import tr
from dfl_cli.workspace import existing_folder, folder_for

NAMES_SHOWN = 20  # of a list that may be as long as the film


@dataclass(frozen=True)
class Folders:
    """Where a merge reads and writes."""

    frames: Path
    aligned: Path
    models: Path
    target: Target


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of `dfl merge`."""
    parser.add_argument("--workspace", type=Path, metavar="DIR", help=tr("Folder with data_dst and model in it."))
    folders = {
        "--frames": tr("Pictures to merge into."),
        "--aligned": tr("Aligned faces of these pictures; a face that is deleted here is not merged."),
        "--models": tr("Folder of the trained models."),
        "--output": tr("Where the merged pictures go."),
        "--output-mask": tr("Where their masks go; without it and without a workspace no masks are written."),
    }
    for flag, text in folders.items():
        parser.add_argument(*spellings(flag), type=Path, metavar="DIR", help=text)
    parser.add_argument(
        *spellings("--name"), metavar="NAME", help=tr("Name of the model; without it the one saved last.")
    )
    parser.add_argument(
        "--batch", "--silent-start", action="store_true", dest="batch",
        help=tr("Ask nothing: what is not given as a flag has its default."),
    )  # fmt: skip
    add_device_flags(parser)
    add_marking_flags(parser)
    add_flags(parser, [MERGE_AMP], tr("merge settings"))


def run(arguments: argparse.Namespace) -> int:
    """Merge and say what came of it: 0, 1 if a frame failed, 130 if it was stopped.

    Raises:
        UserError: a folder, the model or a setting cannot be used.
    """
    folders = find_folders(arguments)
    frames = list_frames(folders.frames)
    faces = faces_of(frames, folders)
    silent, console = arguments.batch or not is_interactive(), Console()
    saved = chosen_model(folders.models, arguments.name, silent=silent, console=console)
    target = folders.target._replace(marking=marking_for(arguments, saved))
    gpus = choose_devices(list_gpus(), cpu=arguments.cpu, given=arguments.gpus, silent=silent, console=console)
    answers = ask_table(
        merge_table(saved.model_class), given=given_flags(arguments), ask_now=not silent, console=console
    )
    say(tr("Merging with {name}, iteration {iteration}.", name=saved.name, iteration=saved.iteration))
    predictor = load_predictor(saved, gpus, morph=answers.get("merge_morph_factor"))
    settings = settings_from(answers)
    work = FrameWork(Tracks(frames, faces), predictor.face, lambda path: settings, target)
    report = merge_with_progress(frames, work, predictor, workers=answers["workers"])
    tell(report, target)
    if report.stopped:
        return 130
    return 1 if report.failures else 0


def chosen_model(models: Path, name: str | None, *, silent: bool, console: Console) -> SavedModel:
    """The model to merge with, by flag or question; silently the one saved last. Raises UserError."""
    if name is None and not silent:
        name = choose_model(models, may_create=False, console=console)
    return find_model(models, name)


def find_folders(arguments: argparse.Namespace) -> Folders:
    """The folders from flags and workspace; the output folders are made. Raises UserError."""

    def folder(flag: str, role: str) -> Path:
        return folder_for(getattr(arguments, flag.strip("-").replace("-", "_")), arguments.workspace, role, flag=flag)

    frames, aligned, models = folder("--frames", "frames"), folder("--aligned", "dst"), folder("--models", "models")
    pictures = folder("--output", "merged")
    masks = folder("--output-mask", "merged_mask") if arguments.output_mask or arguments.workspace else None
    for path, flag in ((frames, "--frames"), (aligned, "--aligned"), (models, "--models")):
        existing_folder(path, flag)
    refuse_to_overwrite(frames, pictures, masks)
    for path in filter(None, (pictures, masks)):
        path.mkdir(parents=True, exist_ok=True)
    return Folders(frames, aligned, models, Target(pictures, masks))


def refuse_to_overwrite(frames: Path, pictures: Path, masks: Path | None) -> None:
    """Results are named after their frames, so each kind needs a folder of its own."""
    taken = [path.resolve() for path in (frames, pictures, masks) if path]
    if len(set(taken)) < len(taken):
        raise UserError(
            tr("Frames, merged pictures and masks need three different folders."),
            saw=", ".join(str(path) for path in taken),
            fix=tr("Give --output and --output-mask folders of their own."),
        )


def faces_of(frames: Sequence[Path], folders: Folders) -> Mapping[str, Sequence]:
    """Landmarks by frame; what is odd about them is said. Raises UserError when there is nothing to merge."""
    if not frames:
        raise UserError(
            tr("No pictures in {folder}.", folder=folders.frames),
            saw=tr("no .jpg, .jpeg, .png, .tif or .tiff file"),
            fix=tr("Check the path given with --frames."),
        )
    faces, homeless = collect_alignments(load_faceset(folders.aligned))
    stems = {path.stem for path in frames}
    if not stems & faces.keys():
        raise UserError(
            tr("None of the faces in {folder} belongs to one of the frames.", folder=folders.aligned),
            saw=tr(
                "frames {frames}, faces of {faces}",
                frames=shortened(sorted(stems), 3),
                faces=shortened(sorted(faces), 3),
            ),
            fix=tr("Use the aligned faces that were extracted from these frames."),
        )
    if homeless:
        notice(tr("{count} faces do not say where in which frame they were; they are left out.", count=homeless))
    crowded = sorted(stem for stem in stems if len(faces.get(stem, ())) > 1)
    if crowded:
        notice(
            tr(
                "More than one face in {frames}: all of them get the swapped face.",
                frames=shortened(crowded, NAMES_SHOWN),
            )
        )
        notice(tr("To swap one person only, move the aligned faces of the others to another folder."))
    return faces


def shortened(names: Sequence[str], count: int) -> str:
    """The first `count` of `names`, and how many more there are."""
    shown = ", ".join(names[:count]) or tr("nothing")
    more = len(names) - count
    return shown if more <= 0 else tr("{names} and {more} more", names=shown, more=more)


def settings_from(answers: Mapping) -> MergeSettings:
    """The part of the answers that a merge works with."""
    return MergeSettings(**{field.name: answers[field.name] for field in fields(MergeSettings)})


def load_predictor(saved: SavedModel, gpus: Sequence[Gpu], *, morph: float | None = None) -> Predictor:
    """The network of `saved` on these GPUs; on the processor if there are none. Loads TensorFlow.

    morph  how much of src the faces become, 0..1; None for a class that knows no such thing
    """
    from dfl_cli.merge.predictor import ModelPredictor
    from models.runtime import prepare

    prepare([gpu.index for gpu in gpus] or "cpu")

    return ModelPredictor(saved, morph=morph)


def merge_with_progress(frames: Sequence[Path], work: FrameWork, predictor: Predictor, *, workers: int) -> Report:
    """`merge_frames` with a progress bar, ended cleanly by the signals that end a program. Raises UserError."""
    with Interrupt() as interrupt, progress(len(frames), tr("Merging"), unit=tr("frame")) as bar:
        try:
            return merge_frames(
                frames, work, predictor, workers=workers,
                on_frame=lambda: bar.update(1), stopped=lambda: bool(interrupt.signal),
            )  # fmt: skip
        except UnwritableFrame as error:
            raise UserError(
                tr("{path} cannot be written.", path=error.path),
                saw=error.reason,
                fix=tr("Free some space or choose another folder with --output and --output-mask."),
            ) from error


def tell(report: Report, target: Target) -> None:
    """What became of the frames."""
    if report.failures:
        complain(tr("{count} frames could not be merged; they were copied as they are:", count=len(report.failures)))
        for failure in report.failures[:NAMES_SHOWN]:
            notice(f"  {failure.path.name}: {reason(failure.error)}")
        if len(report.failures) > NAMES_SHOWN:
            notice(tr("  and {more} more", more=len(report.failures) - NAMES_SHOWN))
    for note, count in report.notes.items():
        notice(note.told(count))
    counts = {"merged": report.merged, "copied": report.without_face, "folder": target.pictures}
    say(tr("{merged} frames merged, {copied} without a face copied: {folder}", **counts))
    if target.masks:
        say(tr("Masks: {folder}", folder=target.masks))
    if report.stopped:
        say(tr("Stopped; the same command does all frames again."))


def reason(error: Exception) -> str:
    """Why a frame failed, for a person."""
    if isinstance(error, UnreadableFrame):
        return tr("not a picture that can be read")
    return f"{type(error).__name__}: {error}"
