"""The blocks of XSeg and how wide they are (models.md 2.4). Plain Python: the table of tensors needs it too."""

RESOLUTION = 256  # pixels; no other, for the dense layers
BASE = 32  # channels
LOWEST, VECTOR = 4, 512  # side of the deepest map, numbers between the two dense layers
POOLS = (4, 3, 2, 2, 2, 2)  # side of the filter behind each level of DOWN

# name -> channels in and out, in multiples of BASE; the first convolution sees the picture instead. In the order of the files,
# which is the order they compute in.
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


def level_of(name: str) -> int:
    """How often the picture is halved for the map of a block: 3 for `conv31`, `up3` and `uconv31`."""
    return int(name.lstrip("convup")[0])


def side_of(name: str) -> int:
    """In pixels, of the map of a block."""
    return RESOLUTION >> level_of(name)
