"""A face is followed over the frames of a shot, and nobody else is taken for it."""

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dfl_cli.extract.people.tracks import LONGEST_GAP, distance, find_tracks, near_pairs, overlap, split_tracks
from drawn_tracks import face_at, frame_of, identity_of

A, B = identity_of(0), identity_of(1)


def lengths(frames):
    return sorted(map(len, find_tracks(frames)))


def test_two_people_side_by_side_are_two_tracks():
    frames = [frame_of(n, face_at(150 + 3 * n, 200, A), face_at(420 - 2 * n, 210, B)) for n in range(20)]
    tracks = find_tracks(frames)
    assert [track.positions for track in tracks] == [list(range(20))] * 2
    assert {tuple(track.faces[0].identity) == tuple(A) for track in tracks} == {True, False}


def test_two_people_who_pass_each_other_keep_their_tracks():
    frames = [frame_of(n, face_at(150 + 8 * n, 200, A), face_at(450 - 8 * n, 206, B)) for n in range(38)]
    tracks = find_tracks(frames)
    assert [len(track) for track in tracks] == [38, 38]
    for track in tracks:
        assert len({tuple(face.identity) for face in track.faces}) == 1


def test_a_cut_ends_every_track():
    frames = [frame_of(n, face_at(200, 200, A), shade=100 if n < 7 else 180) for n in range(12)]
    assert lengths(frames) == [5, 7]


def test_a_face_may_be_missing_for_a_moment():
    def frames(missing):
        return [frame_of(n, *([] if 5 <= n < 5 + missing else [face_at(200 + n, 200, A)])) for n in range(20)]

    assert lengths(frames(LONGEST_GAP)) == [20 - LONGEST_GAP]
    assert lengths(frames(LONGEST_GAP + 1)) == [5, 20 - 5 - LONGEST_GAP - 1]


def test_somebody_else_in_the_same_place_is_another_track():
    frames = [frame_of(n, face_at(200, 200, A if n < 8 else B)) for n in range(16)]
    assert lengths(frames) == [8, 8]


def test_somebody_not_quite_different_is_noticed_over_several_frames_never_by_one():
    between = (A + 0.3 * B) / np.linalg.norm(A + 0.3 * B)  # 0.29 from B
    frames = [frame_of(n, face_at(200, 200, between if n < 10 else B)) for n in range(20)]
    assert lengths(frames) == [20]
    assert [track.positions for track in split_tracks(find_tracks(frames))] == [list(range(10)), list(range(10, 20))]
    odd = [frame_of(n, face_at(200, 200, B if n == 9 else between)) for n in range(20)]
    assert [len(track) for track in split_tracks(find_tracks(odd))] == [20]


def test_faces_that_are_not_sure_are_in_no_track():
    assert find_tracks([frame_of(0, face_at(200, 200, A, presence=-1.0))]) == []


def test_a_face_that_jumps_or_doubles_its_size_is_another():
    assert lengths([frame_of(0, face_at(100, 200, A)), frame_of(1, face_at(300, 200, A))]) == [1, 1]
    assert lengths([frame_of(0, face_at(200, 200, A)), frame_of(1, face_at(200, 200, A, size=2))]) == [1, 1]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 600), st.integers(0, 400), st.integers(0, 4)), max_size=4),
        max_size=12,
    )
)
def test_every_face_is_in_exactly_one_track_and_no_track_is_twice_in_a_frame(drawn_faces):
    frames = [
        frame_of(n, *(face_at(x, y, identity_of(who)) for x, y, who in faces)) for n, faces in enumerate(drawn_faces)
    ]
    tracks = split_tracks(find_tracks(frames))
    held = [id(face) for track in tracks for face in track.faces]
    assert sorted(held) == sorted(id(face) for frame in frames for face in frame.faces)
    for track in tracks:
        assert track.positions == sorted(set(track.positions))


def test_overlap_of_boxes():
    assert overlap((0, 0, 2, 2), (1, 0, 3, 2)) == 2 / 6
    assert overlap((0, 0, 1, 1), (2, 2, 3, 3)) == 0


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 600), st.floats(0.3, 3)), min_size=2, max_size=12))
def test_faces_too_far_apart_are_left_out_without_comparing_them(places):
    """And none that the comparison would find near."""
    faces = [face_at(x, y, None, size) for x, y, size in places]
    every = set(product(range(len(faces)), repeat=2))
    near = set(near_pairs(faces, faces))
    assert near <= every
    assert all(distance(faces[one], faces[other]) is None for one, other in every - near)


def test_thirty_faces_keep_their_tracks():
    seats = [(130 * (number % 6), 150 * (number // 6)) for number in range(30)]
    frames = [frame_of(n, *[face_at(x + 2 * n, y) for x, y in seats]) for n in range(5)]
    tracks = find_tracks(frames)
    assert [len(track) for track in tracks] == [5] * 30
    assert all(np.ptp([face.landmarks[:, 1].mean() for face in track.faces]) == 0 for track in tracks)
