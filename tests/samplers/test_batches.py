"""Batches: the same whoever makes them and wherever a run starts; broken pictures; clean ends."""

import dataclasses
import shutil
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samplers.batches import Batches
from samplers.face_cache import FaceCache
from samplers.face_source import NoReadableFaces
from samplers.files.faces import open_faceset
from samplers.geometry.face_types import FaceType
from samplers.spec import SampleSpec

SPEC = SampleSpec(
    resolution=32,
    face_type=FaceType.WHOLE,
    random_flip=True,
    random_warp=True,
    ct_mode="none",
    exact_ct=True,
    random_hsv_power=0.0,
    centered_warp=False,
    smooth_resize=False,
)


@pytest.fixture(scope="module")
def faces(fixtures):
    return open_faceset(fixtures / "samplers" / "faces")


@pytest.fixture
def folder(fixtures, tmp_path):
    """A folder of eight faces that a test may damage."""
    for number in range(8):
        shutil.copy(fixtures / "samplers" / "faces" / f"0000{number % 4}_0.jpg", tmp_path / f"{number}.jpg")
    return tmp_path


class Counted(list):
    """Faces that remember which of them were asked for."""

    def __init__(self, faces):
        super().__init__(faces)
        self.asked = []

    def __getitem__(self, index):
        self.asked.append(index)
        return super().__getitem__(index)


def batches(faces, spec=SPEC, **change):
    settings = {"batch_size": 3, "seed": 5, "side": "src", "workers": 2, "cache": FaceCache(1 << 30)}
    return Batches(faces, spec, **{**settings, **change})


def taken(count, *arguments, **change):
    with batches(*arguments, **change) as running:
        return [next(running) for _ in range(count)]


def assert_same(one, other):
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@settings(max_examples=10)
@given(seed=st.integers(0, 2**31), workers=st.integers(1, 4), start=st.integers(0, 4))
def test_batch_n_is_the_same_for_any_number_of_workers_and_any_start(faces, seed, workers, start):
    whole = taken(5, faces, seed=seed, workers=1)
    later = taken(5 - start, faces, seed=seed, workers=workers, start=start)
    for one, other in zip(whole[start:], later, strict=True):
        assert_same(one, other)


def test_a_cache_changes_no_bit(faces):
    for one, other in zip(taken(4, faces, cache=FaceCache(0)), taken(4, faces), strict=True):
        assert_same(one, other)


def test_shapes_are_those_promised(faces):
    (batch,) = taken(1, faces)
    assert [array.shape for array in batch] == [(3, 32, 32, 3), (3, 32, 32, 3), (3, 32, 32, 1), (3, 32, 32, 1)]
    assert {array.dtype for array in batch} == {np.dtype(np.float32)}


def test_sides_seeds_and_epochs_draw_differently(faces):
    firsts = [*taken(2, faces, batch_size=4), *taken(1, faces, side="dst"), *taken(1, faces, seed=6)]
    assert len({batch.warped[:3].tobytes() for batch in firsts}) == 4


def test_an_epoch_uses_each_face_exactly_once(folder):
    counted = Counted(open_faceset(folder))
    with batches(counted, cache=FaceCache(0), batch_size=4) as running:
        running.make(6), running.make(7)
    assert sorted(counted.asked) == list(range(8))


def test_colors_come_from_the_reference_faces(faces):
    spec = dataclasses.replace(SPEC, ct_mode="rct")
    (plain,), (colored,) = taken(1, faces), taken(1, faces, spec, reference=faces)
    assert_same(plain[2:], colored[2:])
    assert not np.array_equal(plain.target, colored.target)


def test_color_transfer_without_a_reference_is_refused(faces):
    with pytest.raises(ValueError, match="rct"):
        batches(faces, dataclasses.replace(SPEC, ct_mode="rct"))


def test_a_batch_that_no_memory_holds_is_refused_before_memory_is_used(faces):
    with batches(faces, batch_size=10**10) as endless, pytest.raises(MemoryError):
        next(endless)


def test_uniform_yaw_asks_for_every_face_as_well(faces):
    counted = Counted(faces)
    with batches(counted, cache=FaceCache(0), batch_size=8, uniform_yaw=True) as running:
        counted.asked.clear()
        running.make(0)
    assert set(counted.asked) == set(range(4))


def test_a_picture_that_became_unreadable_is_named_once_and_replaced(folder):
    faces = open_faceset(folder)
    (folder / "3.jpg").write_bytes(b"no longer a picture")
    (folder / "5.jpg").unlink()
    with batches(faces, batch_size=4) as running:
        made = [next(running) for _ in range(8)]
        assert sorted(skipped.name for skipped in running.skipped) == ["3.jpg", "5.jpg"]
    assert all(array.shape[0] == 4 for batch in made for array in batch)
    for one, other in zip(made[3:], taken(5, faces, batch_size=4, start=3), strict=True):
        assert_same(one, other)


def test_a_face_whose_landmarks_are_one_point_is_named_and_replaced_and_has_a_direction_all_the_same(faces):
    flat = dataclasses.replace(faces[0], landmarks=np.full((68, 2), 100.0))
    spec = dataclasses.replace(SPEC, face_type=FaceType.FULL)
    with batches([flat, faces[1]], spec, batch_size=4, uniform_yaw=True) as running:
        assert np.isfinite(next(running).warped).all()
        assert [(skipped.name, str(skipped.reason)) for skipped in running.skipped] == [
            ("00000_0.jpg", "landmarks: they lie in one place")
        ]


def test_when_no_picture_can_be_read_any_more_that_is_said(folder):
    faces = open_faceset(folder)
    for path in folder.iterdir():
        path.write_bytes(b"")
    with batches(faces) as running, pytest.raises(NoReadableFaces) as caught:
        next(running)
    assert len(caught.value.skipped) == 8


@pytest.mark.parametrize("consumed", [0, 1, 3])
def test_closing_while_workers_are_busy_ends_all_threads(faces, consumed):
    before = threading.active_count()
    running = batches(faces, dataclasses.replace(SPEC, resolution=256), batch_size=16, workers=3)
    for _ in range(consumed):
        next(running)
    running.close()
    assert threading.active_count() == before
    assert list(running) == []
