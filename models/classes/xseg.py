"""XSeg: the mask of a face (models.md 2.4, 3.8)."""

from collections.abc import Mapping
from itertools import groupby

from models.classes.xseg_batch import LOSS_NAMES, noise
from models.flops import Back, Pass
from models.layout import Layer, Layers, Layout, Optimizer, conv, dense, part, picture, segment, transposed
from models.model_class import NetworkClass, OptimizerMemory
from models.networks.xseg_blocks import BASE, DOWN, LOWEST, RESOLUTION, UP, VECTOR, level_of, side_of


def layout(options: Mapping) -> Layout:
    network = part("XSeg", layers(), file="256", faces=1)
    return Layout((network,), (Optimizer("XSeg_opt", "256_opt", (network,)),))


def layers() -> Layers:
    """Levels are segments of gradient checkpointing; each ends with a map that a skip, or the next one, begins with."""
    found: Layers = []
    for level, names in by_level(DOWN):
        convs = [layer for name in names for layer in block(name, *DOWN[name], first=name == "conv01")]
        found += segment(f"down{level}", convs, kept=True)
        found += kept_map(channels=DOWN[names[-1]][1], side=side_of(names[-1]) // 2)  # pooled
    deepest = LOWEST**2 * 8 * BASE
    found += dense("dense1", deepest, VECTOR) + dense("dense2", VECTOR, deepest)
    for level, (grows, *names) in by_level(UP):
        joined = kept_map(channels=UP[names[0]][0], side=side_of(grows))
        convs = [layer for name in names for layer in block(name, *UP[name])]
        found += segment(f"up{level}", [*block(grows, *UP[grows]), *joined, *convs], kept=True)
    return found + picture("out_conv", 3, BASE, 1, side=RESOLUTION)


def by_level(blocks: Mapping) -> list[tuple[int, list[str]]]:
    """Level -> its blocks, in their order."""
    return [(level, list(names)) for level, names in groupby(blocks, level_of)]


def block(name: str, before: int, after: int, *, first: bool = False) -> Layers:
    """A convolution with its filter response normalization and thresholded linear unit. Channels in multiples of BASE."""
    side, channels = side_of(name), (after * BASE,)
    if name.startswith("up"):
        convolution = transposed(f"{name}/conv", before * BASE, after * BASE, side=side)
    else:
        convolution = conv(f"{name}/conv", 3, before * BASE or 3, after * BASE, side=side, first=first)
    norm = {f"{name}/frn/weight": channels, f"{name}/frn/bias": channels, f"{name}/frn/eps": (1,)}
    (more,) = kept_map(channels=after, side=side)
    return [*convolution, more._replace(tensors=norm | {f"{name}/tlu/tau": channels})]


def kept_map(*, channels: int, side: int) -> Layers:
    """One map more for the way back; of what a layer puts out two are counted (`COPIES` of the memory estimate)."""
    return [Layer({}, side**2 * channels * BASE // 2)]


def passes(options: Mapping) -> list[Pass]:
    return [Pass(layers(), 1, [Back(moves=True, onward=False)])]


def make(options: Mapping, seed: int):
    from models.classes.xseg_model import XSegModel

    return XSegModel(pretrain=options["pretrain"], seed=seed)


XSEG = NetworkClass(
    name="XSeg",
    loss_names=LOSS_NAMES,
    layout=layout,
    noise=noise,
    passes=passes,
    make=make,
    training=lambda options: options["pretrain"],
    optimizer_memory=lambda options: OptimizerMemory(slots=1, masks=1),
    swaps=False,
)
