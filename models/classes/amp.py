"""AMP: a swap that can stop anywhere between the two people."""

from collections.abc import Mapping
from functools import partial

from models.classes.pair_batch import LOSS_NAMES, pair_noise
from models.flops import JUDGES, PERSUADES, Back, Pass, by_name
from models.layout import (
    Layers,
    Layout,
    Optimizer,
    decoder,
    dense,
    encoder_vector,
    part,
    patch_discriminator,
    trunk,
)
from models.model_class import NetworkClass, OptimizerMemory
from models.reuse import gan_changed
from models.spec import AMP_ARCHI, AmpSpec, AmpTrainSpec, check_resolution, pick


def layout(options: Mapping) -> Layout:
    resolution, ae, inter = options["resolution"], options["ae_dims"], options["inter_dims"]
    check_resolution(resolution, AMP_ARCHI)
    side = AMP_ARCHI.code_side(resolution)
    vector = encoder_vector(options["e_dims"], AMP_ARCHI, resolution)
    encoder = trunk(options["e_dims"], AMP_ARCHI, resolution) + dense("dense1", vector, ae)
    inter_layers = dense("dense2", ae, side**2 * inter)
    painter = decoder(inter, options["d_dims"], options["d_mask_dims"], archi=AMP_ARCHI, side=side)
    networks = (
        part("encoder", encoder, faces=2),
        part("inter_src", inter_layers, faces=1),
        part("inter_dst", inter_layers, faces=2),
        part("decoder", pictures_last(painter), faces=2),
    )
    patches = patch_discriminator(options["gan_patch_size"], options["gan_dims"], resolution=resolution)
    gan = part("GAN", patches, power="gan_power", faces=2)
    optimizers = (Optimizer("src_dst_opt", "src_dst_opt", networks), Optimizer("GAN_opt", "GAN_opt", (gan,)))
    return Layout((*networks, gan), optimizers)


def pictures_last(painter: Layers) -> Layers:
    """A decoder in the order of AMP's files: the convolution of the mask and those of the face come last."""
    mask = [layer for layer in painter if "out_convm/weight" in layer.tensors]
    faces = [layer for layer in painter if layer not in mask and next(iter(layer.tensors)).startswith("out_conv")]
    return [layer for layer in painter if layer not in mask + faces] + mask + faces


def passes(options: Mapping) -> list[Pass]:
    """Of `AmpLosses`. All pictures go through the GAN as one batch, so the way back to the painted ones takes the real ones along."""
    parts, moves = by_name(layout(options)), options["train_inters"]
    found = [
        Pass(parts["encoder"].layers, 2, [Back(moves=True, onward=False)]),
        Pass(parts["inter_src"].layers, 1, [Back(moves=moves, onward=True)]),
        Pass(parts["inter_dst"].layers, 2, [Back(moves=moves, onward=True)]),
        Pass(parts["decoder"].layers, 2, [Back(moves=True, onward=True)]),
    ]
    return [*found, Pass(parts["GAN"].layers, 4, [JUDGES, PERSUADES])] if options["gan_power"] else found


def make(options: Mapping, seed: int):
    from models.classes.amp_model import AmpModel

    return AmpModel(pick(AmpSpec, options), pick(AmpTrainSpec, options), seed=seed)


def parts_to_reinitialize(stored: Mapping, options: Mapping) -> list[str]:
    """See `saehd.parts_to_reinitialize`; AMP knows no pretraining."""
    return ["GAN"] if gan_changed(stored, options) else []


AMP = NetworkClass(
    name="AMP",
    loss_names=LOSS_NAMES,
    layout=layout,
    noise=pair_noise,
    make=make,
    passes=passes,
    training=partial(pick, AmpTrainSpec),
    optimizer_memory=lambda options: OptimizerMemory(slots=2, masks=int(options["lr_dropout"] == "y")),
    parts_to_reinitialize=parts_to_reinitialize,
)
