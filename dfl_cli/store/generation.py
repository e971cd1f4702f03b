"""One save of a model: the names of its files, what they say, and whether they are whole."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dfl_cli.store.durable import sha256
from dfl_cli.store.schemas import MANIFEST, STATE
from dfl_cli.store.state import State
from dfl_cli.text_files.schema import WrongField, read_checked
from dfl_cli.translate import ntr, system_reason, tr
from samplers.files.names import printable
from samplers.files.regular_file import check_regular

LARGEST_WEIGHTS = 2**36  # bytes of a file; a sparse one of a terabyte would be hashed for hours
UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Generation:
    """One complete save."""

    folder: Path

    @property
    def weights_file(self) -> Path:
        return self.folder / "weights.safetensors"

    @property
    def optimizer_file(self) -> Path:
        return self.folder / "optimizer.safetensors"

    @property
    def averages_file(self) -> Path:
        """There only while the option ema is on."""
        return self.folder / "ema.safetensors"

    def state(self) -> State:
        """What is neither weight nor optimizer: iteration, options, seed, saved_at. Raises WrongField, OSError."""
        return State(read_checked(self.folder / "state.json", STATE))

    def files(self) -> dict[str, dict]:
        """Name of each file -> {"bytes", "sha256"}, as the manifest lists them. Raises WrongField, OSError."""
        return read_checked(self.folder / "manifest.json", MANIFEST)["files"]

    @property
    def saved_at(self) -> str:
        """When, in UTC as ISO 8601, which sorts as text; empty where that cannot be read."""
        try:
            return str(self.state().saved_at or "")
        except (OSError, ValueError, RecursionError):
            return ""

    @property
    def suspicious(self) -> bool:
        """Whether the training looked as if it broke down when this was saved."""
        try:
            return bool(self.state().suspicion)
        except UNREADABLE:
            return True

    @property
    def refuge(self) -> str:
        """Name of the save that has to be kept because the training went back to it and this one has not yet proved good."""
        try:
            return self.state().guard["refuge"]
        except UNREADABLE:
            return ""

    def shares_files_with(self, other: "Generation") -> bool:
        """Whether a file of both is the same on the disk (a hard link): a byte that flips in one has flipped in the other."""
        return bool(file_identities(self.folder) & file_identities(other.folder))

    def fault(self, on_bytes: Callable[[int], object] = lambda count: None) -> str | None:
        """What is wrong with the files, in a few words for the log; None for a whole generation.

        Args:
            on_bytes: told how many bytes were checked since the last call; for a progress bar.
        """
        try:
            for name, listed in self.files().items():
                path = self.folder / name
                if fault := size_fault(path, listed["bytes"]):
                    return fault
                if sha256(path, on_bytes) != listed["sha256"]:
                    return tr("{file}: checksum differs", file=name)
            self.state()
        except UNREADABLE as error:
            return reading_fault(error)
        return None


def reading_fault(error: Exception) -> str:
    """What is wrong with a save that cannot be read: `error` is one of UNREADABLE."""
    if isinstance(error, WrongField):
        return str(error)
    if isinstance(error, FileNotFoundError) and error.filename:
        return tr("{file} is missing", file=Path(error.filename).name)
    if isinstance(error, OSError):
        return tr("cannot be read: {reason}", reason=system_reason(error))
    return tr("{file} is damaged", file="manifest.json")


def file_identities(folder: Path) -> set[tuple[int, int]]:
    """(device, inode) of each file of a save that has more than one name; empty where the folder cannot be read."""
    found = set()
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            status = path.stat(follow_symlinks=False)
            if status.st_nlink > 1:
                found.add((status.st_dev, status.st_ino))
    return found


def size_fault(path: Path, expected: int) -> str | None:
    """What is wrong with the size of a file in a save; None if it has the `expected` bytes, and no more than any model's."""
    found = check_regular(path).st_size
    if found > LARGEST_WEIGHTS:
        return printable(path.name) + ": " + tr("the file is too large")
    if found == expected:
        return None
    return ntr(
        "{file}: {count} byte, {expected} expected",
        "{file}: {count} bytes, {expected} expected",
        count=found,
        file=path.name,
        expected=expected,
    )


def generation_order(name: str) -> tuple[int, int]:
    """Sorting key of a generation's name: `0001500.2` comes after `0001500`."""
    iteration, _, repetition = name.partition(".")
    return (
        (int(iteration), int(repetition or 1)) if iteration.isdecimal() and (repetition or "1").isdecimal() else (-1, 0)
    )
