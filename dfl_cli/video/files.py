"""Which video is meant, where results go, and asking before anything there is replaced."""

import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from dfl_cli.errors import UserError
from dfl_cli.options.outputs import file_to_write
from dfl_cli.store.lock import OutputLock
from dfl_cli.terminal.interrupt import Interrupt, Terminated
from dfl_cli.translate import listed, tr
from samplers.files.foreign_files import own_files
from samplers.files.names import Spellings, existing_spelling

Item = TypeVar("Item")

VIDEO_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".mkv", ".avi", ".webm", ".mpg", ".mpeg", ".ts", ".mts", ".wmv", ".flv"}
)
OUTPUT_SUFFIXES = (".mp4", ".mov", ".mkv", ".m4v")


def video_file(given: Path) -> Path:
    """The video that is meant; `name.*` is the first one of that name, as DeepFaceLab writes it. Raises UserError."""
    path = existing_spelling(given.expanduser().absolute())
    if path.suffix == ".*" and path.parent.is_dir():
        videos = sorted(each for each in own_files(path.parent) if each.suffix.lower() in VIDEO_SUFFIXES)
        stem = Spellings(each.stem for each in videos).find(path.stem)
        path = next((each for each in videos if each.stem == stem), path)
    if not path.is_file():
        saw = tr("not a regular file") if path.exists() else ""
        raise UserError(tr("There is no video {path}.", path=path), saw=saw, fix=tr("Check the path."))
    return path


def output_file(
    given: Path, *, overwrite: bool, suffixes: Sequence[str] = OUTPUT_SUFFIXES, sources: Iterable[Path] = ()
) -> Path:
    """`given` if a video can be written there; its folder is made. Asks before a file is replaced. Raises UserError.

    sources  videos that are read meanwhile, which are never replaced
    """
    path = given.expanduser().absolute()
    check_suffix(path, suffixes)
    path.parent.mkdir(parents=True, exist_ok=True)
    found = file_to_write(path, overwrite=overwrite, sources=sources)
    check_suffix(found, suffixes)  # of what a link points to
    return found


def check_suffix(path: Path, suffixes: Sequence[str]) -> None:
    if path.suffix.lower() not in suffixes:
        raise UserError(
            tr("Cannot write a video named {name}.", name=path.name),
            fix=tr("Use one of these extensions: {suffixes}", suffixes=listed(suffixes)),
        )


@contextmanager
def locked_output(
    given: Path, *, overwrite: bool, suffixes: Sequence[str] = OUTPUT_SUFFIXES, sources: Iterable[Path] = ()
) -> Iterator[Path]:
    """`output_file`; until the end of the block no other process writes that file.

    Raises:
        InUse: another process is writing it.
        UserError
    """
    path = given.expanduser().absolute()
    path = Path(os.path.realpath(path)) if path.is_file() else path  # two links to one file are one target
    with ExitStack() as stack:
        if path.suffix.lower() in suffixes:
            stack.enter_context(OutputLock(path))  # first: what is there now may be the result of another run
        yield output_file(given, overwrite=overwrite, suffixes=suffixes, sources=sources)


@contextmanager
def as_user_error() -> Iterator[None]:
    """Within it, what goes wrong with videos and pictures becomes a UserError."""
    from dfl_cli.frames import UnwritableFrame
    from dfl_cli.video.read import NotAVideo
    from dfl_cli.video.streams import UnfitAudio
    from dfl_cli.video.write import UnwritableVideo

    try:
        yield
    except NotAVideo as error:
        raise UserError(
            tr("Cannot read {path} as a video.", path=error.path),
            saw=error.reason or tr("No frames in it."),
            fix=tr("Check the file in a player. If it is damaged, download or copy it again."),
        ) from error
    except UnfitAudio as error:
        raise UserError(
            tr("The audio of {name} cannot be copied into this kind of video.", name=error.path.name),
            saw=tr("{codec} audio, {kind} file", codec=error.codec, kind=error.muxer),
            fix=tr("Write a .mkv, which can hold it.")
            if error.fits_matroska
            else tr("Convert the audio first: {command}", command=converting(error.path)),
        ) from error
    except (UnwritableVideo, UnwritableFrame) as error:
        raise UserError(
            tr("Cannot write {path}.", path=error.path),
            saw=error.reason,
            fix=tr(
                "Free some space or choose another folder. If the audio is the problem, write a .mkv, which can "
                "hold any kind."
            ),
        ) from error


def converting(video: Path) -> str:
    """The command that gives `video` an audio that every file can hold."""
    return f'ffmpeg -i "{video.name}" -map 0 -c copy -c:a aac "{video.stem}_aac{video.suffix}"'


def interruptible(items: Iterable[Item]) -> Iterator[Item]:
    """`items`; a signal that ends programs is raised between two of them, as `raise_on_signals` does, so that what was begun is removed."""
    with Interrupt() as interrupt:
        for item in items:
            yield item
            if interrupt.signal:
                raise KeyboardInterrupt if interrupt.signal == signal.SIGINT else Terminated(interrupt.signal)
