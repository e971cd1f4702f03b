"""Small pictures of the faces."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

import cv2
import numpy as np

from samplers.files.regular_file import read_regular

SIDE = 96  # pixels
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 85]
KEPT = 5000  # in memory, about 4 KB each


class Thumbnails:
    """Of the faces in `folder`. Threads share it."""

    def __init__(self, folder: Path):
        self.folder, self._lock = folder, threading.Lock()
        self._kept: OrderedDict[tuple, bytes] = OrderedDict()

    def get(self, name: str) -> bytes | None:
        """A JPEG; None where the file is gone or no picture."""
        path = self.folder / name
        try:
            state = path.stat()
            key = (name, state.st_size, state.st_mtime_ns)
            with self._lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    return self._kept[key]
            content = thumbnail(read_regular(path))
        except (OSError, cv2.error):
            return None
        with self._lock:
            self._kept[key] = content
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return content


def thumbnail(encoded: bytes) -> bytes:
    """Raises cv2.error for what is no picture."""
    small = cv2.imdecode(
        np.frombuffer(encoded, np.uint8), cv2.IMREAD_REDUCED_COLOR_4
    )  # JPEG decodes a quarter in a fifth
    if small is None or min(small.shape[:2]) < SIDE:
        small = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    return cv2.imencode(".jpg", cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_AREA), QUALITY)[1].tobytes()
