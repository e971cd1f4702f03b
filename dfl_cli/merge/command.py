"""`dfl merge`: questions or flags, then every frame of a folder."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from dfl_cli.classes.registry import CLASSES, swapping_classes
from dfl_cli.devices import Gpu, choose_devices, list_gpus
from dfl_cli.frames import list_frames
from dfl_cli.merge.batch import FrameWork
from dfl_cli.merge.enhance.choice import load_enhancer
from dfl_cli.merge.film_flags import add_film_flags, refuse_without_video
from dfl_cli.merge.folders import faces_of, find_folders
from dfl_cli.merge.job import add_rest_arguments, merge_with_progress, tell, what_is_left
from dfl_cli.merge.journal import Journal
from dfl_cli.merge.pixels.network import Predictor
from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.merge.pixels.tracks import Tracks
from dfl_cli.merge.predictor import model_face
from dfl_cli.merge.watch.command import BATCH, add_watching_arguments, chosen_way, questions, watch
from dfl_cli.merge.watch.session import ModelMark
from dfl_cli.merge.watch.session_file import SessionFile
from dfl_cli.options.answers_file import read_answers, write_answers
from dfl_cli.options.flags import add_device_flags, add_flags, given_flags, spellings
from dfl_cli.options.option import Option
from dfl_cli.options.tables.merge import MERGE
from dfl_cli.options.wizard import ask_table
from dfl_cli.provenance.marking import add_marking_flags, marking_for
from dfl_cli.store.choose_model import choose_model
from dfl_cli.store.saved_model import SavedModel, find_model
from dfl_cli.terminal.console import Console, is_interactive, notice, say
from dfl_cli.translate import tr


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
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", help=tr("TOML file with settings by key; flags win over it.")
    )
    parser.add_argument(
        "--save-settings", type=Path, metavar="FILE", help=tr("Write all settings to this TOML file, with comments.")
    )
    add_rest_arguments(parser)
    add_watching_arguments(parser)
    add_device_flags(parser)
    add_marking_flags(parser)
    add_film_flags(parser)
    own = [one.merge_options for one in swapping_classes().values()]
    add_flags(parser, [*own, MERGE], tr("merge settings"))


def run(arguments: argparse.Namespace) -> int:
    """Merge and say what came of it: 0, 1 if a frame failed, 130 if it was stopped.

    Raises:
        UserError: a folder, the model or a setting cannot be used.
    """
    if arguments.video:
        from dfl_cli.merge.film import merge_video

        return merge_video(arguments, run)
    refuse_without_video(arguments)
    folders = find_folders(arguments)
    frames = list_frames(folders.frames)
    alignments = faces_of(frames, folders)
    silent, console = arguments.batch or not is_interactive(), Console()
    saved = chosen_model(folders.models, arguments.name, silent=silent, console=console)
    target = folders.target._replace(marking=marking_for(arguments, saved))
    gpus = choose_devices(list_gpus(), cpu=arguments.cpu, given=arguments.gpus, silent=silent, console=console)
    way, known = chosen_way(arguments, silent=silent, console=console), CLASSES[saved.model_class]
    table = known.merge_table
    answers = chosen_settings(arguments, questions(table, way), silent=silent, console=console)
    settings, own = settings_from(answers), [answers[option.key] for option in known.merge_options]
    enhancer = load_enhancer(answers)
    work = FrameWork(
        Tracks(frames, alignments.faces), model_face(saved), lambda path: settings, target, masks=alignments.masks,
        made_with=" ".join(map(str, [saved.content, *(own or [None]), enhancer, arguments.no_metadata or arguments.sign])),
        enhancer=enhancer,
    )  # fmt: skip
    if way != BATCH:
        say(tr("Merging with {name}, iteration {iteration}.", name=saved.name, iteration=saved.iteration))
        return watch(
            way, frames, work, load_predictor(saved, gpus, own), answers=answers, table=table,
            model=ModelMark(saved.name, saved.iteration), arguments=arguments, silent=silent, console=console,
        )  # fmt: skip
    mention_session(SessionFile(target.pictures), settings)
    with Journal(target.pictures) as journal:
        left = what_is_left(frames, work, journal, arguments, None if silent else console)
        if not left:
            say(tr("There is nothing to do: {folder}", folder=target.pictures))
            return 0
        say(tr("Merging with {name}, iteration {iteration}.", name=saved.name, iteration=saved.iteration))
        predictor = load_predictor(saved, gpus, own)
        report = merge_with_progress(left, work, predictor, workers=answers["workers"], journal=journal)
    tell(report, target)
    if report.stopped:
        return 130
    return 1 if report.failures else 0


def mention_session(file: SessionFile, settings: MergeSettings) -> None:
    """Say that the frames have settings of their own from somebody who watched, if they are not these."""
    count = file.differing(settings)
    if count:
        notice(
            tr(
                "{count} frames have settings of their own in the saved session; this merge gives all frames the same. "
                "To merge with theirs: dfl merge --web, or without --batch the window.",
                count=count,
            )
        )


def chosen_settings(
    arguments: argparse.Namespace, table: Sequence[Option], *, silent: bool, console: Console
) -> dict[str, Any]:
    """The answers from flags, settings file and questions; written to a file if that is wanted. Raises UserError."""
    given = {**(read_answers(arguments.settings, table) if arguments.settings else {}), **given_flags(arguments)}
    answers = ask_table(table, given=given, ask_now=not silent, console=console)
    if arguments.save_settings:
        write_answers(arguments.save_settings, table, answers)
    return answers


def chosen_model(models: Path, name: str | None, *, silent: bool, console: Console) -> SavedModel:
    """The model to merge with, by flag or question; silently the one saved last. Raises UserError."""
    if name is None and not silent:
        name = choose_model(models, may_create=False, console=console)
    return find_model(models, name)


def settings_from(answers: Mapping) -> MergeSettings:
    """The part of the answers that a merge works with."""
    return MergeSettings(**{field.name: answers[field.name] for field in fields(MergeSettings)})


def load_predictor(saved: SavedModel, gpus: Sequence[Gpu], own: Sequence = ()) -> Predictor:
    """The network of `saved` on these GPUs; on the processor if there are none. Loads TensorFlow.

    own  the values of the options that only its class asks for, see `ModelClass.merge_options`
    """
    from dfl_cli.merge.predictor import ModelPredictor
    from models.engine.runtime import prepare

    prepare([gpu.index for gpu in gpus] or "cpu")

    return ModelPredictor(saved, own)
