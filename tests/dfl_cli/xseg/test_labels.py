"""Labels and masks go into the file of a face, and nothing else in it changes."""

import itertools
import shutil
import threading
import time

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfl_cli.xseg.labels import ImpossiblePolygon
from face_changes import drop_labels, drop_mask, save_labels, save_mask
from samplers.files.dfl_image import FaceDataTooLarge, NoFaceData, read_face_info, read_fields, write_fields
from samplers.files.faces import open_faceset
from samplers.files.jpeg_segments import APP15, segments
from samplers.files.pickles import safe_pickle
from samplers.geometry.polygons import Polygon, PolygonType

HAND = Polygon(PolygonType.EXCLUDE, np.float32([(10.25, 200), (90, 180.5), (80, 255)]))
FACE = Polygon(PolygonType.INCLUDE, np.float32([(30, 30), (220, 30), (128, 250)]))


@pytest.fixture
def face(tmp_path, fixtures):
    """The file of a face without labels that DeepFaceLab wrote."""
    return shutil.copy(fixtures / "formats" / "00000_0.jpg", tmp_path / "00000_0.jpg")


@pytest.fixture
def png_face(tmp_path, face):
    """The same as DeepFaceLab 1 would have it."""
    encoded = cv2.imencode(".png", cv2.imread(str(face)))[1].tobytes()
    path = tmp_path / "png" / "a.png"
    path.parent.mkdir()
    path.write_bytes(write_fields(encoded, read_fields(face.read_bytes())))
    return path


def apart_from_face_data(jpeg: bytes) -> list[bytes]:
    pieces = segments(jpeg)
    kept = [jpeg[piece.start : piece.end] for piece in pieces if piece.marker != APP15]
    return [*kept, jpeg[pieces[-1].end :]]


def labels(path) -> list[tuple[int, list]]:
    return [(int(each.type), each.points.tolist()) for each in read_face_info(path.read_bytes()).polygons]


def test_labels_are_saved_in_their_order_and_the_picture_stays_as_it_is(face):
    before = face.read_bytes()
    assert save_labels(face, [HAND, FACE])
    after = face.read_bytes()
    assert labels(face) == [(0, HAND.points.tolist()), (1, FACE.points.tolist())]
    assert apart_from_face_data(after) == apart_from_face_data(before)
    fields, old = read_fields(after), read_fields(before)
    assert {key: str(value) for key, value in fields.items() if key != "seg_ie_polys"} == {
        key: str(value) for key, value in old.items() if key != "seg_ie_polys"
    }


def test_deepfacelab_finds_what_it_expects(face):
    """A dict with the list `polys`, each a dict of `type`, int, and `pts`, a float32 array; pickled with the names of NumPy 1."""
    save_labels(face, [FACE])
    (piece,) = (piece for piece in segments(face.read_bytes()) if piece.marker == APP15)
    payload = face.read_bytes()[piece.payload_start : piece.end]
    assert b"numpy._core" not in payload
    (drawn,) = safe_pickle.loads(payload)["seg_ie_polys"]["polys"]
    assert type(drawn["type"]) is int
    assert (drawn["type"], drawn["pts"].dtype, drawn["pts"].shape) == (1, np.float32, (3, 2))


def test_a_png_face_takes_labels_and_a_mask_too(png_face):
    picture = cv2.imread(str(png_face))
    assert save_labels(png_face, [FACE, HAND])
    assert save_mask(png_face, np.ones((256, 256, 1), np.float32))
    assert [kind for kind, _ in labels(png_face)] == [1, 0]
    (face,) = open_faceset(png_face.parent)
    assert face.read_xseg_mask().min() == 1
    np.testing.assert_array_equal(face.read(), picture)


def test_what_is_saved_again_or_dropped_twice_leaves_the_file_alone(face):
    plain = face.read_bytes()
    save_labels(face, [FACE])
    stamp = face.stat()
    assert not save_labels(face, [FACE])
    assert face.stat() == stamp
    assert drop_labels(face)
    assert face.read_bytes() == plain
    assert not drop_labels(face)
    assert not save_labels(face, [Polygon(PolygonType.INCLUDE, np.empty((0, 2)))])
    assert face.read_bytes() == plain


def test_the_mask_comes_and_goes_beside_the_labels(face):
    save_labels(face, [FACE])
    labelled = face.read_bytes()
    mask = np.zeros((256, 256, 1), np.float32)
    mask[50:200, 60:210] = 1
    assert save_mask(face, mask)
    assert not save_mask(face, mask)
    (loaded,) = open_faceset(face.parent)
    np.testing.assert_array_equal(loaded.read_xseg_mask(), mask)
    assert labels(face) == [(1, FACE.points.tolist())]
    assert drop_mask(face)
    assert face.read_bytes() == labelled
    assert not drop_mask(face)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), 1e9])
def test_points_nobody_can_draw_are_refused(face, wrong):
    before = face.read_bytes()
    with pytest.raises(ImpossiblePolygon):
        save_labels(face, [FACE, Polygon(PolygonType.EXCLUDE, np.float32([(1, 2), (wrong, 4), (5, 6)]))])
    assert face.read_bytes() == before


def test_what_does_not_fit_is_refused_and_the_file_stays(face):
    before = face.read_bytes()
    with pytest.raises(FaceDataTooLarge):
        save_labels(face, [Polygon(PolygonType.INCLUDE, np.zeros((9000, 2), np.float32))])
    assert face.read_bytes() == before
    assert list(face.parent.iterdir()) == [face]


def test_a_picture_without_a_face_gets_no_labels(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(cv2.imencode(".jpg", np.zeros((8, 8, 3), np.uint8))[1].tobytes())
    with pytest.raises(NoFaceData):
        save_labels(path, [FACE])


def test_labels_saved_while_masks_are_applied_are_not_lost(face):
    finished = threading.Event()

    def apply_masks():
        for shade in itertools.cycle(np.linspace(0.1, 1, 12)):
            save_mask(face, np.full((8, 8), shade))
            if finished.is_set():
                return

    applying = threading.Thread(target=apply_masks)
    applying.start()
    try:
        for number in range(12):
            save_labels(face, [FACE] * (number + 1))
            assert len(labels(face)) == number + 1
            time.sleep(0.002)
            assert len(labels(face)) == number + 1
    finally:
        finished.set()
        applying.join()


COORDINATES = st.floats(-1000, 1000, width=32)
POLYGONS = st.lists(
    st.builds(
        lambda kind, points: Polygon(PolygonType(kind), np.float32(points)),
        st.integers(0, 1),
        st.lists(st.tuples(COORDINATES, COORDINATES), min_size=1, max_size=20),
    ),
    max_size=5,
)


@given(POLYGONS)
@settings(max_examples=50, deadline=None)
def test_any_polygons_come_back_bit_by_bit(tmp_path_factory, fixtures, polygons):
    path = tmp_path_factory.mktemp("face") / "a.jpg"
    shutil.copy(fixtures / "formats" / "00001_0.jpg", path)
    save_labels(path, polygons)
    found = read_face_info(path.read_bytes()).polygons
    assert [each.type for each in found] == [each.type for each in polygons]
    assert [each.points.tobytes() for each in found] == [each.points.tobytes() for each in polygons]
