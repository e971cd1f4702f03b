"""`swap.json` in the workspace: which videos it is for, and which stages are done. What is in the stages the workspace itself says.

{"format": 1, "videos": {"src": {"path": "...", "bytes": 812345, "content": "9fe1..."}, "dst": {...}},
 "done": {"src": {...}, "dst": {...}, "recipe": {...}, "train": {...}, "film": {...}}}
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dfl_cli.errors import UserError
from dfl_cli.options.flags import SIDES
from dfl_cli.store.durable import json_bytes
from dfl_cli.terminal.names import shortened
from dfl_cli.text_files.schema import (
    Anything,
    Fields,
    ListOf,
    MapOf,
    Number,
    Optional,
    Whole,
    Words,
    WrongField,
    read_checked,
)
from dfl_cli.translate import ntr, tr
from samplers.files.atomic_file import write_atomically
from samplers.files.file_range import FileRange, content_fingerprint
from samplers.files.foreign_files import own_files

FILE_NAME = "swap.json"
FORMAT = 1
EXTRACTED = Fields({}, {"faces": Whole()})
DONE = Fields(
    {},
    {
        "src": EXTRACTED,
        "dst": EXTRACTED,
        "fit": Fields(
            {
                "src_side": Number(0),
                "dst_side": Number(0),
                "color_distance": Number(0),
                "covered": Optional(Number(0, 1)),
            }
        ),
        "recipe": Fields(
            {
                "digest": Words(),
                "before": Words(),
                "inputs": Optional(MapOf(Anything())),
                "options": Optional(MapOf(Anything())),
            },
            {"iterations": Whole(1), "reasons": ListOf(Words()), "ms": Optional(Number(0))},
        ),
        "train": MapOf(Anything()),
        "film": MapOf(Anything()),
    },
)
SCHEMA = Fields({"format": Whole(FORMAT, FORMAT), "videos": MapOf(MapOf(Anything())), "done": DONE})


@dataclass
class SwapState:
    """done: stage -> what it was done with."""

    path: Path
    videos: Mapping[str, Mapping]
    done: dict[str, dict[str, Any]] = field(default_factory=dict)

    def is_done(self, stage: str, facts: Mapping) -> bool:
        """Whether `stage` was done with these facts; it may have noted others beside them."""
        noted = self.done.get(stage)
        return noted is not None and all(noted.get(key) == value for key, value in facts.items())

    def finish(self, stage: str, facts: Mapping) -> None:
        self.done[stage] = dict(facts)
        self.write()

    def write(self) -> None:
        data = {"format": FORMAT, "videos": {side: dict(one) for side, one in self.videos.items()}, "done": self.done}
        write_atomically(self.path, json_bytes(data))


def identity_of(source: Path) -> dict[str, Any]:
    """A video by its content, so that it may be moved; a folder of images by its place."""
    if source.is_dir():
        return {"path": str(source.resolve()), "folder": True}
    content = content_fingerprint(FileRange(source)).hex()
    return {"path": str(source), "bytes": source.stat().st_size, "content": content}


def is_same(one: Mapping, other: Mapping) -> bool:
    """Of two identities, of which the first is complete."""
    keys = ("bytes", "content") if "content" in one else ("path", "folder")
    return all(one.get(key) == other.get(key) for key in keys)


def open_state(root: Path, sources: Mapping[str, Path]) -> SwapState:
    """The state of the workspace, or a new one that is not written yet.

    Raises:
        UserError: the workspace is of other videos, or holds files of the person.
    """
    path, videos = root / FILE_NAME, {side: identity_of(source) for side, source in sources.items()}
    try:
        found = read_checked(path, SCHEMA)
    except FileNotFoundError:
        refuse_foreign(root)
        return SwapState(path, videos)
    except WrongField as error:
        raise UserError(
            tr("Cannot read {path}.", path=path), saw=str(error), fix=tr("Use another folder with --workspace.")
        ) from error
    for side in SIDES:
        refuse_other_video(root, side, found["videos"].get(side, {}), videos[side])
    return SwapState(path, videos, found["done"])


def refuse_other_video(root: Path, side: str, before: Mapping, now: Mapping) -> None:
    """Raises UserError."""
    if not is_same(now, before):
        raise UserError(
            tr("{folder} is the workspace of another swap.", folder=root),
            saw=tr("{side} is {path} there", side=side, path=before.get("path", "?")),
            fix=tr("Use another folder with --workspace, or the videos of this workspace."),
        )


def refuse_foreign(root: Path) -> None:
    """Raises UserError where there is something that no swap has begun."""
    if root.exists() and not root.is_dir():
        raise UserError(tr("{path} is a file.", path=root), fix=tr("Use another folder with --workspace."))
    found = sorted(path.name for path in own_files(root)) if root.is_dir() else []
    if found:
        raise UserError(
            tr("{folder} contains files that dfl swap did not write.", folder=root),
            saw=ntr("{count} file: {names}", "{count} files: {names}", count=len(found), names=shortened(found, 3)),
            fix=tr("Use an empty folder, or one that does not exist, with --workspace."),
        )
