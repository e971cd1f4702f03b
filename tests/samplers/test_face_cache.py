"""Memory for prepared faces."""

import numpy as np

from samplers.face_cache import FaceCache, free_memory

KILOBYTE = 1024


def test_what_fits_is_made_once_and_what_does_not_is_made_each_time():
    made = []

    def make(name):
        made.append(name)
        return (np.zeros(KILOBYTE, np.uint8),)

    cache = FaceCache(limit_bytes=2 * KILOBYTE)
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
