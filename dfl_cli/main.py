"""`dfl`: finds the command, imports only that, and turns errors into messages and exit codes."""

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

from dfl_cli.dfl_names.command import run_dfl_line
from dfl_cli.errors import explained
from dfl_cli.options.environment import apply_environment, environment_help
from dfl_cli.options.listing import ListingParser
from dfl_cli.options.parser import Parser, wants_help
from dfl_cli.terminal.console import LeftAtQuestion, notice, prepare_streams, print_error
from dfl_cli.terminal.interrupt import Terminated, raise_on_signals
from dfl_cli.translate import LANGUAGES, listed, set_language, tr
from dfl_cli.version import VERSION

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
    "completion": "dfl_cli.completion.command",
}

OLD_NAMES = {"xseg editor": "xseg edit", "xseg remove_labels": "xseg remove-labels"}  # as DeepFaceLab spells them
READS_ENVIRONMENT = {"train", "xseg train", "merge"}  # the commands that are run unattended


def summaries() -> dict[str, str]:
    """One line about each command."""
    return {name: text for commands in sections().values() for name, text in commands.items()}


def sections() -> dict[str, dict[str, str]]:
    """Heading -> command -> one line about it, in the order of the work."""
    return {
        tr("start to end"): {
            "demo": tr("the whole workflow on two drawn people, in minutes"),
            "swap": tr("the whole job: two videos in, one video out"),
        },
        tr("prepare"): {
            "extract": tr("find the faces of a video and write them as a face set"),
            "extract review": tr("sort out and repair the found faces in a browser"),
            "faceset": tr("inspect, compare, sort, pack, resize, enhance face sets"),
            "video": tr("extract, join and denoise frames, cut videos"),
            "xseg edit": tr("label in a browser what covers the faces of a set"),
            "xseg suggest": tr("say which faces of a set to label next"),
            "xseg train": tr("train a mask network on labeled faces"),
            "xseg apply": tr("let a mask network paint the masks of a face set"),
            "xseg remove": tr("remove the applied masks; can be undone"),
            "xseg remove-labels": tr("remove the labels drawn by hand; can be undone"),
            "xseg fetch": tr("copy the labeled faces of a set to <folder>_xseg"),
            "xseg export-labels": tr("write labels for labelme, or as a COCO file"),
            "xseg import-labels": tr("put labels of labelme or COCO into the faces"),
        },
        tr("train"): {
            "train": tr("train a model on two sets of faces"),
            "evaluate": tr("score a model's swap: identity, expression, edges ..."),
            "compare": tr("compare two models or checkpoints score by score"),
        },
        tr("merge"): {
            "merge": tr("merge the learned face into the dst frames"),
            "verify": tr("show and check the provenance of images and videos"),
        },
        tr("look after"): {
            "model": tr("list, show, rename, delete, back up, restore models"),
            "doctor": tr("check this machine and show how to fix what is missing"),
            "bench": tr("measure training, sampling, merging and saving here"),
            "completion": tr("let the shell complete commands, flags and names"),
        },
    }


def groups() -> dict[str, str]:
    """One line about each first word that is no command of its own."""
    return {"xseg": tr("masks of faces by a network: label faces, train the network on them, apply its masks")}


def main(arguments: Sequence[str] | None = None) -> int:
    prepare_streams()
    try:
        if "_ARGCOMPLETE" in os.environ:  # a shell asks what can follow
            return complete()
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
    wanted, source, rest, words = os.environ.get("DFL_LANG") or None, "DFL_LANG", [], iter(arguments)
    set_language(wanted if wanted in LANGUAGES else None)
    for word in words:
        if word == "--lang" or word.startswith("--lang="):
            wanted, source = word.partition("=")[2] or next(words, ""), "--lang"
        else:
            rest.append(word)
    if wanted not in (None, *LANGUAGES):
        Parser(prog="dfl").error(tr("{source} takes {languages}", source=source, languages=listed(LANGUAGES)))
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
        if not wants_help(arguments):
            apply_environment(parser, arguments, os.environ)
    return module.run(parser.parse_args(arguments))


def run_without_command(arguments: list[str]) -> int:
    """`dfl` without a command: help, version, or wrong usage."""
    parser = ListingParser(
        "dfl", tr("A face-swap trainer for the terminal."), sections(), known=[*groups(), *OLD_NAMES]
    )
    add_language(parser)
    parser.add_argument("--version", action="store_true", help=tr("show the version"))
    if parser.parse_args(arguments).version:
        print(f"dfl {VERSION}")
    else:
        parser.print_help()
    return DONE


def run_group(arguments: list[str]) -> int:
    """`dfl xseg` without a second word: the commands there are, or wrong usage."""
    group, *rest = arguments
    found = {name.partition(" ")[2]: text for name, text in summaries().items() if name.startswith(f"{group} ")}
    parser = ListingParser(f"dfl {group}", groups()[group], {tr("commands"): found})
    add_language(parser)
    parser.parse_args(rest)
    parser.print_help()
    return DONE


def complete() -> int:
    """Answer a shell that asks what can follow; its words come in variables, as argcomplete has them."""
    from dfl_cli.completion.answer import answer, command_parser

    return answer(lambda words: command_parser(choose_language(list(words)), COMMANDS, summaries(), add_language))


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
