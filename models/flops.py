"""How much arithmetic a training step takes: its convolutions and products of matrices, by layer. Plain Python.

A layer needs its multiply-adds once forward, once for the gradient of its kernel where that is moved, and once for the
gradient of what it takes where the way back goes on. Losses and the optimizer, a few numbers for each pixel and weight, are
not counted, nor is what a step computes again to save memory. The tests hold the counts equal to the compiled steps.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from models.layout import Layer, Layout, Part
from models.spec import Archi


class Back(NamedTuple):
    """How one loss goes back through a network.

    moves   it moves the weights of the network
    onward  it goes on to what gave the network its input
    """

    moves: bool
    onward: bool


class Pass(NamedTuple):
    """Faces that go through a network in one step, for one face of each side, and the losses that come back."""

    layers: Sequence[Layer]
    faces: int
    back: Sequence[Back] = ()

    @property
    def multiply_adds(self) -> int:
        total = 0
        for layer in self.layers:
            times = 1 + sum(one.moves + (one.onward or not layer.first) for one in self.back)
            total += times * layer.multiply_adds
        return self.faces * total


def gflop(passes: Iterable[Pass]) -> float:
    """Billions of operations for one face of each side; a multiply-add is two."""
    return 2e-9 * sum(one.multiply_adds for one in passes)


def autoencoder_passes(layout: Layout, archi: Archi, *, fixed: Sequence[str] = ()) -> list[Pass]:
    """Both people through the networks of `layout.autoencoder`. fixed: the parts whose weights do not move."""
    parts = by_name(layout)
    faces = {"encoder": 2, "inter": 2, "decoder_src": 1, "decoder_dst": 1}
    if archi.base == "liae":
        faces = {"encoder": 2, "inter_AB": 2, "inter_B": 1, "decoder": 2}
    return [
        Pass(parts[name].layers, count, [Back(moves=name not in fixed, onward=name != "encoder")])
        for name, count in faces.items()
    ]


def swap_passes(decoder: Part, *, onward: bool) -> list[Pass]:
    """A swap that is painted for a loss of its picture; its mask is only looked at."""
    mask = [layer for layer in decoder.layers if next(iter(layer.tensors)).startswith(("upscalem", "out_convm"))]
    face = [layer for layer in decoder.layers if layer not in mask]
    return [Pass(face, 1, [Back(moves=True, onward=onward)]), Pass(mask, 1)]


def by_name(layout: Layout) -> dict[str, Part]:
    return {part.name: part for part in layout.parts}


JUDGES = Back(moves=True, onward=False)  # a discriminator's own loss
PERSUADES = Back(moves=False, onward=True)  # the loss of those who paint, by way of it
