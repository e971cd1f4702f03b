"""How much of the head a face picture shows: half, mid, full, whole, head, and how far each reaches."""

from __future__ import annotations

from enum import IntEnum


class FaceType(IntEnum):
    """A crop of the head. A greater number covers a greater area, so types compare with < and <=."""

    HALF = 0
    MIDFULL = 1
    FULL = 2
    FULL_NO_ALIGN = 3  # upright in the frame: not turned with the face
    WHOLE = 4
    HEAD = 10
    HEAD_NO_ALIGN = 20
    MARK_ONLY = 100  # the whole frame with marks; has no crop

    @property
    def short(self) -> str:
        """`h`, `mf`, `f`, `wf`, `head`; the name in files for types that have no short one."""
        return _SHORT.get(self, self.name_in_files)

    @property
    def name_in_files(self) -> str:
        return _NAME_IN_FILES[self]

    @property
    def padding(self) -> float:
        """What is added on each side of the mean face, as a fraction of it; ValueError for `MARK_ONLY`."""
        if self not in _PADDING:
            raise ValueError(f"{self.name_in_files} has no crop")
        return _PADDING[self]

    @property
    def is_upright(self) -> bool:
        """Whether the crop keeps the frame's upright direction instead of turning with the face."""
        return self in (FaceType.FULL_NO_ALIGN, FaceType.HEAD_NO_ALIGN)

    @classmethod
    def from_short(cls, short: str) -> FaceType:
        """The type called `wf` or `head` in questions, any case; UnknownFaceType otherwise."""
        return _found(short, _SHORT)

    @classmethod
    def from_file(cls, name: str) -> FaceType:
        """The type a file calls `whole_face`, any case; UnknownFaceType otherwise."""
        return _found(name, _NAME_IN_FILES)


class UnknownFaceType(ValueError):
    """A face type nobody has heard of."""

    def __init__(self, name: str):
        super().__init__(f"unknown face type: {name}")
        self.name = name


def covers(have: FaceType, want: FaceType) -> bool:
    """Whether a picture of type `have` shows everything a crop of type `want` needs; else its edges are smeared."""
    return have >= want


def _found(name: str, names: dict[FaceType, str]) -> FaceType:
    for face_type, its_name in names.items():
        if its_name == name.lower():
            return face_type
    raise UnknownFaceType(name)


_SHORT = {
    FaceType.HALF: "h",
    FaceType.MIDFULL: "mf",
    FaceType.FULL: "f",
    FaceType.WHOLE: "wf",
    FaceType.HEAD: "head",
}
_NAME_IN_FILES = {
    FaceType.HALF: "half_face",
    FaceType.MIDFULL: "midfull_face",
    FaceType.FULL: "full_face",
    FaceType.FULL_NO_ALIGN: "full_face_no_align",
    FaceType.WHOLE: "whole_face",
    FaceType.HEAD: "head",
    FaceType.HEAD_NO_ALIGN: "head_no_align",
    FaceType.MARK_ONLY: "mark_only",
}
_PADDING = {
    FaceType.HALF: 0.0,
    FaceType.MIDFULL: 0.0675,
    FaceType.FULL: 0.2109375,
    FaceType.FULL_NO_ALIGN: 0.2109375,
    FaceType.WHOLE: 0.40,
    FaceType.HEAD: 0.70,
    FaceType.HEAD_NO_ALIGN: 0.70,
}
