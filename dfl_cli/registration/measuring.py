"""Measuring where a model puts the faces it is trained on."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from dfl_cli.registration.record import SIDES, Registration
from models.classes.pair_batch import PairBatch
from samplers.files.face import Face, UnreadableImage
from samplers.geometry.align import FlatLandmarks
from samplers.geometry.face_types import FaceType
from samplers.geometry.registration import displacement
from samplers.pose_coverage import evenly
from samplers.prepared_face import PreparedFace, prepare

FIRST = 100  # iterations; before that a model paints no faces
FACES = 32  # of each side
AT_ONCE = 8
UNUSABLE = (UnreadableImage, FlatLandmarks, OSError)


class Measured(NamedTuple):
    """A face through the path of its own person."""

    painted: np.ndarray  # (R, R, 3)
    truth: np.ndarray  # (R, R, 3)
    mask: np.ndarray  # (R, R, 1)


def measure(model, faces: Mapping[str, Sequence[Face]], options: Mapping, *, iteration: int) -> Registration | None:
    """Of a model that swaps, on evenly chosen `faces` of src and dst, or of one of them; None where nothing can be compared.

    The moving averages count where they are kept: they are what swaps. Raises OutOfMemory.
    """
    found = {}
    with model.averaged():
        for side in SIDES:
            if side in faces:
                found[side] = displacement(reconstructions(model, faces[side], options, side))
    return Registration(iteration, **found) if any(found.values()) else None


def reconstructions(model, faces: Sequence[Face], options: Mapping, side: str) -> Iterator[Measured]:
    """What the path of `side` makes of evenly chosen `faces`, as it makes it; pictures that cannot be read are left out."""
    prepared = whole_faces(evenly(faces, FACES), options)
    while some := list(islice(prepared, AT_ONCE)):
        pictures = np.clip(np.stack([face.image for face in some]), 0, 1)
        painted, truth = model.reconstructions(one_sided(pictures), len(some))[side]
        yield from map(Measured, painted, truth, (face.mask for face in some))


def whole_faces(faces: Sequence[Face], options: Mapping) -> Iterator[PreparedFace]:
    """As samples are made of them, but neither bent nor moved."""
    face_type, smooth = FaceType.from_short(options["face_type"]), options.get("corrected_samples", False)
    for face in faces:
        try:
            yield prepare(face, options["resolution"], face_type, smooth=smooth)
        except UNUSABLE:
            continue


def one_sided(pictures: np.ndarray) -> PairBatch:
    """The same pictures as src and as dst; nothing is read of the masks."""
    masks = pictures[..., :1]
    return PairBatch(pictures, pictures, masks, masks, pictures, pictures, masks, masks)
