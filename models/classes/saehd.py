"""SAEHD: the df or liae autoencoder with all its training options."""

from collections.abc import Mapping

from models.classes.pair_batch import LOSS_NAMES, pair_noise
from models.flops import JUDGES, PERSUADES, Pass, autoencoder_passes, by_name, swap_passes
from models.layout import Layout, Optimizer, autoencoder, code_discriminator, inter_names, part, patch_discriminator
from models.model_class import NetworkClass, OptimizerMemory
from models.reuse import gan_changed
from models.spec import PRETRAINING, Archi, ModelSpec, TrainSpec


def layout(options: Mapping) -> Layout:
    spec = ModelSpec.from_options(options)
    swaps = sum(
        1 for key in ("face_style_power", "bg_style_power") if options.get(key)
    )  # each paints the swap once more
    networks = autoencoder(spec, swaps=swaps)
    patches = patch_discriminator(options["gan_patch_size"], options["gan_dims"], resolution=spec.resolution)
    judges = [part("GAN", patches, scope="D_src", power="gan_power", faces=2, calls=2)]  # real, painted
    optimizers = [Optimizer("src_dst_opt", "src_dst_opt", networks), Optimizer("GAN_opt", "GAN_opt", tuple(judges))]
    if spec.archi.has_true_face:
        codes = code_discriminator(spec.archi.code_side(spec.resolution), spec.ae_dims)
        judges.insert(0, part("code_discriminator", codes, scope="dis", power="true_face_power", faces=2))
        optimizers.insert(1, Optimizer("D_code_opt", "D_code_opt", (judges[0],)))
    return Layout((*networks, *judges), tuple(optimizers))


def passes(options: Mapping) -> list[Pass]:
    """Of `SaehdLosses`, and `Df.trained_parts` or `Liae.trained_parts`."""
    archi, files = Archi.parse(options["archi"]), layout(options)
    train, parts = TrainSpec.from_options(options).effective(archi), by_name(files)
    found = autoencoder_passes(files, archi, fixed=() if train.random_warp else ("inter_AB",))
    painter = parts["decoder_src" if archi.base == "df" else "decoder"]
    if train.face_style_power:
        found += swap_passes(painter, onward=False)
    if train.bg_style_power:
        found += swap_passes(painter, onward=True)
    if train.true_face_power:
        judge = parts["code_discriminator"].layers
        found += [Pass(judge, 1, [JUDGES, PERSUADES]), Pass(judge, 1, [JUDGES])]  # codes of src and of dst
    if train.gan_power:
        judge = parts["GAN"].layers
        found += [Pass(judge, 1, [JUDGES]), Pass(judge, 1, [JUDGES, PERSUADES])]  # what is real and what is painted
    return found


def make(options: Mapping, seed: int):
    from models.classes.saehd_model import SaehdModel

    return SaehdModel(ModelSpec.from_options(options), TrainSpec.from_options(options), seed=seed)


def optimizer_memory(options: Mapping) -> OptimizerMemory:
    return OptimizerMemory(slots=2 if options["adabelief"] else 1, masks=int(options["lr_dropout"] == "y"))


def parts_to_reinitialize(stored: Mapping, options: Mapping) -> list[str]:
    """Parts that must not take over what a model trained with the options `stored` has, now that `options` hold.

    Another patch size or width makes another GAN (quirk Q18). The end of pretraining renews the inters: what they know
    of other people's faces is in the way (models.md 6.2).
    """
    ends_pretraining = stored["pretrain"] and not options["pretrain"]
    reinitialized = list(inter_names(Archi.parse(options["archi"]))) if ends_pretraining else []
    return [*reinitialized, "GAN"] if gan_changed(stored, options) else reinitialized


SAEHD = NetworkClass(
    name="SAEHD",
    loss_names=LOSS_NAMES,
    layout=layout,
    noise=pair_noise,
    make=make,
    passes=passes,
    training=TrainSpec.from_options,
    optimizer_memory=optimizer_memory,
    parts_to_reinitialize=parts_to_reinitialize,
    pretraining=PRETRAINING,
)
