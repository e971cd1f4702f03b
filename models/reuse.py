"""Starting a model from another one's weights: what of them fits, whole part by whole part. Plain NumPy."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

GAN_STRUCTURE = ("gan_patch_size", "gan_dims")  # options that a GAN is built of


@dataclass(frozen=True)
class PartFit:
    """Whether a part can be taken over.

    difference  None: it fits. Else the first weight that does not, (path, shape found or None, shape wanted or None);
                for a part that the other model does not have, ("", None, None).
    """

    name: str
    difference: tuple[str, tuple | None, tuple | None] | None

    @property
    def fits(self) -> bool:
        return self.difference is None


def fitting_parts(stored: Mapping[str, np.ndarray], wanted: Mapping[str, tuple]) -> list[PartFit]:
    """For each part of a model whether `stored` has the same weights in the same shapes.

    wanted  weight key -> shape, in the model's order; keys as `decoder_src/res0/conv1/weight`
    """
    found = {name: np.shape(array) for name, array in stored.items()}
    return [
        PartFit(part, first_difference(shapes_of(found, part), shapes_of(wanted, part))) for part in parts_of(wanted)
    ]


def take_over(stored: Mapping[str, np.ndarray], fits: list[PartFit]) -> dict[str, np.ndarray]:
    """The arrays of the parts that fit."""
    taken = {fit.name for fit in fits if fit.fits}
    return {name: array for name, array in stored.items() if name.partition("/")[0] in taken}


def gan_changed(stored: Mapping, options: Mapping) -> bool:
    """Whether the options of a model make its GAN another network than the stored one; shapes alone do not tell."""
    return any(stored[key] != options[key] for key in GAN_STRUCTURE)


def parts_of(names) -> list[str]:
    return list(dict.fromkeys(name.partition("/")[0] for name in names))


def shapes_of(shapes: Mapping[str, tuple], part: str) -> dict[str, tuple]:
    """Path inside the part -> shape."""
    return {name.partition("/")[2]: tuple(shape) for name, shape in shapes.items() if name.partition("/")[0] == part}


def first_difference(found: Mapping[str, tuple], wanted: Mapping[str, tuple]) -> tuple | None:
    if not found:
        return "", None, None
    for path in [*wanted, *(path for path in found if path not in wanted)]:
        if found.get(path) != wanted.get(path):
            return path, found.get(path), wanted.get(path)
    return None
