"""Batches for XSeg: the same whoever makes them and wherever a run starts; broken faces named; faces without labels."""

import dataclasses
import shutil

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samplers.face_cache import FaceCache
from samplers.face_source import NoReadableFaces
from samplers.files.faces import Fault, open_faceset
from samplers.geometry.face_types import FaceType
from samplers.xseg.batches import NoLabels, XSegBatches, XSegPretrainBatches

SETTINGS = {"face_type": FaceType.WHOLE, "batch_size": 3, "resolution": 32}
KINDS = pytest.mark.parametrize("kind", [XSegBatches, XSegPretrainBatches])


@pytest.fixture(scope="module")
def faces(fixtures):
    found = open_faceset(fixtures / "xseg" / "faces", keeps_index=False)
    return [face for face in found if face.polygons or face.has_xseg_mask]


def taken(kind, faces, count, **change):
    with kind([faces], **{**SETTINGS, "seed": 5, "cache": FaceCache(1 << 28), **change}) as batches:
        return [next(batches) for _ in range(count)], batches.skipped


def assert_same(one, other):
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@settings(max_examples=12)
@given(
    kind=st.sampled_from([XSegBatches, XSegPretrainBatches]),
    seed=st.integers(0, 2**31),
    workers=st.integers(1, 4),
    start=st.integers(0, 4),
)
def test_batch_n_is_the_same_for_any_number_of_workers_any_start_and_any_cache(faces, kind, seed, workers, start):
    whole, _ = taken(kind, faces, 5, seed=seed, workers=1)
    later, _ = taken(kind, faces, 5 - start, seed=seed, workers=workers, start=start, cache=FaceCache(0))
    for one, other in zip(whole[start:], later, strict=True):
        assert_same(one, other)


@KINDS
def test_shapes_are_those_promised_and_another_seed_gives_other_samples(faces, kind):
    (batch,), _ = taken(kind, faces, 1, resolution=256, batch_size=2)
    assert [array.shape for array in batch] == [(2, 256, 256, 3), (2, 256, 256, 1)]
    assert {array.dtype for array in batch} == {np.dtype(np.float32)}
    (other,), _ = taken(kind, faces, 1, resolution=256, batch_size=2, seed=6)
    assert np.abs(batch[0] - other[0]).mean() > 0.01


def test_masks_are_0_and_1_and_labels_of_both_sets_are_used(faces):
    with XSegBatches([faces[:1], faces[1:2]], **SETTINGS, seed=1) as batches:
        assert batches.labeled == 2
        for _ in range(4):
            assert set(np.unique(next(batches).masks)) == {0, 1}


def test_pretraining_shows_a_face_and_asks_for_the_same_in_gray(faces):
    (batch,), _ = taken(XSegPretrainBatches, faces, 1, batch_size=6)
    for picture, gray in zip(*batch, strict=True):
        np.testing.assert_allclose(gray[..., 0], cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), atol=1e-6)
    assert batch.pictures.std() > 0.05


def test_without_labels_nothing_starts_but_pretraining(faces):
    bare = [dataclasses.replace(face, polygons=(), has_xseg_mask=False) for face in faces]
    with pytest.raises(NoLabels):
        XSegBatches([bare[:2], bare[2:]], **SETTINGS, seed=1)
    assert taken(XSegPretrainBatches, bare, 1)[0]


@KINDS
def test_a_face_whose_file_is_gone_is_named_once_and_replaced(fixtures, tmp_path, kind):
    folder = shutil.copytree(fixtures / "xseg" / "faces", tmp_path / "faces")
    faces = open_faceset(folder, keeps_index=False)
    (folder / "00001_0.jpg").unlink()
    batches, skipped = taken(kind, faces, 8)
    assert len(batches) == 8
    assert [(each.name, each.reason.fault) for each in skipped] == [("00001_0.jpg", Fault.UNREADABLE)]


def test_a_damaged_mask_that_is_the_label_is_named(faces):
    damaged = dataclasses.replace(faces[4], polygons=(), has_xseg_mask=True, packed_mask=b"no picture")
    _, skipped = taken(XSegBatches, [damaged, faces[5]], 4)
    assert [(each.name, each.reason.fault) for each in skipped] == [(faces[4].name, Fault.DAMAGED_MASK)]
    with pytest.raises(NoReadableFaces):
        taken(XSegBatches, [damaged], 1)


def test_a_closed_source_ends_and_its_threads_with_it(faces):
    batches = XSegBatches([faces], **SETTINGS, seed=1, workers=2)
    next(batches)
    batches.close()
    assert list(batches) == []
