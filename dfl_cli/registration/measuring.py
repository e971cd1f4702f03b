"""Measuring where a model puts the faces it is trained on."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from dfl_cli.registration.record import LEAST, SIDES, Registration, Side
from models.classes.corrections import Shift
from models.classes.pair_batch import PairBatch
from models.subpixel import moved
from samplers.files.face import Face, UnreadableImage
from samplers.geometry.align import FlatLandmarks
from samplers.geometry.displacement import Displacement
from samplers.geometry.face_types import FaceType
from samplers.geometry.registration import displacement
from samplers.pose_coverage import evenly
from samplers.prepared_face import PreparedFace, prepare

FIRST = 100  # iterations; before that a model paints no faces
FACES = 32  # of each side
AT_ONCE = 8
PASSES = 3  # moving the input by a pixel moves what is painted by less than that: the first correction is not enough
FARTHEST = 1 / 16  # of the side; nothing that a training can teach
Prepared = Mapping[str, Sequence[PreparedFace]]  # by side
UNUSABLE = (UnreadableImage, FlatLandmarks, OSError)


def measure(model, faces: Mapping[str, Sequence[Face]], options: Mapping, *, iteration: int) -> Registration | None:
    """Of a model that swaps, on evenly chosen `faces` of src and dst, or of one of them; None where nothing can be compared.

    The moving averages count where they are kept: they are what swaps. Raises OutOfMemory.
    """
    chosen = {side: list(whole_faces(evenly(faces[side], FACES), options)) for side in SIDES if side in faces}
    chosen = {side: prepared for side, prepared in chosen.items() if prepared}
    with model.averaged():
        as_painted = displaced(model, chosen, {})
        corrections = corrected(model, chosen, as_painted)
    found = {side: Side(one, corrections[side]) for side, one in as_painted.items()}
    return Registration(iteration, **found) if found else None


def corrected(model, faces: Prepared, as_painted: Mapping[str, Displacement]) -> dict[str, Shift]:
    """By how much the pictures of each side have to be moved: the best of what is tried, which may be nothing at all."""
    best = dict.fromkeys(as_painted, (0.0, 0.0))
    tried, residuals, least = best, as_painted, {side: farthest(one.shift) for side, one in as_painted.items()}
    for _ in range(PASSES):
        tried = {
            side: tuple(before - off for before, off in zip(tried[side], one.shift, strict=True))
            for side, one in residuals.items()
            if farthest(one.shift) >= LEAST
        }
        limits = {side: FARTHEST * len(faces[side][0].image) for side in tried}
        tried = {side: shift for side, shift in tried.items() if farthest(shift) < limits[side]}
        residuals = displaced(model, {side: faces[side] for side in tried}, tried)
        for side, one in residuals.items():
            if farthest(one.shift) < least[side]:
                best[side], least[side] = tried[side], farthest(one.shift)
    return best


def farthest(shift: Shift) -> float:
    return max(map(abs, shift))


def displaced(model, faces: Prepared, corrections: Mapping[str, Shift]) -> dict[str, Displacement]:
    """Of what the path of each side makes of its faces whose pictures were moved; sides that cannot be compared are left out."""
    pairs: dict[str, list] = {side: [] for side in faces}
    for start in range(0, max(map(len, faces.values()), default=0), AT_ONCE):
        parts = {side: some[start : start + AT_ONCE] for side, some in faces.items() if some[start:]}
        truths = {side: np.clip(np.stack([face.image for face in part]), 0, 1) for side, part in parts.items()}
        shown = {side: moved(truth, corrections.get(side, (0.0, 0.0))) for side, truth in truths.items()}
        for side, (painted, _) in model.reconstructions(as_batch(shown), AT_ONCE).items():
            if side in parts:
                pairs[side] += zip(painted, truths[side], (face.mask for face in parts[side]), strict=False)
    found = {side: displacement(some) for side, some in pairs.items()}
    return {side: one for side, one in found.items() if one}


def whole_faces(faces: Sequence[Face], options: Mapping) -> Iterator[PreparedFace]:
    """As samples are made of them, but neither bent nor moved."""
    face_type, smooth = FaceType.from_short(options["face_type"]), options.get("corrected_samples", False)
    for face in faces:
        try:
            yield prepare(face, options["resolution"], face_type, smooth=smooth)
        except UNUSABLE:
            continue


def as_batch(pictures: Mapping[str, np.ndarray]) -> PairBatch:
    """A batch whose targets are `pictures`, as many of each side as there are of the one that has more; no masks."""
    count = max(map(len, pictures.values()))
    src, dst = (
        np.resize(one, (count, *one.shape[1:]))
        for one in (pictures.get(side, next(iter(pictures.values()))) for side in SIDES)
    )
    masks = src[..., :1]
    return PairBatch(src, src, masks, masks, dst, dst, masks, masks)
