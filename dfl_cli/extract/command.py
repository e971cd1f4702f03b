"""`dfl extract`: the faces of a video or of frames, as a face set."""

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dfl_cli.devices import choose_devices, list_gpus
from dfl_cli.errors import UserError
from dfl_cli.options.flags import add_device_flags, add_flags, add_side, given_flags, path_given, spellings
from dfl_cli.options.tables.extract import EXTRACT
from dfl_cli.options.wizard import ask_table
from dfl_cli.shards.flag import add_shard_flag
from dfl_cli.store.lock import FolderLock
from dfl_cli.terminal.console import is_interactive
from dfl_cli.translate import system_reason, tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_side(parser, tr("Which video of the workspace: data_src or data_dst."))
    folders = {
        "--workspace": tr(
            "Folder that contains data_src.mp4 and data_dst.mp4, or their frames in data_src and data_dst."
        ),
        "--output": tr("Folder for the faces."),
        "--frames-output": tr(
            "Folder for the frames of a video; default: the folder of the faces with _frames at its end."
        ),
    }
    parser.add_argument(
        *spellings("--input"),
        type=path_given,
        metavar="VIDEO|DIR",
        help=tr("A video, or a folder of frames, in place of a workspace."),
    )
    for flag, text in folders.items():
        parser.add_argument(*spellings(flag), type=path_given, metavar="DIR", help=text)
    networks = {
        "--detector": tr(
            "ONNX file of a face detector of YuNet's kind, in place of the one that comes with the program."
        ),
        "--landmarks": tr("ONNX file of a network for 68 landmarks, in place of the one that comes with the program."),
    }
    for flag, text in networks.items():
        parser.add_argument(flag, type=Path, metavar="FILE", help=text)
    parser.add_argument(
        "--dfl-networks", type=Path, metavar="DIR",
        help=tr("Use S3FD and FAN of this DeepFaceLab folder instead; --cpu and --gpus say where they run."),
    )  # fmt: skip
    add_people(parser)
    add_device_flags(parser)
    add_shard_flag(
        parser,
        tr(
            "Look only at part I of N of the frames, while other machines that share the folders look at the others; asks "
            "nothing. In the end, run the command without it: it cuts the faces."
        ),
    )
    parser.add_argument(
        "--again", action="store_true", help=tr("Extract everything again; earlier faces move to the trash folder.")
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help=tr("Move files that are in the way to the trash folder without asking."),
    )
    parser.add_argument(
        "--silent-start", action="store_true", help=tr("Ask nothing: settings not given as flags take their defaults.")
    )
    parser.add_argument("--json", action="store_true", help=tr("Print a single JSON object."))
    add_flags(parser, [EXTRACT], tr("settings"))
    parser.add_argument(
        "--no-output-debug", dest="option_output_debug", action="store_const", const="n", help=argparse.SUPPRESS
    )


def add_people(parser: argparse.ArgumentParser) -> None:
    people = parser.add_mutually_exclusive_group()
    people.add_argument(
        "--person",
        metavar="X",
        help=tr("Keep only this person, by the letter that a first run names, or several: A,C."),
    )
    people.add_argument(
        "--reference", type=Path, nargs="+", action="extend", default=[], metavar="PHOTO",
        help=tr("Keep only the person on these photos, or aligned faces."),
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """0, or 130 if it was stopped. Raises UserError."""
    with json_alone(arguments.json) as print_json:
        began = time.monotonic()
        result, code = extract(arguments)
        if arguments.json:
            print_json(json.dumps(dict(result) | {"seconds": round(time.monotonic() - began, 2)}))
    return code


@contextmanager
def json_alone(wanted: bool) -> Iterator:
    """A function that prints a line on stdout; where it is `wanted`, whatever else is printed within goes to stderr."""
    out = sys.stdout
    with contextlib.redirect_stdout(sys.stderr) if wanted else contextlib.nullcontext():
        yield lambda text: print(text, file=out, flush=True)


def extract(arguments: argparse.Namespace) -> tuple[Mapping, int]:
    """What came of it, as for --json, and the exit code. Raises UserError."""
    from dfl_cli.extract.places import facts_of, find_places, refuse_flags
    from dfl_cli.extract.run import Job

    refuse_with_shard(arguments)
    places = find_places(arguments)
    asks = is_interactive() and not (arguments.silent_start or arguments.json or arguments.shard)
    facts = {**facts_of(places), "side": arguments.side}
    given = given_flags(arguments)
    refuse_flags(option.flag for option in EXTRACT if option.key in given and not option.when(facts))
    answers = ask_table(EXTRACT, given=given, facts=facts, ask_now=asks, review=True)
    job = Job(
        places,
        answers,
        chosen_networks(arguments, head=answers["face_type"] == "head"),
        again=arguments.again,
        overwrite=arguments.overwrite,
        asks=asks,
        person=arguments.person,
        references=arguments.reference,
        shard=arguments.shard,
    )
    return run_locked(job)


def refuse_with_shard(arguments: argparse.Namespace) -> None:
    """Raises UserError for flags that move what other shards need."""
    for flag, given in {"--again": arguments.again, "--overwrite": arguments.overwrite}.items():
        if arguments.shard and given:
            raise UserError(
                tr("{flag} cannot be used with --shard.", flag=flag),
                fix=tr("Leave out one of them."),
            )


def run_locked(job) -> tuple[Mapping, int]:
    """Run a Job while nobody else writes to its folders, but for other shards: what came of it, and the exit code.

    Raises UserError.
    """
    from dfl_cli.extract.run import run_job, run_shard

    with explained(job.places.video is not None), ExitStack() as locks:
        if job.shard:
            return run_shard(job)
        for folder in job.places.written:
            locks.enter_context(FolderLock(folder))
        return run_job(job)


@contextmanager
def explained(is_video: bool) -> Iterator[None]:
    """Within it, a frame or face that cannot be written becomes a UserError, and what goes wrong with a video, which needs PyAV."""
    from dfl_cli.frames import UnwritableFrame
    from dfl_cli.video.files import as_user_error

    with as_user_error() if is_video else contextlib.nullcontext():
        try:
            yield
        except UnwritableFrame as error:
            raise UserError(
                tr("Cannot write {path}.", path=error.path),
                saw=error.reason,
                fix=tr("Free some space or choose another folder, then run the same command again."),
            ) from error
        except FileNotFoundError as error:  # a folder cannot be made, or somebody has moved it
            raise UserError(
                tr("Cannot access {path}.", path=error.filename),
                saw=system_reason(error),
                fix=tr("Check that the folder exists or choose another one, then run the same command again."),
            ) from error


def chosen_networks(arguments: argparse.Namespace, *, head: bool):
    """A NetworkChoice. Prepares TensorFlow where it is needed. Raises UserError."""
    from dfl_cli.extract.networks import NetworkChoice

    if not arguments.dfl_networks:
        return NetworkChoice(arguments.detector, arguments.landmarks)
    if arguments.detector or arguments.landmarks:
        raise UserError(
            tr("--dfl-networks replaces the detector and the landmarks."),
            fix=tr("Leave out --detector and --landmarks."),
        )
    from models.engine.runtime import prepare

    gpus = choose_devices(list_gpus(), cpu=arguments.cpu, given=arguments.gpus, silent=True)
    prepare([gpu.index for gpu in gpus] or "cpu")
    return NetworkChoice(dfl=arguments.dfl_networks.expanduser().absolute(), head=head)
