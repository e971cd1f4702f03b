"""Whose face a labeled picture is: by the name of its file, then by its folder and size."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import NamedTuple

from dfl_cli.translate import tr
from dfl_cli.xseg.exchange.shapes import LabeledPicture, Unusable
from samplers.files.face import Face
from samplers.files.names import match_key

SAME_RATIO = 0.01  # by which the sides' ratio may differ where labels are scaled


class Match(NamedTuple):
    face: Face
    scale: tuple[float, float]  # x, y: from the pixels of the labels to those of the face


class Matching:
    """The faces of a set by their names. Labels of `a.png` are those of `a.jpg` if there is no `a.png`: many tools convert first."""

    def __init__(self, faces: Iterable[Face]):
        self._by_name: dict[str, list[Face]] = defaultdict(list)
        self._by_stem: dict[str, list[Face]] = defaultdict(list)
        for face in faces:
            name = PurePosixPath(match_key(face.name)).name
            self._by_name[name].append(face)
            self._by_stem[PurePosixPath(name).stem].append(face)

    def find(self, picture: LabeledPicture) -> Match:
        """Raises Unusable."""
        for name in picture.names:
            parts = [match_key(part) for part in re.split(r"[/\\]", name) if part]
            if parts and (found := self._by_name.get(parts[-1]) or self._by_stem.get(PurePosixPath(parts[-1]).stem)):
                face = the_one(found, parts, picture.size)
                return Match(face, scale_of(picture.size, face.shape))
        raise Unusable(tr("no face has this name"))


def the_one(found: list[Face], parts: list[str], size: tuple[int, int] | None) -> Face:
    """Of faces with the same name the one in the folder of the same name, or of the same size. Raises Unusable."""
    in_folder = [face for face in found if match_key(face.name).split("/")[:-1] == parts[-2:-1]]
    found = in_folder or found
    of_size = [face for face in found if face.shape == size]
    found = of_size or found
    if len(found) > 1:
        raise Unusable(tr("{count} faces have this name", count=len(found)))
    return found[0]


def scale_of(size: tuple[int, int] | None, shape: tuple[int, int]) -> tuple[float, float]:
    """Raises Unusable where the picture is not the face, only larger or smaller."""
    if size is None or tuple(size) == tuple(shape):
        return 1, 1
    across, down = shape[1] / size[1], shape[0] / size[0]
    if abs(across / down - 1) > SAME_RATIO:
        labels, face = f"{size[1]}x{size[0]}", f"{shape[1]}x{shape[0]}"
        raise Unusable(tr("the labels are for {labels} pixels, the face has {face}", labels=labels, face=face))
    return across, down
