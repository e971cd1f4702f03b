"""Applied XSeg masks in training: from files and packs, in any size, for any face type; damaged ones are named."""

import dataclasses
import shutil

import cv2
import numpy as np
import pytest

from samplers.batches import Batches
from samplers.face_cache import FaceCache
from samplers.face_sampler import FaceSampler
from samplers.face_source import NoReadableFaces
from samplers.files.dfl_image import read_face_info, write_face_info
from samplers.files.dfl_pack import PACK_NAME, FaceFile, write_pack
from samplers.files.faces import Fault, Prefer, open_faceset
from samplers.geometry.align import transform_matrix, transform_points
from samplers.geometry.face_types import FaceType
from samplers.spec import SampleSpec

SPEC = SampleSpec(
    resolution=128,
    face_type=FaceType.WHOLE,
    random_flip=False,
    random_warp=False,
    ct_mode="none",
    exact_ct=True,
    random_hsv_power=0.0,
    centered_warp=False,
    smooth_resize=False,
    rotation_range=(0.0, 0.0),
    scale_range=(0.0, 0.0),
    shift_range=(0.0, 0.0),
)
DISK = (128, 150, 40)  # x, y, radius in a picture of 256 pixels
DAMAGED = np.frombuffer(b"\x89PNG\r\n\x1a\n cut short", np.uint8)


def disk(side):
    """An encoded mask of `side` pixels with DISK in it."""
    mask = np.zeros((side, side), np.uint8)
    x, y, radius = (round(each * side / 256) for each in DISK)
    cv2.circle(mask, (x, y), radius, 255, -1)
    return cv2.imencode(".png", mask)[1]


@pytest.fixture
def faceset(fixtures, tmp_path):
    """`faceset(mask, ...)`: a folder of faces, one with each of the masks."""

    def make(*masks):
        for number, mask in enumerate(masks):
            path = tmp_path / f"{number}.jpg"
            shutil.copy(fixtures / "xseg" / "faces" / "00000_0.jpg", path)
            write_face_info(path, {**read_face_info(path.read_bytes()).fields, "xseg_mask": mask})
        return tmp_path

    return make


def sample(folder, face_type=FaceType.WHOLE):
    return FaceSampler(dataclasses.replace(SPEC, face_type=face_type)).sample(open_faceset(folder)[0], 1)


def center_and_radius(mask):
    area = mask[..., 0] > 0.5
    y, x = (places.mean() for places in np.nonzero(area))
    return x, y, np.sqrt(area.sum() / np.pi)


@pytest.mark.parametrize("side", [32, 100, 256, 700])
def test_a_mask_of_any_size_lies_where_it_was_drawn(faceset, side):
    found = center_and_radius(sample(faceset(disk(side))).mask)
    assert found == pytest.approx(np.array(DISK) / 2, abs=256 / 32 / 2)  # one pixel of the smallest


@pytest.mark.parametrize("face_type", [FaceType.HALF, FaceType.FULL, FaceType.HEAD])
def test_for_another_face_type_the_mask_is_cut_as_the_picture_is(faceset, face_type):
    folder = faceset(disk(256))
    face = open_faceset(folder)[0]
    x, y, radius = DISK
    matrix = transform_matrix(face.landmarks, 128, face_type)
    center, edge = transform_points(np.float64([(x, y), (x + radius, y)]), matrix)
    expected = (*center, np.linalg.norm(edge - center))
    assert center_and_radius(sample(folder, face_type).mask) == pytest.approx(expected, abs=1.5)


def test_eyes_and_mouth_that_the_mask_leaves_out_do_not_count(faceset):
    everything, nothing = (cv2.imencode(".png", np.full((9, 9), level, np.uint8))[1] for level in (255, 0))
    assert sample(faceset(everything)).mask_em.max() > 0.9
    assert not sample(faceset(nothing)).mask_em.any()


def test_a_pack_trains_on_the_same_masks_as_its_files(faceset):
    folder = faceset(disk(256), disk(64), None)
    write_pack(folder / PACK_NAME, [FaceFile(folder / f"{number}.jpg") for number in range(3)])
    settings = {"batch_size": 3, "seed": 5, "side": "src", "workers": 1, "cache": FaceCache(0)}
    batches = []
    for prefer in Prefer:
        with Batches(open_faceset(folder, prefer=prefer), SPEC, **settings) as running:
            batches.append(next(running))
    for packed, loose in zip(*batches, strict=True):
        np.testing.assert_array_equal(packed, loose)
    areas = sorted(batches[0].mask.sum(axis=(1, 2, 3)))
    assert areas[1] < areas[2] / 2  # the two disks, and the hull of the face without a mask


def test_a_damaged_mask_is_named_once_and_the_others_train(faceset):
    folder = faceset(disk(256), DAMAGED, disk(64))
    settings = {"batch_size": 4, "seed": 5, "side": "src", "workers": 2, "cache": FaceCache(0)}
    with Batches(open_faceset(folder), SPEC, **settings) as running:
        for _ in range(3):
            assert next(running).mask.any(axis=(1, 2, 3)).all()
        assert [(one.name, one.reason.fault) for one in running.skipped] == [("1.jpg", Fault.DAMAGED_MASK)]
    (folder / "0.jpg").unlink()
    (folder / "2.jpg").unlink()
    with Batches(open_faceset(folder), SPEC, **settings) as running, pytest.raises(NoReadableFaces) as caught:
        next(running)
    assert [one.reason.fault for one in caught.value.skipped] == [Fault.DAMAGED_MASK]
