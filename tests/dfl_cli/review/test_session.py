"""A review: faces are sorted, filtered, selected and thrown away; frames are put right, and stay so."""

from dataclasses import replace

import numpy as np
import pytest

from dfl_cli.errors import UserError
from dfl_cli.review.frame_list import FrameState
from dfl_cli.review.sharpness import SharpnessWorker
from drawn_people import difference, frame_with_face
from samplers.files.dfl_image import read_face_info, write_face_info

FIRST, EMPTY, BOTH = "00001.png", "00002.png", "00004.png"


def contents(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.jpg")}


def points_of(path) -> np.ndarray:
    return read_face_info(path.read_bytes()).source_landmarks


def shown(session) -> list[str]:
    return list(session.shown_names)


def test_faces_are_ordered_filtered_and_selected(review):
    session = review.session
    assert shown(session) == ["00001_0.jpg", "00003_0.jpg", "00004_0.jpg", "00004_1.jpg"]
    session.sort("time", reverse=True)
    assert shown(session)[0] == "00004_1.jpg"
    session.sort("distance")
    stranger = shown(session)[0]
    assert stranger.startswith("00004")  # the one who is seen once
    session.select(0)
    session.select(2, through=True)
    assert session.selection.names == set(shown(session)[:3])
    session.lasso([(3, 4)], more=True)
    session.select(1, toggle=True)
    assert session.selection.names == {stranger, *shown(session)[2:]}
    cell = tuple(session.cells[session.rows[stranger]].tolist())
    session.filter([cell])
    assert stranger in shown(session)
    assert len(shown(session)) == session.heat_map[cell]
    session.filter([])
    assert len(shown(session)) == 4
    with pytest.raises(ValueError, match="colour"):
        session.sort("colour")


def test_sharpness_is_measured_once_and_then_remembered(review):
    with SharpnessWorker(review.session) as worker:
        assert worker.idle.wait(60)
    values = review.session.table.values["sharpness"]
    assert (values > 0).all()
    assert worker.total == 4
    kept = review.session.measures.__class__(review.faces)
    assert kept.known_sharpness(["00001_0.jpg"]) == {"00001_0.jpg": values[0]}
    assert len(kept.poses) == 4


def test_what_went_to_the_trash_comes_back_or_stays_deleted(review):
    session, before = review.session, contents(review.faces)
    session.lasso([(0, 2)])
    assert session.move_to_trash() == 2
    session.lasso([(0, 1)])
    assert session.move_to_trash() == 1
    assert (len(session.table), session.selection.names, len(session.trashed)) == (1, frozenset(), 3)
    assert session.restore(everything=False) == 1
    assert shown(session) == ["00004_0.jpg", "00004_1.jpg"]
    assert session.selection.names == {"00004_0.jpg"}
    review.again()
    assert set(contents(review.faces)) == {"00004_0.jpg", "00004_1.jpg"}
    assert session.restore(everything=True) == 2
    assert contents(review.faces) == before
    assert shown(session)[0] == "00001_0.jpg"


def test_a_moved_point_is_cut_at_once_and_a_second_extraction_keeps_it(review):
    faces = review.edited(FIRST)
    moved = faces[0].points.copy()
    moved[30] += (4, -2)
    review.save(FIRST, [replace(faces[0], points=moved)])
    assert np.allclose(points_of(review.faces / "00001_0.jpg"), moved, atol=0.01)
    after = contents(review.faces)
    review.again()
    assert contents(review.faces)["00001_0.jpg"] == after["00001_0.jpg"]
    review.save(FIRST, None)
    assert np.allclose(points_of(review.faces / "00001_0.jpg"), faces[0].points, atol=0.01)


def test_a_face_in_a_drawn_box_comes_into_the_set_beside_those_that_are_there(review):
    before, other = contents(review.faces), review.edited(BOTH)
    left, top, right, bottom = other[1].box
    review.save(BOTH, other[:1])
    assert set(contents(review.faces)) == set(before) - {"00004_1.jpg"}
    number, face, found = review.editor.find(BOTH, (right + 3, bottom + 2, left - 5, top - 6))  # drawn from below
    assert found
    assert difference(face.landmarks, other[1].points) < 0.1
    review.save(BOTH, [*review.edited(BOTH), replace(other[1], number=None, drawn=number, box=face.box)])
    after = contents(review.faces)
    assert set(after) == set(before)
    assert len(shown(review.session)) == 4
    review.again()
    assert contents(review.faces).keys() == after.keys()


def test_an_empty_frame_is_agreed_with_or_given_a_face(review):
    session = review.session
    assert (session.listed_frames[0].name, session.listed_frames[0].state) == (EMPTY, FrameState.NO_FACE)
    review.save(EMPTY, [])
    assert session.listed_frames[0].state is FrameState.CERTAIN
    number, face, found = review.editor.find(EMPTY, (40, 30, 120, 150))
    assert not found
    points = frame_with_face(1)[1]
    edited = replace(review.edited(FIRST)[0], number=None, drawn=number, box=face.box, points=points)
    review.save(EMPTY, [edited])
    assert np.allclose(points_of(review.faces / "00002_0.jpg"), points, atol=0.01)
    assert "00002_0.jpg" in shown(session)
    review.save(EMPTY, None)
    assert not (review.faces / "00002_0.jpg").exists()
    assert session.listed_frames[0].state is FrameState.NO_FACE


def test_a_file_that_somebody_changed_is_set_aside_before_it_is_cut_again(review):
    path = review.faces / "00001_0.jpg"
    write_face_info(path, {**read_face_info(path.read_bytes()).fields, "mine": 1})
    mine, faces = path.read_bytes(), review.edited(FIRST)
    review.save(FIRST, [replace(faces[0], points=faces[0].points + 2)])
    assert path.read_bytes() != mine
    assert (review.faces.with_name("faces_trash") / path.name).read_bytes() == mine


def test_faces_with_other_names_are_shown_by_their_own_data(review, extracted):
    from dfl_cli.extract.index import ExtractIndex
    from dfl_cli.review.opening import open_session

    (review.faces / "00003_0.jpg").rename(review.faces / "best.jpg")
    (review.faces / "note.jpg").write_bytes(b"no picture")
    session = open_session(review.session.places, ExtractIndex(review.faces))
    row = session.rows["best.jpg"]
    assert session.table.frames[row] == "00003.png"
    before = review.session.rows["00003_0.jpg"]
    for key in ("yaw", "size", "confidence"):
        assert session.table.values[key][row] == pytest.approx(review.session.table.values[key][before], abs=0.2)
    assert "note.jpg" not in session.rows


def test_a_frame_that_is_gone_broken_or_another_one_is_said_to_be_so(review):
    (review.frames / FIRST).unlink()
    (review.frames / EMPTY).write_bytes(b"")
    (review.frames / BOTH).write_bytes((review.frames / "00003.png").read_bytes())
    for name, what in ((FIRST, "is gone"), (EMPTY, "cannot be read"), (BOTH, "was changed since the extraction")):
        with pytest.raises(UserError, match=what):
            review.save(name, [])
    assert review.session.index.repairs == {}


def test_a_frame_that_was_repaired_in_another_tab_meanwhile_is_not_overwritten(review):
    seen = review.session.repaired_here[BOTH]
    review.save(BOTH, review.edited(BOTH)[:1])
    with pytest.raises(UserError, match="another tab"):
        review.editor.save(BOTH, [], version=seen)
    assert len(review.session.frames[BOTH].faces) == 1


def test_points_that_make_no_face_are_refused(review):
    face = review.edited(FIRST)[0]
    for points in (np.zeros((68, 2)), face.points + 1e4, np.linspace((0, 0), (90, 90), 68)):
        with pytest.raises(UserError, match="No face can be cut"):
            review.save(FIRST, [replace(face, points=points)])
    with pytest.raises(UserError, match="too small"):
        review.editor.find(FIRST, (10, 10, 11, 60))
