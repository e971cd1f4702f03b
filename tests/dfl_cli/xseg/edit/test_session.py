"""Labels go into the files, in order, and nobody's are overwritten unseen."""

import cv2
import numpy as np
import pytest

from dfl_cli.errors import UserError
from dfl_cli.xseg.edit.opening import open_session
from dfl_cli.xseg.edit.versions import Labels, LabelsChanged
from samplers.files.dfl_image import read_face_info
from samplers.geometry.polygons import Polygon, PolygonType

HAND = Polygon(PolygonType.EXCLUDE, np.float32([(90.5, 100.25), (130, 110), (120, 150)]))
NOTHING = Labels(()).version


def labels_of(session, number: int) -> tuple[Polygon, ...]:
    return read_face_info(session.path(number).read_bytes()).polygons


def test_saving_changes_the_labels_and_nothing_else(session):
    before = session.path(1).read_bytes()
    labels = session.save(1, [HAND], base=NOTHING)
    found = read_face_info(session.path(1).read_bytes())
    assert (found.polygons[0].points == HAND.points).all()
    assert found.polygons[0].type == PolygonType.EXCLUDE
    assert {key: found.fields[key] for key in ("xseg_mask", "landmarks")}.keys() <= found.fields.keys()
    pixels = [cv2.imdecode(np.frombuffer(encoded, np.uint8), 1) for encoded in (before, session.path(1).read_bytes())]
    assert (pixels[0] == pixels[1]).all()
    session.save(1, [], base=labels.version)
    assert session.path(1).read_bytes() == before


def test_a_version_names_the_labels_whoever_wrote_them(session):
    there = Labels(session.info(0).polygons)
    moved = [each._replace(points=each.points + 1) for each in there.polygons]
    assert session.save(0, moved, base=there.version).version == Labels(session.info(0).polygons).version
    assert there.version != NOTHING
    other_type = [each._replace(type=PolygonType.EXCLUDE) for each in moved]
    assert Labels(tuple(other_type)).version != Labels(tuple(moved)).version


def test_labels_upon_an_old_version_are_refused_with_what_is_there(session):
    session.save(2, [HAND], base=NOTHING)
    mine = HAND._replace(points=HAND.points + 5)
    with pytest.raises(LabelsChanged) as error:
        session.save(2, [mine], base=NOTHING)
    assert (error.value.there.polygons[0].points == HAND.points).all()
    assert (labels_of(session, 2)[0].points == HAND.points).all()
    session.save(2, [HAND], base=NOTHING)  # what is there already may come again, as after a lost answer


def test_filters_and_counts_follow_what_is_saved(session):
    revision = session.revision
    session.save(3, [HAND], base=NOTHING)
    assert session.faces.shown("labeled", "name").tolist() == [0, 3]
    assert session.changed_since(revision) == [3]
    assert session.changed_since(session.revision) == []


def test_a_face_goes_to_the_trash_and_comes_back_with_its_labels(session, faces):
    session.save(4, [HAND], base=NOTHING)
    session.move_to_trash(4)
    assert (faces.with_name("aligned_trash") / "00004_0.jpg").is_file()
    assert 4 not in session.faces.shown("all", "name")
    with pytest.raises(UserError, match="no longer in the folder"):
        session.save(4, [], base=NOTHING)
    assert session.restore() == 4
    assert 4 in session.faces.shown("labeled", "name")
    assert session.restore() is None


def test_what_an_earlier_start_put_into_the_trash_comes_back_too(session, faces):
    session.move_to_trash(5)
    session.move_to_trash(2)
    again = open_session(faces, "name")
    assert again.faces.names == ["00000_0.jpg", "00001_0.jpg", "00003_0.jpg", "00004_0.jpg"]
    assert [again.faces.names[again.restore()] for _ in range(2)] == ["00002_0.jpg", "00005_0.jpg"]


def test_a_file_that_cannot_take_labels_says_why(session):
    many = Polygon(PolygonType.INCLUDE, np.float32(np.random.default_rng(0).uniform(0, 255, (9000, 2))))
    with pytest.raises(UserError, match="do not fit") as error:
        session.save(2, [many], base=NOTHING)
    assert error.value.fix == "Use fewer points."
    session.path(3).write_bytes(b"\xff\xd8 no longer a picture")
    with pytest.raises(UserError, match="cannot be changed"):
        session.save(3, [HAND], base=NOTHING)


def test_faces_in_folders_of_persons_have_a_trash_each(faces, tmp_path):
    (tmp_path / "people").mkdir()
    faces.rename(tmp_path / "people" / "anna")
    session = open_session(tmp_path / "people", "name")
    session.save(2, [HAND], base=NOTHING)
    session.move_to_trash(2)
    assert (tmp_path / "people" / "anna_trash" / "00002_0.jpg").is_file()
    assert session.restore() == 2
    assert session.faces.names[2] == "anna/00002_0.jpg"
