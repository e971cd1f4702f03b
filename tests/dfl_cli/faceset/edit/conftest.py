"""Faces for the tests of actions that write something for every face."""

import json
import os

import cv2
import numpy as np
import pytest

from dfl_cli.main import main
from drawn_people import drawn
from samplers.files.dfl_image import write_fields
from samplers.geometry.align import transform_matrix, transform_points
from samplers.geometry.face_types import FaceType

SIDE = 256


@pytest.fixture
def dfl(capsys):
    """`dfl("resize", folder, ...)`: what `dfl faceset` prints for programs; it succeeds."""

    def run(action, *words) -> dict:
        assert main(["faceset", action, *map(str, words), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def spotted(tmp_path):
    """A folder with a face on gray, 00001_0.jpg, that has a bright spot at each of its landmarks 30 (the nose), 36 and 45 (the eyes)."""
    _, points = drawn()
    landmarks = points.astype(np.float64)
    matrix = transform_matrix(landmarks, SIDE, FaceType.WHOLE)
    inside = transform_points(landmarks, matrix)
    y, x = np.mgrid[:SIDE, :SIDE]
    picture = np.full((SIDE, SIDE), 40.0)
    for spot in SPOTS:
        picture += 180 * np.exp(-((x - inside[spot][0]) ** 2 + (y - inside[spot][1]) ** 2) / 18)
    gray = cv2.cvtColor(np.rint(picture).clip(0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[int(inside[30][1]) - 40 : int(inside[30][1]) + 40, int(inside[30][0]) - 30 : int(inside[30][0]) + 30] = 255
    fields = {
        "face_type": "whole_face", "source_filename": "00001.png", "landmarks": inside.tolist(),
        "source_landmarks": landmarks.tolist(), "image_to_face_mat": matrix,
        "xseg_mask": cv2.imencode(".png", mask)[1].reshape(-1),
        "seg_ie_polys": {"polys": [{"type": 1, "pts": np.float32(inside[[30, 36, 45]])}]},
    }  # fmt: skip
    folder = tmp_path / "spotted"
    folder.mkdir()
    (folder / "00001_0.jpg").write_bytes(
        write_fields(cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes(), fields)
    )
    return folder


SPOTS = (30, 36, 45)


@pytest.fixture
def spots():
    """`spots(face)`: how far the bright spots of its picture are from where its landmarks say, in pixels (3,)."""

    def measure(face) -> np.ndarray:
        bright = np.clip(face.read()[..., 0].astype(np.float64) - 45, 0, None)
        reach = round(8 * np.linalg.norm(face.landmarks[45] - face.landmarks[36]) / 90)
        found = []
        for spot in SPOTS:
            left, top = np.rint(face.landmarks[spot]).astype(int) - reach
            part = bright[top : top + 2 * reach + 1, left : left + 2 * reach + 1]
            y, x = np.mgrid[top : top + part.shape[0], left : left + part.shape[1]]
            center = np.array([(x * part).sum(), (y * part).sum()]) / part.sum()
            found.append(np.linalg.norm(center - face.landmarks[spot]))
        return np.array(found)

    return measure


@pytest.fixture
def spoiled(folder):
    """`folder` with a FIFO and a JPEG file that breaks off among its four faces."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("a system without FIFOs")
    os.mkfifo(folder / "fifo.jpg")
    jpeg = (folder / "00000_0.jpg").read_bytes()
    (folder / "half.jpg").write_bytes(jpeg[: len(jpeg) * 2 // 3])
    return folder
