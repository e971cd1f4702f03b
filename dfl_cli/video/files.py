"""Which video is meant, where results go, and asking before anything there is replaced."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from dfl_cli.errors import UserError
from dfl_cli.options.kinds import YesNo
from dfl_cli.options.option import Option
from dfl_cli.options.wizard import ask
from dfl_cli.terminal.console import Console, is_interactive
from dfl_cli.terminal.interrupt import Interrupt
from dfl_cli.translate import tr

Item = TypeVar("Item")

VIDEO_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".mkv", ".avi", ".webm", ".mpg", ".mpeg", ".ts", ".mts", ".wmv", ".flv"}
)
OUTPUT_SUFFIXES = (".mp4", ".mov", ".mkv", ".m4v")


def video_file(given: Path) -> Path:
    """The video that is meant; `name.*` is the first one of that name, as DeepFaceLab writes it. Raises UserError."""
    path = given.expanduser().absolute()
    if path.suffix == ".*" and path.parent.is_dir():
        found = sorted(each for each in path.parent.glob(f"{path.stem}.*") if each.suffix.lower() in VIDEO_SUFFIXES)
        path = found[0] if found else path
    if not path.is_file():
        raise UserError(tr("There is no video {path}.", path=path), fix=tr("check the path"))
    return path


def output_file(given: Path, *, overwrite: bool, suffixes: Sequence[str] = OUTPUT_SUFFIXES) -> Path:
    """`given` if a video can be written there; its folder is made. Asks before a file is replaced. Raises UserError."""
    path = given.expanduser().absolute()
    if path.suffix.lower() not in suffixes:
        raise UserError(
            tr("{name} is no name for a video that can be written.", name=path.name),
            fix=tr("end it with one of {suffixes}", suffixes=", ".join(suffixes)),
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not overwrite and not agreed(tr("{path} is there already: replace it?", path=path)):
        raise UserError(
            tr("{path} is there already.", path=path), fix=tr("add --overwrite to replace it, or give another name")
        )
    return path


def agreed(question: str) -> bool:
    """The answer to a question; no where nobody can be asked."""
    if not is_interactive():
        return False
    return ask(Option(key="", label=question, kind=YesNo(), default=False, help=""), False, known={}, console=Console())


@contextmanager
def explained() -> Iterator[None]:
    """Within it, what goes wrong with videos and pictures becomes a UserError."""
    from dfl_cli.frames import UnwritableFrame
    from dfl_cli.video.read import NotAVideo
    from dfl_cli.video.write import UnwritableVideo

    try:
        yield
    except NotAVideo as error:
        raise UserError(
            tr("{path} cannot be read as a video.", path=error.path),
            saw=error.reason or tr("no pictures in it"),
            fix=tr("check the file in a player; download or copy it again if it is damaged"),
        ) from error
    except (UnwritableVideo, UnwritableFrame) as error:
        raise UserError(
            tr("{path} cannot be written.", path=error.path),
            saw=error.reason,
            fix=tr(
                "free some space or choose another folder; if it is about the sound, write a .mkv, which holds every kind"
            ),
        ) from error


def stoppable(items: Iterable[Item]) -> Iterator[Item]:
    """`items`; a signal that ends programs becomes KeyboardInterrupt between two of them, so that what was begun is removed."""
    with Interrupt() as interrupt:
        for item in items:
            yield item
            if interrupt.signal:
                raise KeyboardInterrupt
