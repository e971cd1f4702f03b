"""The reference's weight and optimizer files as named arrays, in and out (spec models.md 5.2, 5.3, 8). No files, no pickle here.

A file is a flat dict: `down1/downs_0/conv1/weight:0` -> float32 array; optimizer files have `iters:0`, a NumPy int64, and
`<slot>_<scope>/<path>_0:0`. Our keys put the part's name in front and drop the `:0`; no array is transposed.

What does not fit is refused, where the reference silently starts over or reshapes (quirks Q15, Q35).
"""

from collections.abc import Iterator, Mapping

import numpy as np

from models.layout import Optimizer, Part
from models.weights import MissingWeights, WeightMismatch

SLOTS = ("ms", "vs", "acc")  # of AdaBelief two, of RMSprop one
MOST_STEPS = 2**62


class NotAWeight(ValueError):
    """Something that is no array of real, finite numbers stands in a weight's place.

    `found` is a dtype, a type, or "nan" for numbers that are not finite.
    """

    def __init__(self, name: str, found: str):
        super().__init__(f"{name} is {found}")
        self.name, self.found = name, found


def read_part(part: Part, stored: Mapping[str, object]) -> dict[str, np.ndarray]:
    """The weights of a file by our keys; names the network lacks are passed over.

    Raises:
        MissingWeights, WeightMismatch, NotAWeight: with the names as the file has them.
    """
    missing = [f"{path}:0" for path in part.tensors if f"{path}:0" not in stored]
    if missing:
        raise MissingWeights(missing)
    return {
        f"{part.name}/{path}": checked(f"{path}:0", stored[f"{path}:0"], shape) for path, shape in part.tensors.items()
    }


def read_optimizer(optimizer: Optimizer, stored: Mapping[str, object]) -> dict[str, np.ndarray]:
    """Counter and slots of a file by our keys.

    A slot kind may be absent for a whole network: another optimizer was in use, or the network is not trained.

    Raises:
        MissingWeights, WeightMismatch, NotAWeight: with the names as the file has them.
    """
    if "iters:0" not in stored:
        raise MissingWeights(["iters:0"])
    state = {f"{optimizer.name}/iters": counter(stored["iters:0"])}
    for slot in SLOTS:
        for part in optimizer.parts:
            shapes = slot_shapes(slot, part)
            present = [key for key in shapes if f"{key}:0" in stored]
            if present and len(present) < len(shapes):
                raise MissingWeights(f"{key}:0" for key in shapes if key not in set(present))
            for key in present:
                state[f"{optimizer.name}/{key}"] = checked(f"{key}:0", stored[f"{key}:0"], shapes[key])
    return state


def write_part(part: Part, weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What the reference's file of this part holds; empty if the model has none of it.

    Raises:
        MissingWeights, WeightMismatch, NotAWeight: with our names.
    """
    ours = {f"{part.name}/{path}": shape for path, shape in part.tensors.items()}
    if not any(name in weights for name in ours):
        return {}
    if missing := [name for name in ours if name not in weights]:
        raise MissingWeights(missing)
    return {
        f"{name.partition('/')[2]}:0": np.ascontiguousarray(checked(name, weights[name], shape))
        for name, shape in ours.items()
    }


def write_optimizer(optimizer: Optimizer, state: Mapping[str, np.ndarray]) -> dict[str, object]:
    """What the reference's file of this optimizer holds: counter, then each kind of slot; empty if there is no state.

    Raises:
        WeightMismatch, NotAWeight: with our names.
    """
    if f"{optimizer.name}/iters" not in state:
        return {}
    stored: dict[str, object] = {"iters:0": np.int64(state[f"{optimizer.name}/iters"])}
    for slot in SLOTS:
        for part in optimizer.parts:
            for key, shape in slot_shapes(slot, part).items():
                name = f"{optimizer.name}/{key}"
                if name in state:
                    stored[f"{key}:0"] = np.ascontiguousarray(checked(name, state[name], shape))
    return stored


def unknown_names(known: Part | Optimizer, stored: Mapping) -> list[str]:
    """Names of a file that the model has no place for."""
    places = set(known_names(known))
    return [name for name in stored if name not in places]


def known_names(known: Part | Optimizer) -> Iterator[str]:
    if isinstance(known, Part):
        yield from (f"{path}:0" for path in known.tensors)
        return
    yield "iters:0"
    for slot in SLOTS:
        for part in known.parts:
            yield from (f"{key}:0" for key in slot_shapes(slot, part))


def slot_shapes(slot: str, part: Part) -> dict[str, tuple[int, ...]]:
    """Key of each slot of a network, without the `:0`."""
    return {f"{slot}_{part.scope}/{path}_0": shape for path, shape in part.tensors.items()}


def checked(name: str, value: object, shape: tuple[int, ...]) -> np.ndarray:
    """`value` as a float32 array of exactly this shape."""
    if not isinstance(value, np.ndarray):
        raise NotAWeight(name, type(value).__name__)
    if value.dtype.kind != "f":
        raise NotAWeight(name, str(value.dtype))
    if value.shape != tuple(shape):
        raise WeightMismatch(name, value.shape, shape)
    with np.errstate(over="ignore"):  # what float32 cannot hold is refused below
        array = value.astype(np.float32, copy=False)
    if not np.isfinite(array).all():
        raise NotAWeight(name, "nan")
    return array


def counter(value: object) -> np.ndarray:
    """How many steps an optimizer has made, int64 ()."""
    number = value.item() if isinstance(value, np.ndarray | np.generic) and value.size == 1 else value
    if type(number) is not int or not 0 <= number < MOST_STEPS:
        raise NotAWeight("iters:0", type(value).__name__)
    return np.array(number, np.int64)
