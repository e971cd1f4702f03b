"""Names and shapes of the tensors in the reference's weight files, in its order (spec models.md 2, 3 and 5.3). Plain Python.

A shape table costs nothing, so files can be checked before any network is built. The tests hold it equal to the networks.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from models.networks.patch_layers import strides_for
from models.spec import Archi, ModelSpec

Tensors = dict[str, tuple[int, ...]]  # path inside the network -> shape

MOST_CHANNELS = 512  # of the patch discriminator
CODE_CHANNELS = 256  # of the code discriminator's first layer
QUICK96 = {"resolution": 96, "archi": "df-ud", "ae_dims": 128, "e_dims": 64, "d_dims": 64, "d_mask_dims": 16}
XSEG_BASE = 32  # channels
# Blocks of XSeg: name -> channels in and out, in multiples of XSEG_BASE; the first convolution sees the picture instead.
XSEG_DOWN = {
    "conv01": (0, 1), "conv02": (1, 1), "conv11": (1, 2), "conv12": (2, 2), "conv21": (2, 4), "conv22": (4, 4),
    "conv31": (4, 8), "conv32": (8, 8), "conv33": (8, 8), "conv41": (8, 8), "conv42": (8, 8), "conv43": (8, 8),
    "conv51": (8, 8), "conv52": (8, 8), "conv53": (8, 8),
}  # fmt: skip
XSEG_UP = {
    "up5": (8, 4), "uconv53": (12, 8), "uconv52": (8, 8), "uconv51": (8, 8),
    "up4": (8, 4), "uconv43": (12, 8), "uconv42": (8, 8), "uconv41": (8, 8),
    "up3": (8, 4), "uconv33": (12, 8), "uconv32": (8, 8), "uconv31": (8, 8),
    "up2": (8, 4), "uconv22": (8, 4), "uconv21": (4, 4),
    "up1": (4, 2), "uconv12": (4, 2), "uconv11": (2, 2),
    "up0": (2, 1), "uconv02": (2, 1), "uconv01": (1, 1),
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One network and its weight file."""

    name: str  # in our weight keys
    file: str  # `<model>_<file>.npy`
    scope: str  # the network's name in the keys of optimizer files
    tensors: Tensors
    required: bool = True  # False: discriminators, which join a model late


@dataclass(frozen=True)
class Optimizer:
    """One optimizer, its file and the parts it has slots for."""

    name: str  # in our state keys
    file: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Layout:
    """Every file a model of one class may have beside its options."""

    parts: tuple[Part, ...]
    optimizers: tuple[Optimizer, ...]


def layout(model_class: str, options: Mapping) -> Layout:
    """What the files of a model with these options hold.

    Raises:
        KeyError: an unknown class, or an option it needs is missing.
        models.spec.BadArchi, models.spec.BadResolution: no network can be built so.
    """
    return LAYOUTS[model_class](options)


def saehd(options: Mapping) -> Layout:
    spec = ModelSpec.from_options(options)
    networks = autoencoder(spec)
    judges = [
        Part("GAN", "GAN", "D_src", patch_discriminator(options["gan_patch_size"], options["gan_dims"]), required=False)
    ]
    optimizers = [Optimizer("src_dst_opt", "src_dst_opt", networks), Optimizer("GAN_opt", "GAN_opt", tuple(judges))]
    if spec.archi.base == "df":
        tensors = code_discriminator(spec.archi.code_side(spec.resolution), spec.ae_dims)
        judges.insert(0, Part("code_discriminator", "code_discriminator", "dis", tensors, required=False))
        optimizers.insert(1, Optimizer("D_code_opt", "D_code_opt", (judges[0],)))
    return Layout((*networks, *judges), tuple(optimizers))


def quick96(options: Mapping) -> Layout:
    networks = autoencoder(ModelSpec.from_options(QUICK96))
    return Layout(networks, (Optimizer("src_dst_opt", "src_dst_opt", networks),))


def amp(options: Mapping) -> Layout:
    side, ae, inter = options["resolution"] // 32, options["ae_dims"], options["inter_dims"]
    encoder = deep_trunk(options["e_dims"]) | dense("dense1", 8 * options["e_dims"] * side**2, ae)
    inter_tensors = dense("dense2", ae, side**2 * inter)
    painter = decoder(inter, options["d_dims"], options["d_mask_dims"], archi=Archi.parse("df-dt"))
    mask_last = {path: painter.pop(path) for path in ("out_convm/weight", "out_convm/bias")}
    faces = {path: painter.pop(path) for path in list(painter) if path.startswith("out_conv")}
    networks = (
        own("encoder", encoder),
        own("inter_src", inter_tensors),
        own("inter_dst", inter_tensors),
        own("decoder", painter | mask_last | faces),
    )
    judge = patch_discriminator(options["gan_patch_size"], options["gan_dims"])
    gan = Part("GAN", "GAN", "GAN", judge, required=False)
    optimizers = (Optimizer("src_dst_opt", "src_dst_opt", networks), Optimizer("GAN_opt", "GAN_opt", (gan,)))
    return Layout((*networks, gan), optimizers)


def xseg(options: Mapping) -> Layout:
    network = Part("XSeg", "256", "XSeg", xseg_tensors())
    return Layout((network,), (Optimizer("XSeg_opt", "256_opt", (network,)),))


LAYOUTS = {"SAEHD": saehd, "Quick96": quick96, "AMP": amp, "XSeg": xseg}


def own(name: str, tensors: Tensors) -> Part:
    """A part that is called the same everywhere."""
    return Part(name, name, name, tensors)


def autoencoder(spec: ModelSpec) -> tuple[Part, ...]:
    """df: one inter, two decoders; liae: two inters of twice the channels, one decoder of both."""
    archi, ae = spec.archi, spec.ae_dims
    vector = 8 * spec.e_dims * (spec.resolution // (32 if archi.t else 16)) ** 2
    side = spec.resolution // (32 if archi.d else 16)
    filters = ae if archi.base == "df" else 2 * ae
    inter_tensors = inter(vector, ae, filters, side=side, upscaled=not archi.t)
    code = ae if archi.base == "df" else 4 * ae
    painter = decoder(code, spec.d_dims, spec.d_mask_dims, archi=archi)
    inters = ("inter",) if archi.base == "df" else ("inter_AB", "inter_B")
    decoders = ("decoder_src", "decoder_dst") if archi.base == "df" else ("decoder",)
    trunk = deep_trunk(spec.e_dims) if archi.t else shallow_trunk(spec.e_dims)
    return (
        own("encoder", trunk),
        *(own(name, inter_tensors) for name in inters),
        *(own(name, painter) for name in decoders),
    )


def shallow_trunk(dims: int) -> Tensors:
    channels = [3, dims, 2 * dims, 4 * dims, 8 * dims]
    tensors = {}
    for index in range(4):
        tensors |= conv(f"down1/downs_{index}/conv1", 5, channels[index], channels[index + 1])
    return tensors


def deep_trunk(dims: int) -> Tensors:
    return (
        conv("down1/conv1", 5, 3, dims)
        | residual("res1", dims)
        | conv("down2/conv1", 5, dims, 2 * dims)
        | conv("down3/conv1", 5, 2 * dims, 4 * dims)
        | conv("down4/conv1", 5, 4 * dims, 8 * dims)
        | conv("down5/conv1", 5, 8 * dims, 8 * dims)
        | residual("res5", 8 * dims)
    )


def inter(vector: int, dims: int, filters: int, *, side: int, upscaled: bool) -> Tensors:
    tensors = dense("dense1", vector, dims) | dense("dense2", dims, side**2 * filters)
    return tensors | upscale("upscale1", filters, filters) if upscaled else tensors


def decoder(code: int, dims: int, mask_dims: int, *, archi: Archi) -> Tensors:
    levels = (8, 8, 4, 2) if archi.t else (8, 4, 2)
    faces, residuals, masks = {}, {}, {}
    for index, level in enumerate(levels):
        before = levels[index - 1]
        faces |= upscale(f"upscale{index}", before * dims if index else code, level * dims)
        residuals |= residual(f"res{index}", level * dims)
        masks |= upscale(f"upscalem{index}", before * mask_dims if index else code, level * mask_dims)
    tensors = faces | residuals | masks | conv("out_conv", 1, 2 * dims, 3)
    if not archi.d:
        return tensors | conv("out_convm", 1, 2 * mask_dims, 1)
    for index in (1, 2, 3):
        tensors |= conv(f"out_conv{index}", 3, 2 * dims, 3)
    tensors |= upscale(f"upscalem{len(levels)}", 2 * mask_dims, mask_dims)
    return tensors | conv("out_convm", 1, mask_dims, 1)


def patch_discriminator(patch_size: int, dims: int) -> Tensors:
    """U-Net; its transposed convolutions take the skip beside the map, except for the deepest (models.md 3.1)."""
    depth = len(strides_for(patch_size))
    channels = [min(dims * 2**level, MOST_CHANNELS) for level in range(depth + 1)]
    downs, ups = {}, {}
    for level in range(depth):
        downs |= conv(f"convs_{level}", 3, channels[level], channels[level + 1])
    for index, level in enumerate(reversed(range(depth))):
        ups |= transposed(f"upconvs_{index}", channels[level + 1] * (2 if index else 1), channels[level])
    return (
        downs
        | ups
        | conv("in_conv", 1, 3, channels[0])
        | conv("out_conv", 1, 2 * channels[0], 1)
        | conv("center_out", 1, channels[-1], 1)
        | conv("center_conv", 1, channels[-1], channels[-1])
    )


def code_discriminator(code_side: int, code_channels: int) -> Tensors:
    tensors, before = {}, code_channels
    for index in range(1 + code_side // 8):
        channels = CODE_CHANNELS * min(2**index, 8)
        tensors |= conv(f"convs_{index}", 3 if index else 4, before, channels)
        before = channels
    return tensors | conv("out_conv", 1, before, 1)


def xseg_tensors() -> Tensors:
    tensors = {}
    for name, (before, after) in XSEG_DOWN.items():
        tensors |= conv(f"{name}/conv", 3, before * XSEG_BASE or 3, after * XSEG_BASE) | xseg_tail(name, after)
    tensors |= dense("dense1", 4 * 4 * 8 * XSEG_BASE, 512) | dense("dense2", 512, 4 * 4 * 8 * XSEG_BASE)
    for name, (before, after) in XSEG_UP.items():
        channels = before * XSEG_BASE, after * XSEG_BASE
        up = name.startswith("up")
        tensors |= transposed(f"{name}/conv", *channels) if up else conv(f"{name}/conv", 3, *channels)
        tensors |= xseg_tail(name, after)
    return tensors | conv("out_conv", 3, XSEG_BASE, 1)


def xseg_tail(name: str, after: int) -> Tensors:
    """Filter response normalization and thresholded linear unit behind a convolution."""
    channels = (after * XSEG_BASE,)
    norm = {f"{name}/frn/weight": channels, f"{name}/frn/bias": channels, f"{name}/frn/eps": (1,)}
    return norm | {f"{name}/tlu/tau": channels}


def conv(name: str, size: int, before: int, after: int) -> Tensors:
    return {f"{name}/weight": (size, size, before, after), f"{name}/bias": (after,)}


def transposed(name: str, before: int, after: int) -> Tensors:
    return {f"{name}/weight": (3, 3, after, before), f"{name}/bias": (after,)}


def dense(name: str, before: int, after: int) -> Tensors:
    return {f"{name}/weight": (before, after), f"{name}/bias": (after,)}


def upscale(name: str, before: int, after: int) -> Tensors:
    return conv(f"{name}/conv1", 3, before, 4 * after)


def residual(name: str, channels: int) -> Tensors:
    return conv(f"{name}/conv1", 3, channels, channels) | conv(f"{name}/conv2", 3, channels, channels)
