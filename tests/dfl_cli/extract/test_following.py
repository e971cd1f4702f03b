"""Frames in a row: what a coarse look misses is not lost."""

from dataclasses import replace

import numpy as np
import pytest

from dfl_cli.extract.following import CLOSE_LOOK, Following
from dfl_cli.extract.networks import NetworkChoice
from drawn_people import drawn, placed


class Recording:
    """The detector; a coarse look, or all but a search, sees nothing on the right half of the picture."""

    name = "recording"

    def __init__(self, detector):
        self.detector, self.coarse, self.sees_half = detector, [], False

    def find(self, picture, *, coarse=False):
        self.coarse.append(coarse)
        boxes = self.detector.find(picture, coarse=coarse)
        return [box for box in boxes if not (coarse or self.sees_half) or box.right < picture.shape[1] / 2]

    def search(self, picture):
        return self.detector.search(picture)


@pytest.fixture
def networks():
    opened = NetworkChoice().open()
    return replace(opened, detector=Recording(opened.detector))


def frame_of(*, newcomer):
    picture = np.full((320, 700, 3), 110, np.uint8)
    picture[:, :320] = drawn("A")[0]
    if newcomer:
        picture[:, 380:] = drawn("B")[0]
    return picture


def faces_per_frame(pictures, networks):
    following = Following(networks)
    for number, picture in enumerate(pictures, start=1):
        following.look(picture, is_last=number == len(pictures))
    return [sum(face.is_sure for face in seen.faces) for seen in following.sightings]


def test_most_looks_at_a_face_that_is_followed_are_coarse(networks):
    assert faces_per_frame([frame_of(newcomer=False)] * 8, networks) == [1] * 8
    assert networks.detector.coarse == [False, True, True, True, False, True, True, False]


@pytest.mark.parametrize("first", range(1, 2 * CLOSE_LOOK))
def test_somebody_whom_coarse_looks_do_not_see_is_in_every_frame_that_shows_him(networks, first):
    pictures = [frame_of(newcomer=number >= first) for number in range(2 * CLOSE_LOOK)]
    assert faces_per_frame(pictures, networks) == [1 + (number >= first) for number in range(2 * CLOSE_LOOK)]


def test_a_face_that_goes_away_is_looked_for_closely(networks):
    plain = placed(*drawn(), [[1, 0, 60], [0, 1, 10]], (480, 360))[0]
    assert faces_per_frame([plain, plain, np.full_like(plain, 110)], networks) == [1, 1, 0]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_pictures_that_have_nothing_in_common_are_searched(networks, count):
    networks.detector.sees_half = True
    pictures = [np.uint8(frame_of(newcomer=True) * share) for share in (1, 0.5, 0.8)][:count]
    assert faces_per_frame(pictures, networks) == [2] * count
    assert faces_per_frame([pictures[0]] * 2, networks) == [1, 1]  # of a film it is not worth the time
