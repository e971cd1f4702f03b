"""A face cut from its frame as a DeepFaceLab JPEG with all face data (facesets.md 1.3, 2.4, 5.2)."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass

import cv2
import numpy as np

from dfl_cli.extract.records import FaceToCut
from samplers.files.dfl_image import write_fields
from samplers.files.names import readable
from samplers.geometry.align import resized_matrix, transform_matrix, transform_points
from samplers.geometry.face_types import FaceType

PIXELS = 1  # raise it when the same settings give other pixels
FINENESS = (
    0.75  # samples for a pixel of the frame along a side; 1 is up to 0.7 dB nearer, at 47 dB, and takes twice as long
)
MOST_AVERAGED = 8  # pixels of the frame along one of the crop, beyond which more accuracy cannot be seen


@dataclass(frozen=True)
class CutSettings:
    """How faces are cut."""

    face_type: str  # as in questions: h, mf, f, wf, head
    size: int  # side of the square, pixels
    quality: int  # of the JPEG, 1..100
    classic: bool  # bilinear interpolation, as DeepFaceLab


def cut_face(picture: np.ndarray, wanted: FaceToCut, settings: CutSettings) -> bytes:
    """The JPEG file of a face of `picture` (H, W, 3) uint8 BGR. Raises FlatLandmarks."""
    landmarks = np.asarray(wanted.landmarks, np.float64)
    face_type = FaceType.from_short(settings.face_type)
    matrix = transform_matrix(landmarks, settings.size, face_type)
    crop = crop_face(picture, matrix, settings.size, classic=settings.classic)
    jpeg = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, settings.quality])[1].tobytes()
    return write_fields(jpeg, face_fields(wanted, matrix, face_type))


def face_fields(wanted: FaceToCut, matrix: np.ndarray, face_type: FaceType) -> dict:
    landmarks = np.asarray(wanted.landmarks, np.float64)
    return {
        "face_type": face_type.name_in_files,
        "landmarks": transform_points(landmarks, matrix).tolist(),
        "source_filename": readable(wanted.frame.name),
        "source_rect": np.array([round(side) for side in wanted.face.box], np.int64),
        "source_landmarks": landmarks.tolist(),
        "image_to_face_mat": matrix,
    }


def crop_face(picture: np.ndarray, matrix: np.ndarray, size: int, *, classic: bool) -> np.ndarray:
    """(size, size, 3) by `matrix` (2, 3) from the frame to the crop; black outside of the frame.

    Cubic where the face is enlarged, averaged where it is made smaller: 0.8 to 19 dB nearer to the truth than the bilinear
    interpolation of DeepFaceLab (docs/LOG.md).
    """
    if classic:
        return cv2.warpAffine(picture, matrix, (size, size), flags=cv2.INTER_LINEAR)
    step = 1 / math.sqrt(abs(np.linalg.det(matrix[:, :2])))  # pixels of the frame for one of the crop
    over = min(math.ceil(step * FINENESS), MOST_AVERAGED)
    if over == 1:
        return cv2.warpAffine(picture, matrix, (size, size), flags=cv2.INTER_CUBIC)
    large = (size * over, size * over)
    cut = cv2.warpAffine(picture, resized_matrix(matrix, over), large, flags=cv2.INTER_CUBIC)
    return cv2.resize(cut, (size, size), interpolation=cv2.INTER_AREA)


def is_crop_too_large(landmarks: np.ndarray, box: tuple[float, ...], face_type: FaceType, size: int) -> bool:
    """Whether a crop covers so much more than the box of the detector that one of them must be wrong (facesets.md 5.2, 4)."""
    if face_type > FaceType.FULL_NO_ALIGN:
        return False
    corners = np.float32([(0, 0), (0, size - 1), (size - 1, size - 1), (size - 1, 0)])
    matrix = transform_matrix(np.asarray(landmarks, np.float64), size, face_type)
    x, y = np.rint(transform_points(corners, matrix, invert=True)).T
    area = 0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))
    left, top, right, bottom = box
    return bool(area > 4 * abs((right - left) * (bottom - top)))


def digest_of(wanted: FaceToCut, settings: CutSettings) -> str:
    """Of everything that decides how the file of a face looks."""
    digest = hashlib.blake2b(digest_size=16)
    for part in (
        str(PIXELS).encode(),
        json.dumps(asdict(settings), sort_keys=True).encode(),
        wanted.frame.name.encode(errors="surrogatepass"),
        wanted.frame.fingerprint.encode(),
        np.ascontiguousarray(wanted.landmarks, "<f4").tobytes(),
    ):
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()
