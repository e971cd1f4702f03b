"""`dfl swap`: two videos in, one video out. Every stage is an ordinary command's, and what it leaves is an ordinary workspace."""

import argparse
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.options.answers_file import AnswersFile
from dfl_cli.options.flags import SIDES, add_device_flags, path_given, spellings, whole_number
from dfl_cli.preview.screen import PREVIEW_MODES
from dfl_cli.store.lock import FolderLock
from dfl_cli.store.workspace import Workspace
from dfl_cli.swap.job import Limit, Swap, Wanted, titles
from dfl_cli.swap.sources import dst_of, refuse_same_faces, src_of
from dfl_cli.swap.state import open_state
from dfl_cli.terminal.console import notice, say
from dfl_cli.terminal.interrupt import Terminated
from dfl_cli.translate import tr
from samplers.files.atomic_file import DanglingLink, is_dangling_link
from samplers.files.names import existing_spelling, fitting

SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
TIME = re.compile(r"(\d+(?:\.\d+)?)([dhms])", re.ASCII)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "src", metavar="SRC_VIDEO", type=path_given, help=tr("Video of the face to put on; also a folder of images.")
    )
    parser.add_argument("dst", metavar="DST_VIDEO", type=path_given, help=tr("Video of the face to replace."))
    parser.add_argument(
        "--output", required=True, type=path_given, metavar="VIDEO", help=tr("The video to write, such as swapped.mp4.")
    )
    parser.add_argument(
        "--workspace", type=path_given, metavar="DIR",
        help=tr("Folder for everything in between; default: NAME-workspace beside the output NAME.mp4."),
    )  # fmt: skip
    parser.add_argument("--overwrite", action="store_true", help=tr("Replace an existing output file without asking."))
    parser.add_argument(
        "--dry-run", action="store_true",
        help=tr("Print the stages, the recipe and the estimated time, and exit. Nothing is written."),
    )  # fmt: skip
    add_people_flags(parser)
    add_training_flags(parser)
    add_device_flags(parser)


def add_people_flags(parser: argparse.ArgumentParser) -> None:
    for side in SIDES:
        group = parser.add_mutually_exclusive_group()
        group.add_argument(
            *([f"--{side}-person", "--person"] if side == "src" else [f"--{side}-person"]), metavar="X",
            help=tr("Whose face of {side}, by letter; default: who is in most frames.", side=side),
        )  # fmt: skip
        group.add_argument(
            *([f"--{side}-reference", "--reference"] if side == "src" else [f"--{side}-reference"]),
            type=Path, nargs="+", action="extend", default=[], metavar="PHOTO",
            help=tr("Photos of the person in {side}.", side=side),
        )  # fmt: skip


def add_training_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(tr("training"))
    group.add_argument(
        "--time", type=time_given, metavar="TIME",
        help=tr("Train for this time in all, such as 8h, 90m or 1d12h; default: until nothing improves, 24h at most."),
    )  # fmt: skip
    group.add_argument(
        *spellings("--target-iter"), type=whole_number(1), metavar="N", help=tr("Train for this many iterations.")
    )
    group.add_argument(
        "--answers", type=Path, metavar="FILE",
        help=tr("Train with this answers file of dfl train in place of a recipe chosen for the device and the faces."),
    )  # fmt: skip
    group.add_argument("--preview", choices=PREVIEW_MODES, help=tr("Where to show previews, as in dfl train."))
    group.add_argument(
        "--no-probe", action="store_true", help=tr("Do not measure beforehand how long an iteration takes.")
    )


def time_given(text: str) -> float:
    """Seconds of `8h`, `1d12h`; the `type` of a flag."""
    parts = TIME.findall(text)
    seconds = sum(float(count) * SECONDS[unit] for count, unit in parts)
    if "".join(count + unit for count, unit in parts) != text or not seconds:
        raise argparse.ArgumentTypeError(tr("use a time such as 8h, 90m or 1d12h"))
    return seconds


def run(args: argparse.Namespace) -> int:
    """The whole job; started again it goes on where it was. Returns the exit code, 130 after Ctrl-C. Raises UserError."""
    root = workspace_root(args)
    if args.dry_run:
        from dfl_cli.swap.outlook import show_outlook

        return show_outlook(swap_of(args, root))
    if root.exists() and not root.is_dir():
        raise UserError(tr("{path} is a file.", path=root), fix=tr("Use another folder with --workspace."))
    with resumable(), FolderLock(root):
        return run_stages(swap_of(args, root))


def run_stages(swap: Swap) -> int:
    from dfl_cli.swap.film import check_output, last_lines

    may_replace = check_output(swap) or swap.overwrite
    swap.state.write()
    found = stages(swap, may_replace=may_replace)
    code = 0
    for number, (title, stage) in enumerate(found, start=1):
        say(f"[{number}/{len(found)}] {title}")
        code = stage()
        if (code and number < len(found)) or code >= 128:
            return code
    for line in last_lines(swap):
        say(line)
    return code


def stages(swap: Swap, *, may_replace: bool) -> list[tuple[str, Callable[[], int]]]:
    """Title and work of each. The work returns an exit code; what is done already takes no time."""
    from dfl_cli.swap.faces import extract
    from dfl_cli.swap.film import make_film
    from dfl_cli.swap.fit import check_fit
    from dfl_cli.swap.recipe_file import write_recipe
    from dfl_cli.swap.training import train

    return list(
        zip(
            titles(),
            (
                lambda: extract(swap, "src"),
                lambda: extract(swap, "dst"),
                lambda: check_fit(swap),
                lambda: write_recipe(swap),
                lambda: train(swap),
                lambda: make_film(swap, may_replace=may_replace),
            ),
            strict=True,
        )
    )


def workspace_root(args: argparse.Namespace) -> Path:
    """Raises DanglingLink."""
    output = args.output.expanduser().absolute()
    given = args.workspace or output.with_name(fitting(output.stem, "-workspace"))
    root = existing_spelling(given.expanduser().absolute())
    if is_dangling_link(root):
        raise DanglingLink(root)
    return root


def swap_of(args: argparse.Namespace, root: Path) -> Swap:
    """Raises UserError."""
    sources = {"src": src_of(args.src), "dst": dst_of(args.dst)}
    wanted = {side: Wanted(getattr(args, f"{side}_person"), getattr(args, f"{side}_reference")) for side in SIDES}
    state = open_state(root, sources)
    refuse_same_faces(state.videos, wanted)
    devices = ["--cpu"] if args.cpu else ["--gpus", args.gpus] if args.gpus is not None else []
    return Swap(
        sources=sources,
        wanted=wanted,
        output=args.output.expanduser().absolute(),
        workspace=Workspace(root),
        state=state,
        limit=Limit(args.time, args.target_iter),
        answers=args.answers and readable_answers(args.answers),
        device_flags=devices,
        preview=args.preview,
        probes=not args.no_probe,
        overwrite=args.overwrite,
    )


def readable_answers(given: Path) -> Path:
    """Raises UserError: it is missing, or no TOML."""
    return AnswersFile(given.expanduser().absolute()).path


@contextmanager
def resumable() -> Iterator[None]:
    """Whoever interrupts what is inside hears how it goes on."""
    try:
        yield
    except (KeyboardInterrupt, Terminated):
        notice(tr("Run the same command again to continue."))
        raise
