"""A dot is followed from a frame to every picture that is made of a face, and back: it lies where the crop matrix puts it.

Integer coordinates are the centers of pixels. What the reference puts elsewhere stays there for classic samples and classic merges.
"""

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from dfl_cli.extract.cut import CutSettings, cut_face
from dfl_cli.extract.cut import crop_face as cut_from_frame
from dfl_cli.extract.records import FaceRecord, FaceToCut, FrameRecord
from dfl_cli.merge.pixels.compose import merge_frame
from dfl_cli.merge.pixels.crop import ModelFace, Prediction, crop_face
from dfl_cli.merge.pixels.masks.stored import StoredMask
from dfl_cli.merge.pixels.motion import STILL, Motion
from dfl_cli.merge.pixels.painted_masks import MaskPainter, painting_for
from dfl_cli.merge.predictor import model_face
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import open_model
from samplers.files.dfl_image import read_fields, write_face_info
from samplers.files.faces import open_faceset
from samplers.geometry.align import resized_matrix, transform_matrix, transform_points
from samplers.geometry.face_types import FaceType
from samplers.geometry.masks import hull_mask
from samplers.prepared_face import prepare

NEAR = 0.05  # pixels
SIDE = 480  # of the frame
SIGMA = 9  # of the dot, pixels of the frame; two of a network of 64
TURN = cv2.getRotationMatrix2D((0, 0), 7, 2.4)  # the recorded face, enlarged and turned: a square of 300 pixels
PLACES = [(0.31, 0.62), (0.72, 0.413)]  # in the square of a whole face
TYPES = [FaceType.FULL, FaceType.WHOLE, FaceType.HEAD]
SIZES = [64, 96, 128]
PLAIN = {"color_transfer_mode": "none", "erode_mask_modifier": 0, "blur_mask_modifier": 0}


@pytest.fixture(scope="module")
def landmarks(recorded):
    """(68, 2) of a face in the middle of the frame."""
    points = transform_points(np.float64(recorded.landmarks), TURN)
    return points - points.mean(axis=0) + (SIDE / 2 + 3.3, SIDE / 2 + 20.7)


@pytest.fixture(params=PLACES)
def dotted(request, landmarks):
    """A black frame with a white dot, and where that is."""
    place = transform_points(np.float64([request.param]), unit_square(landmarks), invert=True)
    return SimpleNamespace(frame=drawn(*place[0]), place=place, landmarks=landmarks)


def unit_square(landmarks):
    """(2, 3): from the frame to a whole face of one pixel."""
    return transform_matrix(landmarks, 1, FaceType.WHOLE)


def drawn(x, y):
    """(SIDE, SIDE, 3) uint8."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    dot = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * SIGMA**2))
    return np.repeat(np.uint8(np.rint(255 * dot))[..., None], 3, axis=2)


def center(picture):
    """x and y of the dot in `picture` (H, W[, C])."""
    weights = np.float64(picture).reshape(*picture.shape[:2], -1).mean(axis=2)
    weights = np.square(np.maximum(weights, 0))
    rows, columns = np.indices(weights.shape)
    return np.array([(weights * columns).sum(), (weights * rows).sum()]) / weights.sum()


def lies(picture, place, matrix=None):
    """The dot of `picture` is at `place` (1, 2), after `matrix` if there is one."""
    place = place if matrix is None else transform_points(place, matrix)
    assert center(picture) == pytest.approx(place[0], abs=NEAR)


def in_network(place, crop):
    """`place` (1, 2) of the frame in pixels of the network."""
    return transform_points(place, crop.matrix(side=crop.model_face.resolution))


def masked(mask, place, crop):
    """The center of `mask` (H, W) is at `place` (1, 2) of the frame, in pixels of the network."""
    assert in_network(center(mask)[None], crop) == pytest.approx(in_network(place, crop), abs=NEAR)


def aligned(dotted, folder, *, size, face_type=FaceType.WHOLE, mask_side=None):
    """The stored face as extracting makes it; with the dot as its mask if one is wanted, painted on the resized picture."""
    record = FaceRecord((100, 100, 500, 500), np.float32(dotted.landmarks), 0.9, 10.0)
    frame = FrameRecord("1.png", (SIDE, SIDE), "1-a", np.zeros((8, 8), np.uint8), (record,))
    settings = CutSettings(face_type.short, size, 100, classic=False)
    path = folder / "1.jpg"
    path.write_bytes(cut_face(dotted.frame, FaceToCut(frame, record, dotted.landmarks), settings))
    if mask_side:
        small = cv2.resize(cv2.imread(str(path), 0), (mask_side, mask_side), interpolation=cv2.INTER_AREA)
        fields = {"xseg_mask": cv2.imencode(".png", small)[1]}
        write_face_info(path, read_fields(path.read_bytes()) | fields)
    return open_faceset(folder)[0]


@pytest.mark.parametrize("classic", [True, False])
@pytest.mark.parametrize("size", [128, 256, 512])
def test_extracted(dotted, size, classic):
    for face_type in TYPES:
        matrix = transform_matrix(dotted.landmarks, size, face_type)
        lies(cut_from_frame(dotted.frame, matrix, size, classic=classic), dotted.place, matrix)


@pytest.mark.parametrize("resolution", SIZES)
@pytest.mark.parametrize("size", [200, 256, 512])
@pytest.mark.parametrize("stored_type", [FaceType.WHOLE, FaceType.HEAD])
def test_corrected_samples_show_what_merging_shows(dotted, tmp_path, size, stored_type, resolution):
    face = aligned(dotted, tmp_path, size=size, face_type=stored_type, mask_side=256)
    for wanted in (FaceType.WHOLE, FaceType.HEAD):
        sample = prepare(face, resolution, wanted, smooth=True)
        matrix = transform_matrix(dotted.landmarks, resolution, wanted)
        lies(sample.image, dotted.place, matrix)
        lies(sample.mask, dotted.place, matrix)
        crop = crop_face(dotted.frame, dotted.landmarks, ModelFace(resolution, wanted, averaged=True))
        assert np.abs(sample.image - crop.picture).max() < 0.05


@pytest.mark.parametrize("resolution", SIZES)
@pytest.mark.parametrize("size", [256, 512])
def test_classic_samples_lie_where_the_reference_puts_them(dotted, tmp_path, size, resolution):
    face = aligned(dotted, tmp_path, size=size, mask_side=256)
    stored = transform_matrix(dotted.landmarks, size, FaceType.WHOLE)
    for wanted in (FaceType.WHOLE, FaceType.FULL):
        sample = prepare(face, resolution, wanted, smooth=False)
        matrix = transform_matrix(dotted.landmarks, resolution, wanted)
        if wanted is FaceType.WHOLE:
            matrix = resized_matrix(stored, resolution / size)
        lies(sample.image, dotted.place, matrix)
        lies(sample.mask, dotted.place, matrix)


@pytest.fixture(params=[(64, FaceType.WHOLE), (96, FaceType.FULL), (128, FaceType.HEAD)], ids=str)
def model(request):
    return ModelFace(*request.param)


@pytest.mark.parametrize("averaged", [True, False])
@pytest.mark.parametrize("enlarged", [True, False])
def test_a_network_sees_the_face_where_the_crop_matrix_puts_it(dotted, model, enlarged, averaged):
    face = model._replace(averaged=averaged)
    crop = crop_face(dotted.frame, dotted.landmarks, face, enlarged=enlarged)
    lies(crop.picture, dotted.place, transform_matrix(dotted.landmarks, model.resolution, model.face_type))
    lies(crop.target, dotted.place, crop.matrix())
    lies(crop.color_source(), dotted.place, crop.matrix())


@pytest.mark.parametrize("enlarged", [True, False])
def test_a_model_of_averaged_samples_sees_the_mean_of_stripes_and_a_classic_merge_does_not(landmarks, enlarged):
    stripes = np.zeros((SIDE, SIDE, 3), np.uint8)
    stripes[::2] = 255
    for averaged, classic, flat in ((True, False, True), (True, True, False), (False, False, False)):
        face = ModelFace(64, FaceType.FULL, averaged=averaged)
        crop = crop_face(stripes, landmarks, face, enlarged=enlarged, classic=classic)
        assert (crop.picture.std() < 0.15) == flat


@pytest.mark.parametrize("corrected", [True, False, None])
def test_a_saved_model_says_what_its_samples_were(models, tmp_path, corrected):
    folder = Path(shutil.copytree(models / "fresh", tmp_path / "model"))
    saved = open_model(ModelDir(folder))
    saved.options.pop("corrected_samples", None)
    if corrected is not None:
        saved.options["corrected_samples"] = corrected
    assert model_face(saved) == ModelFace(64, FaceType.WHOLE, averaged=bool(corrected))


def crop_of(dotted, model, wanted, **changes):
    enlarged = bool(wanted.super_resolution_power)
    return crop_face(dotted.frame, dotted.landmarks, model, enlarged=enlarged, **changes)


def swapped(crop, mask=None):
    """A swap that leaves the face as it is, and its enhanced form; both masks are `mask` (R, R), or everything."""
    side = crop.model_face.resolution
    mask = np.ones((side, side, 1), np.float32) if mask is None else np.float32(mask).reshape(side, side, 1)
    enhanced = cv2.resize(crop.picture, (4 * side, 4 * side), interpolation=cv2.INTER_CUBIC)
    return Prediction(crop.picture, mask, mask, np.clip(enhanced, 0, 1) if crop.enlarged else None)


SUPER = {"super_resolution_model": "x4", "super_resolution_power": 100}
WAYS = {
    "overlay": {"mode": "overlay"},
    "raw-rgb": {"mode": "raw-rgb"},
    "enhanced": {"mode": "overlay", **SUPER},
    "half enhanced": {"mode": "overlay", **SUPER, "super_resolution_power": 50},
    "smaller": {"mode": "overlay", "output_face_scale": 20},
    "smaller, enhanced": {"mode": "overlay", **SUPER, "output_face_scale": 20},
    "moving": {"mode": "overlay", "motion_blur_power": 50},
    "moving, enhanced": {"mode": "overlay", **SUPER, "motion_blur_power": 50},
}


@pytest.mark.parametrize("way", WAYS)
def test_what_the_network_says_of_a_place_comes_back_to_it(dotted, model, settings, way):
    wanted = settings(**PLAIN | {"mask_mode": "full"} | WAYS[way])
    crop = crop_of(dotted, model, wanted)
    black = replace(crop, frame=np.zeros_like(dotted.frame))
    motion = Motion(8, 30) if wanted.motion_blur_power else STILL
    merged = merge_frame(black.frame, [black], [swapped(crop)], wanted, model_face=model, motion=motion)
    lies(merged.picture, back(dotted, crop, wanted))


def back(dotted, crop, wanted):
    """(1, 2): where in the frame the dot is to appear; elsewhere only if the face is made smaller."""
    moved = transform_points(dotted.place, crop.matrix())
    return transform_points(moved, crop.matrix(percent=wanted.output_face_scale), invert=True)


EDGES = {
    "as they are": {},
    "shrunk": {"erode_mask_modifier": 10},
    "grown": {"erode_mask_modifier": -10},
    "much grown": {"erode_mask_modifier": -30},
    "faded": {"blur_mask_modifier": 20},
    "enhanced": SUPER,
    "smaller": {"output_face_scale": 20},
    "smaller, enhanced": {"output_face_scale": 20, **SUPER},
}


@pytest.mark.parametrize("edges", EDGES)
def test_a_learned_mask_lies_where_the_network_saw_it(dotted, model, settings, edges):
    for mode in ("learned-prd", "learned-prd*learned-dst"):
        wanted = settings(**PLAIN | {"mode": "original", "mask_mode": mode} | EDGES[edges])
        crop = crop_of(dotted, model, wanted)
        prediction = swapped(crop, crop.picture[..., 0])
        merged = merge_frame(dotted.frame, [crop], [prediction], wanted, model_face=model)
        masked(merged.mask, back(dotted, crop, wanted), crop)


def test_a_classic_mask_lies_where_the_reference_puts_it(dotted, settings):
    """Enlarged from R to 4R pixels by resizing, and inserted as if by a matrix: 1.5 pixels of 4R beside its face."""
    model = ModelFace(64, FaceType.WHOLE)
    wanted = settings(**PLAIN | {"mode": "original", "mask_mode": "learned-prd", "classic": True})
    crop = crop_of(dotted, model, wanted, classic=True)
    merged = merge_frame(dotted.frame, [crop], [swapped(crop, crop.picture[..., 0])], wanted, model_face=model)
    beside = in_network(center(merged.mask)[None], crop) - in_network(dotted.place, crop)
    assert beside == pytest.approx(np.full((1, 2), 1.5 / 4), abs=NEAR)


class Brightness:
    """An XSeg network for which what is white is face."""

    def __init__(self, face_type):
        self.face_type = face_type

    def masks(self, pictures):
        return pictures[..., :1]


@pytest.mark.parametrize("enlarged", [{}, SUPER], ids=["plain", "enhanced"])
@pytest.mark.parametrize("xseg_type", [None, FaceType.WHOLE, FaceType.HEAD])
@pytest.mark.parametrize("mode", ["XSeg-prd", "XSeg-dst"])
def test_a_painted_mask_lies_where_the_network_saw_it(dotted, model, settings, mode, xseg_type, enlarged):
    wanted, network = settings(**PLAIN | {"mode": "original", "mask_mode": mode} | enlarged), Brightness(xseg_type)
    crop = crop_of(dotted, model, wanted)
    crop = replace(crop, painting=painting_for(crop, wanted, network))
    painted = MaskPainter(network, at_once=1).paint([crop], [swapped(crop)])
    merged = merge_frame(dotted.frame, [crop], painted, wanted, model_face=model)
    masked(merged.mask, dotted.place, crop)


@pytest.mark.parametrize("enlarged", [{}, SUPER], ids=["plain", "enhanced"])
@pytest.mark.parametrize(("size", "mask_side"), [(256, 256), (512, 256), (200, 256)])
def test_a_stored_mask_lies_where_it_was_painted(dotted, model, settings, tmp_path, size, mask_side, enlarged):
    face = aligned(dotted, tmp_path, size=size, mask_side=mask_side)
    wanted = settings(**PLAIN | {"mode": "original", "mask_mode": "XSeg-dst"} | enlarged)
    crop = crop_of(dotted, model, wanted, xseg_source=StoredMask(face, dotted.landmarks).in_square)
    merged = merge_frame(dotted.frame, [crop], [swapped(crop)], wanted, model_face=model)
    assert not merged.notes
    masked(merged.mask, dotted.place, crop)


FINER = 8
SHIFTS = [
    (0, 0),
    (0.5, 0.25),
    (0.25, 0.75),
    (0.75, 0.5),
]  # a filled outline jumps by whole pixels: means tell where it is


@pytest.fixture(scope="module")
def hulls(landmarks):
    """Landmarks, and where the middle of their hull is in a picture of `FINER` times the size, (1, 2)."""
    found = []
    for shift in SHIFTS:
        points = landmarks + shift
        fine = hull_mask(points * FINER + (FINER - 1) / 2, (SIDE * FINER,) * 2, exact=True)
        found.append((points, center(cv2.resize(fine, (SIDE, SIDE), interpolation=cv2.INTER_AREA))[None]))
    return found


@pytest.mark.parametrize("enlarged", [{}, SUPER], ids=["plain", "enhanced"])
def test_the_hull_of_landmarks_lies_around_them(hulls, model, settings, enlarged):
    frame = np.zeros((SIDE, SIDE, 3), np.uint8)
    wanted, beside = settings(**PLAIN | {"mode": "original", "mask_mode": "dst"} | enlarged), []
    for points, middle in hulls:
        crop = crop_of(SimpleNamespace(frame=frame, landmarks=points), model, wanted)
        merged = merge_frame(frame, [crop], [swapped(crop)], wanted, model_face=model)
        beside.append(in_network(center(merged.mask)[None], crop) - in_network(middle, crop))
    assert np.mean(beside, axis=0) == pytest.approx(np.zeros((1, 2)), abs=NEAR)
