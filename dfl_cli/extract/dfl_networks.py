"""The networks of a DeepFaceLab installation, S3FD and FAN, as detector and landmarks (facesets.md 5.3, 5.4). TensorFlow runs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.errors import UserError
from dfl_cli.face_networks.fan_points import SHIFTS, Center, center_and_scale, crop, points_of_maps
from dfl_cli.face_networks.protocols import Box, Located
from dfl_cli.face_networks.s3fd_boxes import Level, boxes_in_frame, network_input
from dfl_cli.model.dfl_folder import read_dict
from dfl_cli.model.tensor_errors import as_user_error
from dfl_cli.translate import tr
from samplers.files.file_range import FileRange, content_fingerprint
from samplers.geometry.align import FlatLandmarks, transform_matrix, transform_points
from samplers.geometry.face_types import FaceType
from samplers.geometry.landmarks import landmark_fault

DETECTOR = "S3FD"
PLACES = ("", "facelib", "DeepFaceLab/facelib", "_internal/DeepFaceLab/facelib")  # in the folder that a person names
SMALLEST_FRAME = 128  # pixels of the shorter side
PRESENCE = 10.0  # of every face: these networks do not say how sure they are of landmarks
SECOND_SIDE = 256  # pixels of the full face in which a face is looked at again

LevelsOf = Callable[[np.ndarray], Sequence[Level]]  # of a picture in RGB
MapsOf = Callable[[np.ndarray], np.ndarray]  # (B, 256, 256, 3) RGB 0..1 -> (B, 68, 64, 64)


class DflDetector:
    def __init__(self, levels_of: LevelsOf, name: str):
        self.levels_of, self.name = levels_of, name

    def find(self, picture: np.ndarray, *, coarse: bool = False) -> list[Box]:
        if min(picture.shape[:2]) < SMALLEST_FRAME:
            return []
        shown, factor = network_input(picture)
        return [Box(*box, score) for box, score in boxes_in_frame(self.levels_of(shown), factor)]

    def search(self, picture: np.ndarray) -> list[Box]:
        """Nothing more: S3FD sees small faces at once."""
        return []


class DflLandmarks:
    """detector: finds the face again in its crop, for a second look."""

    def __init__(self, maps_of: MapsOf, name: str, detector: DflDetector):
        self.maps_of, self.name, self.detector = maps_of, name, detector

    def locate(self, picture: np.ndarray, box: Box) -> Located | None:
        first = self.points(picture, *center_and_scale((box.left, box.top, box.right, box.bottom)), shifts=SHIFTS[:1])
        try:
            points = self.second_look(picture, first)
        except (FlatLandmarks, cv2.error):
            points = first
        return Located(points.astype(np.float32), PRESENCE)

    def follow(self, picture: np.ndarray, before: Located) -> Located | None:
        """Never: nothing would tell whether it still is a face."""
        return None

    def second_look(self, picture: np.ndarray, first: np.ndarray) -> np.ndarray:
        """The landmarks found again, from five crops, in the full face that `first` shows; `first` unless one face is seen there."""
        if landmark_fault(first):
            return first
        matrix = transform_matrix(first, SECOND_SIDE, FaceType.FULL)
        face = cv2.warpAffine(picture, matrix, (SECOND_SIDE, SECOND_SIDE), flags=cv2.INTER_LINEAR)
        boxes = self.detector.find(face)
        if len(boxes) != 1:
            return first
        box = boxes[0]
        points = self.points(face, *center_and_scale((box.left, box.top, box.right, box.bottom)), shifts=SHIFTS)
        return transform_points(points, matrix, invert=True)

    def points(self, picture: np.ndarray, center: Center, scale: float, *, shifts: Sequence[Center]) -> np.ndarray:
        """(68, 2): the mean of what crops around the shifted centers show."""
        centers = [(center[0] + right, center[1] + down) for right, down in shifts]
        rgb = np.ascontiguousarray(picture[..., ::-1])
        crops = np.stack([crop(rgb, each, scale) for each in centers])
        maps = self.maps_of(crops.astype(np.float32) / 255)
        return np.mean([points_of_maps(each, one, scale) for each, one in zip(maps, centers, strict=True)], axis=0)


def open_dfl_networks(folder: Path, *, head: bool) -> tuple[DflDetector, DflLandmarks]:
    """Those in `folder`; head: with the landmarks that DeepFaceLab uses for whole heads. Raises UserError."""
    from models.face_networks.fan import FAN
    from models.face_networks.s3fd import S3FD

    fan = "3DFAN" if head else "2DFAN"
    files = {name: network_file(folder, name) for name in (DETECTOR, fan)}
    detector = DflDetector(loaded(files[DETECTOR], S3FD).levels, named(files[DETECTOR]))
    return detector, DflLandmarks(loaded(files[fan], FAN).maps, named(files[fan]), detector)


@cache
def loaded(path: Path, network: type):
    """A network with the weights of a file; one for all threads. Raises UserError."""
    with as_user_error(path):
        return network(read_dict(path))


def network_file(folder: Path, name: str) -> Path:
    """Raises UserError where there is none."""
    for place in PLACES:
        path = folder / place / f"{name}.npy"
        if path.is_file():
            return path
    raise UserError(
        tr("{folder} has no {name}.", folder=folder, name=name + ".npy"),
        fix=tr("Give the folder of DeepFaceLab that contains S3FD.npy, 2DFAN.npy and 3DFAN.npy with --dfl-networks."),
    )


def named(path: Path) -> str:
    return f"{path.stem} {content_fingerprint(FileRange(path)).hex()[:12]}"
