"""Memory that is worked in and never handed out."""

from __future__ import annotations

import threading

import numpy as np


class Scratch(threading.local):
    """Each thread's own arrays, made once: fresh memory from the system takes longer to come than a warp takes to do."""

    def __init__(self):
        self._arrays: dict[tuple, np.ndarray] = {}

    def __call__(self, use: str, shape: tuple[int, ...], dtype: type = np.float32) -> np.ndarray:
        """The array for `use`, with whatever was left in it; the next call for the same use overwrites it."""
        key = use, shape, dtype
        if key not in self._arrays:
            self._arrays[key] = np.empty(shape, dtype)
        return self._arrays[key]
