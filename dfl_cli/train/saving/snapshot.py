"""What one save holds, and the order in which it gets onto the disk."""

import contextlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from dfl_cli.preview.gallery import PREVIEW_FILE
from dfl_cli.store.durable import write_hashed
from dfl_cli.store.loss_history import LossHistory
from dfl_cli.store.model_dir import ModelDir
from models.weights import not_finite, pieces
from samplers.files.atomic_file import write_atomically

FILES = ("weights.safetensors", "optimizer.safetensors", "ema.safetensors")


class ModelCopies:
    """Copies of a model's arrays in main memory. Each copy uses the memory of the one before it."""

    def __init__(self, model):
        self.model = model
        self._lock = threading.Lock()
        self.files: dict[str, dict[str, np.ndarray]] = {}  # file name -> key -> array, of the last copy

    @property
    def bytes(self) -> int:
        return sum(array.nbytes for arrays in self.files.values() for array in arrays.values())

    def reserve(self) -> None:
        """Take the memory for the first copy: fresh memory is what makes a copy slow. May run while the model is trained."""
        with self._lock:
            if not self.files:
                with contextlib.suppress(MemoryError):  # the first save reports it
                    self.files = {
                        name: blank(variables)
                        for name, variables in zip(FILES, self.model.saved_variables(), strict=True)
                    }

    def take(self) -> dict[str, dict[str, np.ndarray]]:
        """File name -> key -> array, as of now; files without arrays are left out. Raises MemoryError."""
        sources = dict(zip(FILES, (self.model.weights, self.model.optimizer_state, self.model.averages), strict=True))
        with self._lock:
            copies = {name: copy(reuse=self.files.get(name, {})) for name, copy in sources.items()}
            self.files = {name: arrays for name, arrays in copies.items() if arrays}
            return self.files


def blank(variables: Mapping) -> dict[str, np.ndarray]:
    """Arrays like `variables`, in memory that is really there."""
    return {name: np.full(variable.shape, 0, variable.dtype) for name, variable in variables.items()}


@dataclass
class SaveResult:
    """What came of a save."""

    backup: Path | None = None
    failed_files: list[tuple[str, OSError]] = field(default_factory=list)  # files beside the save
    not_finite: str | None = None  # the first array that is not; nothing was written then


@dataclass(frozen=True)
class Snapshot:
    """Copies of a model between two steps.

    state    becomes state.json; None: nothing is new, only the backup is wanted
    arrays   file name -> key -> array
    summary  text of summary.txt
    backup   whether the save is copied to backups/01 as well
    best     whether it is the best so far, and is kept as such
    """

    state: Mapping | None
    arrays: Mapping[str, Mapping[str, np.ndarray]]
    summary: str
    backup: bool
    best: bool = False

    def write(self, model_dir: ModelDir, history: LossHistory) -> SaveResult:
        """Write the generation, the files beside it and the backup; nothing if a number of weights, slots or averages is not finite.

        Raises:
            OSError: the generation could not be written; what was there before is untouched.
            LockLost: the model's folder is no longer the one that was locked.
        """
        model_dir.ensure_in_place()
        result = SaveResult(not_finite=self.not_finite())
        if result.not_finite:
            return result
        if self.state is not None:
            write_optional(result, history.path.name, history.flush)  # first: the losses of a save are never missing
            saved = model_dir.save(
                self.state, {name: partial(write_arrays, arrays=self.arrays[name]) for name in self.arrays}
            )
            model_dir.ensure_in_place()
            if self.best:
                write_optional(result, "best", partial(model_dir.keep_best, saved))
            text = f"{self.summary}\n".encode(errors="backslashreplace")
            write_optional(result, "summary.txt", partial(write_atomically, model_dir.folder / "summary.txt", text))
        if self.backup:
            model_dir.ensure_in_place()
            copy = partial(model_dir.backup, model_dir.folder / PREVIEW_FILE)
            result.backup = write_optional(result, "backups/01", copy)
        return result

    def not_finite(self) -> str | None:
        """Which array, with its file, holds numbers that are not finite; None if there is none."""
        found = ((file, not_finite(arrays)) for file, arrays in self.arrays.items())
        return next((f"{file}: {name}" for file, name in found if name), None)


def write_arrays(path: Path, *, arrays: Mapping[str, np.ndarray]) -> dict:
    return write_hashed(path, pieces(arrays))


def write_optional(result: SaveResult, name: str, write):
    """What `write` returns; a failure is noted, because the save is worth more than this file."""
    try:
        return write()
    except OSError as error:
        result.failed_files.append((name, error))
        return None


def all_finite(model) -> bool:
    return not_finite(model.weights()) is None
