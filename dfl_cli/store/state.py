"""What state.json of a save holds beside weights and optimizer, and its keys; those of the stages are in `options.stages`."""

from collections.abc import Mapping
from typing import Any

# Field of `dfl_cli.train.guard.record.RecoveryRecord` -> key below `guard`, which older versions have written and read.
GUARD_KEYS = {
    "skipped_batches": "passed_over",
    "skipped_steps": "skipped",
    "rollbacks": "rollbacks",
    "recent_rollbacks": "strikes",
    "reduced_until": "careful_until",
}


class State(dict):
    """state.json as it is written; keys of a later version are kept."""

    @classmethod
    def of(
        cls,
        *,
        model_class: str,
        iteration: int,
        seed: int,
        options: Mapping[str, Any] | None,
        history_seed: int | None = None,
        guard: Mapping[str, int | str] | None = None,
        stages: Mapping[str, Any] | None = None,
        registration: Mapping[str, Any] | None = None,
        quality: Mapping[str, Any] | None = None,
    ) -> "State":
        """The state to save.

        options  every answer; None for a new model, which has no save yet
        guard    field of the record of the guard -> its value; `refuge` is a name, the others are counts
        stages   as `dfl_cli.options.stages.Schedule.as_state` gives it
        registration  as `dfl_cli.registration.record.Registration.as_dict` gives it
        quality  as `dfl_cli.train.measures.scoring.Scoring` records it
        """
        state = cls(model_class=model_class, iteration=iteration, seed=seed)
        if history_seed is not None:
            state["history_seed"] = history_seed
        state["options"] = options
        state |= stages or {}
        if registration is not None:
            state["registration"] = registration
        if quality is not None:
            state["quality"] = quality
        if guard is not None:
            state["guard"] = {key: guard[field] for field, key in GUARD_KEYS.items()}
            state["guard"] |= {"refuge": guard["refuge"]} if guard.get("refuge") else {}
        return state

    @property
    def model_class(self) -> str:
        return self["model_class"]

    @property
    def iteration(self) -> int:
        return self["iteration"]

    @property
    def options(self) -> Mapping[str, Any]:
        return self["options"]

    @property
    def seed(self) -> int:
        return self["seed"]

    @property
    def history_seed(self) -> int | None:
        return self.get("history_seed")

    @property
    def saved_at(self) -> str | None:
        """UTC, ISO 8601."""
        return self.get("saved_at")

    @property
    def suspicion(self) -> Mapping | None:
        """What the guard saw when the training looked as if it diverged; None if it did not."""
        return self.get("doubtful")

    @property
    def quality(self) -> float | None:
        """How good the swap is, the higher the better; None where it was not scored, or does not count yet."""
        return (self.get("quality") or {}).get("value")

    @property
    def guard(self) -> dict[str, int | str]:
        """Field of the record of the guard -> its value; 0 in a save from before there was one."""
        stored = self.get("guard", {})
        return {field: stored.get(key, 0) for field, key in GUARD_KEYS.items()} | {"refuge": stored.get("refuge", "")}

    def suspicious(self, suspicion: Mapping) -> "State":
        """The same, marked with what the guard sees."""
        return State(self, doubtful=suspicion)

    def saved(self, at: str) -> "State":
        """The same, with the time of the save."""
        return State(self, saved_at=at)
