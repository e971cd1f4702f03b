"""One face: what is known about it, its picture when asked, and why a picture is not one (facesets.md 3.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from samplers.files import image_codec
from samplers.files.dfl_image import NoFaceData, read_face_info
from samplers.files.face_info import FaceInfo, NoLandmarks, UnusableLandmarks
from samplers.files.file_range import FileRange
from samplers.files.jpeg_segments import NotAJpeg
from samplers.files.pickles.safe_pickle import Damaged, UnsafePickle
from samplers.files.reason import Fault, Reason
from samplers.geometry.face_types import FaceType, UnknownFaceType
from samplers.geometry.polygons import Polygon


class UnreadableImage(Exception):
    """The picture of a face cannot be had."""

    def __init__(self, name: str, reason: Reason):
        super().__init__(f"{name}: {reason}")
        self.name, self.reason = name, reason


@dataclass(frozen=True)
class Skipped:
    """A picture that is not used."""

    name: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Face:
    """One face. Small: the picture, its mask and what only merging needs are read from the file when asked for."""

    name: str  # of its file, for messages
    face_type: FaceType
    landmarks: np.ndarray  # (68, 2) float64 pixels
    shape: tuple[int, int]  # height, width
    eyebrows_expand_mod: float
    source_filename: str | None
    polygons: tuple[Polygon, ...]
    has_xseg_mask: bool
    file_range: FileRange  # or what reads like one
    packed_mask: FileRange | bytes | None = None  # encoded; packs keep it apart from the picture

    def read(self) -> np.ndarray:
        """The picture, (H, W, 3) uint8 BGR; UnreadableImage if it is damaged, gone or of another size than `shape`."""
        bgr = self._read_through(image_codec.decode_bgr)
        if bgr.shape[:2] != self.shape:
            raise UnreadableImage(self.name, Reason(Fault.SIZE_DIFFERS))
        return bgr

    def read_info(self) -> FaceInfo:
        """Everything the file knows; UnreadableImage if it no longer is a picture with face data."""
        return self._read_through(read_face_info)

    def read_xseg_mask(self) -> np.ndarray | None:
        """The stored mask, (h, w, 1) float32 0..1 in the size it was stored in; None without one.

        UnreadableImage if it is damaged.
        """
        if not self.has_xseg_mask:
            return None
        if isinstance(self.packed_mask, FileRange):
            return self._read_through(decoded_mask, self.packed_mask)
        return self._decoded(decoded_mask, self.packed_mask or self.read_info().xseg_mask or b"")

    @property
    def source_landmarks(self) -> np.ndarray | None:
        """(68, 2) float64 pixels of the frame; read from the file at each access, like `image_to_face_mat`."""
        return self.read_info().source_landmarks

    @property
    def image_to_face_mat(self) -> np.ndarray | None:
        """(2, 3) float64, from the frame to this picture."""
        return self.read_info().image_to_face_mat

    def _read_through(self, decode: Callable, file_range: FileRange | None = None):
        try:
            encoded = (file_range or self.file_range).read()
        except (OSError, Damaged) as error:
            raise UnreadableImage(self.name, reason_of(error)) from None
        return self._decoded(decode, encoded)

    def _decoded(self, decode: Callable, encoded: bytes):
        try:
            return decode(encoded)
        except READ_ERRORS as fact:
            raise UnreadableImage(self.name, reason_of(fact)) from None


def face_of(info: FaceInfo, name: str, file_range: FileRange, *, packed_mask: FileRange | bytes | None = None) -> Face:
    """The part of `info` that is kept in memory; MarkOnly, image_codec.TooLarge for what cannot be used."""
    if info.face_type == FaceType.MARK_ONLY:
        raise MarkOnly
    return Face(
        name=name,
        face_type=info.face_type,
        landmarks=info.landmarks,
        shape=image_codec.check_size(info.shape),
        eyebrows_expand_mod=info.eyebrows_expand_mod,
        source_filename=info.source_filename,
        polygons=info.polygons,
        has_xseg_mask=packed_mask is not None or info.xseg_mask is not None,
        file_range=file_range,
        packed_mask=packed_mask,
    )


def decoded_mask(encoded: bytes) -> np.ndarray:
    """`image_codec.decode_mask`, raising DamagedMask for whatever is wrong with it."""
    try:
        return image_codec.decode_mask(encoded)
    except (NotAJpeg, Damaged, image_codec.ImageTooLarge) as error:
        raise DamagedMask from error


class DamagedMask(Exception):
    """The XSeg mask of a face cannot be decoded."""


class MarkOnly(Exception):
    """A frame whose faces are only marked: there is no crop to train on."""


class EmptyFile(Exception):
    """A file without a byte, as a full disk or a broken copy leaves it."""


READ_ERRORS = (
    EmptyFile,
    NotAJpeg,
    NoFaceData,
    NoLandmarks,
    UnknownFaceType,
    MarkOnly,
    DamagedMask,
    image_codec.ImageTooLarge,
    Damaged,
    UnsafePickle,
    OSError,
)


def reason_of(fact: Exception) -> Reason:
    """What one of `READ_ERRORS` says about a picture."""
    match fact:
        case EmptyFile():
            return Reason(Fault.EMPTY)
        case NotAJpeg():
            return Reason(Fault.NOT_AN_IMAGE)
        case NoFaceData():
            return Reason(Fault.NO_FACE_DATA)
        case UnusableLandmarks(fact=fact):
            return Reason(Fault.LANDMARKS, fact)
        case NoLandmarks():
            return Reason(Fault.NO_LANDMARKS)
        case UnknownFaceType(name=name):
            return Reason(Fault.UNKNOWN_FACE_TYPE, name[:40])
        case DamagedMask():
            return Reason(Fault.DAMAGED_MASK)
        case MarkOnly():
            return Reason(Fault.MARK_ONLY)
        case image_codec.ImageTooLarge():
            return Reason(Fault.TOO_LARGE, str(fact))
        case Damaged(reason="truncated"):
            return Reason(Fault.TRUNCATED)
        case Damaged(reason=reason):
            return Reason(Fault.DAMAGED, reason)
        case UnsafePickle(wanted=wanted):
            return Reason(Fault.HOSTILE, wanted)
    return Reason(Fault.UNREADABLE, getattr(fact, "strerror", None) or str(fact))
