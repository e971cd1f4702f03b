"""Quick96: a small df-ud model of 96 pixels in which everything is decided (models.md 2.2)."""

from collections.abc import Mapping

from models.classes.pair_batch import LOSS_NAMES, pair_noise
from models.flops import Pass, autoencoder_passes
from models.layout import Layout, Optimizer, autoencoder
from models.model_class import NetworkClass, OptimizerMemory
from models.spec import QUICK96 as STRUCTURE
from models.spec import Archi, ModelSpec


def layout(options: Mapping) -> Layout:
    networks = autoencoder(ModelSpec.from_options(STRUCTURE))
    return Layout(networks, (Optimizer("src_dst_opt", "src_dst_opt", networks),))


def passes(options: Mapping) -> list[Pass]:
    return autoencoder_passes(layout(options), Archi.parse(STRUCTURE["archi"]))


def make(options: Mapping, seed: int):
    from models.classes.quick96_model import Quick96Model

    return Quick96Model(ModelSpec.from_options(STRUCTURE), seed=seed)


QUICK96 = NetworkClass(
    name="Quick96",
    loss_names=LOSS_NAMES,
    layout=layout,
    noise=pair_noise,
    make=make,
    passes=passes,
    optimizer_memory=lambda options: OptimizerMemory(slots=1, masks=1),
)
