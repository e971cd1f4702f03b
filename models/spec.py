"""What a model is made of, and how it is trained: frozen answers without defaults. Loads no Keras.

Field name = option key. The option table owns defaults, limits and texts; here only what cannot be built is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

LETTERS = "udtc"
ARCHI_PATTERN = r"(df|liae)(-(?!.*([udtc]).*\3)[udtc]+)?"  # no letter twice

# What pretraining puts in the place of SAEHD's answers: of its samples, and of `TrainSpec` (spec models.md 6.2).
# The reference leaves true face on without training its discriminator (quirk Q3): here it is off.
PRETRAINING: Mapping = {
    "random_src_flip": True,
    "random_dst_flip": True,
    "uniform_yaw": True,
    "lr_dropout": "n",
    "random_warp": False,
    "random_hsv_power": 0.0,
    "gan_power": 0.0,
    "true_face_power": 0.0,
    "face_style_power": 0.0,
    "bg_style_power": 0.0,
    "ct_mode": "none",
}


class BadArchi(ValueError):
    """`archi` names no known architecture."""

    def __init__(self, archi: str):
        super().__init__(f"unknown architecture {archi!r}")
        self.archi = archi


class BadResolution(ValueError):
    """The resolution does not divide by what the architecture halves it with."""

    def __init__(self, resolution: int, step: int):
        super().__init__(f"resolution {resolution} is not a multiple of {step}")
        self.resolution, self.step = resolution, step


@dataclass(frozen=True)
class Archi:
    """`df` or `liae` and its letters (models.md 2.1), parsed once."""

    base: str  # df: one decoder per person; liae: one decoder, two inters
    u: bool  # pixel norm on the encoder's vector
    d: bool  # the decoder paints four pixels per cell, all inner sides are halved
    t: bool  # one more level, residual blocks in the encoder
    c: bool  # x * cos(x) as activation

    @classmethod
    def parse(cls, text: str) -> "Archi":
        match = re.fullmatch(ARCHI_PATTERN, text)
        if not match:
            raise BadArchi(text)
        base, letters = match[1], match[2] or ""
        return cls(base, **{letter: letter in letters for letter in LETTERS})

    @property
    def resolution_step(self) -> int:
        """What the resolution must divide by."""
        return 32 if self.d or self.t else 16

    @property
    def has_true_face(self) -> bool:
        """Whether true face, and the discriminator of codes it needs, can be trained: for df only (models.md 3.2)."""
        return self.base == "df"

    @property
    def trunk_levels(self) -> tuple[int, ...]:
        """Channels behind each halving of the encoder, in multiples of e_dims."""
        return (1, 2, 4, 8, 8) if self.t else (1, 2, 4, 8)

    @property
    def decoder_levels(self) -> tuple[int, ...]:
        """Channels behind each doubling of the decoder, in multiples of d_dims, or of d_mask_dims for the mask."""
        return (8, 8, 4, 2) if self.t else (8, 4, 2)

    def inter_side(self, resolution: int) -> int:
        """Side in pixels of the map that the second dense layer of an inter gives."""
        return resolution // (32 if self.d else 16)

    def code_side(self, resolution: int) -> int:
        """Side in pixels of the map the inter gives to the decoder."""
        return self.inter_side(resolution) * (1 if self.t else 2)


AMP_ARCHI = Archi.parse("df-udt")  # whose trunk, pixel norm and decoder AMP's are
QUICK96: Mapping = {"resolution": 96, "archi": "df-ud", "ae_dims": 128, "e_dims": 64, "d_dims": 64, "d_mask_dims": 16}


def check_resolution(resolution: int, archi: Archi) -> None:
    """Raises BadResolution."""
    if resolution < 1 or resolution % archi.resolution_step:
        raise BadResolution(resolution, archi.resolution_step)


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """Structure: fixed once weights exist."""

    resolution: int
    archi: Archi
    ae_dims: int
    e_dims: int
    d_dims: int
    d_mask_dims: int

    def __post_init__(self):
        check_resolution(self.resolution, self.archi)

    @classmethod
    def from_options(cls, options: Mapping) -> "ModelSpec":
        """`options` holds at least the field names; `archi` as text, as `liae-udt`."""
        return pick(cls, {**options, "archi": Archi.parse(options["archi"])})


@dataclass(frozen=True, kw_only=True)
class TrainSpec:
    """How SAEHD is trained: may change between two runs of one model."""

    masked_training: bool
    eyes_mouth_prio: bool
    blur_out_mask: bool
    adabelief: bool  # else RMSprop
    lr_dropout: str  # n, y or cpu; the last two differ only in where a mask is drawn
    clipgrad: bool
    random_warp: bool
    gan_power: float
    gan_patch_size: int  # pixels
    gan_dims: int
    true_face_power: float
    face_style_power: float  # 0..100
    bg_style_power: float  # 0..100
    pretrain: bool

    @classmethod
    def from_options(cls, options: Mapping) -> "TrainSpec":
        return pick(cls, options)

    def effective(self, archi: Archi) -> "TrainSpec":
        """These answers with what pretraining and the architecture overrule."""
        answers = {field.name: getattr(self, field.name) for field in fields(self)}
        if self.pretrain:
            answers.update({key: value for key, value in PRETRAINING.items() if key in answers})
        if not archi.has_true_face:
            answers.update(true_face_power=0.0)
        return TrainSpec(**answers)


@dataclass(frozen=True, kw_only=True)
class AmpSpec:
    """Structure of AMP: fixed once weights exist."""

    resolution: int
    ae_dims: int
    inter_dims: int
    e_dims: int
    d_dims: int
    d_mask_dims: int
    morph_factor: float  # share of the channels that src's code takes from inter_src while training

    def __post_init__(self):
        check_resolution(self.resolution, AMP_ARCHI)


@dataclass(frozen=True, kw_only=True)
class AmpTrainSpec:
    """How AMP is trained: may change between two runs of one model."""

    train_inters: bool  # else both inters stay as they were drawn
    blur_out_mask: bool
    lr_dropout: str  # n, y or cpu, see `TrainSpec`
    clipgrad: bool
    gan_power: float
    gan_patch_size: int  # pixels
    gan_dims: int


def pick(spec_type, options: Mapping):
    """The part of `options` that `spec_type` is made of. Raises KeyError for a key that is not there."""
    return spec_type(**{field.name: options[field.name] for field in fields(spec_type)})
