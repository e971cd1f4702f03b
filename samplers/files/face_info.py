"""The face data of a picture with types: what the dict in its file says, checked (facesets.md 1.3)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import cv2
import numpy as np

from samplers.files.pickles.pickle_values import N_, NUMBERS
from samplers.geometry.face_types import FaceType, UnknownFaceType
from samplers.geometry.landmarks import FARTHEST, POINTS, landmark_fault
from samplers.geometry.polygons import Polygon, PolygonType

MOST_EYEBROWS = 100.0  # of `eyebrows_expand_mod`, which is 1 in all that extractors write
NO_IMAGE = b"\0"  # stands for a mask that no decoder will take
LARGEST_MASK = 50_000  # bytes of an encoded mask, so that it fits beside the rest


class NoLandmarks(Exception):
    """Face data without landmarks."""


class UnusableLandmarks(NoLandmarks):
    """Landmarks around which nothing can be cut; `fact` says why."""

    def __init__(self, fact: str):
        super().__init__(fact)
        self.fact = fact


@dataclass(frozen=True)
class FaceInfo:
    """What is known about the face in a picture. `fields` is the dict of the file, keys nobody knows included."""

    face_type: FaceType
    landmarks: np.ndarray  # (68, 2) float64 pixels of this picture
    shape: tuple[int, int]  # height, width
    source_filename: str | None
    source_rect: np.ndarray | None  # (4,) left, top, right, bottom in the frame
    source_landmarks: np.ndarray | None  # (68, 2) float64 pixels of the frame
    image_to_face_mat: np.ndarray | None  # (2, 3) float64, from the frame to this picture
    eyebrows_expand_mod: float
    polygons: tuple[Polygon, ...]
    xseg_mask: bytes | None  # encoded PNG or JPEG
    fields: dict


def face_info(fields: dict, shape: tuple[int, int]) -> FaceInfo:
    """`fields` (of a JPEG file or of a pack) checked and given types; NoLandmarks, UnusableLandmarks, UnknownFaceType."""
    landmarks = usable_landmarks(fields.get("landmarks"), shape)
    source_filename = fields.get("source_filename")
    return FaceInfo(
        face_type=_face_type(fields.get("face_type", "full_face")),
        landmarks=landmarks,
        shape=shape,
        source_filename=source_filename if isinstance(source_filename, str) else None,
        source_rect=_numbers(fields.get("source_rect"), (4,)),
        source_landmarks=_points(fields.get("source_landmarks"), 68),
        image_to_face_mat=_numbers(fields.get("image_to_face_mat"), (2, 3)),
        eyebrows_expand_mod=_number(fields.get("eyebrows_expand_mod"), 1.0, most=MOST_EYEBROWS),
        polygons=_polygons(fields.get("seg_ie_polys")),
        xseg_mask=stored_mask(fields.get("xseg_mask")),
        fields=fields,
    )


def usable_landmarks(value: object, shape: tuple[int, int] | None = None) -> np.ndarray:
    """`value` of the face data as (68, 2) float64; NoLandmarks, UnusableLandmarks.

    shape  (height, width) of the picture they belong to, where it is known
    """
    if value is None:
        raise NoLandmarks
    array = _array(value, (POINTS, 2))
    fact = N_("they are not 68 points") if array is None else landmark_fault(array, shape)
    if fact:
        raise UnusableLandmarks(fact)
    return array


def encode_mask(mask: np.ndarray) -> np.ndarray:
    """A mask (H, W[, 1]) 0..1 as uint8 bytes for the field `xseg_mask`: PNG, or JPEG where PNG is too long."""
    levels = np.clip(mask.reshape((*mask.shape[:2], -1))[..., 0] * 255, 0, 255).astype(np.uint8)
    encoded = cv2.imencode(".png", levels)[1]
    quality = 100
    while len(encoded) > LARGEST_MASK and quality > 0:
        encoded = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        quality -= 1
    return encoded.reshape(-1)


def polygons_field(polygons: tuple[Polygon, ...]) -> dict | None:
    """`polygons` as the field `seg_ie_polys`; None when there are none."""
    drawn = [{"type": int(each.type), "pts": np.asarray(each.points, np.float32)} for each in polygons]
    return {"polys": drawn} if drawn else None


def encoded_bytes(value: object) -> bytes | None:
    """The bytes of an encoded picture kept as bytes or as a uint8 array of shape (N,) or (N, 1)."""
    if isinstance(value, np.ndarray) and value.dtype == np.uint8:
        return value.tobytes() or None
    return (value or None) if isinstance(value, bytes) else None


def stored_mask(value: object) -> bytes | None:
    """The encoded mask; NO_IMAGE where something else is stored in its place, None without a mask."""
    if value is None or (isinstance(value, bytes) and not value) or (isinstance(value, np.ndarray) and not value.size):
        return None
    return encoded_bytes(value) or NO_IMAGE


def _numbers(value: object, shape: tuple[int, ...]) -> np.ndarray | None:
    """`value` (array, or lists of numbers) as finite float64 of exactly `shape`; None where it is not."""
    array = _array(value, shape)
    return None if array is None or not np.isfinite(array).all() else array


def _array(value: object, shape: tuple[int, ...]) -> np.ndarray | None:
    """The same, finite or not."""
    if isinstance(value, np.ndarray):
        array = value if value.shape == shape and value.dtype.kind in "iuf" else None
    else:
        array = _array_of_lists(value, shape)
    return None if array is None else array.astype(np.float64)


def _array_of_lists(value: object, shape: tuple[int, ...]) -> np.ndarray | None:
    """Lists in lists as an array; sizes and types are looked at level by level before anything is copied."""
    level = [value]
    for side in shape:
        rows = [each.tolist() if type(each) is np.ndarray and each.shape == (side,) else each for each in level]
        if not {list, tuple}.issuperset(map(type, rows)) or not {side}.issuperset(map(len, rows)):
            return None
        level = list(chain.from_iterable(rows))
    if not ({int, float} | NUMBERS).issuperset(map(type, level)):
        return None
    try:
        return np.array(level, np.float64).reshape(shape)
    except OverflowError:
        return None


def _points(value: object, count: int) -> np.ndarray | None:
    points = _numbers(value, (count, 2))
    return None if points is None or (np.abs(points) > FARTHEST).any() else points


def _number(value: object, default: float, *, most: float) -> float:
    array = _numbers(value, ())
    return default if array is None or abs(array) > most else float(array)


def _face_type(value: object) -> FaceType:
    """A type by its name (in pictures) or its number (in packs)."""
    if isinstance(value, str):
        return FaceType.from_file(value)
    if isinstance(value, int) and value in iter(FaceType):
        return FaceType(value)
    raise UnknownFaceType(str(int(value)) if isinstance(value, int) else type(value).__name__)


def _polygons(value: object) -> tuple[Polygon, ...]:
    """Both forms: `{"polys": [{"type", "pts"}]}` and the old list of (type, points). What is no polygon is left out."""
    drawn = value.get("polys") if isinstance(value, dict) else value
    pairs = [_pair(each) for each in drawn] if isinstance(drawn, (list, tuple)) else []
    return tuple(Polygon(PolygonType(kind), points) for kind, points in pairs if points is not None)


def _pair(value: object) -> tuple[int, np.ndarray | None]:
    if isinstance(value, dict):
        kind, points = value.get("type"), value.get("pts")
    elif isinstance(value, (list, tuple)) and len(value) == 2:
        kind, points = value
    else:
        return 0, None
    if not isinstance(kind, (int, np.integer)) or kind not in (0, 1):
        return 0, None
    array = _points(points, _length(points))
    return int(kind), None if array is None else array.astype(np.float32)


def _length(value: object) -> int:
    return len(value) if isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim) else 0
