"""What is left to do where merged pictures lie already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dfl_cli.merge.batch import FrameMerger
from dfl_cli.merge.journal import Journal
from samplers.files.atomic_file import is_dangling_link
from samplers.files.file_range import file_fingerprint
from samplers.files.foreign_files import own_files


@dataclass(frozen=True)
class MergeTodo:
    """The frames of a merge, by what has to be done with them."""

    stale: list[Path]  # to be merged
    done: list[Path]  # their results are whole, and merging again would give the same
    foreign: dict[
        Path, list[Path]
    ]  # of the stale ones: frame -> files in the way that are not ours, or were changed since

    def without_foreign(self) -> "MergeTodo":
        """The same, with the frames left alone that have foreign files in their way."""
        return MergeTodo([path for path in self.stale if path not in self.foreign], self.done, {})


def sort_frames(frames: Sequence[Path], merger: FrameMerger, journal: Journal, *, again: bool = False) -> MergeTodo:
    """Sort `frames`. `again`: those that are done, too."""
    done = [] if again else [path for path in frames if is_done(path, merger, journal)]
    known = set(done)
    stale = [path for path in frames if path not in known]
    foreign = {path: files for path in stale if (files := foreign_files(path, merger, journal))}
    return MergeTodo(stale, done, foreign)


def is_done(path: Path, merger: FrameMerger, journal: Journal) -> bool:
    """Whether the results of the frame are whole and would not change."""
    entry = journal.latest(path.stem)
    if entry is None or entry.digest is None or not merger.is_digest(path, entry.digest):
        return False
    return all(
        file_fingerprint(file) == entry.files.get(role, "") for role, file in merger.target.results(path).items()
    )


def foreign_files(path: Path, merger: FrameMerger, journal: Journal) -> list[Path]:
    """Files where the results of the frame go that are not as a merge left them."""
    entry = journal.latest(path.stem)
    places = merger.target.results(path) | merger.target.copy(path)
    links = [file for file in places.values() if is_dangling_link(file)]
    if entry is not None and entry.files is None:
        return links
    ours = entry.files if entry else {}
    return links + [file for role, file in places.items() if file.exists() and file_fingerprint(file) != ours.get(role)]


def count_unrelated_files(folder: Path, frames: Iterable[Path]) -> int:
    """How many files in `folder` belong to none of `frames`; those of systems and editors are not counted."""
    stems = {path.stem for path in frames}
    return sum(path.is_file() and path.stem not in stems for path in own_files(folder))
