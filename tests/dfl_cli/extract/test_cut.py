"""Faces are cut as DeepFaceLab cut them (recorded), with all face data; sharper unless that is not wanted."""

import cv2
import numpy as np
import pytest

from dfl_cli.extract.cut import CutSettings, crop_face, cut_face, digest_of, is_crop_too_large
from dfl_cli.extract.debug_image import with_face
from dfl_cli.extract.records import FaceRecord, FaceToCut, FrameRecord
from samplers.files.dfl_image import read_face_info, read_fields
from samplers.geometry.face_types import FaceType

TYPES = ("f", "wf", "head")


@pytest.fixture(scope="module")
def recorded(fixtures):
    return np.load(fixtures / "extract" / "final.npz")


@pytest.fixture(scope="module")
def frame(fixtures):
    return cv2.imread(str(fixtures / "extract" / "00011.jpg"))


def wanted(recorded, name="00011.jpg", shift=(0.0, 0.0)) -> FaceToCut:
    landmarks = recorded["frame_landmarks"][0] + shift
    face = FaceRecord(tuple(recorded["frame_rects"][0].tolist()), landmarks, 0.9, 10.0)
    record = FrameRecord(name, (640, 480), "1-a", np.zeros((8, 8), np.uint8), (face,))
    return FaceToCut(record, face, landmarks)


def settings(face_type="wf", **changes) -> CutSettings:
    return CutSettings(**{"face_type": face_type, "size": 256, "quality": 90, "classic": True} | changes)


@pytest.mark.parametrize("face_type", TYPES)
def test_a_file_is_that_of_deepfacelab(recorded, frame, fixtures, face_type):
    ours = cut_face(frame, wanted(recorded), settings(face_type))
    theirs = (fixtures / "extract" / f"{face_type}_00011_0.jpg").read_bytes()
    found, expected = read_fields(ours), read_fields(theirs)
    assert found.keys() == expected.keys()
    for key in ("face_type", "source_filename"):
        assert found[key] == expected[key]
    for key in ("source_rect", "source_landmarks"):
        assert np.array_equal(found[key], expected[key])
    assert found["image_to_face_mat"] == pytest.approx(expected["image_to_face_mat"], rel=1e-5, abs=2e-4)
    assert np.abs(np.array(found["landmarks"]) - expected["landmarks"]).max() < 2e-4  # the last bit of float32
    assert isinstance(found["source_rect"], np.ndarray)
    pixels, reference = (cv2.imdecode(np.frombuffer(each, np.uint8), 1).astype(int) for each in (ours, theirs))
    assert np.abs(pixels - reference).max() <= 2


@pytest.mark.parametrize("face_type", TYPES)
def test_the_crop_before_jpeg_is_that_of_deepfacelab(recorded, frame, face_type):
    crop = crop_face(frame, recorded[f"final_{face_type}_0_mat"], 256, classic=True)
    assert np.abs(crop.astype(int) - recorded[f"final_{face_type}_0_face_before_jpeg"]).max() <= 1


@pytest.mark.parametrize("face_type", TYPES)
def test_the_debug_image_is_that_of_deepfacelab(recorded, frame, face_type):
    faces = [(recorded["frame_rects"][0], recorded["frame_landmarks"][0])]
    if face_type != "f":  # the second is rejected there
        rect = recorded["frame_rects"][0]
        faces.append((rect[[0, 1, 0, 1]] + (0, 0, 14, 14), recorded["frame_landmarks"][0] + (3.25, -2.5)))
    marked = frame
    for box, landmarks in faces:
        marked = with_face(marked, box, landmarks, FaceType.from_short(face_type))
    left, top, right, bottom = recorded["frame_rects"][0]
    crop = marked[max(top - 60, 0) : bottom + 60, max(left - 60, 0) : right + 60].astype(int)
    expected = recorded[f"final_{face_type}_debug_before_jpeg_crop"]
    assert crop.shape == expected.shape
    assert np.abs(crop - expected).mean() < 0.5


def test_a_crop_far_larger_than_its_box_is_rejected_for_the_smaller_types(recorded):
    landmarks = recorded["frame_landmarks"][0] + (3.25, -2.5)
    box = tuple(recorded["frame_rects"][0].tolist())
    tiny = (*box[:2], box[0] + 14, box[1] + 14)
    assert not is_crop_too_large(landmarks, box, FaceType.FULL, 256)
    assert is_crop_too_large(landmarks, tiny, FaceType.FULL, 256)
    assert not is_crop_too_large(landmarks, tiny, FaceType.WHOLE, 256)


@pytest.mark.parametrize("face_type", ["h", "mf", "f", "wf", "head"])
def test_every_face_type_is_read_back_with_its_size(recorded, frame, face_type):
    info = read_face_info(cut_face(frame, wanted(recorded), settings(face_type, size=384)))
    assert info.face_type.short == face_type
    assert info.shape == (384, 384)
    back = cv2.transform(info.landmarks[:, None], cv2.invertAffineTransform(info.image_to_face_mat))[:, 0]
    assert np.abs(back - info.source_landmarks).max() < 1e-3


@pytest.mark.parametrize("scale", [0.55, 0.3])
def test_a_face_made_smaller_is_averaged(scale):
    board = np.uint8((np.indices((600, 600)).sum(axis=0) % 2) * 255)[..., None].repeat(3, axis=2)
    matrix = np.float64([[scale, 0, -20.25], [0, scale, -20.25]])
    sharp, classic = (crop_face(board, matrix, 100, classic=way)[5:-5, 5:-5] for way in (False, True))
    assert np.std(sharp) < np.std(classic) / 3


@pytest.mark.parametrize("scale", [2.0, 1.0, 0.45])
def test_no_interpolation_moves_the_face(scale):
    columns = np.tile(np.arange(240, dtype=np.float32), (240, 1))[..., None].repeat(3, axis=2).astype(np.uint8)
    matrix = np.float64([[scale, 0, -10], [0, scale, -10]])
    sharp, classic = (crop_face(columns, matrix, 64, classic=way)[8:-8, 8:-8].astype(int) for way in (False, True))
    assert np.abs(sharp - classic).max() <= 1


def test_the_digest_changes_with_whatever_changes_the_file(recorded):
    same = digest_of(wanted(recorded), settings())
    assert digest_of(wanted(recorded), settings()) == same
    others = {
        digest_of(wanted(recorded, shift=(0.01, 0)), settings()),
        digest_of(wanted(recorded, name="00012.jpg"), settings()),
        digest_of(wanted(recorded), settings(size=512)),
        digest_of(wanted(recorded), settings("f")),
        digest_of(wanted(recorded), settings(classic=False)),
    }
    assert len(others - {same}) == 5
