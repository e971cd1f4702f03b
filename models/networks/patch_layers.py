"""The layers of the discriminators: of the one that sees patches of a given size, and of the one that sees codes.

Plain Python: the questions and the table of tensors need it too. The discriminator of patches is a row of 3x3
convolutions of stride 1 or 2, the first always 2 (spec models.md 3.1).
"""

from functools import cache
from itertools import product
from math import prod

MOST_LAYERS = 9
MOST_CHANNELS = 512  # of the patch discriminator
CODE_CHANNELS = 256  # of the code discriminator's first layer
SMALLEST_PATCH, LARGEST_PATCH = 3, 640  # pixels; limits of the option gan_patch_size


def receptive_field(strides: tuple[int, ...]) -> int:
    """Side in pixels of what one output of the 3x3 convolutions sees."""
    return 3 + sum(2 * prod(strides[:layer]) for layer in range(1, len(strides)))


@cache
def layer_table() -> dict[int, tuple[int, ...]]:
    """Receptive field -> strides, ascending: of equal fields the fewest layers, then the largest sum of strides."""
    best = {}
    for layers in range(1, MOST_LAYERS + 1):
        for rest in product((1, 2), repeat=layers - 1):
            strides = (2, *rest)
            field = receptive_field(strides)
            known = best.get(field)
            if known is None or (len(strides), -sum(strides)) < (len(known), -sum(known)):
                best[field] = strides
    return dict(sorted(best.items()))


def strides_for(patch_size: int) -> tuple[int, ...]:
    """Strides of the discriminator whose receptive field is nearest to `patch_size`, the smaller of two equally near."""
    table = layer_table()
    return table[min(table, key=lambda field: abs(field - patch_size))]


def channels_for(patch_size: int, dims: int) -> list[int]:
    """Channels of the patch discriminator before its first strided convolution, and behind each of them."""
    return [min(dims * 2**level, MOST_CHANNELS) for level in range(len(strides_for(patch_size)) + 1)]


def code_layers(code_side: int, dims: int = CODE_CHANNELS) -> list[tuple[int, int]]:
    """(kernel, channels) of each convolution, all of stride 2, of the discriminator of codes (models.md 3.2).

    dims  channels of the first
    """
    return [(3 if level else 4, dims * min(2**level, 8)) for level in range(1 + code_side // 8)]


def divides(patch_size: int, resolution: int) -> bool:
    """Whether the discriminator of this patch size fits the resolution: its strides multiply to a divisor of it."""
    return resolution % prod(strides_for(patch_size)) == 0


def nearest_workable(patch_size: int, resolution: int) -> int:
    """`patch_size`, or the nearest to it (the smaller of two) whose discriminator fits the resolution (an even number)."""
    sizes = range(SMALLEST_PATCH, LARGEST_PATCH + 1)
    return min((size for size in sizes if divides(size, resolution)), key=lambda size: abs(size - patch_size))
