"""XSeg masks of aligned faces, seen in the square that a model swaps."""

import cv2
import numpy as np
import pytest

from dfl_cli.merge.pixels.compose import merge_frame
from dfl_cli.merge.pixels.crop import ModelFace, crop_face
from dfl_cli.merge.pixels.masks.stored import StoredMask
from dfl_cli.merge.pixels.notes import Note
from samplers.files.dfl_image import write_face_info
from samplers.files.faces import open_faceset
from samplers.geometry.align import transform_matrix, transform_points
from samplers.geometry.face_types import FaceType
from samplers.geometry.polygons import PolygonType

DISK = (128, 150, 40)  # x, y, radius in the aligned picture of 256 x 256


@pytest.fixture
def stored(tmp_path, recorded):
    """Makes the aligned picture of the recorded face with what else it carries, and gives its StoredMask."""

    def make(**fields) -> StoredMask:
        path = tmp_path / "face.jpg"
        matrix = transform_matrix(recorded.landmarks, 256, FaceType.WHOLE)
        cv2.imwrite(str(path), cv2.warpAffine(recorded.frame, matrix, (256, 256)))
        known = {
            "face_type": "whole_face",
            "landmarks": transform_points(recorded.landmarks, matrix).tolist(),
            "source_landmarks": recorded.landmarks.tolist(),
            "source_filename": "1.png",
        }
        write_face_info(path, known | fields)
        return StoredMask(open_faceset(tmp_path)[0], recorded.landmarks)

    return make


def disk(side):
    """An encoded mask of `side` pixels with DISK in it."""
    mask = np.zeros((side, side), np.uint8)
    x, y, radius = (round(each * side / 256) for each in DISK)
    cv2.circle(mask, (x, y), radius, 255, -1)
    return cv2.imencode(".png", mask)[1]


def polygon(kind, points):
    return {"type": int(kind), "pts": np.float32(points)}


def seen(mask, recorded, *, side=128, face_type=FaceType.WHOLE):
    return mask.in_square(transform_matrix(recorded.landmarks, side, face_type), side)


def disk_in(square):
    """x, y and radius of what is white in `square`, in pixels of the aligned picture."""
    area = square > 0.5
    y, x = (places.mean() for places in np.nonzero(area))
    scale = 256 / len(square)
    return x * scale, y * scale, np.sqrt(area.sum() / np.pi) * scale


@pytest.mark.parametrize("stored_side", [64, 256, 500])
@pytest.mark.parametrize("side", [64, 200])
def test_a_stored_mask_of_any_size_lands_where_it_was_drawn(stored, recorded, stored_side, side):
    mask = stored(xseg_mask=disk(stored_side))
    assert disk_in(seen(mask, recorded, side=side)) == pytest.approx(DISK, abs=4)  # one pixel of the coarsest


def test_the_mask_shrinks_in_the_square_of_a_larger_face_type(stored, recorded):
    whole, head = (
        disk_in(seen(stored(xseg_mask=disk(256)), recorded, face_type=kind)) for kind in (FaceType.WHOLE, FaceType.HEAD)
    )
    assert head[2] / whole[2] == pytest.approx((0.4 * 2**0.5 + 0.5) / (0.7 * 2**0.5 + 0.5), abs=0.02)


def test_polygons_drawn_by_hand_come_before_the_stored_mask(stored, recorded):
    square = [(40, 40), (90, 40), (90, 90), (40, 90)]
    hole = [(50, 50), (80, 50), (80, 80), (50, 80)]
    drawn = [polygon(PolygonType.INCLUDE, square), polygon(PolygonType.EXCLUDE, hole)]
    mask = seen(stored(xseg_mask=disk(256), seg_ie_polys={"polys": drawn}), recorded, side=256)
    assert mask[45, 65] == pytest.approx(1, abs=0.01)
    assert mask[65, 65] == pytest.approx(0, abs=0.01)
    assert mask[150, 128] == pytest.approx(0, abs=0.01)  # the disk


def test_a_polygon_that_only_excludes_cuts_from_the_stored_mask(stored, recorded):
    half = [polygon(PolygonType.EXCLUDE, [(128, 0), (256, 0), (256, 256), (128, 256)])]
    mask = seen(stored(xseg_mask=disk(256), seg_ie_polys={"polys": half}), recorded, side=256)
    assert mask[150, 110] == pytest.approx(1, abs=0.01)
    assert mask[150, 146] == pytest.approx(0, abs=0.01)


def merge(recorded, settings, mode, mask=None):
    crop = crop_face(
        recorded.frame, recorded.landmarks, recorded.predictor.face, xseg_source=mask.in_square if mask else None
    )
    prediction = recorded.predictor.one(crop.picture)
    return merge_frame(
        recorded.frame, [crop], [prediction], settings(mask_mode=mode), model_face=ModelFace(64, FaceType.WHOLE)
    )


def test_merging_with_xseg_dst_cuts_out_what_the_aligned_face_says(stored, recorded, settings):
    merged = merge(recorded, settings, "XSeg-dst", stored(xseg_mask=disk(256)))
    back = cv2.invertAffineTransform(transform_matrix(recorded.landmarks, 256, FaceType.WHOLE))
    x, y, radius = DISK
    middle, edge = transform_points(np.float64([(x, y), (x + radius, y)]), back)
    assert (merged.mask > 127).sum() == pytest.approx(np.pi * np.sum((edge - middle) ** 2), rel=0.05)
    assert not merged.notes


@pytest.mark.parametrize(
    ("mode", "same_as", "notes"),
    [
        ("XSeg-prd", "learned-prd", [Note.NO_XSEG_PRD]),
        ("XSeg-dst", "learned-dst", [Note.NO_XSEG_DST]),
        ("XSeg-prd*XSeg-dst", "learned-prd*learned-dst", [Note.NO_XSEG_PRD, Note.NO_XSEG_DST]),
        (
            "learned-prd*learned-dst*XSeg-prd*XSeg-dst",
            "learned-prd*learned-dst",
            [Note.NO_XSEG_PRD, Note.NO_XSEG_DST],
        ),
    ],
)
def test_what_no_xseg_mask_is_known_for_falls_back_to_the_learned_one_and_says_so(
    recorded, settings, mode, same_as, notes
):
    merged, learned = merge(recorded, settings, mode), merge(recorded, settings, same_as)
    assert np.array_equal(merged.mask, learned.mask)
    assert np.array_equal(merged.picture, learned.picture)
    assert list(merged.notes) == notes


def test_a_face_whose_file_is_gone_falls_back_too(stored, recorded, settings, tmp_path):
    mask = stored(xseg_mask=disk(256))
    (tmp_path / "face.jpg").unlink()
    assert list(merge(recorded, settings, "XSeg-dst", mask).notes) == [Note.NO_XSEG_DST]
