"""`dfl`: finds the command, imports only that, and turns errors into messages and exit codes."""

import argparse
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module

from dfl_cli.dfl_names.command import run_dfl_line
from dfl_cli.errors import explained
from dfl_cli.options.environment import apply_environment, environment_help
from dfl_cli.options.parser import Parser
from dfl_cli.terminal.console import LeftAtQuestion, notice, prepare_streams, print_error
from dfl_cli.terminal.interrupt import Terminated, raise_on_signals
from dfl_cli.translate import LANGUAGES, set_language, tr
from dfl_cli.version import version

DONE, FAILED, INTERRUPTED = 0, 1, 130

# Each module has `add_arguments(parser)` and `run(arguments) -> exit code`.
COMMANDS = {
    "demo": "dfl_cli.demo.command",
    "swap": "dfl_cli.swap.command",
    "extract": "dfl_cli.extract.command",
    "extract review": "dfl_cli.review.command",
    "train": "dfl_cli.train.command",
    "xseg edit": "dfl_cli.xseg.edit.command",
    "xseg suggest": "dfl_cli.xseg.suggest.command",
    "xseg train": "dfl_cli.xseg.train",
    "xseg apply": "dfl_cli.xseg.apply.command",
    "xseg remove": "dfl_cli.xseg.remove",
    "xseg remove-labels": "dfl_cli.xseg.remove_labels",
    "xseg fetch": "dfl_cli.xseg.fetch",
    "xseg export-labels": "dfl_cli.xseg.exchange.export_command",
    "xseg import-labels": "dfl_cli.xseg.exchange.import_command",
    "merge": "dfl_cli.merge.command",
    "evaluate": "dfl_cli.evaluate.command",
    "compare": "dfl_cli.evaluate.compare.command",
    "model": "dfl_cli.model.command",
    "faceset": "dfl_cli.faceset.command",
    "doctor": "dfl_cli.doctor.command",
    "video": "dfl_cli.video.command",
    "verify": "dfl_cli.provenance.verify",
    "bench": "dfl_cli.bench.command",
}

OLD_NAMES = {"xseg editor": "xseg edit", "xseg remove_labels": "xseg remove-labels"}  # as DeepFaceLab spells them
READS_ENVIRONMENT = {"train", "xseg train", "merge"}  # the commands that are run unattended


def summaries() -> dict[str, str]:
    """One line about each command."""
    return {
        "demo": tr("draw two people, train a small model and merge: the whole workflow in a few minutes"),
        "swap": tr("swap a face from two videos: extract, train, merge; resumes where it was stopped"),
        "extract": tr("find the faces of a video or of frames and write them as a face set"),
        "extract review": tr("look through the faces of an extraction in a browser, sort them out and repair them"),
        "train": tr("train a model on two sets of faces"),
        "xseg edit": tr("label in a browser what belongs to the faces of a face set and what covers them"),
        "xseg suggest": tr("say which faces of a set to label next"),
        "xseg train": tr("train a mask network on labeled faces: dfl train --model XSeg"),
        "xseg apply": tr("let a mask network paint the masks of a face set, and show the worst"),
        "xseg remove": tr("remove the applied masks from a face set; can be undone"),
        "xseg remove-labels": tr("remove the labels drawn by hand from a face set; can be undone"),
        "xseg fetch": tr("copy the labeled faces of a set to <folder>_xseg"),
        "xseg export-labels": tr("write the labels of a face set for labelme, or as a COCO file"),
        "xseg import-labels": tr("put labels of labelme or COCO into the faces of a set"),
        "merge": tr("merge the learned face into the dst frames"),
        "evaluate": tr("score a model's swap: identity, expression, pose, place, flicker, edges"),
        "compare": tr("compare two models, or two checkpoints of one, score by score"),
        "model": tr("list, show, rename, delete, back up and restore models"),
        "faceset": tr("inspect, compare, sort, pack, resize and enhance face sets, save their metadata"),
        "doctor": tr("check this machine and show how to fix what is missing"),
        "video": tr("extract frames from videos, join frames into videos, cut videos, denoise frames"),
        "verify": tr("show the provenance metadata of images and videos, and check signatures"),
        "bench": tr("measure training steps, sampling, merging and saving on this machine"),
    }


def groups() -> dict[str, str]:
    """One line about each first word that is no command of its own."""
    return {"xseg": tr("masks of faces by a network: label faces, train the network on them, apply its masks")}


def main(arguments: Sequence[str] | None = None) -> int:
    prepare_streams()
    try:
        with raise_on_signals():
            arguments = choose_language(list(sys.argv[1:] if arguments is None else arguments))
            return run_dfl_line(arguments, run_words)
    except SystemExit as end:  # argparse: help was shown, or the usage was wrong
        if isinstance(end.code, int):
            return end.code
        raise
    except LeftAtQuestion:
        print_error(tr("Left without an answer. Nothing more was done."))
        return INTERRUPTED
    except KeyboardInterrupt:
        print_error(tr("Interrupted."))
        return INTERRUPTED
    except Terminated as end:
        print_error(tr("Interrupted."))
        return end.exit_code
    except BrokenPipeError:  # the reader of a pipe, such as `head`, has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        report(error)
        return FAILED


def choose_language(arguments: list[str]) -> list[str]:
    """Choose the language by --lang, wherever it stands, by DFL_LANG or the locale; returns the other arguments."""
    set_language(None)
    wanted, source, rest, words = os.environ.get("DFL_LANG") or None, "DFL_LANG", [], iter(arguments)
    for word in words:
        if word == "--lang" or word.startswith("--lang="):
            wanted, source = word.partition("=")[2] or next(words, ""), "--lang"
        else:
            rest.append(word)
    if wanted not in (None, *LANGUAGES):
        Parser(prog="dfl").error(tr("{source} takes {languages}", source=source, languages=", ".join(LANGUAGES)))
    set_language(wanted)
    return rest


def run_words(arguments: list[str]) -> int:
    """Run the command that `arguments` begin with."""
    for words in (2, 1):
        name = " ".join(arguments[:words])
        if (name := OLD_NAMES.get(name, name)) in COMMANDS:
            return run_command(name, arguments[words:])
    return run_group(arguments) if arguments[:1] and arguments[0] in groups() else run_without_command(arguments)


def run_command(name: str, arguments: list[str]) -> int:
    module = import_module(COMMANDS[name])
    parser = Parser(prog=f"dfl {name}", description=summaries()[name])
    add_language(parser)
    module.add_arguments(parser)
    if name in READS_ENVIRONMENT:
        parser.epilog = environment_help()
        if not {"-h", "--help"} & set(arguments):
            apply_environment(parser, arguments, os.environ)
    return module.run(parser.parse_args(arguments))


def run_without_command(arguments: list[str]) -> int:
    """`dfl` without a command: help, version, or wrong usage."""
    parser = listing_parser("dfl", tr("A face-swap trainer for the terminal."), summaries())
    parser.add_argument("--version", action="store_true", help=tr("show the version"))
    if parser.parse_args(arguments).version:
        print(f"dfl {version()}")
    else:
        parser.print_help()
    return DONE


def run_group(arguments: list[str]) -> int:
    """`dfl xseg` without a second word: the commands there are, or wrong usage."""
    group, *rest = arguments
    found = {name.partition(" ")[2]: text for name, text in summaries().items() if name.startswith(f"{group} ")}
    parser = listing_parser(f"dfl {group}", groups()[group], found)
    parser.parse_args(rest)
    parser.print_help()
    return DONE


def listing_parser(prog: str, about: str, commands: Mapping[str, str]) -> Parser:
    """A parser whose help lists commands, name -> line about it; any other word is wrong usage."""
    width = max(map(len, commands), default=0) + 2
    lines = [f"  {name:{width}}{text}" for name, text in commands.items()]
    parser = Parser(
        prog=prog,
        usage=f"{prog} COMMAND ...",
        description="\n".join([about, "", tr("commands:"), *lines]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_language(parser)
    parser.add_argument("command", nargs="?", choices=tuple(commands), help=argparse.SUPPRESS)
    return parser


def add_language(parser: argparse.ArgumentParser) -> None:
    """For the help text; `choose_language` has already taken the flag out."""
    parser.add_argument(
        "--lang", choices=LANGUAGES, help=tr("language of questions and messages; default: system language")
    )


def report(error: Exception) -> None:
    """Say what went wrong: the advice there is, else the error's name and the file with its traceback."""
    if os.environ.get("DFL_DEBUG") == "1":
        notice("".join(traceback.format_exception(error)))
    print_error(str(explained(error)))


if __name__ == "__main__":
    sys.exit(main())
