"""What is left to do where merged pictures lie already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dfl_cli.merge.batch import FrameWork
from dfl_cli.merge.journal import Journal, mark


@dataclass(frozen=True)
class Rest:
    """The frames of a merge, by what has to be done with them."""

    stale: list[Path]  # to be merged
    done: list[Path]  # their results are whole, and merging again would give the same
    foreign: dict[
        Path, list[Path]
    ]  # of the stale ones: frame -> files in the way that are not ours, or were changed since

    def keeping(self) -> "Rest":
        """The same, with the frames left alone that have foreign files in their way."""
        return Rest([path for path in self.stale if path not in self.foreign], self.done, {})


def rest_of(frames: Sequence[Path], work: FrameWork, journal: Journal, *, again: bool = False) -> Rest:
    """Sort `frames`. `again`: those that are done, too."""
    done = [] if again else [path for path in frames if is_done(path, work, journal)]
    known = set(done)
    stale = [path for path in frames if path not in known]
    foreign = {path: files for path in stale if (files := foreign_files(path, work, journal))}
    return Rest(stale, done, foreign)


def is_done(path: Path, work: FrameWork, journal: Journal) -> bool:
    """Whether the results of the frame are whole and would not change."""
    entry = journal.of(path.stem)
    if entry is None or entry.digest is None or entry.digest != work.digest(path):
        return False
    return all(mark(file) == entry.files.get(role, "") for role, file in work.target.results(path).items())


def foreign_files(path: Path, work: FrameWork, journal: Journal) -> list[Path]:
    """Files where the results of the frame go that are not as a merge left them."""
    entry = journal.of(path.stem)
    if entry is not None and entry.files is None:
        return []
    ours = entry.files if entry else {}
    places = work.target.results(path) | work.target.copy(path)
    return [file for role, file in places.items() if file.exists() and mark(file) != ours.get(role)]


def strangers(folder: Path, frames: Iterable[Path]) -> int:
    """How many files in `folder` belong to none of `frames`; hidden ones are not counted."""
    stems = {path.stem for path in frames}
    return sum(path.is_file() and not path.name.startswith(".") and path.stem not in stems for path in folder.iterdir())
