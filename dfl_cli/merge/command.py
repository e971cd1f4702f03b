"""`dfl merge`: questions or flags, then every frame of a folder."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from dfl_cli.classes.registry import CLASSES, swapping_classes
from dfl_cli.devices import choose_devices, list_gpus
from dfl_cli.enhance.choice import load_enhancer
from dfl_cli.errors import UserError
from dfl_cli.frames import list_frames
from dfl_cli.merge.batch import FrameMerger
from dfl_cli.merge.correcting import find_corrections, say_corrections
from dfl_cli.merge.folders import faces_of, find_folders
from dfl_cli.merge.job import add_rest_arguments, frames_to_merge, merge_with_progress, report_result, say_shard_done
from dfl_cli.merge.journal import Journal, ShardOfMerge
from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.merge.pixels.tracks import Tracks
from dfl_cli.merge.predictor import ModelPredictor, SwapNetwork, model_face
from dfl_cli.merge.video_flags import add_video_flags, refuse_without_video
from dfl_cli.merge.watch.command import BATCH, add_web_arguments, choose_interface, questions, run_interactive
from dfl_cli.merge.watch.session import ModelVersion
from dfl_cli.merge.watch.session_file import SessionFile
from dfl_cli.merge.xseg_choice import choose_xseg
from dfl_cli.model.offer_import import offer_import
from dfl_cli.options.answers_file import read_answers, write_answers
from dfl_cli.options.flags import add_device_flags, add_flags, add_prefer_flag, given_flags, spellings
from dfl_cli.options.option import Option
from dfl_cli.options.tables.merge import MERGE
from dfl_cli.options.wizard import ask_table
from dfl_cli.provenance.marking import add_marking_flags, marking_for
from dfl_cli.shards.flag import add_shard_flag
from dfl_cli.store.choose_model import choose_model
from dfl_cli.store.installing import complete_interrupted
from dfl_cli.store.saved_model import SavedModel, find_model
from dfl_cli.terminal.console import Console, is_interactive, notice, say
from dfl_cli.translate import listed, ntr, tr
from dfl_cli.xseg.predict import MaskNetwork
from models.classes.corrections import NONE, Corrections


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of `dfl merge`."""
    parser.add_argument("--workspace", type=Path, metavar="DIR", help=tr("Folder that contains data_dst and model."))
    folders = {
        "--frames": tr("Frames to merge into."),
        "--aligned": tr(
            "Aligned faces of these frames; faces deleted here are not merged, beside a faceset.pak only with --prefer files."
        ),
        "--src": tr(
            "Aligned faces of src, to measure where the model puts faces; needed only for a model saved without it. "
            "Default: data_src/aligned of the workspace."
        ),
        "--models": tr("Folder that contains the models."),
        "--output": tr("Output folder for merged frames."),
        "--output-mask": tr("Output folder for masks; without it and without a workspace, no masks are written."),
    }
    for flag, text in folders.items():
        parser.add_argument(*spellings(flag), type=Path, metavar="DIR", help=text)
    add_prefer_flag(parser)
    parser.add_argument(
        *spellings("--name"), metavar="NAME", help=tr("Name of the model; default: the one saved last.")
    )
    parser.add_argument(
        "--model", choices=list(swapping_classes()), metavar="CLASS",
        help=tr("Class that the model must have, one of {classes}; default: any.", classes=listed(swapping_classes())),
    )  # fmt: skip
    parser.add_argument(
        "--best", action="store_true",
        help=tr("Use the best save of the model instead of the newest one; training keeps it with --keep-best y."),
    )  # fmt: skip
    parser.add_argument(
        "--xseg-name", metavar="NAME", help=tr("Name of the XSeg model for XSeg masks; default: the one saved last.")
    )
    parser.add_argument(
        "--batch", "--silent-start", action="store_true", dest="batch",
        help=tr("Ask nothing: settings not given as flags take their defaults."),
    )  # fmt: skip
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", help=tr("TOML file with settings; flags take precedence.")
    )
    parser.add_argument(
        "--save-settings", type=Path, metavar="FILE", help=tr("Write all settings to this TOML file, with comments.")
    )
    add_shard_flag(
        parser,
        tr(
            "Merge only part I of N of the frames, while other machines that share the folders merge the others; asks "
            "nothing. In the end, run the command without it."
        ),
    )
    add_rest_arguments(parser)
    add_web_arguments(parser)
    add_device_flags(parser)
    add_marking_flags(parser)
    add_video_flags(parser)
    own = [one.merge_options for one in swapping_classes().values()]
    add_flags(parser, [*own, MERGE], tr("merge settings"))


def run(arguments: argparse.Namespace) -> int:
    """Merge and say what came of it: 0, 1 if a frame failed, 130 if it was stopped.

    Raises:
        UserError: a folder, the model or a setting cannot be used.
    """
    if arguments.video:
        from dfl_cli.merge.merge_video import merge_video

        return merge_video(arguments, run)
    refuse_without_video(arguments)
    refuse_with_shard(arguments)
    folders = find_folders(arguments)
    complete_interrupted(folders.frames)
    frames = list_frames(folders.frames)
    alignments = faces_of(frames, folders, arguments.prefer)
    silent, console = bool(arguments.batch or arguments.shard or not is_interactive()), Console()
    saved = chosen_model(folders.models, arguments, silent=silent, console=console)
    target = folders.target._replace(marking=marking_for(arguments, saved))
    gpus = choose_devices(list_gpus(), cpu=arguments.cpu, given=arguments.gpus, silent=silent, console=console)
    way, known = choose_interface(arguments, silent=silent, console=console), CLASSES[saved.model_class]
    table = known.merge_table
    answers = chosen_settings(arguments, questions(table, way), silent=silent, console=console)
    settings, own = settings_from(answers), [answers[option.key] for option in known.merge_options]
    enhancer = load_enhancer(answers)
    xseg = choose_xseg(folders.models, arguments.xseg_name, settings, watched=way != BATCH)
    network, face, marking = SwapNetwork(saved, gpus), model_face(saved), arguments.no_metadata or arguments.sign
    corrections = find_corrections(network, folders, alignments, settings, prefer=arguments.prefer)
    merger = FrameMerger(
        Tracks(frames, alignments.faces), face, lambda path: settings, target, masks=alignments.masks,
        producer=" ".join(map(str, [saved.fingerprint, face.averaged, *(own or [None]), enhancer, marking])),
        corrections=corrections or NONE, enhancer=enhancer, xseg=xseg,
    )  # fmt: skip
    if way != BATCH:
        say_models(saved, xseg, settings, corrections)
        predictor = ModelPredictor(network, own, corrections=merger.corrections)
        return run_interactive(
            way, frames, merger, predictor, answers=answers, table=table,
            model=ModelVersion(saved.name, saved.iteration), arguments=arguments, silent=silent, console=console,
        )  # fmt: skip
    mention_session(SessionFile(target.pictures), settings)
    shard = arguments.shard
    part = shard and ShardOfMerge(shard, merger.common_digest(settings), arguments.again)
    with Journal(target.pictures, target.masks, part=part) as journal:
        journal.lock()
        left = frames_to_merge(frames, merger, journal, arguments, None if silent else console)
        if not left:
            say(tr("Nothing to do, all frames are up to date: {folder}", folder=target.pictures))
            if shard:
                say_shard_done(shard)
            return 0
        say_models(saved, xseg, settings, corrections)
        predictor = ModelPredictor(network, own, corrections=merger.corrections)
        report = merge_with_progress(left, merger, predictor, workers=answers["workers"], journal=journal)
    report_result(report, target)
    if report.stopped:
        return 130
    if shard:
        say_shard_done(shard)
    return 1 if report.failures else 0


def refuse_with_shard(arguments: argparse.Namespace) -> None:
    """Raises UserError: settings frame by frame are for one machine."""
    if arguments.shard and arguments.web:
        raise UserError(tr("{flag} cannot be used with --shard.", flag="--web"), fix=tr("Leave out one of them."))


def say_models(
    saved: SavedModel, xseg: MaskNetwork | None, settings: MergeSettings, corrections: Corrections | None
) -> None:
    """What merges, and what paints XSeg masks where some are wanted."""
    say(tr("Merging with {name}, iteration {iteration}.", name=saved.name, iteration=saved.iteration))
    say_corrections(saved, corrections, settings)
    if xseg is None or not settings.xseg_parts:
        return
    if xseg.iteration is None:
        say(tr("XSeg masks by {name}.", name=xseg.name))
    else:
        say(tr("XSeg masks by {name}, iteration {iteration}.", name=xseg.name, iteration=xseg.iteration))


def mention_session(file: SessionFile, settings: MergeSettings) -> None:
    """Say that the frames have settings of their own from somebody who watched, if they are not these."""
    count = file.differing(settings)
    if count:
        notice(
            ntr(
                "{count} frame has its own settings in the saved session; this merge uses the same settings for "
                "all frames. To use them, run dfl merge --web, or open the window by leaving out --batch.",
                "{count} frames have their own settings in the saved session; this merge uses the same settings "
                "for all frames. To use them, run dfl merge --web, or open the window by leaving out --batch.",
                count=count,
            )
        )


def chosen_settings(
    arguments: argparse.Namespace, table: Sequence[Option], *, silent: bool, console: Console
) -> dict[str, Any]:
    """The answers from flags, settings file and questions; written to a file if that is wanted. Raises UserError."""
    given = {**(read_answers(arguments.settings, table) if arguments.settings else {}), **given_flags(arguments)}
    answers = ask_table(table, given=given, ask_now=not silent, review=True, console=console)
    if arguments.save_settings:
        write_answers(arguments.save_settings, table, answers, overwrite=arguments.overwrite, asks=not silent)
    return answers


def chosen_model(models: Path, arguments: argparse.Namespace, *, silent: bool, console: Console) -> SavedModel:
    """The model to merge with, by flag or question; silently the one saved last. Raises UserError."""
    classes = [arguments.model] if arguments.model else list(swapping_classes())
    name = offer_import(models, classes, given=arguments.name, may_create=False, silent=silent, console=console)
    if name is None and not silent:
        name = choose_model(models, arguments.model, may_create=False, console=console)
    elif name is not None and arguments.model:
        name = choose_model(models, arguments.model, given=name, may_create=False)
    return find_model(models, name, classes, best=arguments.best)


def settings_from(answers: Mapping) -> MergeSettings:
    """The part of the answers that a merge works with."""
    return MergeSettings(**{field.name: answers[field.name] for field in fields(MergeSettings)})
