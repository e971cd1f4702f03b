"""Versions of a face's labels: whoever saves says which one he changed, so that nobody's labels are overwritten unseen.

A version is a digest of the polygons in the file, whatever program wrote them.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from dfl_cli.xseg.labels import POLYGONS, alone, checked
from samplers.files.dfl_image import read_face_info, write_face_info
from samplers.files.face_info import FaceInfo, polygons_field
from samplers.files.regular_file import read_regular
from samplers.geometry.polygons import Polygon


@dataclass(frozen=True)
class Labels:
    """The polygons of a face."""

    polygons: tuple[Polygon, ...]

    @cached_property
    def version(self) -> str:
        digest = hashlib.blake2b(digest_size=9)
        for polygon in self.polygons:
            points = np.ascontiguousarray(polygon.points, "<f4")
            digest.update(struct.pack("<II", polygon.type, len(points)) + points.tobytes())
        return digest.hexdigest()


class LabelsChanged(Exception):
    """Somebody else has saved other labels meanwhile; `there` is what the file has now."""

    def __init__(self, there: Labels):
        super().__init__(there.version)
        self.there = there


def read_info(path: Path) -> FaceInfo:
    """Raises READ_ERRORS."""
    return read_face_info(read_regular(path))


def save_version(path: Path, polygons: Iterable[Polygon], *, base: str) -> Labels:
    """Make `polygons` the labels of the face at `path`, on the disk when this returns; the labels as they are now.

    base    version of the labels that were changed
    raises  LabelsChanged, ImpossiblePolygon, READ_ERRORS, FaceDataTooLarge, OSError
    """
    wanted = Labels(tuple(map(checked, polygons)))
    with alone(path):
        info = read_info(path)
        there = Labels(info.polygons)
        if wanted.version != there.version:
            if there.version != base:
                raise LabelsChanged(there)
            write_face_info(path, {**info.fields, POLYGONS: polygons_field(wanted.polygons)})
    return wanted
