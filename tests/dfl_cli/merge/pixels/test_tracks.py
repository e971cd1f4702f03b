"""What the neighbours of a frame say about its face."""

from pathlib import Path

import numpy as np
import pytest

from dfl_cli.merge.pixels.motion import STILL
from dfl_cli.merge.pixels.tracks import Tracks

FRAMES = [Path(f"{number:02d}.png") for number in range(12)]


@pytest.fixture
def walk(recorded):
    """Tracks of a face that goes 8 pixels to the right with every frame; `changes` replace the faces of some."""

    def make(shake=0.0, **changes):
        rng = np.random.default_rng(0)
        faces = {
            path.stem: [recorded.landmarks + np.float32((8 * place, 0)) + shake * rng.normal(size=(68, 2))]
            for place, path in enumerate(FRAMES)
        }
        return Tracks(FRAMES, faces | {name.strip("_"): value for name, value in changes.items()})

    return make


def test_motion_spans_two_frames_inside_and_one_at_the_ends(walk):
    tracks = walk()
    assert tracks.motion(FRAMES[5]).power == pytest.approx(16, abs=1e-3)
    assert tracks.motion(FRAMES[0]).power == tracks.motion(FRAMES[-1]).power == pytest.approx(8, abs=1e-3)


def test_motion_needs_exactly_one_face_in_all_three_frames_and_no_more(walk, recorded):
    tracks = walk(_05=[], _09=[recorded.landmarks, recorded.landmarks])
    still = [path.stem for path in FRAMES if tracks.motion(path) == STILL]
    assert still == ["04", "05", "06", "08", "09", "10"]


def test_flat_landmarks_have_no_motion(walk):
    assert walk(_03=[np.zeros((68, 2), np.float32)]).motion(FRAMES[2]) == STILL


def test_a_track_ends_where_a_face_is_missing_or_another_comes_or_a_shot_begins(walk, recorded):
    tracks = walk(_02=[], _07=[recorded.landmarks + 500])
    assert list(tracks.window(FRAMES[5], 10)) == [3, 4, 5, 6]
    assert list(tracks.window(FRAMES[5], 1)) == [4, 5, 6]
    assert list(tracks.window(FRAMES[2], 10)) == []
    assert list(walk(_04=[recorded.landmarks] * 2).window(FRAMES[5], 3)) == [5, 6, 7, 8]


def test_landmarks_stay_as_they_are_without_smoothing_and_where_there_is_no_track(walk, recorded):
    two = [recorded.landmarks, recorded.landmarks + 90]
    tracks = walk(_02=two)
    assert tracks.landmarks(FRAMES[5], 0)[0] is tracks.faces["05"][0]
    assert tracks.landmarks(FRAMES[2], 5) is two
    assert tracks.landmarks(Path("elsewhere.png"), 5) == ()


def test_smoothing_calms_shaking_landmarks_and_follows_the_face(walk):
    true, shaking = walk(), walk(shake=1.0)

    def error(smoothing):
        return np.mean(
            [np.abs(shaking.landmarks(path, smoothing)[0] - true.landmarks(path, 0)[0]).mean() for path in FRAMES]
        )

    assert error(4) < 0.75 * error(0)
    assert np.abs(true.landmarks(FRAMES[6], 4)[0] - true.landmarks(FRAMES[6], 0)[0]).max() < 1e-3
