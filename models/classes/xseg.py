"""XSeg: the mask of a face (models.md 2.4). Its models can be imported and exported, not trained."""

from collections.abc import Mapping

from models.layout import Layer, Layers, Layout, Optimizer, conv, dense, part, picture, transposed
from models.model_class import NetworkClass

RESOLUTION = 256  # pixels
BASE = 32  # channels
# Blocks of XSeg: name -> channels in and out, in multiples of BASE; the first convolution sees the picture instead.
DOWN = {
    "conv01": (0, 1), "conv02": (1, 1), "conv11": (1, 2), "conv12": (2, 2), "conv21": (2, 4), "conv22": (4, 4),
    "conv31": (4, 8), "conv32": (8, 8), "conv33": (8, 8), "conv41": (8, 8), "conv42": (8, 8), "conv43": (8, 8),
    "conv51": (8, 8), "conv52": (8, 8), "conv53": (8, 8),
}  # fmt: skip
UP = {
    "up5": (8, 4), "uconv53": (12, 8), "uconv52": (8, 8), "uconv51": (8, 8),
    "up4": (8, 4), "uconv43": (12, 8), "uconv42": (8, 8), "uconv41": (8, 8),
    "up3": (8, 4), "uconv33": (12, 8), "uconv32": (8, 8), "uconv31": (8, 8),
    "up2": (8, 4), "uconv22": (8, 4), "uconv21": (4, 4),
    "up1": (4, 2), "uconv12": (4, 2), "uconv11": (2, 2),
    "up0": (2, 1), "uconv02": (2, 1), "uconv01": (1, 1),
}  # fmt: skip

LOWEST, VECTOR = 4, 512  # side of the deepest map, numbers between the two dense layers


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


def side_of(name: str) -> int:
    """Of the map of a block: `conv31`, `up3` and `uconv31` work at the resolution halved three times."""
    return RESOLUTION >> int(name.lstrip("convup")[0])


def tail(name: str, after: int) -> Layers:
    """Filter response normalization and thresholded linear unit behind a convolution."""
    channels = (after * BASE,)
    norm = {f"{name}/frn/weight": channels, f"{name}/frn/bias": channels, f"{name}/frn/eps": (1,)}
    return [Layer(norm | {f"{name}/tlu/tau": channels})]


XSEG = NetworkClass(name="XSeg", loss_names=("loss",), layout=layout, swaps=False)
