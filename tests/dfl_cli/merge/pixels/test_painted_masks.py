"""Masks that an XSeg network paints: they lie where it saw what it saw, whatever its face type and the swap model's."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from dfl_cli.merge.pixels.compose import merge_frame
from dfl_cli.merge.pixels.crop import ModelFace, Painting, Prediction, crop_face
from dfl_cli.merge.pixels.masks.modes import XSEG_DST, XSEG_PRD
from dfl_cli.merge.pixels.notes import Note
from dfl_cli.merge.pixels.painted_masks import SIDE, MaskPainter, painting_for
from samplers.files.face import UnreadableImage
from samplers.files.reason import Fault, Reason
from samplers.geometry.face_types import FaceType

PINK = (255, 0, 255)
TYPES = [FaceType.HALF, FaceType.FULL, FaceType.WHOLE, FaceType.HEAD]
XSEG = [XSEG_PRD, XSEG_DST]


class PinkFinder:
    """An XSeg network for which all that is pink is face."""

    name, fingerprint = "pink", "1"

    def __init__(self, face_type=None, room=99):
        self.face_type, self.room, self.asked = face_type, room, []

    def masks(self, pictures):
        assert pictures.shape[1:] == (SIDE, SIDE, 3)
        self.asked.append(len(pictures))
        if len(pictures) > self.room:
            raise MemoryError
        return np.float32(np.abs(pictures - np.float32(PINK) / 255).max(axis=-1, keepdims=True) < 0.4)


@pytest.fixture
def marked(recorded):
    """The recorded frame with a pink disk on the nose; the disk as a mask of the frame."""
    frame, disk = recorded.frame.copy(), np.zeros(recorded.frame.shape[:2], np.uint8)
    place = tuple(recorded.landmarks[30].round().astype(int).tolist())
    radius = int(np.linalg.norm(recorded.landmarks[36] - recorded.landmarks[45]) / 3)
    cv2.circle(frame, place, radius, PINK, -1)
    cv2.circle(disk, place, radius, 255, -1)
    return frame, disk > 0


def crops_of(frame, recorded, settings, network, *, model_type=FaceType.WHOLE, enlarged=False, source=None):
    crop = crop_face(frame, recorded.landmarks, ModelFace(128, model_type), enlarged=enlarged, xseg_source=source)
    return [replace(crop, painting=painting_for(crop, settings, network))]


def prediction_of(crop):
    """The swap leaves the face as it is; what is learned about masks says nothing."""
    empty = np.zeros((128, 128, 1), np.float32)
    return Prediction(crop.picture, empty, empty)


def merged_mask(frame, crops, settings, network, predictions=None):
    predictions = predictions or [prediction_of(crop) for crop in crops]
    painted = MaskPainter(network, at_once=4).paint(crops, predictions)
    merged = merge_frame(frame, crops, painted, settings, model_face=crops[0].model_face)
    return merged.mask > 127, merged.notes


def overlap(one, other):
    return (one & other).sum() / (one | other).sum()


@pytest.mark.parametrize("part", XSEG)
@pytest.mark.parametrize("model_type", [FaceType.FULL, FaceType.WHOLE, FaceType.HEAD])
@pytest.mark.parametrize("xseg_type", [*TYPES, None])
def test_a_painted_mask_lies_where_the_network_saw_it(marked, recorded, settings, part, model_type, xseg_type):
    frame, disk = marked
    wanted, network = settings(mask_mode=part), PinkFinder(xseg_type)
    crops = crops_of(frame, recorded, wanted, network, model_type=model_type)
    found, notes = merged_mask(frame, crops, wanted, network)
    assert overlap(found, disk) > 0.85
    assert not notes


def test_under_super_resolution_it_lies_there_too(marked, recorded, settings):
    frame, disk = marked
    wanted = settings(mask_mode="XSeg-prd*XSeg-dst", super_resolution_model="x.onnx", super_resolution_power=50)
    network = PinkFinder(FaceType.FULL)
    found, _ = merged_mask(frame, crops_of(frame, recorded, wanted, network, enlarged=True), wanted, network)
    assert overlap(found, disk) > 0.85


def test_xseg_prd_looks_at_the_swapped_face_and_xseg_dst_at_the_frame(marked, recorded, settings):
    frame, _ = marked
    for part, expected in ((XSEG_PRD, False), (XSEG_DST, True)):
        wanted, network = settings(mask_mode=part), PinkFinder(FaceType.HEAD)
        crops = crops_of(frame, recorded, wanted, network)
        gray = [prediction_of(crops[0])._replace(bgr=np.full((128, 128, 3), 0.5, np.float32))]
        found, _ = merged_mask(frame, crops, wanted, network, gray)
        assert found.any() == expected


def test_a_wider_network_sees_the_swapped_face_in_the_middle_of_the_frame(recorded, settings):
    """Where the swapped square ends the frame goes on; a narrow square would leave most of what the network knows empty."""
    network, seen = PinkFinder(FaceType.HEAD), []
    network.masks = lambda pictures: seen.append(pictures) or np.ones((len(pictures), SIDE, SIDE, 1), np.float32)
    crops = crops_of(recorded.frame, recorded, settings(mask_mode=XSEG_PRD), network, model_type=FaceType.FULL)
    white = prediction_of(crops[0])._replace(bgr=np.ones((128, 128, 3), np.float32))
    MaskPainter(network, at_once=1).paint(crops, [white])
    (picture,) = seen[0]
    around = crop_face(recorded.frame, recorded.landmarks, ModelFace(SIDE, FaceType.HEAD)).target
    inside = np.abs(picture - 1).max(axis=2) < 1e-3
    assert 0.2 < inside.mean() < 0.4  # (1.5966 / 2.9799) squared
    np.testing.assert_allclose(picture[:20], around[:20], atol=1e-6)


def stored(value):
    return lambda matrix, side: None if value is None else np.full((side, side), value, np.float32)


def damaged(matrix, side):
    raise UnreadableImage("face.jpg", Reason(Fault.DAMAGED_MASK))


@pytest.mark.parametrize(
    ("source", "changes", "painted"),
    [
        (stored(1.0), {}, False),
        (stored(0.0), {}, False),  # a mask that says there is no face is a mask
        (stored(1.0), {"xseg_on_frames": True}, True),
        (stored(1.0), {"classic": True}, True),
        (stored(None), {}, True),
        (damaged, {}, True),
    ],
)
def test_the_network_paints_what_the_aligned_face_does_not_carry(recorded, settings, source, changes, painted):
    wanted, network = settings(mask_mode="XSeg-dst", **changes), PinkFinder(FaceType.FULL)
    (crop,) = crops_of(recorded.frame, recorded, wanted, network, source=source)
    assert bool(crop.painting) == painted
    both = settings(mask_mode="XSeg-prd*XSeg-dst", **changes)
    (crop,) = crops_of(recorded.frame, recorded, both, network, source=source)
    assert crop.painting.parts == ({XSEG_PRD, XSEG_DST} if painted else {XSEG_PRD})
    assert painting_for(crop, settings(mask_mode="learned-dst", **changes), network) is None


def test_a_damaged_mask_is_painted_anew_and_that_is_noted(marked, recorded, settings):
    frame, disk = marked
    wanted, network = settings(mask_mode="XSeg-dst"), PinkFinder(FaceType.WHOLE)
    found, notes = merged_mask(frame, crops_of(frame, recorded, wanted, network, source=damaged), wanted, network)
    assert overlap(found, disk) > 0.85
    assert notes == (Note.REPAINTED_XSEG_DST,)


def test_classic_shows_the_network_the_square_of_the_swap_model(recorded, settings):
    (crop,) = crops_of(
        recorded.frame, recorded, settings(mask_mode="XSeg-dst", classic=True), PinkFinder(FaceType.HEAD)
    )
    assert crop.painting == Painting(frozenset({XSEG_DST}), FaceType.WHOLE)


@pytest.mark.parametrize("room", [1, 3, 8])
def test_many_faces_are_painted_a_fixed_number_at_once_and_fewer_where_memory_is_short(
    marked, recorded, settings, room
):
    frame, _ = marked
    wanted, network = settings(mask_mode="XSeg-prd*XSeg-dst"), PinkFinder(room=room)
    crops = crops_of(frame, recorded, wanted, network) * 5
    painted = MaskPainter(network, at_once=8).paint(crops, [prediction_of(crop) for crop in crops])
    assert all(np.array_equal(one.xseg_dst_mask, painted[0].xseg_dst_mask) for one in painted)
    assert set(network.asked) == {1: {8, 4, 2, 1}, 3: {8, 4, 2}, 8: {8}}[room]


def test_no_face_wants_a_mask_and_no_network_is_asked(recorded, settings):
    network = PinkFinder()
    crops = crops_of(recorded.frame, recorded, settings(mask_mode="dst"), network)
    predictions = [prediction_of(crops[0])]
    assert MaskPainter(network, at_once=8).paint(crops, predictions) == predictions
    assert not network.asked
