"""Neighbors in time, and which faces of a large set are looked at."""

from pathlib import Path

import numpy as np

from dfl_cli.xseg.suggest.doubt import evenly_in_pairs, neighbors
from samplers.files.face import Face
from samplers.files.file_range import FileRange
from samplers.geometry.face_types import FaceType


def face(source: str | None) -> Face:
    return Face(
        "a.jpg", FaceType.WHOLE, np.zeros((68, 2)), (256, 256), 1.0, source, (), False, FileRange(Path("a.jpg"))
    )


def test_neighbors_are_in_the_frames_before_and_after():
    faces = [face(name) for name in ("f10.png", "f9.png", "f11.png", "f20.png", "g12.png", None)]
    assert neighbors(faces) == {0: [1, 2], 1: [0], 2: [0], 3: [], 4: []}


def test_with_two_faces_in_a_frame_both_are_neighbors():
    assert neighbors([face("1.png"), face("1.png"), face("2.png")]) == {0: [2], 1: [2], 2: [0, 1]}


def test_of_a_large_set_pairs_of_neighbors_are_looked_at():
    faces = [face(f"{number}.png") for number in range(1000)]
    chosen = evenly_in_pairs(faces, 100)
    assert len(chosen) == 100
    near = neighbors([faces[index] for index in chosen])
    assert all(near.values())
    assert max(np.diff(chosen)) <= 22
    assert (chosen[0], chosen[-1]) == (0, 999)


def test_of_a_small_set_all_are():
    assert evenly_in_pairs([face(None), face("1.png")], 2) == [0, 1]
