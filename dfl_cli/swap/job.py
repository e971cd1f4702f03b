"""What one `dfl swap` is asked to do, and where it keeps what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.workspace import Workspace
from dfl_cli.swap.state import SwapState
from dfl_cli.translate import tr

MODEL_NAME = "swap"
RECIPE_NAME = "swap.toml"
LONGEST = 24 * 3600.0  # seconds of training where no limit was given


@dataclass(frozen=True)
class Wanted:
    """Whose faces of a video: by letter, by photos, or of whoever is in most frames."""

    person: str | None = None
    references: Sequence[Path] = ()

    @property
    def facts(self) -> dict:
        return {"person": self.person, "references": [str(path) for path in self.references]}


@dataclass(frozen=True)
class Limit:
    """When training ends at the latest. seconds: of training, all runs together; target: iterations; None: not given."""

    seconds: float | None = None
    target: int | None = None

    @property
    def is_given(self) -> bool:
        return self.seconds is not None or self.target is not None

    @property
    def longest(self) -> float:
        """Seconds; infinite where only a number of iterations counts."""
        if self.seconds is not None:
            return self.seconds
        return LONGEST if self.target is None else float("inf")

    @property
    def facts(self) -> dict:
        return {"seconds": self.seconds, "target": self.target}


@dataclass(frozen=True, kw_only=True)
class Swap:
    """sources, wanted: by side. answers: a recipe in place of a chosen one."""

    sources: Mapping[str, Path]
    wanted: Mapping[str, Wanted]
    output: Path
    workspace: Workspace
    state: SwapState
    limit: Limit
    answers: Path | None
    device_flags: Sequence[str]  # as other commands take them
    preview: str | None
    probes: bool
    overwrite: bool

    @property
    def recipe_file(self) -> Path:
        return self.workspace.root / RECIPE_NAME

    @property
    def model_dir(self) -> ModelDir:
        return ModelDir(self.workspace.models / MODEL_NAME)


def titles() -> tuple[str, ...]:
    """Of the stages, in their order."""
    return (
        tr("Faces of src"),
        tr("Faces of dst"),
        tr("How the faces go together"),
        tr("Recipe of the training"),
        tr("Training"),
        tr("Merging into the video"),
    )
