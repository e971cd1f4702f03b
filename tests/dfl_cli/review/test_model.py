"""What the review knows about faces and frames: columns, orders, cells, selections, the list of frames."""

from dataclasses import replace

import numpy as np
import pytest

from dfl_cli.extract.index import CutFile, ExtractIndex
from dfl_cli.review.face_table import WORST_IS_GREATEST, FaceTable, cut_faces_of, face_table, knowledge, ordered
from dfl_cli.review.frame_list import FrameState, listed
from dfl_cli.review.heat_map import SIDE, cells_of, heat_map, rows_in
from dfl_cli.review.poses import POSE_SIDE, yaws_and_pitches
from dfl_cli.review.selection import Selection
from drawn_tracks import face_at, frame_of, identity_of
from samplers.geometry.align import transform_matrix, transform_points
from samplers.geometry.face_types import FaceType
from samplers.geometry.pose import estimate_pitch_yaw_roll


@pytest.fixture
def table(tmp_path):
    """Of seven frames with one face each; it jumps in the fifth, and in the last it is of somebody else."""
    steps = [0, 2, 4, 6, 14, 10, 12]
    faces = [face_at(200 + step, 200, identity_of(1)) for step in steps]
    faces[2] = replace(faces[2], presence=1.0)
    faces[6] = replace(faces[6], identity=identity_of(2), landmarks=faces[6].landmarks + np.float32(150))
    frames = [frame_of(number, face) for number, face in enumerate(faces, start=1)]
    with ExtractIndex(tmp_path) as index:
        index.start({"frames": "files"}, "drawn")
        for frame in frames:
            index.add_frame(frame)
            index.finish(frame.name[:-4] + "_0.jpg", CutFile("d", "f", frame.faces[0].landmarks))
    faces = cut_faces_of(index, frames)
    return face_table(
        faces,
        {frame.name: frame for frame in frames},
        knowledge(frames),
        poses=yaws_and_pitches(np.stack([face.landmarks for face in faces])),
        sharpness={"00001_0.jpg": 5.0, "00002_0.jpg": 1.0},
    )


def of_values(**values) -> FaceTable:
    count = len(next(iter(values.values())))
    names = [f"{number}.jpg" for number in range(count)]
    return FaceTable(names, names, {key: np.array(column, np.float64) for key, column in values.items()})


def test_the_worst_faces_come_first(table):
    rows = np.arange(len(table))
    first = {key: table.names[ordered(table, key, rows)[0]] for key in WORST_IS_GREATEST}
    assert first["jitter"] == "00005_0.jpg"
    assert first["confidence"] == "00003_0.jpg"
    assert first["distance"] == "00007_0.jpg"
    assert first["sharpness"] == "00002_0.jpg"
    assert table.values["distance"][6] == pytest.approx(1, abs=1e-6)
    assert table.frames[4] == "00005.png"


def test_what_is_not_known_comes_last_in_both_directions():
    table = of_values(jitter=[np.nan, 0.1, 0.3])
    rows = np.arange(3)
    assert ordered(table, "jitter", rows).tolist() == [2, 1, 0]
    assert ordered(table, "jitter", rows, reverse=True).tolist() == [1, 2, 0]
    assert ordered(table, "jitter", np.array([0, 1])).tolist() == [1, 0]


def test_the_poses_of_many_faces_are_those_of_each_alone():
    turn = np.float32([[0.8, -0.6], [0.6, 0.8]])
    points = [face_at(200, 200, size=size).landmarks @ turn for size in (0.4, 1.0, 3.0)]
    points[1][30] += 8
    found = yaws_and_pitches(np.stack([*points, np.zeros((68, 2))]))
    for degrees, landmarks in zip(found, points, strict=False):
        square = transform_points(landmarks, transform_matrix(np.float64(landmarks), POSE_SIDE, FaceType.FULL))
        pose = estimate_pitch_yaw_roll(square, POSE_SIDE)
        assert degrees == pytest.approx(np.degrees((pose.yaw, pose.pitch)), abs=0.01)
    assert np.isnan(found[3]).all()


def test_faces_leave_the_table_and_come_back_to_their_place(table):
    gone = table.without({"00002_0.jpg", "00005_0.jpg"})
    assert len(gone) == 5
    back = gone.joined(table.without(gone.names))
    assert back.names == table.names
    assert np.array_equal(back.values["size"], table.values["size"])


def test_cells_count_and_filter_the_faces():
    table = of_values(yaw=[-90, -0.1, 0, 89, 90, np.nan], pitch=[0, 0, 0, 0, 0, 0])
    cells = cells_of(table)
    middle = SIDE // 2
    assert cells.tolist() == [[middle, column] for column in (0, middle - 1, middle, SIDE - 1, SIDE - 1)] + [[-1, -1]]
    assert heat_map(cells).sum() == 5
    assert heat_map(cells)[middle, SIDE - 1] == 2
    assert rows_in(cells, {(middle, SIDE - 1), (middle, 0)}).tolist() == [0, 3, 4]
    assert rows_in(cells, ()).tolist() == [0, 1, 2, 3, 4, 5]


def test_faces_are_selected_by_click_range_and_lasso():
    shown = ["d", "a", "c", "b", "e"]
    one = Selection().only("a")
    assert one.through("b", shown).names == {"a", "c", "b"}
    assert one.through("d", shown).names == {"d", "a"}
    assert one.through("b", shown).through("c", shown).names == {"a", "c"}  # still from where it began
    assert one.toggled("e").names == {"a", "e"}
    assert one.toggled("a").names == set()
    assert one.through("d", ["d", "c"]).names == {"d"}  # where it began is not shown any more
    assert one.lassoed("cb").names == {"c", "b"}
    assert one.lassoed("cb", more=True).without("c").names == {"a", "b"}


def test_frames_without_a_face_are_listed_first_then_the_uncertain_ones():
    sure, perhaps = face_at(200, 200), face_at(200, 200, presence=-2.0)
    frames = [
        frame_of(1, sure),
        frame_of(2),
        frame_of(3, sure, perhaps),
        frame_of(4, perhaps),
        frame_of(5),
        frame_of(6),
    ]
    found = listed(frames, frozenset({"00006.png"}))
    assert [int(one.name[:5]) for one in found] == [2, 5, 3, 4, 1, 6]
    assert [one.state for one in found][1:3] == [FrameState.NO_FACE, FrameState.UNCERTAIN]
    assert [one.faces for one in found] == [0, 0, 1, 0, 1, 0]
