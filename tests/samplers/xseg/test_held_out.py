"""Which labeled faces are held out, and that it stays so."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samplers.files.face import Face
from samplers.files.file_range import FileRange
from samplers.geometry.face_types import FaceType
from samplers.geometry.polygons import Polygon, PolygonType
from samplers.xseg.held_out import FEWEST, LEAST, NEAR, WINDOW, moment_of, split_labeled
from samplers.xseg.labeled_face import NoLabels

SQUARE = (Polygon(PolygonType.INCLUDE, np.float32([(0, 0), (9, 0), (9, 9)])),)


def face(source: str | None, *, labeled: bool = True, mask: bool = False, number: int = 0) -> Face:
    landmarks = np.full((68, 2), float(number))
    polygons = SQUARE if labeled else ()
    return Face("x.jpg", FaceType.WHOLE, landmarks, (256, 256), 1.0, source, polygons, mask, FileRange(Path("x.jpg")))


def clip(frames, series="frame_") -> list[Face]:
    return [face(f"{series}{frame:05d}.png") for frame in frames]


def frames(faces) -> list[int]:
    return [moment_of(one).frame for one in faces]


def test_a_moment_is_the_last_number_in_the_name_of_the_frame():
    assert moment_of(face("take2_00031.png")) == ("take2_#.png", 31)
    assert moment_of(face(None)) is None
    assert moment_of(face("portrait.png")) is None


def test_few_labels_are_all_trained_on():
    parted = split_labeled([clip(range(0, 50 * (FEWEST - 1), 50))], 10)
    assert (len(parted.training), parted.held_out) == (FEWEST - 1, [])


def test_from_some_number_on_a_few_are_held_out():
    parted = split_labeled([clip(range(0, 50 * FEWEST, 50))], 10)
    assert len(parted.held_out) >= LEAST
    assert len(parted.training) + len(parted.held_out) == FEWEST


def test_of_many_the_wished_share_is_held_out():
    parted = split_labeled([clip(range(0, 400 * 40, 40))], 10)
    assert 20 <= len(parted.held_out) <= 60


def test_nothing_is_held_out_where_it_is_switched_off_or_labels_are_masks_of_a_network():
    faces = clip(range(0, 2000, 50))
    assert split_labeled([faces], 0).training == faces
    painted = [face(f"{number}.png", labeled=False, mask=True) for number in range(0, 2000, 50)]
    assert split_labeled([painted], 10).held_out == []


def test_without_labels_there_is_nothing_to_part():
    with pytest.raises(NoLabels):
        split_labeled([[face("1.png", labeled=False)]], 10)


def test_neighboring_frames_are_on_one_side():
    parted = split_labeled([clip(range(2000))], 10)
    held, trained = frames(parted.held_out), frames(parted.training)
    assert held
    assert all(frame // WINDOW not in {other // WINDOW for other in held} for frame in trained)
    assert min(abs(one - other) for one in held for other in trained) > NEAR
    assert len(held) + len(trained) > 0.9 * 2000


def test_one_short_clip_is_not_held_out_as_a_whole():
    parted = split_labeled([clip(range(WINDOW))], 10)
    assert (len(parted.training), parted.held_out) == (WINDOW, [])


def test_faces_that_know_no_frame_are_parted_by_what_they_show():
    faces = [face(None, number=number) for number in range(100)]
    one, other = (split_labeled([order], 10) for order in (faces, faces[::-1]))
    assert 0 < len(one.held_out) < 25
    assert {id(each) for each in one.held_out} == {id(each) for each in other.held_out}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 3000), min_size=FEWEST, max_size=120, unique=True),
    st.integers(FEWEST, 119),
    st.integers(5, 20),
)
def test_labels_that_are_added_hold_out_no_face_that_was_trained_on(places, count, percent):
    spread = [place * 40 for place in places]  # no two in one stretch: then no group is too large to be held out
    before = split_labeled([clip(spread[:count])], percent)
    after = split_labeled([clip(spread)], percent)
    assert not set(frames(before.training)) & set(frames(after.held_out))
