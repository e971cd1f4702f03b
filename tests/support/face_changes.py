"""Labels and masks put into the files of faces, and taken out of them."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from dfl_cli.xseg.labels import MASK, POLYGONS, change_fields, checked
from samplers.files.face_info import encode_mask, polygons_field
from samplers.geometry.polygons import Polygon


def save_labels(path: Path, polygons: Iterable[Polygon]) -> bool:
    """Make `polygons` the labels of the face at `path`, without any that has no points; returns whether that changed the file."""
    drawn = tuple(polygon for polygon in map(checked, polygons) if len(polygon.points))
    return save(path, POLYGONS, polygons_field(drawn))


def drop_labels(path: Path) -> bool:
    return save(path, POLYGONS, None)


def save_mask(path: Path, mask: np.ndarray) -> bool:
    """mask (H, W[, 1]) 0..1"""
    return save(path, MASK, encode_mask(mask))


def drop_mask(path: Path) -> bool:
    return save(path, MASK, None)


def save(path: Path, field: str, value: object) -> bool:
    return change_fields(path, lambda fields: {**fields, field: value})
