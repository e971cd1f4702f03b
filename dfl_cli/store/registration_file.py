"""Where a saved model puts its faces: kept in the save, or beside the saves for one that was made without measuring it.

`saved` is a `SavedModel`.
"""

from __future__ import annotations

import json
from contextlib import suppress

from dfl_cli.registration.record import Registration
from dfl_cli.store.schemas import REGISTRATION
from dfl_cli.text_files.schema import Fields, Words, WrongField, read_checked
from samplers.files.atomic_file import write_atomically

NAME = "registration.json"  # in the folder of the model
SCHEMA = Fields({"weights": Words(), "registration": REGISTRATION})


def registration_of(saved) -> Registration | None:
    """None where nobody has measured it yet."""
    return Registration.from_state(saved.state) or kept_beside(saved)


def kept_beside(saved) -> Registration | None:
    with suppress(OSError, WrongField, ValueError):
        stored = read_checked(saved.model_dir.folder / NAME, SCHEMA)
        if stored["weights"] == saved.weights_digest:
            return Registration.from_state(stored)
    return None


def keep(saved, record: Registration) -> None:
    """Keep what was measured on a save that does not hold it; raises OSError, which a merge can do without."""
    stored = {"weights": saved.weights_digest, "registration": record.as_dict()}
    write_atomically(saved.model_dir.folder / NAME, (json.dumps(stored, indent=2) + "\n").encode())
