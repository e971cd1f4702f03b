"""Faces to label: 00000_0.jpg has labels, 00001_0.jpg has an applied mask, the others have nothing."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from dfl_cli.xseg.edit.opening import open_session
from samplers.files.dfl_image import read_face_info, write_face_info, write_fields
from samplers.files.face_info import encode_mask, polygons_field
from samplers.geometry.polygons import Polygon, PolygonType

FACE = Path(__file__).parents[3] / "fixtures" / "extract" / "wf_00011_0.jpg"
SQUARE = Polygon(PolygonType.INCLUDE, np.float32([(40, 40), (200, 40), (200, 200), (40, 200)]))


def write_faces(folder: Path, count: int) -> Path:
    """`count` faces in `folder`, all of one person."""
    folder.mkdir()
    fields = read_face_info(FACE.read_bytes()).fields
    for number in range(count):
        shutil.copyfile(FACE, folder / f"{number:05d}_0.jpg")
    write_face_info(folder / "00000_0.jpg", {**fields, "seg_ie_polys": polygons_field((SQUARE,))})
    mask = np.zeros((256, 256), np.float32)
    mask[64:192, 64:192] = 1
    write_face_info(folder / "00001_0.jpg", {**fields, "xseg_mask": encode_mask(mask)})
    return folder


@pytest.fixture
def faces(tmp_path) -> Path:
    return write_faces(tmp_path / "aligned", 6)


@pytest.fixture(scope="module")
def shared_faces(tmp_path_factory) -> Path:
    """Nine of them for all tests of a module; the last one has a red disk in the face."""
    folder = write_faces(tmp_path_factory.mktemp("shared") / "aligned", 9)
    picture = cv2.circle(cv2.imread(str(FACE)), (120, 150), 24, (30, 30, 230), cv2.FILLED)
    encoded = cv2.imencode(".jpg", picture)[1].tobytes()
    (folder / "00008_0.jpg").write_bytes(write_fields(encoded, read_face_info(FACE.read_bytes()).fields))
    return folder


@pytest.fixture
def session(faces):
    return open_session(faces, "name")
