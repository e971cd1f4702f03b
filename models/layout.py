"""Names and shapes of the tensors in the reference's weight files, in its order (models.md 2, 3, 5.3). Plain Python.

A shape table costs nothing, so files can be checked, and memory estimated, before any network is built. Each model
class has its own (`models/classes/<class>.py`), made of the pieces below. The tests hold it equal to the networks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from models.networks.patch_layers import channels_for, code_layers, strides_for
from models.spec import Archi, ModelSpec

Tensors = dict[str, tuple[int, ...]]  # path inside the network -> shape


class Layer(NamedTuple):
    """One layer of a network.

    outputs  numbers it puts out for a face; 0 where that is a picture or mask, which count with the losses
    places   of a map that its kernel is applied to for a face, 0 without a kernel. A product of matrices has 1.
    first    it takes what the network is given
    segment  of its network that gradient checkpointing computes again as a whole; empty: none
    kept     of the outputs, those that gradient checkpointing keeps: what the next segment begins with
    """

    tensors: Tensors
    outputs: int = 0
    places: int = 0
    first: bool = False
    segment: str = ""
    kept: int = 0

    @property
    def multiply_adds(self) -> int:
        """For a face, forward. The gradients of the kernel and of what the layer takes need as many each."""
        return self.places * max((prod(shape) for shape in self.tensors.values()), default=0)


Layers = list[Layer]


@dataclass(frozen=True)
class Part:
    """One network and its weight file.

    name     in our weight keys
    file     `<model>_<file>.npy`
    scope    the network's name in the keys of optimizer files
    power    the option that switches it on, of discriminators, which join a model late; empty: it is always there
    outputs  numbers that its layers put out for a face
    faces    faces that go through it in one step, for one of each side
    layers   what it is made of
    segments  outputs of each piece of it that gradient checkpointing computes again, for all faces that are together there
    kept     of a face's outputs, those that gradient checkpointing keeps
    """

    name: str
    file: str
    scope: str
    tensors: Tensors
    power: str = ""
    outputs: int = 0
    faces: int = 0
    layers: tuple[Layer, ...] = ()
    segments: tuple[int, ...] = ()
    kept: int = 0

    @property
    def required(self) -> bool:
        return not self.power

    @property
    def weights(self) -> int:
        """Numbers in its tensors."""
        return sum(prod(shape) for shape in self.tensors.values())


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

    def present(self, options: Mapping) -> tuple[Part, ...]:
        """The parts that a model with these options has."""
        return tuple(part for part in self.parts if part.required or options.get(part.power))


def part(
    name: str,
    layers: Layers,
    *,
    faces: int = 0,
    file: str | None = None,
    scope: str | None = None,
    power: str = "",
    calls: int = 1,
) -> Part:
    """A part that has its name everywhere, where no other is given.

    calls  among which its faces are shared out
    """
    segments = sorted({layer.segment for layer in layers if layer.segment})
    return Part(
        name=name,
        file=name if file is None else file,
        scope=name if scope is None else scope,
        tensors={path: shape for layer in layers for path, shape in layer.tensors.items()},
        power=power,
        outputs=sum(layer.outputs for layer in layers),
        faces=faces,
        layers=tuple(layers),
        segments=tuple(
            faces // calls * sum(each.outputs for each in layers if each.segment == name) for name in segments
        ),
        kept=sum(layer.kept if layer.segment else layer.outputs for layer in layers),
    )


def segment(name: str, layers: Layers, *, kept: bool = False) -> Layers:
    """`layers`, which gradient checkpointing computes again; `kept`: but what the last of them puts out."""
    layers = [layer._replace(segment=name) for layer in layers]
    return [*layers[:-1], layers[-1]._replace(kept=layers[-1].outputs)] if kept else layers


def autoencoder(spec: ModelSpec, *, swaps: int = 0) -> tuple[Part, ...]:
    """df: one inter, two decoders; liae: two inters of twice the channels, one decoder of both.

    swaps  how many swaps a step paints for each face of dst, beside both people as they are
    """
    archi, ae, resolution = spec.archi, spec.ae_dims, spec.resolution
    encoder = part("encoder", trunk(spec.e_dims, archi, resolution), faces=2)
    vector = encoder_vector(spec.e_dims, archi, resolution)
    side, code = archi.inter_side(resolution), archi.code_side(resolution)
    if archi.base == "df":
        inter_layers = inter(vector, ae, ae, side=side, upscaled=not archi.t)
        painter = decoder(ae, spec.d_dims, spec.d_mask_dims, archi=archi, side=code)
        decoders = part("decoder_src", painter, faces=1 + swaps), part("decoder_dst", painter, faces=1)
        return encoder, part("inter", inter_layers, faces=2), *decoders
    inter_layers = inter(vector, ae, 2 * ae, side=side, upscaled=not archi.t)
    painter = decoder(4 * ae, spec.d_dims, spec.d_mask_dims, archi=archi, side=code)
    inters = part("inter_AB", inter_layers, faces=2), part("inter_B", inter_layers, faces=1)
    return encoder, *inters, part("decoder", painter, faces=2 + swaps)


def inter_names(archi: Archi) -> tuple[str, ...]:
    """The parts of `autoencoder` that know the two people."""
    return ("inter",) if archi.base == "df" else ("inter_AB", "inter_B")


def encoder_vector(dims: int, archi: Archi, resolution: int) -> int:
    """Numbers in the vector that the trunk's last map is laid out to."""
    return archi.trunk_levels[-1] * dims * (resolution >> len(archi.trunk_levels)) ** 2


def trunk(dims: int, archi: Archi, resolution: int) -> Layers:
    layers, taken, side = [], 3, resolution
    for index, level in enumerate(archi.trunk_levels):
        side //= 2
        name = f"down{index + 1}/conv1" if archi.t else f"down1/downs_{index}/conv1"
        layers += conv(name, 5, taken, level * dims, side=side, first=not index)
        taken = level * dims
        if archi.t and index in (0, len(archi.trunk_levels) - 1):
            layers += residual(f"res{index + 1}", taken, side=side)
    return segment("trunk", layers)


def inter(vector: int, dims: int, filters: int, *, side: int, upscaled: bool) -> Layers:
    layers = dense("dense1", vector, dims) + dense("dense2", dims, side**2 * filters)
    return layers + upscale("upscale1", filters, filters, side=side) if upscaled else layers


def decoder(code: int, dims: int, mask_dims: int, *, archi: Archi, side: int) -> Layers:
    """`side` of the code's map, which has `code` channels."""
    levels = archi.decoder_levels
    faces, residuals, masks = [], [], []
    for index, level in enumerate(levels):
        before, first = levels[index - 1], not index
        taken = side << index
        stage, is_last = f"stage{index}", index == len(levels) - 1
        wider = upscale(f"upscale{index}", code if first else before * dims, level * dims, side=taken, first=first)
        faces += segment(stage, wider)
        residuals += segment(stage, residual(f"res{index}", level * dims, side=2 * taken), kept=not is_last)
        width = code if first else before * mask_dims
        masks += upscale(f"upscalem{index}", width, level * mask_dims, side=taken, first=first)
    last = side << len(levels)
    layers = faces + residuals + segment("mask", masks)
    layers += picture("out_conv", 1, levels[-1] * dims, 3, side=last)
    if not archi.d:
        return layers + picture("out_convm", 1, levels[-1] * mask_dims, 1, side=last)
    for index in (1, 2, 3):
        layers += picture(f"out_conv{index}", 3, levels[-1] * dims, 3, side=last)
    layers += segment("mask", upscale(f"upscalem{len(levels)}", levels[-1] * mask_dims, mask_dims, side=last))
    return layers + picture("out_convm", 1, mask_dims, 1, side=2 * last)


def patch_discriminator(patch_size: int, dims: int, *, resolution: int) -> Layers:
    """U-Net; its transposed convolutions take the skip beside the map, except for the deepest (models.md 3.1)."""
    strides, channels = strides_for(patch_size), channels_for(patch_size, dims)
    sides = [resolution]
    for stride in strides:
        sides.append(-(-sides[-1] // stride))
    downs, ups = [], []
    for level in range(len(strides)):
        downs += conv(f"convs_{level}", 3, channels[level], channels[level + 1], side=sides[level + 1])
    for index, level in enumerate(reversed(range(len(strides)))):
        taken = channels[level + 1] * (2 if index else 1)
        ups += transposed(
            f"upconvs_{index}", taken, channels[level], side=sides[level], before_side=sides[level + 1], joined=True
        )
    return (
        segment("judge", downs + ups + conv("in_conv", 1, 3, channels[0], side=resolution, first=True))
        + picture("out_conv", 1, 2 * channels[0], 1, side=resolution)
        + picture("center_out", 1, channels[-1], 1, side=sides[-1])
        # a map too, but a small one, which was not counted when the estimate was measured
        + picture("center_conv", 1, channels[-1], channels[-1], side=sides[-1])
    )


def code_discriminator(code_side: int, code_channels: int) -> Layers:
    layers, before, side = [], code_channels, code_side
    for index, (kernel, channels) in enumerate(code_layers(code_side)):
        side = (side + 2 * (kernel // 2) - kernel) // 2 + 1
        layers += conv(f"convs_{index}", kernel, before, channels, side=side, first=not index)
        before = channels
    return layers + picture("out_conv", 1, before, 1, side=side)


def conv(name: str, size: int, before: int, after: int, *, side: int, first: bool = False) -> Layers:
    """A convolution whose map has `side` x `side` pixels."""
    tensors = {f"{name}/weight": (size, size, before, after), f"{name}/bias": (after,)}
    return [Layer(tensors, side**2 * after, side**2, first)]


def picture(name: str, size: int, before: int, after: int, *, side: int) -> Layers:
    """A convolution that gives a picture, a mask or a verdict."""
    return [conv(name, size, before, after, side=side)[0]._replace(outputs=0)]


def transposed(
    name: str, before: int, after: int, *, side: int, before_side: int | None = None, joined: bool = False
) -> Layers:
    """From a map of `before_side` (default: half of `side`) to one of `side`. `joined`: that is copied beside another one."""
    tensors = {f"{name}/weight": (3, 3, after, before), f"{name}/bias": (after,)}
    taken = side // 2 if before_side is None else before_side
    return [Layer(tensors, (2 if joined else 1) * side**2 * after, taken**2)]


def dense(name: str, before: int, after: int) -> Layers:
    return [Layer({f"{name}/weight": (before, after), f"{name}/bias": (after,)}, after, 1)]


def upscale(name: str, before: int, after: int, *, side: int, first: bool = False) -> Layers:
    """From `side` to twice of it."""
    return conv(f"{name}/conv1", 3, before, 4 * after, side=side, first=first)


def residual(name: str, channels: int, *, side: int) -> Layers:
    first, second = (conv(f"{name}/{one}", 3, channels, channels, side=side) for one in ("conv1", "conv2"))
    return first + second
