"""labelme's format: a JSON file for each picture (https://github.com/wkentaro/labelme)."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dfl_cli.text_files.schema import Anything, Fields, ListOf, Number, Optional, Row, Whole, Words, WrongField
from dfl_cli.translate import tr
from dfl_cli.xseg.exchange.shapes import NAMES, LabeledPicture, Shape, Unusable
from samplers.files import image_codec
from samplers.files.image_codec import LARGEST_SIDE, ImageTooLarge
from samplers.files.jpeg_segments import NotAJpeg
from samplers.files.pickles.safe_pickle import Damaged
from samplers.geometry.landmarks import FARTHEST
from samplers.geometry.polygons import Polygon

VERSION = "5.5.0"  # of labelme, which reads files of older versions too
CIRCLE_POINTS = 24
COORDINATE = Number(-FARTHEST, FARTHEST)
SIDE = Optional(Whole(1, LARGEST_SIDE))
FILE = Fields(
    {"shapes": ListOf(Fields({"label": Words(), "points": ListOf(Row((COORDINATE, COORDINATE)))},
                             {"shape_type": Optional(Words()), "mask": Optional(Words())}))},
    {"imagePath": Optional(Words()), "imageWidth": SIDE, "imageHeight": SIDE, "imageData": Anything()},
)  # fmt: skip


def is_labelme(value: object) -> bool:
    return isinstance(value, dict) and "shapes" in value


def to_labelme(polygons: Sequence[Polygon], picture: str, shape: tuple[int, int]) -> dict:
    """The content of a file about `picture`, its path from where the file is, of (height, width)."""
    return {
        "version": VERSION,
        "flags": {},
        "shapes": [
            {
                "label": NAMES[polygon.type],
                "points": polygon.points.astype(
                    np.float64
                ).tolist(),  # every float32 is a float64, written with all its digits
                "group_id": None,
                "description": "",
                "shape_type": "polygon",
                "flags": {},
            }
            for polygon in polygons
        ],
        "imagePath": picture,
        "imageData": None,
        "imageHeight": shape[0],
        "imageWidth": shape[1],
    }


def from_labelme(value: dict, path: Path) -> LabeledPicture:
    """What the parsed file at `path` says."""
    picture = value.get("imagePath")
    named = (picture,) if isinstance(picture, str) and picture else ()
    try:
        FILE.check(value, "")
    except WrongField as error:
        return LabeledPicture(path.name, (*named, path.name), None, Unusable(error.problem))
    sides = value.get("imageHeight"), value.get("imageWidth")
    size = sides if all(sides) else None
    try:
        shapes = tuple(shape_of(each, size) for each in value["shapes"])
    except Unusable as error:
        shapes = error
    return LabeledPicture(path.name, (*named, path.name), size, shapes)


def shape_of(value: dict, size: tuple[int, int] | None) -> Shape:
    """Raises Unusable."""
    kind, points = value.get("shape_type") or "polygon", np.array(value["points"], np.float64).reshape(-1, 2)
    match kind, len(points):
        case "polygon", count if count >= 1:
            return Shape(value["label"], points)
        case "rectangle", 2:
            (left, top), (right, bottom) = points
            return Shape(value["label"], np.array([(left, top), (right, top), (right, bottom), (left, bottom)]))
        case "circle", 2:
            angles = np.arange(CIRCLE_POINTS) * (2 * math.pi / CIRCLE_POINTS)
            radius = math.dist(*points)
            return Shape(value["label"], points[0] + radius * np.c_[np.cos(angles), np.sin(angles)])
        case "mask", 1 | 2 if size and value.get("mask"):
            return Shape(value["label"], None, placed_mask(value["mask"], points[0], size))
    raise Unusable(tr("a shape of the kind {kind} with {count} points", kind=kind, count=len(points)))


def placed_mask(encoded: str, corner: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(H, W) uint8 0/1: a PNG image in base64, put where its upper left corner belongs. Raises Unusable."""
    try:
        part = image_codec.decode(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError, Damaged, NotAJpeg, ImageTooLarge):
        raise Unusable(tr("its mask is damaged")) from None
    part = part.reshape((*part.shape[:2], -1))[..., 0] > 0
    mask = np.zeros(size, np.uint8)
    left, top = (round(float(each)) for each in corner)
    if left < 0 or top < 0 or left >= size[1] or top >= size[0]:
        raise Unusable(tr("its mask is damaged"))
    inside = part[: size[0] - top, : size[1] - left]
    mask[top : top + inside.shape[0], left : left + inside.shape[1]] = inside
    return mask
