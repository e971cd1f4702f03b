"""`dfl video`: extract, join, cut, denoise."""

import argparse
import json
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.options.flags import add_flags, given_flags, path_given, spellings
from dfl_cli.options.option import Option
from dfl_cli.options.tables.video import CUT, DENOISE, EXTRACT, JOIN
from dfl_cli.options.wizard import ask_table
from dfl_cli.provenance.marking import add_marking_flags, signer_of
from dfl_cli.store.installing import complete_interrupted
from dfl_cli.store.workspace import existing_folder
from dfl_cli.terminal.console import is_interactive, notice, say
from dfl_cli.terminal.ignored_files import mention_ignored
from dfl_cli.translate import ntr, tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION", title=tr("actions"))
    extracting = add_action(actions, "extract", extract_pictures, EXTRACT, tr("extract the frames of a video to files"))
    add_input(extracting)
    extracting.add_argument(
        *spellings("--output"), type=Path, required=True, metavar="DIR", help=tr("Folder for the frames.")
    )
    joining = add_action(actions, "join", join_pictures, JOIN, tr("make a video from the frames in a folder"))
    joining.add_argument(
        "folder", type=Path, metavar="FRAMES", help=tr("Folder of the frames, used in numerical order of their names.")
    )
    add_output(joining, required=True)
    joining.add_argument(
        *spellings("--reference"), type=Path, metavar="VIDEO",
        help=tr("The video the frames come from: its frame times and colors are kept, and its subtitles, chapters and tags."),
    )  # fmt: skip
    joining.add_argument(*spellings("--audio"), action="store_true", help=tr("Copy the audio of the reference video."))
    add_marking_flags(joining)
    cutting = add_action(actions, "cut", cut_video, CUT, tr("cut a clip out of a video"))
    add_input(cutting)
    add_output(cutting, required=False)
    about = tr("write the frames in a folder with less noise to <folder>_denoised")
    denoising = add_action(actions, "denoise", denoise_pictures, DENOISE, about)
    denoising.add_argument("folder", type=Path, metavar="FRAMES", help=tr("Folder of the frames."))
    denoising.add_argument(*spellings("--output"), type=path_given, metavar="DIR", help=tr("Folder for the results."))
    denoising.add_argument("--json", action="store_true", help=tr("Print a single JSON object."))


def add_action(
    actions, name: str, run_action: Callable, table: Sequence[Option], about: str
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=about, description=about)
    parser.set_defaults(run_action=run_action, table=table)
    parser.add_argument("--overwrite", action="store_true", help=tr("Replace existing files without asking."))
    parser.add_argument(
        "--silent-start", action="store_true", help=tr("Ask nothing: settings not given as flags take their defaults.")
    )
    add_flags(parser, [table], tr("settings"))
    return parser


def add_input(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "video", type=Path, metavar="VIDEO", help=tr("The video; name.* matches the first one with that name.")
    )


def add_output(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument(
        *spellings("--output-video"), dest="output", type=Path, required=required, metavar="FILE",
        help=tr("The video to write: .mp4, .mov or .mkv."),
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """0. Raises UserError."""
    from dfl_cli.video.files import as_user_error

    with as_user_error():
        arguments.run_action(arguments)
    return 0


def answers_of(arguments: argparse.Namespace, **facts) -> dict:
    asks = is_interactive() and not arguments.silent_start and not getattr(arguments, "json", False)
    return ask_table(arguments.table, given=given_flags(arguments), facts=facts, ask_now=asks)


def denoise_pictures(arguments: argparse.Namespace) -> None:
    from dfl_cli.video.denoise import denoise, denoised_folder, facts_of, lines

    folder = existing_folder(arguments.folder.expanduser().absolute(), "FRAMES")
    target, pictures = denoised_folder(folder, arguments.output), frames_in(folder)
    factor = answers_of(arguments)["factor"]
    done = denoise(pictures, target, factor, overwrite=arguments.overwrite)
    if arguments.json:
        print(json.dumps(facts_of(done), indent=2), flush=True)
    else:
        say("\n".join(lines(done)))


def extract_pictures(arguments: argparse.Namespace) -> None:
    from dfl_cli.video.extract import extract
    from dfl_cli.video.files import video_file

    video, answers = video_file(arguments.video), answers_of(arguments)
    folder = arguments.output.expanduser().absolute()
    extract(video, folder, answers, overwrite=arguments.overwrite)


def join_pictures(arguments: argparse.Namespace) -> None:
    from dfl_cli.video.files import locked_output, video_file

    folder = existing_folder(arguments.folder.expanduser().absolute(), "FRAMES")
    pictures = frames_in(folder)
    reference = video_file(arguments.reference) if arguments.reference else None
    answers = answers_of(arguments, has_reference=reference is not None)
    sources = [*pictures, *filter(None, [reference])]
    with locked_output(arguments.output, overwrite=arguments.overwrite, sources=sources) as output:
        join_to(output, pictures, reference, answers, arguments)


def frames_in(folder: Path) -> list[Path]:
    """The frames in `folder`, in the order of time; what is left out, and a doubtful order, is reported. Raises UserError."""
    from dfl_cli.frames import list_frames, namesakes
    from dfl_cli.video.frame_files import mention_namesakes, mention_order

    complete_interrupted(folder)
    pictures = list_frames(folder)
    mention_ignored(folder)
    if not pictures:
        raise UserError(
            tr("No images in {folder}.", folder=folder),
            saw=tr("No .jpg, .jpeg, .png, .tif or .tiff file."),
            fix=tr("Check the path."),
        )
    mention_namesakes(namesakes(folder, pictures))
    mention_order(pictures)
    return pictures


def join_to(
    output: Path, pictures: Sequence[Path], reference: Path | None, answers: dict, arguments: argparse.Namespace
) -> None:
    from dfl_cli.video.frame_files import check_frames
    from dfl_cli.video.join import FrameTiming, VideoOutput, join, nothing_to_sign, packet_of, refuse_unsignable

    signer = signer_of(arguments)
    result = VideoOutput(
        output, FrameTiming(Fraction(answers["fps"]).limit_denominator(1001), None), bitrate_of(answers),
        packet=None if arguments.no_metadata else packet_of(pictures),
        signer=signer, original=reference or pictures[0],
    )  # fmt: skip
    check_frames(pictures)
    if signer:
        refuse_unsignable(output)
        if result.packet is None:
            raise nothing_to_sign()
    if reference:
        result = like_reference(result, reference, pictures, audio=arguments.audio)
    join(pictures, result)
    say(ntr("{count} frame: {path}", "{count} frames: {path}", count=len(pictures), path=output))


def like_reference(result, reference: Path, pictures: Sequence[Path], *, audio: bool):
    """`result` with the timing, the colors and whatever else is kept of `reference`, its sound only if wanted."""
    from dfl_cli.video.frame_files import size_of
    from dfl_cli.video.inherit import inheriting
    from dfl_cli.video.join import frame_timing, mention_other_timing
    from dfl_cli.video.read import VideoReader
    from dfl_cli.video.streams import StreamCopy

    if audio and not VideoReader(reference).facts().audio_tracks:
        notice(tr("{name} has no audio.", name=reference.name))
    timing = frame_timing(reference, len(pictures))
    mention_other_timing(reference, len(pictures))
    streams = StreamCopy(reference, audio=None if audio else ())
    return inheriting(result._replace(timing=timing), streams, size_of(pictures))


def bitrate_of(answers) -> float | None:
    return None if answers["lossless"] else answers["bitrate"]


def cut_video(arguments: argparse.Namespace) -> None:
    from dfl_cli.video.cut import cut, name_of_part
    from dfl_cli.video.files import locked_output, video_file

    video = video_file(arguments.video)
    answers = answers_of(arguments)
    output = arguments.output or name_of_part(video)
    with locked_output(output, overwrite=arguments.overwrite, sources=[video]) as output:
        cut(video, output, answers)
