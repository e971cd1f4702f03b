"""Tables of options as command-line flags, and the other names a flag answers to."""

import argparse
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from dfl_cli.options.given import OPTION_PREFIX, Given, sourced
from dfl_cli.options.help.short import fits_beside
from dfl_cli.options.kinds import LARGEST_WHOLE, Choice, YesNo
from dfl_cli.options.option import Option
from dfl_cli.translate import Lines, labeled, listed, tr

# Our flag -> DeepFaceLab's long spelling of it, or a shorter one.
ALIASES = {
    "--src": ("--training-data-src-dir",),
    "--dst": ("--training-data-dst-dir",),
    "--models": ("--model-dir",),
    "--pretraining": ("--pretraining-data-dir",),
    "--name": ("--force-model-name",),
    "--cpu": ("--cpu-only",),
    "--gpus": ("--force-gpu-idxs",),
    "--frames": ("--input-dir",),
    "--input": ("--input-dir",),
    "--max-faces": ("--max-faces-from-image",),
    "--aligned": ("--aligned-dir",),
    "--output": ("--output-dir",),
    "--output-mask": ("--output-mask-dir",),
    "--merge-morph-factor": ("--morph-factor",),
    "--image-format": ("--format", "--output-ext"),
    "--from-time": ("--from",),
    "--to-time": ("--to",),
    "--audio-track": ("--audio-track-id",),
    "--audio": ("--include-audio",),
    "--reference": ("--reference-file",),
    "--output-video": ("--output", "--output-file"),
}
SIDES = ("src", "dst")  # of a workspace
LOOPBACK = "127.0.0.1"


def positive(text: str) -> float:
    """A number above 0, as the `type` of a flag."""
    if not 0 < number_in(text) < math.inf:
        raise argparse.ArgumentTypeError(tr("must be more than 0"))
    return float(text)


def number_in(text: str) -> float:
    """NaN where there is none, which is within no limits; argparse would name the function otherwise."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def number_from(low: float, high: float) -> Callable[[str], float]:
    """Numbers within these limits, as the `type` of a flag."""

    def number(text: str) -> float:
        value = number_in(text)
        if not low <= value <= high:
            noun = tr("a number")
            raise argparse.ArgumentTypeError(tr("{noun} from {low} to {high}", noun=noun, low=low, high=high))
        return value

    return number


def whole_number(low: int, high: int = LARGEST_WHOLE) -> Callable[[str], int]:
    """Whole numbers within these limits, as the `type` of a flag."""

    def whole_number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            noun = tr("a whole number")
            raise argparse.ArgumentTypeError(tr("{noun} from {low} to {high}", noun=noun, low=low, high=high))
        return value

    return whole_number


def path_given(text: str) -> Path:
    """The `type` of a flag for a path. An empty one, as of a variable that is not set, would be the current folder."""
    if not text:
        raise argparse.ArgumentTypeError(tr("the path is empty"))
    return Path(text)


def spellings(flag: str) -> tuple[str, ...]:
    """`flag` and its aliases, for `parser.add_argument(*spellings("--src"), ...)`."""
    return (flag, *ALIASES.get(flag, ()))


def add_flags(parser: argparse.ArgumentParser, tables: Iterable[Sequence[Option]], title: str) -> None:
    """One flag for each key in the tables. What it is given stays text until the option itself reads it."""
    parser.usage = "%(prog)s [...]"  # a page of flags otherwise
    group = parser.add_argument_group(title)
    seen = set()
    for table in tables:
        for option in table:
            if option.key not in seen:
                seen.add(option.key)
                add_flag(group, option)


def add_flag(group, option: Option) -> None:
    bare = {"nargs": "?", "const": "y"} if isinstance(option.kind, YesNo) else {}
    label, accepted = tr(option.label), option.kind.accepted()
    text = tr("{label}: {accepted}. {text}", label=label, accepted=accepted, text=Lines(tr(option.help)))
    action = group.add_argument(
        *spellings(option.flag),
        dest=f"{OPTION_PREFIX}{option.key}",
        metavar=option.kind.hint() or option.key.upper(),
        default=None,
        help=text.replace("%", "%%"),
        **bare,
    )
    action.short_help = short_text(option)
    action.completer = lambda **_: option.kind.completions()


def short_text(option: Option) -> str:
    """The label; also what is accepted, where the flag does not show it."""
    label, kind = tr(option.label).rstrip("?？.。"), option.kind
    if kind.hint() and fits_beside(option.flag, f"[{kind.hint()}]"):
        return label
    return labeled(label, listed(kind.choices) if isinstance(kind, Choice) else kind.accepted())


def given_flags(arguments: argparse.Namespace) -> dict[str, Given]:
    """The options that were given as flags, or as variables of the environment (`environment.apply_environment`)."""
    by_key = {
        name.removeprefix(OPTION_PREFIX): raw
        for name, raw in vars(arguments).items()
        if name.startswith(OPTION_PREFIX) and raw is not None
    }
    return sourced(by_key)


def add_prefer_flag(parser) -> None:
    """--prefer, for every command that reads a face set."""
    parser.add_argument(
        "--prefer",
        choices=("pack", "files"),
        default="pack",
        help=tr("Which faces to use of a folder that has both faceset.pak and image files; default: pack."),
    )


def add_flags_for_owner(parser: argparse.ArgumentParser) -> None:
    """--person and --reference, for commands that propose faces of others for removal, and --undo; they exclude each other."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--person", metavar="X", help=tr("Whose set it is, by letter; default: who has the most faces."))
    group.add_argument(
        "--reference", type=Path, nargs="+", action="extend", default=[], metavar="PHOTO",
        help=tr("Photos, or aligned faces, of the person whose set it is."),
    )  # fmt: skip
    group.add_argument("--undo", action="store_true", help=tr("Bring back the faces that the last --move moved away."))


def add_side(parser: argparse.ArgumentParser, about: str) -> None:
    """src or dst, for commands that work on one half of a workspace."""
    parser.add_argument("side", nargs="?", choices=SIDES, metavar="src|dst", help=about)


def add_address_flags(parser: argparse.ArgumentParser, *, port: str | None = None, host: str | None = None) -> None:
    """--port and --host of a page. port, host: their help, for a command that opens a page only on request."""
    port = port or tr("Port; default: the first free port from 8088.")
    host = host or tr(
        "Address. The default 127.0.0.1 is reachable only from this machine; with any other address, anyone who can read "
        "the traffic can read the token."
    )
    parser.add_argument("--port", type=whole_number(1, 65535), metavar="N", help=port)
    parser.add_argument("--host", default=LOOPBACK, metavar="ADDRESS", help=host)


def add_device_flags(parser: argparse.ArgumentParser) -> None:
    """--cpu and --gpus, which exclude each other; `devices.choose_devices` takes what they hold."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(*spellings("--cpu"), action="store_true", help=tr("Use the CPU even if there is a GPU."))
    group.add_argument(*spellings("--gpus"), metavar="0,1", help=tr("Numbers of the GPUs to use, separated by commas."))
