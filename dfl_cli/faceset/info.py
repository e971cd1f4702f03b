"""`dfl faceset info`: what is in a face set, every picture decoded once."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dfl_cli.faceset.images import ImageFile, measure_all, open_any, picture_of
from dfl_cli.translate import tr
from samplers.files.faces import Skipped, Source
from samplers.files.names import match_key
from samplers.files.reason import Reason
from samplers.pose_coverage import directions, evenly
from samplers.sorting import scores as sort_scores

SHARPNESS_SAMPLE = 300  # faces whose sharpness is measured
STEP, FINE = 10, 5  # degrees of a bar: in text, in a picture


class FacesetInfo(NamedTuple):
    """The facts about a face set; names are those of files, degrees as in samplers.pose_coverage."""

    folder: Path
    source: Source | None  # None without a single face
    names: list[str]
    face_types: dict[str, int]
    sizes: dict[str, int]  # "256x256": width x height
    frames: int  # different frames the faces come from
    masks: int  # faces with an XSeg mask
    polygons: int  # faces with drawn polygons
    degrees: np.ndarray  # (N, 2) yaw, pitch
    sharpness: np.ndarray  # (M,) CPBD of some of the faces
    duplicates: list[list[str]]  # pictures that are equal to the last pixel
    broken: dict[str, Reason]

    @property
    def skipped(self) -> list[Skipped]:
        return [Skipped(name, reason) for name, reason in self.broken.items()]


def faceset_info(folder: Path, prefer: str = "pack") -> FacesetInfo:
    """Everything about the face set in `folder`, with progress bars.

    Raises:
        UserError: no such folder.
    """
    faces, skipped, source = open_any(folder, prefer)
    pictures = [picture_of(face) for face in faces]
    seen = measure_all(pictures, measure_face, tr("Reading images"))
    whole = [one.face for one in seen.pictures]
    sharp = measure_all(evenly(seen.pictures, SHARPNESS_SAMPLE), sharpness_of, tr("Measuring sharpness"))
    return FacesetInfo(
        folder=folder,
        source=source,
        names=[face.name for face in whole],
        face_types=counted(face.face_type.short for face in whole),
        sizes=counted(f"{face.shape[1]}x{face.shape[0]}" for face in whole),
        frames=len({match_key(face.source_filename or "") for face in whole}),
        masks=sum(face.has_xseg_mask for face in whole),
        polygons=sum(bool(face.polygons) for face in whole),
        degrees=np.array([where for _, where in seen.values]).reshape(-1, 2),
        sharpness=np.array(sharp.values, np.float64),
        duplicates=equal(whole, [digest for digest, _ in seen.values]),
        broken={**{each.name: each.reason for each in skipped}, **seen.unreadable},
    )


def measure_face(one: ImageFile) -> tuple[bytes, np.ndarray]:
    """A digest of the pixels, and where the face looks. UnreadableImage, also where the XSeg mask is damaged."""
    one.face.read_xseg_mask()
    return blake2b(one.face.read(), digest_size=16).digest(), directions([one.face]).degrees[0]


def sharpness_of(one: ImageFile) -> float:
    return sort_scores.blur(one.face.read(), one.face)


def counted(words) -> dict[str, int]:
    """How often each word comes, the most frequent first."""
    return dict(Counter(words).most_common())


def equal(faces: Sequence, digests: Sequence[bytes]) -> list[list[str]]:
    groups = defaultdict(list)
    for face, digest in zip(faces, digests, strict=True):
        groups[digest].append(face.name)
    return [names for names in groups.values() if len(names) > 1]


def histogram(degrees: np.ndarray, step: int = STEP) -> tuple[np.ndarray, np.ndarray]:
    """(counts (N,), edges (N + 1,)) of one angle, between multiples of `step`."""
    low, high = np.floor(degrees.min() / step), np.floor(degrees.max() / step) + 1
    edges = np.arange(low, high + 1) * step
    return np.histogram(degrees, edges)[0], edges
