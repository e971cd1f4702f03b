"""What the guard reports when a training has diverged."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """The training has diverged.

    kind   "steps": no finite numbers; "losses": far above their usual level; "constant": the same picture for every input;
           "weights": numbers of the model are not finite
    since  saves of this iteration and earlier are from before the trouble
    name   of the loss, the reconstruction or the array that is worst; empty for "steps"
    ratio  loss to usual level, for "losses"
    """

    kind: str
    since: int
    name: str = ""
    ratio: float = 0.0
