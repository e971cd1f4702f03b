"""XSeg: the mask of a face (models.md 2.4, 3.8)."""

from collections.abc import Mapping

from models.classes.xseg_batch import LOSS_NAMES
from models.layout import Layer, Layers, Layout, Optimizer, conv, dense, part, picture, transposed
from models.model_class import NetworkClass, OptimizerMemory
from models.networks.xseg_blocks import BASE, DOWN, LOWEST, RESOLUTION, UP, VECTOR, side_of


def layout(options: Mapping) -> Layout:
    network = part("XSeg", layers(), file="256", faces=1)
    return Layout((network,), (Optimizer("XSeg_opt", "256_opt", (network,)),))


def layers() -> Layers:
    found = []
    for name, (before, after) in DOWN.items():
        found += conv(f"{name}/conv", 3, before * BASE or 3, after * BASE, side=side_of(name)) + tail(name, after)
    deepest = LOWEST**2 * 8 * BASE
    found += dense("dense1", deepest, VECTOR) + dense("dense2", VECTOR, deepest)
    for name, (before, after) in UP.items():
        channels, side = (before * BASE, after * BASE), side_of(name)
        if name.startswith("up"):
            found += transposed(f"{name}/conv", *channels, side=side)
        else:
            found += conv(f"{name}/conv", 3, *channels, side=side)
        found += tail(name, after)
    return found + picture("out_conv", 3, BASE, 1, side=RESOLUTION)


def tail(name: str, after: int) -> Layers:
    """Filter response normalization and thresholded linear unit behind a convolution."""
    channels = (after * BASE,)
    norm = {f"{name}/frn/weight": channels, f"{name}/frn/bias": channels, f"{name}/frn/eps": (1,)}
    return [Layer(norm | {f"{name}/tlu/tau": channels})]


def make(options: Mapping, seed: int):
    from models.classes.xseg_model import XSegModel

    return XSegModel(pretrain=options["pretrain"], seed=seed)


XSEG = NetworkClass(
    name="XSeg",
    loss_names=LOSS_NAMES,
    layout=layout,
    make=make,
    training=lambda options: options["pretrain"],
    optimizer_memory=lambda options: OptimizerMemory(slots=1, masks=1),
    swaps=False,
)
