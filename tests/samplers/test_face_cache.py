"""Memory for prepared faces."""

import numpy as np
import pytest

from samplers.face_cache import CachedFileRange, FaceCache, free_memory
from samplers.files.file_range import FileRange

KILOBYTE = 1024


def test_what_fits_is_made_once_and_what_does_not_is_made_each_time():
    made = []

    def make(name):
        made.append(name)
        return (np.zeros(KILOBYTE, np.uint8),)

    cache = FaceCache(limit_bytes=3 * KILOBYTE)  # an eighth of it is for files
    for name in "abcabc":
        cache.get(name, lambda name=name: make(name))
    assert made == ["a", "b", "c", "c"]
    assert cache.used_bytes == 2 * KILOBYTE


def test_a_cache_without_room_keeps_nothing():
    cache = FaceCache(0)
    cache.get("a", lambda: (np.zeros(1),))
    assert cache.used_bytes == 0


def test_this_machine_has_some_memory_left():
    assert free_memory() > 1 << 20


def test_files_are_kept_once_prepared_faces_find_no_room_and_only_within_the_budget(tmp_path):
    paths = [tmp_path / name for name in "abc"]
    for path in paths:
        path.write_bytes(bytes(400))
    cache = FaceCache(limit_bytes=KILOBYTE)
    places = [CachedFileRange(FileRange(path), cache) for path in paths]
    places[0].read()
    assert cache.used_bytes == 0  # there may still be room for something better
    cache.get("large", lambda: (np.zeros(2 * KILOBYTE, np.uint8),))
    for place in places:
        assert place.read() == bytes(400)
    assert cache.used_bytes == 800
    for path in paths:
        path.unlink()
    assert len(places[0].read() + places[1].read()) == 800
    with pytest.raises(FileNotFoundError):
        places[2].read()
