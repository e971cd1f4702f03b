"""What a training run is going to do: everything that is decided before TensorFlow is loaded."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dfl_cli.classes.model_class import ModelClass
from dfl_cli.classes.registry import CLASSES
from dfl_cli.options.given import Given
from dfl_cli.options.option import Option
from dfl_cli.options.stages import NO_STAGES, Schedule
from dfl_cli.options.wizard import ask_table
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import SavedModel
from dfl_cli.train.guard.record import RecoveryRecord
from dfl_cli.translate import tr


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One `dfl train`."""

    model_dir: ModelDir
    model_class: str
    saved: SavedModel | None  # None: the model is new
    init_from: SavedModel | None  # whose weights a new model starts with, as far as they fit
    options: Mapping  # every option of the model class, asked or fixed
    devices: Sequence  # the chosen GPUs, empty for the processor
    face_folders: Mapping[str, Path]  # of src and dst, by these names
    pretraining: Path | None
    seed: int
    history_seed: int  # decides which faces the preview history shows
    repeatable: bool  # the seed was asked for, so the same numbers are wanted, not only the same samples
    autosave_minutes: float
    preview: str  # where previews are shown, one of preview.screen.PLACES
    answers_file: Path | None = None  # all answers are written there
    overwrite_answers: bool = False  # even if there is a file
    tensorboard: Path | None = None  # folder of its event files
    prefer: str = "pack"  # or files: what is used of a face set that has both
    chooses_faces: bool = False  # somebody wants to pick the faces of the preview history
    schedule: Schedule = NO_STAGES
    iteration_ms: float | None = None  # as the probe has measured it with these options
    shows_coverage: bool = True  # in two lines before a new model is trained
    deadline: float = math.inf  # of `time.monotonic`: the training is saved and ends

    @property
    def known(self) -> ModelClass:
        """What there is to know about the class."""
        return CLASSES[self.model_class]

    @property
    def table(self) -> tuple[Option, ...]:
        return self.known.table

    @property
    def leaves_pretraining(self) -> bool:
        """Pretraining was on and is now off: the model starts over from iteration 0 with what it has learned (models.md 6.2)."""
        return self.saved is not None and self.saved.options.get("pretrain", False) and not self.options["pretrain"]

    @property
    def iteration(self) -> int:
        """The iteration this run starts from."""
        return 0 if self.saved is None or self.leaves_pretraining else self.saved.iteration

    @property
    def record(self) -> RecoveryRecord:
        """What the model has been through; with other options than before it has full step size."""
        if self.saved is None or self.leaves_pretraining:
            return RecoveryRecord()
        stored = RecoveryRecord.from_state(self.saved.state)
        return stored if self.options == self.saved.options else stored.with_other_options()

    @property
    def suspicion(self) -> Mapping | None:
        """Of the guard, about the save the run starts from, if the options are still those it was made with."""
        unchanged = self.saved is not None and self.options == self.saved.options
        return self.saved.state.suspicion if unchanged else None

    @property
    def end(self) -> int:
        """The iteration at which the training ends: the target, or where the last stage ends; 0 if neither is given."""
        return min(filter(None, (self.options["target_iter"], self.schedule.end)), default=0)

    @property
    def nothing_to_do(self) -> bool:
        """The end is reached, and no option has changed that would have to be saved."""
        at_end = self.saved is not None and 0 < self.end <= self.iteration
        return at_end and self.options == self.saved.options

    @property
    def begins_stage(self) -> bool:
        """The stage the run starts in is not the one the model was saved in."""
        stored = Schedule.from_state(self.saved.state) if self.saved else NO_STAGES
        return bool(self.schedule.stages) and self.schedule != stored

    def at_next_stage(self, saved: SavedModel) -> "Plan":
        """The plan of the stage that follows, for the model as the present stage leaves it."""
        schedule = self.schedule.following(saved.iteration)
        source = tr("stage {number}", number=schedule.index + 1)
        answers = ask_table(
            self.table,
            given={key: Given(value, source) for key, value in schedule.stage.changes.items()},
            stored={**self.options, **self.schedule.stage.lasting_values},
            ask_now=False,
        )
        options = {**self.options, **self.known.with_fixed(answers)}
        history_seed = saved.state.history_seed  # somebody may have picked other faces
        return replace(
            self,
            saved=saved,
            options=options,
            schedule=schedule,
            history_seed=history_seed,
            chooses_faces=False,
            iteration_ms=None,
        )
