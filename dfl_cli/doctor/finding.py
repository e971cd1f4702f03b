"""What the doctor says about one thing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

GOOD, NOTE, PROBLEM = "good", "note", "problem"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at. Everything but a good one carries advice."""

    key: str  # what was looked at, for --json
    state: str  # GOOD, NOTE (works, but something is slower or missing) or PROBLEM (training will not run)
    text: str  # in the person's language
    advice: str = ""
    facts: Mapping = field(default_factory=dict)  # numbers behind the text, for --json

    def __post_init__(self):
        if self.state != GOOD and not self.advice:
            raise ValueError(f"{self.key}: no advice")
