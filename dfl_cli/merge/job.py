"""A batch merge as the person sees it: what is left to do, how it goes on, and what came of it."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from dfl_cli.errors import UserError, dangling_link, details_fix
from dfl_cli.frames import UnwritableFrame
from dfl_cli.merge.batch import FrameMerger, MergeOutput, MergeReport, merge_frames
from dfl_cli.merge.folders import NAMES_SHOWN
from dfl_cli.merge.journal import Journal
from dfl_cli.merge.pixels.network import Predictor
from dfl_cli.merge.report_text import is_unexpected, note_lines, reason
from dfl_cli.merge.resume import MergeTodo, count_unrelated_files, sort_frames
from dfl_cli.options.kinds import YesNo
from dfl_cli.options.option import Option
from dfl_cli.options.question import ask
from dfl_cli.shards.shard import Shard
from dfl_cli.terminal.console import Console, notice, print_error, progress_or_lines, say
from dfl_cli.terminal.interrupt import Interrupt
from dfl_cli.terminal.names import shortened
from dfl_cli.translate import N_, labeled, ntr, tr
from samplers.files.atomic_file import DanglingLink, is_dangling_link


def add_rest_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags that say what to do where merged frames lie already."""
    parser.add_argument(
        "--again", action="store_true", help=tr("Merge all frames, including those already up to date.")
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--overwrite", action="store_true",
        help=tr("Overwrite images in the output folder that dfl did not write, or that were changed since."),
    )  # fmt: skip
    group.add_argument("--keep", action="store_true", help=tr("Keep such images and merge the other frames."))


def frames_to_merge(
    frames: Sequence[Path],
    merger: FrameMerger,
    journal: Journal,
    arguments: argparse.Namespace,
    console: Console | None,
) -> list[Path]:
    """The frames to merge; what is done already and what is in the way is said or asked.

    frames   all of them; with --shard, only its part of them is considered
    console  None where nobody can be asked
    raises   UserError: pictures are in the way, and nobody said what to do with them
    """
    own = arguments.shard.block(frames) if arguments.shard else frames
    rest = sort_frames(own, merger, journal, again=arguments.again)
    for folder in merger.target.folders:
        others = count_unrelated_files(folder, frames)
        if others:
            notice(
                ntr(
                    "{count} file in {folder} belongs to no frame and was kept.",
                    "{count} files in {folder} belong to no frame and were kept.",
                    count=others,
                    folder=folder,
                )
            )
    if rest.foreign and not arguments.overwrite and (arguments.keep or confirm_keep(rest, console)):
        notice(
            ntr(
                "{count} frame keeps its existing image.",
                "{count} frames keep their existing images.",
                count=len(rest.foreign),
            )
        )
        rest = rest.without_foreign()
    refuse_dangling_links(rest)
    if rest.done:
        say(
            ntr(
                "{done} of {count} frame is already done.",
                "{done} of {count} frames are already done.",
                count=len(own),
                done=len(rest.done),
            )
        )
    return rest.stale


def refuse_dangling_links(rest: MergeTodo) -> None:
    """Raises UserError where a frame would have to be written in place of a link whose target is missing."""
    for file in (file for files in rest.foreign.values() for file in files):
        if is_dangling_link(file):
            raise dangling_link(DanglingLink(file))


def confirm_keep(rest: MergeTodo, console: Console | None) -> bool:
    """Whether the foreign files stay, by question. Raises UserError where nobody can be asked."""
    files = [str(path) for files in rest.foreign.values() for path in files]
    what = tr("The output folder contains images not written by dfl, or changed since.")
    saw = ntr("{count} file: {names}", "{count} files: {names}", count=len(files), names=shortened(files, 3))
    if console is None:
        raise UserError(
            what,
            saw=saw,
            fix=tr(
                "Use --overwrite to replace them, --keep to keep them, or other folders with --output and "
                "--output-mask."
            ),
        )
    console.say(what)
    console.say(f"  {saw}")
    question = Option(
        key="", label=N_("Overwrite them?"), kind=YesNo(), default=False,
        help=N_("n keeps them and merges the other frames."),
    )  # fmt: skip
    return not ask(question, False, known={}, console=console)


def merge_with_progress(
    frames: Sequence[Path], merger: FrameMerger, predictor: Predictor, *, workers: int, journal: Journal | None = None
) -> MergeReport:
    """`merge_frames` with a progress bar, ended cleanly by the signals that end a program. Raises UserError."""
    with Interrupt() as interrupt, progress_or_lines(len(frames), tr("Merging"), unit=tr("frames")) as bar:
        try:
            return merge_frames(
                frames, merger, predictor, workers=workers, journal=journal, alone=not (journal and journal.part),
                on_frame=lambda: bar.update(1), stopped=lambda: bool(interrupt.signal),
            )  # fmt: skip
        except UnwritableFrame as error:
            raise UserError(
                tr("Cannot write {path}.", path=error.path),
                saw=error.reason,
                fix=tr("Free some space, or choose another folder with --output and --output-mask."),
            ) from error
        except MemoryError as error:
            raise UserError(
                tr("Not enough device memory for this model, even for a single face."),
                saw=str(error).partition("\n")[0],
                fix=tr("Close other programs that use it, or merge with --cpu. Frames already merged are kept."),
            ) from error


def say_shard_done(shard: Shard) -> None:
    say(
        tr(
            "Shard {shard} is done. When all shards are, run the same command without --shard: it checks all frames and "
            "merges what is missing.",
            shard=shard,
        )
    )


def report_result(report: MergeReport, target: MergeOutput) -> None:
    """What became of the frames."""
    if report.failures:
        print_error(
            ntr(
                "{count} frame could not be merged; if readable, it was copied unchanged:",
                "{count} frames could not be merged; readable ones were copied unchanged:",
                count=len(report.failures),
            )
        )
        for failure in report.failures[:NAMES_SHOWN]:
            notice("  " + labeled(failure.path.name, reason(failure.error)))
        if len(report.failures) > NAMES_SHOWN:
            notice(tr("  and {more} more", more=len(report.failures) - NAMES_SHOWN))
        if unexpected := next((one.error for one in report.failures if is_unexpected(one.error)), None):
            notice("  " + details_fix(unexpected))
    for line in note_lines(report.notes, report.named):
        notice(line)
    say(
        ntr(
            "{count} frame merged, {copied} without faces copied: {folder}",
            "{count} frames merged, {copied} without faces copied: {folder}",
            count=report.merged,
            copied=report.without_face,
            folder=target.pictures,
        )
    )
    if target.masks:
        say(tr("Masks: {folder}", folder=target.masks))
    if report.stopped:
        say(tr("Stopped. Run the same command again to merge the remaining frames."))
