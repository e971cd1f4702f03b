"""What one save holds, and the order in which it gets onto the disk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from dfl_cli.preview.gallery import PREVIEW_FILE
from dfl_cli.store.durable import write_hashed
from dfl_cli.store.loss_history import LossHistory
from dfl_cli.store.model_dir import ModelDir
from models.weights import pieces
from samplers.files.atomic_file import write_atomically


@dataclass
class Written:
    """What came of a save."""

    backup: Path | None = None
    spared: list[tuple[str, OSError]] = field(default_factory=list)  # files beside the save that could not be written


@dataclass(frozen=True)
class Snapshot:
    """Copies of a model between two steps.

    state    becomes state.json; None: nothing is new, only the backup is wanted
    arrays   file name -> key -> array
    summary  text of summary.txt
    backup   whether the save is copied to backups/01 as well
    """

    state: Mapping | None
    arrays: Mapping[str, Mapping[str, np.ndarray]]
    summary: str
    backup: bool

    def write(self, model_dir: ModelDir, history: LossHistory) -> Written:
        """Write the generation, the files beside it and the backup.

        Raises:
            OSError: the generation could not be written; what was there before is untouched.
        """
        written = Written()
        if self.state is not None:
            spare(written, history.path.name, history.flush)  # first: the losses of a save are never missing
            model_dir.save(self.state, {name: partial(write_arrays, arrays=self.arrays[name]) for name in self.arrays})
            text = f"{self.summary}\n".encode()
            spare(written, "summary.txt", partial(write_atomically, model_dir.folder / "summary.txt", text))
        if self.backup:
            copy = partial(model_dir.backup, model_dir.folder / PREVIEW_FILE)
            written.backup = spare(written, "backups/01", copy)
        return written


def write_arrays(path: Path, *, arrays: Mapping[str, np.ndarray]) -> dict:
    return write_hashed(path, pieces(arrays))


def spare(written: Written, name: str, write):
    """What `write` returns; a failure is noted, because the save is worth more than this file."""
    try:
        return write()
    except OSError as error:
        written.spared.append((name, error))
        return None
