"""What a model has been through: skipped steps, rollbacks, and whether its steps are reduced at present."""

from dataclasses import dataclass, replace

from dfl_cli.store.state import State

MAX_ROLLBACKS = 3  # while steps are reduced; one more verdict ends the training
REDUCED_STEP_ITERATIONS = 2000  # after a rollback
CLIP_NORM = 1.0


@dataclass(frozen=True)
class RecoveryRecord:
    """Part of state.json, under `guard`.

    skipped_batches    batches that belong to no iteration: the next batch is number iteration + skipped_batches
    skipped_steps     steps that changed nothing because their losses or gradients were not finite
    rollbacks         all there have been
    recent_rollbacks  those that reduce the steps now: each halves them
    reduced_until     iteration at which steps have their full size again
    refuge            name of the save that the last rollback went to; kept until training was stable up to `reduced_until`
    """

    skipped_batches: int = 0
    skipped_steps: int = 0
    rollbacks: int = 0
    recent_rollbacks: int = 0
    reduced_until: int = 0
    refuge: str = ""

    @classmethod
    def from_state(cls, state: State) -> "RecoveryRecord":
        """Of a save; one from before there was a record has an empty one."""
        return cls(**state.guard)

    def after_skipped_step(self) -> "RecoveryRecord":
        return replace(self, skipped_batches=self.skipped_batches + 1, skipped_steps=self.skipped_steps + 1)

    def after_passed_batch(self) -> "RecoveryRecord":
        """A batch was used to find out how far losses can be scaled, which is no fault of the training."""
        return replace(self, skipped_batches=self.skipped_batches + 1)

    def after_rollback(self, iteration: int, *, to: int, save: str = "") -> "RecoveryRecord":
        """After a rollback from `iteration` to the generation `save`: the next batches are others than those that led there."""
        return replace(
            self,
            skipped_batches=self.skipped_batches + iteration - to,
            rollbacks=self.rollbacks + 1,
            recent_rollbacks=self.recent_rollbacks + 1,
            reduced_until=to + REDUCED_STEP_ITERATIONS,
            refuge=save,
        )

    def with_full_steps(self) -> "RecoveryRecord":
        return replace(self, recent_rollbacks=0, reduced_until=0, refuge="")

    def with_other_options(self) -> "RecoveryRecord":
        """Full steps for options that have changed; whether these are stable remains to be seen, so the refuge stays."""
        return replace(self, recent_rollbacks=0) if self.refuge else self.with_full_steps()

    def restores_steps_at(self, iteration: int) -> bool:
        """Whether steps are reduced and need not be any more."""
        return bool(self.recent_rollbacks or self.refuge) and iteration >= self.reduced_until

    @property
    def step_limits(self) -> dict:
        """The arguments of `model.limit_steps`."""
        return {
            "learning_rate_scale": 0.5**self.recent_rollbacks,
            "clip_norm": CLIP_NORM if self.recent_rollbacks else None,
        }
