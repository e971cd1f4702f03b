"""How much memory training takes, estimated from the options, which of them cost most, and a batch size that fits. Pure.

Counted are the numbers (float32) that every layer of models.md 2 puts out for a face, and the weights. A step then takes

    4 bytes x (COPIES x numbers per face x batch size + weights x (2 + 2 x slots of the optimizer + masks + moving averages))

where one weight and its slots are held, and a gradient and the next slots come and go. COPIES is measured; the estimate was within
15 % of what a processor really took (docs/LOG.md), and is meant to rank settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from dfl_cli.options.option import by_key, resolve
from dfl_cli.options.tables.train import in_force, listed
from models.networks.patch_layers import strides_for
from models.spec import Archi

NUMBER = 4  # bytes
COPIES = 2.0  # of a layer's output that the way back needs: before and after activation, rearranged; measured
LOSS_MAPS = 30  # pictures that the losses of one face compute
MOST_CHANNELS = 512  # of the patch discriminator
USABLE = 0.9  # of free memory: the rest is lost between the pieces
KERNEL_DOWN, KERNEL = 5, 3


@dataclass(frozen=True)
class Size:
    """What a network consists of: `outputs` numbers per face, `weights` numbers altogether."""

    outputs: int = 0
    weights: int = 0

    def __add__(self, other: "Size") -> "Size":
        return Size(self.outputs + other.outputs, self.weights + other.weights)


class Need(NamedTuple):
    """Bytes of training."""

    per_face: int  # of one src and one dst face together: what the batch size multiplies
    working: int  # gradients, next slots and masks: there during a step
    held: int  # weights, their averages and optimizer: there all the time, on the device

    def total(self, batch_size: int) -> int:
        return self.per_face * batch_size + self.working + self.held


class Saving(NamedTuple):
    """A setting, what it could be instead, and the bytes that would free."""

    key: str
    value: object
    instead: object
    bytes: int


def need(model_class: str, options: Mapping, *, gpu: bool) -> Need:
    """What training with `options`, all of the class, takes on the device."""
    options = in_force(options)
    archi = Archi.parse("df-udt" if model_class == "AMP" else options["archi"])
    outputs, weights = autoencoder(model_class, options, archi)
    averages = weights if options.get("ema", "off") != "off" else 0
    outputs += 2 * LOSS_MAPS * 3 * options["resolution"] ** 2
    for judge in judges(options, archi):
        outputs += 2 * judge.outputs  # of what is real and what is painted
        weights += judge.weights
    slots = 2 if options.get("adabelief", model_class == "AMP") else 1
    masks = 1 if options.get("lr_dropout", "y") == "y" else 0
    held = weights * (1 + slots) + averages
    if gpu and not options.get("models_opt_on_gpu", True):
        held = 0
    return Need(int(NUMBER * COPIES * outputs), NUMBER * weights * (1 + slots + masks), NUMBER * held)


def autoencoder(model_class: str, options: Mapping, archi: Archi) -> tuple[int, int]:
    """Numbers per src and dst face together, and weights."""
    resolution, code = options["resolution"], archi.code_side(options["resolution"])
    liae, amp = archi.base == "liae", model_class == "AMP"
    encoder = trunk(resolution, options["e_dims"], archi)
    vector = 8 * options["e_dims"] * (resolution // (32 if archi.t else 16)) ** 2
    if amp:
        encoder += dense(vector, options["ae_dims"])
        inter = dense(options["ae_dims"], code**2 * options["inter_dims"])
        channels = options["inter_dims"]
    else:
        inter = bottleneck(vector, options["ae_dims"] * (2 if liae else 1), options["ae_dims"], archi, resolution)
        channels = options["ae_dims"] * (4 if liae else 1)
    paint = decoder(code, channels, options, archi)
    styles = sum(
        1 for key in ("face_style_power", "bg_style_power") if options.get(key)
    )  # each paints the swap once more
    faces_in_inters = 3 if liae or amp else 2
    outputs = 2 * encoder.outputs + faces_in_inters * inter.outputs + (2 + styles) * paint.outputs
    return outputs, encoder.weights + (2 if liae or amp else 1) * inter.weights + (
        1 if liae or amp else 2
    ) * paint.weights


def conv(side: int, taken: int, given: int, kernel: int = KERNEL) -> Size:
    """A convolution that puts out `given` channels of side x side pixels."""
    return Size(side**2 * given, kernel**2 * taken * given)


def dense(taken: int, given: int) -> Size:
    return Size(given, taken * given)


def residual(side: int, channels: int) -> Size:
    one = conv(side, channels, channels)
    return one + one


def upscales(side: int, taken: int, levels: list[int], *, residuals: bool) -> Size:
    """Upscale after upscale from `side` on, each to one of `levels` channels."""
    size = Size()
    for channels in levels:
        size += conv(side, taken, 4 * channels)
        side, taken = 2 * side, channels
        if residuals:
            size += residual(side, channels)
    return size


def trunk(resolution: int, dims: int, archi: Archi) -> Size:
    size, side, taken = Size(), resolution, 3
    for factor in (1, 2, 4, 8, 8) if archi.t else (1, 2, 4, 8):
        side, given = side // 2, factor * dims
        size += conv(side, taken, given, KERNEL_DOWN)
        taken = given
    return size + residual(resolution // 2, dims) + residual(side, taken) if archi.t else size


def bottleneck(vector: int, filters: int, dims: int, archi: Archi, resolution: int) -> Size:
    side = resolution // (32 if archi.d else 16)
    size = dense(vector, dims) + dense(dims, side**2 * filters)
    return size if archi.t else size + conv(side, filters, 4 * filters)


def decoder(code: int, channels: int, options: Mapping, archi: Archi) -> Size:
    """Of one face and its mask, which with the letter d doubles its side once more."""
    levels = (8, 8, 4, 2) if archi.t else (8, 4, 2)
    face = upscales(code, channels, [n * options["d_dims"] for n in levels], residuals=True)
    mask_levels = [n * options["d_mask_dims"] for n in (*levels, 1)[: len(levels) + archi.d]]
    return face + upscales(code, channels, mask_levels, residuals=False)


def judges(options: Mapping, archi: Archi) -> list[Size]:
    """The discriminators that are on."""
    found = []
    if options.get("gan_power"):
        found.append(patch_judge(options["resolution"], options["gan_patch_size"], options["gan_dims"]))
    if options.get("true_face_power") and archi.base == "df":
        found.append(code_judge(archi.code_side(options["resolution"]), options["ae_dims"]))
    return found


def patch_judge(resolution: int, patch_size: int, dims: int) -> Size:
    """Down through its strides and up again; at each level up it sees what was there on the way down, too."""
    strides = strides_for(patch_size)
    channels = [min(dims * 2**level, MOST_CHANNELS) for level in range(len(strides) + 1)]
    side, size = resolution, conv(resolution, 3, channels[0], 1)
    for level, stride in enumerate(strides):
        up = conv(side, (1 if level == len(strides) - 1 else 2) * channels[level + 1], channels[level])
        size += up + Size(up.outputs)  # joined with the way down
        side //= stride
        size += conv(side, channels[level], channels[level + 1])
    return size


def code_judge(side: int, channels: int) -> Size:
    size, taken = Size(), channels
    for level in range(1 + side // 8):
        given, side = 256 * min(2**level, 8), side // 2 + 1
        size += conv(side, taken, given, 3 if level else 4)
        taken = given
    return size


def savings(model_class: str, options: Mapping, *, gpu: bool, devices: int = 1) -> list[Saving]:
    """What each costly setting would free at half its size, or when it is off; the largest first."""
    now = needed(model_class, options, gpu=gpu, devices=devices)
    found = []
    for key, instead in cheaper(model_class, options, gpu=gpu, devices=devices).items():
        less = now - needed(model_class, {**options, key: instead}, gpu=gpu, devices=devices)
        if less > 0:
            found.append(Saving(key, options[key], instead, less))
    return sorted(found, key=lambda saving: -saving.bytes)


def needed(model_class: str, options: Mapping, *, gpu: bool, devices: int) -> int:
    """Bytes on the device that needs most: the first holds the weights, each takes its share of the batch."""
    return need(model_class, options, gpu=gpu).total(options["batch_size"] // devices)


def cheaper(model_class: str, options: Mapping, *, gpu: bool, devices: int) -> dict:
    """Setting -> what takes less memory, for those that are not at their least already."""
    halves = ("resolution", "ae_dims", "inter_dims", "e_dims", "d_dims", "d_mask_dims", "gan_dims")
    known = by_key(listed(model_class))
    found = {key: resolve(known[key], options[key] // 2, options)[0] for key in halves if key in options}
    if options["batch_size"] > devices:
        found["batch_size"] = down_to(options["batch_size"] // 2, devices) or devices
    powers = ("gan_power", "true_face_power", "face_style_power", "bg_style_power")
    found |= {key: 0.0 for key in powers if options.get(key)}
    if options.get("adabelief"):
        found["adabelief"] = False
    if options.get("ema", "off") != "off":
        found["ema"] = "off"
    if options.get("lr_dropout") == "y":
        found["lr_dropout"] = "cpu"
    if gpu and options.get("models_opt_on_gpu"):
        found["models_opt_on_gpu"] = False
    return found


def batch_that_fits(model_class: str, options: Mapping, free: float, *, gpu: bool, devices: int = 1) -> int:
    """The largest batch size by estimate, at most half of the one that was too large; 0 when not even the least would fit.

    free     bytes before the model is there
    devices  how many share the batch, whose size divides by their number
    """
    wanted = need(model_class, options, gpu=gpu)
    room = USABLE * free - wanted.working - wanted.held
    share = max(0, int(room / wanted.per_face))
    return down_to(min(share * devices, options["batch_size"] // 2), devices)


def down_to(size: int, step: int) -> int:
    return size - size % step
