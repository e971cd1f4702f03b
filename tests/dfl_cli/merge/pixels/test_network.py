"""Asking the network of a merge."""

from types import SimpleNamespace

import numpy as np
import pytest

from dfl_cli.in_batches import FACES_AT_ONCE
from dfl_cli.merge.pixels.network import Network


class Narrow:
    """A predictor whose memory is enough for `room` faces; it mirrors them."""

    def __init__(self, room: int):
        self.room, self.asked = room, []

    def predict(self, faces, *, corrected=True):
        self.asked.append(len(faces))
        if len(faces) > self.room:
            raise MemoryError("no room")
        return faces[:, :, ::-1], faces[..., :1], faces[..., :1]


@pytest.fixture
def crops():
    pictures = np.random.default_rng(0).random((11, 4, 4, 3)).astype(np.float32)
    return [SimpleNamespace(picture=picture, enlarged=False, painting=None, classic=False) for picture in pictures]


@pytest.mark.parametrize("room", [8, 5, 2, 1])
def test_when_memory_runs_out_fewer_faces_go_at_once_and_every_face_is_answered(crops, room):
    predictor = Narrow(room)
    network = Network(predictor)
    found = list(network.predict(crops))
    assert len(found) == len(crops)
    assert all(np.array_equal(one.bgr, crop.picture[:, ::-1]) for one, crop in zip(found, crops, strict=True))
    assert network.swaps[True].at_once <= room  # and it stays so


def test_no_room_for_a_single_face_is_an_error(crops):
    with pytest.raises(MemoryError):
        list(Network(Narrow(0)).predict(crops))


def test_the_network_always_sees_the_same_number_of_faces(crops):
    predictor = Narrow(FACES_AT_ONCE)
    list(Network(predictor).predict(crops))
    list(Network(predictor).predict(crops[:1]))
    assert set(predictor.asked) == {FACES_AT_ONCE}
    assert list(Network(predictor).predict([])) == []


def test_each_face_is_corrected_or_not_as_its_frame_wants_it(crops):
    class Darkening(Narrow):
        def predict(self, faces, *, corrected=True):
            return faces / 2 if corrected else faces, faces[..., :1], faces[..., :1]

    for place, crop in enumerate(crops):
        crop.classic = place % 3 == 0
    found = [one.bgr for one in Network(Darkening(8)).predict(crops)]
    expected = [crop.picture if crop.classic else crop.picture / 2 for crop in crops]
    assert np.array_equal(found, expected)
