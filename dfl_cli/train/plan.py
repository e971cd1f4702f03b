"""What a training run is going to do: everything that is decided before TensorFlow is loaded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dfl_cli.options.option import Option
from dfl_cli.options.train import TABLES
from dfl_cli.saved_model import SavedModel
from dfl_cli.train.run_dir import ModelDir


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One `dfl train`."""

    model_dir: ModelDir
    model_class: str
    saved: SavedModel | None  # None: the model is new
    init_from: SavedModel | None  # whose weights a new model starts with, as far as they fit
    options: Mapping  # every option of the model class, asked or fixed
    devices: Sequence  # the chosen GPUs, empty for the processor
    src: Path
    dst: Path
    pretraining: Path | None
    seed: int
    history_seed: int  # decides which faces the preview history shows
    repeatable: bool  # the seed was asked for, so the same numbers are wanted, not only the same samples
    autosave_minutes: float
    preview: str  # where previews are shown, one of preview.screen.PLACES
    tensorboard: Path | None = None  # folder of its event files
    chooses_faces: bool = False  # somebody wants to pick the faces of the preview history

    @property
    def table(self) -> tuple[Option, ...]:
        return TABLES[self.model_class]

    @property
    def leaves_pretraining(self) -> bool:
        """Pretraining was on and is now off: the model starts over from iteration 0 with what it has learned (models.md 6.2)."""
        return self.saved is not None and self.saved.options.get("pretrain", False) and not self.options["pretrain"]

    @property
    def at_target(self) -> bool:
        """There is nothing to train: the model has its target behind it and does not start over."""
        target = self.options["target_iter"]
        return (
            bool(target) and self.saved is not None and self.saved.iteration >= target and not self.leaves_pretraining
        )
