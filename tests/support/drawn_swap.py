"""The drawn people as a model sees them: dst's faces of a sequence, the perfect swap of each, and other faces of src.

They were drawn once, as drawing takes half a second a face: `python tests/support/drawn_swap.py` draws them again.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "drawn_swap"
SIDE, FRAMES, FACES = 96, 40, 24
FULL = 128  # pixels of the crop that is shrunk to SIDE
COLUMNS = 8


class Drawn(NamedTuple):
    """pictures (N, SIDE, SIDE, 3) and masks (N, SIDE, SIDE, 1) float32 0..1, landmarks (N, 68, 2) pixels of them."""

    pictures: np.ndarray
    masks: np.ndarray
    landmarks: np.ndarray


@cache
def drawn(who: str) -> Drawn:
    """dst: `FRAMES` frames that follow one another; swap: src in the same poses; frozen: that with one expression throughout;
    src: `FACES` faces in poses of their own."""
    pictures, masks = (cells(cv2.imread(str(FOLDER / f"{who}{kind}"))) for kind in (".jpg", "_masks.png"))
    landmarks = np.load(FOLDER / "landmarks.npz")[who].astype(np.float64)
    count = len(landmarks)
    return Drawn(pictures[:count], masks[:count, ..., :1], landmarks)


def cells(sheet: np.ndarray) -> np.ndarray:
    """(N, SIDE, SIDE, 3) float32 0..1 of a sheet of `COLUMNS` pictures a row."""
    rows = sheet.reshape(-1, SIDE, COLUMNS, SIDE, 3).transpose(0, 2, 1, 3, 4)
    return rows.reshape(-1, SIDE, SIDE, 3).astype(np.float32) / 255


def sheet_of(pictures: np.ndarray) -> np.ndarray:
    """What `cells` takes apart. pictures (N, SIDE, SIDE, C) uint8"""
    pictures = np.concatenate([pictures, np.zeros((-len(pictures) % COLUMNS, *pictures.shape[1:]), np.uint8)])
    rows = pictures.reshape(-1, COLUMNS, *pictures.shape[1:]).transpose(0, 2, 1, 3, 4)
    return rows.reshape(-1, COLUMNS * SIDE, pictures.shape[-1])


def write_faces(folder: Path, who: str, numbers) -> Path:
    """A face set of those faces: 00003_0.jpg from frame 00003.png."""
    from samplers.files.dfl_image import write_fields
    from samplers.files.face_info import encode_mask

    folder.mkdir(parents=True, exist_ok=True)
    some = drawn(who)
    for number in numbers:
        picture = np.uint8(np.rint(some.pictures[number] * 255))
        _, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 98])
        fields = {
            "face_type": "whole_face",
            "landmarks": some.landmarks[number].tolist(),
            "source_filename": f"{number:05}.png",
            "source_landmarks": (2 * some.landmarks[number] + 0.5).tolist(),  # of a picture twice as large
            "xseg_mask": encode_mask(some.masks[number]),
        }
        (folder / f"{number:05}_0.jpg").write_bytes(write_fields(jpeg.tobytes(), fields))
    return folder


def draw_all() -> None:
    from dfl_cli.demo.people import PERSON_A, PERSON_B, draw_poses

    FOLDER.mkdir(parents=True, exist_ok=True)
    sequence = draw_poses(48, 2, liveliness=0.65)[:FRAMES]
    others = draw_poses(30, 1, smooth=False, liveliness=0.65)[:FACES]
    frozen = [replace(pose, eyes_open=1.0, gaze=(0.0, 0.0), mouth_open=0.1, smile=0.2) for pose in sequence]
    plan = {
        "dst": (PERSON_B, sequence),
        "swap": (PERSON_A, sequence),
        "frozen": (PERSON_A, frozen),
        "src": (PERSON_A, others),
    }
    landmarks = {}
    for who, (person, poses) in plan.items():
        faces = [face_of(person, pose) for pose in poses]
        write(who, faces)
        landmarks[who] = np.float32([points for _, _, points in faces])
    np.savez_compressed(FOLDER / "landmarks.npz", **landmarks)


def write(who: str, faces: list) -> None:
    """The sheets of pictures and of masks."""
    pictures, masks = (np.stack([face[which] for face in faces]) for which in range(2))
    full_color = [cv2.IMWRITE_JPEG_QUALITY, 95, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    cv2.imwrite(str(FOLDER / f"{who}.jpg"), sheet_of(pictures), full_color)
    cv2.imwrite(str(FOLDER / f"{who}_masks.png"), sheet_of(np.uint8(np.rint(masks * 255))[..., None]))


def face_of(person, pose) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The whole-face crop: picture (SIDE, SIDE, 3) uint8, mask (SIDE, SIDE) 0..1, landmarks (68, 2)."""
    from dfl_cli.demo.people import render
    from samplers.geometry.align import transform_matrix, transform_points
    from samplers.geometry.face_types import FaceType

    found = render(person, pose, (320, 320))
    matrix = transform_matrix(found.landmarks, FULL, FaceType.WHOLE)
    picture = cv2.warpAffine(found.image, matrix, (FULL, FULL), flags=cv2.INTER_CUBIC)
    mask = cv2.warpAffine(found.face_mask, matrix, (FULL, FULL))
    picture, mask = (cv2.resize(one, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for one in (picture, mask))
    scale = SIDE / FULL
    return picture, np.clip(mask, 0, 1), (transform_points(found.landmarks, matrix) + 0.5) * scale - 0.5


if __name__ == "__main__":
    draw_all()
