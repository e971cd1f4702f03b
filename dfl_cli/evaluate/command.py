"""`dfl evaluate`: scores of a model's swap, as a table, as JSON and as a page."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dfl_cli.classes.registry import CLASSES
from dfl_cli.devices import choose_devices, list_gpus
from dfl_cli.errors import UserError
from dfl_cli.evaluate.advice import advice, limits_title
from dfl_cli.evaluate.evaluate import MOST_FACES, Evaluation, NothingToScore, Options, Stage, evaluate
from dfl_cli.evaluate.faces import Square
from dfl_cli.evaluate.limits import Finding, as_json, known_of, limits
from dfl_cli.evaluate.loss_curve import fall_of
from dfl_cli.evaluate.table import lines
from dfl_cli.faceset.loading import load_faceset, report_skipped, summary
from dfl_cli.options.flags import add_device_flags, add_prefer_flag, path_given, spellings, whole_number
from dfl_cli.options.tables.run import HOLD_OUT
from dfl_cli.store.checkpoint import find_checkpoint
from dfl_cli.store.saved_model import SavedModel, find_model
from dfl_cli.store.workspace import existing_folder, folder_for, workspace_for
from dfl_cli.terminal.console import Console, notice, progress, say
from dfl_cli.translate import ntr, tr
from samplers.held_out import held_out

LARGEST = 100_000  # frames


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", nargs="?", metavar="NAME",
        help=tr("Name of the model; NAME@ITERATION for one of its saves, NAME@01 for a backup, NAME@best for its best save; "
            "default: the model saved last."),
    )  # fmt: skip
    add_flags(parser, page=tr("Write a page with curves and the worst frames."))


def add_flags(parser: argparse.ArgumentParser, *, page: str) -> None:
    """Which faces to score, and where the scores go; page: what --html does."""
    parser.add_argument(
        "--workspace", type=path_given, metavar="DIR", help=tr("Folder that contains data_src, data_dst and model.")
    )
    parser.add_argument(
        "--best", action="store_true", help=tr("Evaluate the best save of the model instead of the newest one.")
    )
    folders = {
        "--models": tr("Folder that contains the models."),
        "--src": tr("Aligned faces of the person to put on."),
        "--dst": tr("Aligned faces to score the swap of; best those that the model was not trained on."),
    }
    for flag, text in folders.items():
        parser.add_argument(*spellings(flag), type=path_given, metavar="DIR", help=text)
    parser.add_argument(
        "--truth", type=path_given, metavar="DIR",
        help=tr("Frames of the true swap, which is known of drawn people; default: those that dfl demo has left in the workspace."),
    )  # fmt: skip
    parser.add_argument(
        "--every",
        type=whole_number(1, LARGEST),
        default=1,
        metavar="N",
        help=tr("Use every N-th frame; default: 1, all."),
    )
    parser.add_argument(
        "--max-faces", type=whole_number(1, LARGEST), default=MOST_FACES, metavar="N",
        help=tr("Score at most N frames, in stretches spread over the whole; default: {default}.", default=MOST_FACES),
    )  # fmt: skip
    parser.add_argument("--html", type=path_given, metavar="FILE.html", help=page)
    parser.add_argument("--overwrite", action="store_true", help=tr("Replace an existing page without asking."))
    parser.add_argument("--json", action="store_true", help=tr("Print a single JSON object."))
    add_prefer_flag(parser)
    add_device_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Returns 0. Raises UserError."""
    from dfl_cli.evaluate.html import page

    html = html_file(args)
    models, src, dst = folders(args)
    saved = find_model(models, args.name, best=True) if args.best else find_checkpoint(models, args.name)
    faces = [load_faceset(folder, args.prefer) for folder in (src, dst)]
    faces[1] = scored(faces[1], saved, given=args.dst is not None)
    announce(saved)
    found = evaluation_of(args, saved, *faces)
    report_skipped(found.skipped)
    findings = limits(found, known_of(found, faces[0], fall_of(saved)))
    if html:
        write_page(html, page(saved, found, findings))
    answer(args, saved, found, findings)
    return 0


def folders(args: argparse.Namespace) -> tuple[Path, ...]:
    """Of the models, of src's and of dst's faces. Raises UserError."""
    models, src, dst = (
        folder_for(given, args.workspace, role, flag=f"--{role}", announce=False)
        for given, role in ((args.models, "models"), (args.src, "src"), (args.dst, "dst"))
    )
    return existing_folder(models, "--models"), src, dst


def announce(saved: SavedModel) -> None:
    notice(tr("Evaluating {name}, iteration {iteration}.", name=saved.name, iteration=saved.iteration))


def scored(faces, *saves: SavedModel, given: bool):
    """The faces of dst that the models were not trained on, if all held out the same ones; all of a folder that was given."""
    held = {0} if given else {saved.options.get(HOLD_OUT.key, 0) for saved in saves}
    some = held_out(faces, held.pop() if len(held) == 1 else 0)
    if not some:
        if not given:
            notice(
                tr(
                    "The model was trained on these faces; train with --hold-out 10 to score it on faces it has not seen."
                )
            )
        return faces
    notice(ntr("Scoring {count} face that was held out.", "Scoring {count} faces that were held out.", count=len(some)))
    return some


def html_file(args: argparse.Namespace) -> Path | None:
    """Where the page goes, decided before the long work. Raises UserError."""
    from dfl_cli.options.outputs import file_to_write

    if args.html is None:
        return None
    existing_folder(args.html.expanduser().absolute().parent, "--html")
    return file_to_write(args.html, overwrite=args.overwrite, asks=not args.json)


def evaluation_of(args: argparse.Namespace, saved: SavedModel, src, dst) -> Evaluation:
    """Raises UserError."""
    prepare_device(args)
    options, own = options_of(args), own_options(saved)
    with problems_explained(), Bars() as bars:
        return evaluate(saved.build(), src, dst, Square.of(saved.options), options, own=own, progress=bars.begin)


def prepare_device(args: argparse.Namespace) -> None:
    """Raises UserError."""
    console = Console()
    console.output = sys.stderr
    gpus = choose_devices(list_gpus(), cpu=args.cpu, given=args.gpus, silent=True, console=console)
    from models.engine import runtime

    runtime.prepare([gpu.index for gpu in gpus] or "cpu")


def options_of(args: argparse.Namespace) -> Options:
    """Raises UserError."""
    return Options(args.every, args.max_faces, truth_folder(args))


def own_options(saved: SavedModel) -> list:
    """What the model's `swap` takes beside the faces."""
    return [option.default for option in CLASSES[saved.model_class].merge_options]


@contextmanager
def problems_explained() -> Iterator[None]:
    """Raises UserError for what keeps an evaluation from its end."""
    try:
        yield
    except NothingToScore as error:
        raise nothing_to_score(error) from error
    except MemoryError as error:
        raise UserError(
            tr("Not enough device memory for this model, even for a single face."),
            saw=str(error).partition("\n")[0],
            fix=tr("Close other programs that use it, or use --cpu."),
        ) from error


def truth_folder(args: argparse.Namespace) -> Path | None:
    """Where the true swaps are, if they are known. Raises UserError."""
    if args.truth is not None:
        return existing_folder(args.truth.expanduser().absolute(), "--truth")
    is_wanted = args.workspace or args.dst is None
    drawn = is_wanted and (root := workspace_for(args.workspace, announce=False)) and root / "truth"
    return drawn if drawn and drawn.is_dir() else None


def nothing_to_score(error: NothingToScore) -> UserError:
    return UserError(
        tr("None of the faces of {side} can be used.", side=error.side),
        saw=summary(error.skipped),
        fix=tr("Extract them again, or give another folder with --{side}.", side=error.side),
    )


class Bars(ExitStack):
    """A progress bar for each stage, one after the other."""

    def begin(self, stage: Stage) -> Callable[[], None]:
        self.close()
        text = {"swap": tr("Swapping faces"), "read": tr("Reading faces")}[stage.name]
        bar = self.enter_context(progress(stage.ticks, text, unit=tr("faces"), keep=False))
        return lambda: bar.update(1)


def write_page(path: Path, page: str) -> None:
    from samplers.files.atomic_file import write_atomically

    write_atomically(path, page.encode())
    notice(tr("Report written: {path}", path=path))


def answer(args: argparse.Namespace, saved: SavedModel, found: Evaluation, findings: Sequence[Finding]) -> None:
    """For a person or for a program."""
    if args.json:
        print_json(facts(saved, found) | {"limits": as_json(findings)})
        return
    for line in [*lines(found.scores), "", limits_title(), *(f"- {line}" for line in advice(findings))]:
        say(line)


def facts(saved: SavedModel, found: Evaluation) -> dict:
    """For `--json`."""
    about = {"model": saved.name, "class": saved.model_class, "iteration": saved.iteration}
    return {**about, **found.as_json()}


def print_json(found: dict) -> None:
    print(json.dumps(found, indent=2, allow_nan=False), flush=True)  # in ASCII
