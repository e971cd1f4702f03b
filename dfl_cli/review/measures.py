"""What was measured of the faces, kept in `.dfl-review.jsonl` beside the index. Without that file it is only measured again.

Lines of JSON: {"pose": "<hash of the landmarks>", "degrees": [yaw, pitch]} and {"sharpness": "<name, size, time>", "value": 12.5}.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.review.poses import yaws_and_pitches
from dfl_cli.text_files.lines import open_for_lines
from dfl_cli.text_files.schema import Fields, Number, Optional, Row, Words, WrongField
from samplers.files.face import READ_ERRORS
from samplers.files.image_codec import decode_bgr
from samplers.files.names import escape_surrogates
from samplers.files.regular_file import open_regular, read_regular
from samplers.sorting.sharpness import laplacian_variance

FILE_NAME = ".dfl-review.jsonl"
DEGREES = Number(-180, 180)
POSE = Fields({"pose": Words(), "degrees": Optional(Row((DEGREES, DEGREES)))})
SHARPNESS = Fields({"sharpness": Words(), "value": Number(0)})


class Measures:
    """The measures of the faces in `folder`. Threads share it. What cannot be written is measured again next time."""

    def __init__(self, folder: Path):
        self.folder, self.path = folder, folder / FILE_NAME
        self.poses: dict[str, tuple[float, float]] = {}
        self.sharpness: dict[str, float] = {}
        self._lock = threading.Lock()
        self._read()

    def poses_of(
        self, landmarks: Sequence[np.ndarray], on_done: Callable[[int], None] = lambda count: None
    ) -> np.ndarray:
        """(N, 2): yaw and pitch in degrees, of landmarks (68, 2) in their frames."""
        keys = list(map(pose_key, landmarks))
        missing = [row for row, key in enumerate(keys) if key not in self.poses]
        on_done(len(keys) - len(missing))
        if missing:
            found = yaws_and_pitches(np.stack([landmarks[row] for row in missing]), on_done).round(2).tolist()
            new = {keys[row]: tuple(pose) for row, pose in zip(missing, found, strict=True)}
            self.poses |= new
            self._write(
                {"pose": key, "degrees": None if np.isnan(pose[0]) else list(pose)} for key, pose in new.items()
            )
        return np.array([self.poses[key] for key in keys], np.float64).reshape(-1, 2)

    def known_sharpness(self, names: Sequence[str]) -> dict[str, float]:
        """What is known without looking at the pictures."""
        keys = {name: self._sharpness_key(name) for name in names} if self.sharpness else {}
        return {name: self.sharpness[key] for name, key in keys.items() if key in self.sharpness}

    def measure_sharpness(self, names: Sequence[str]) -> dict[str, float]:
        """Of these files, without those that cannot be read."""
        found, new = {}, []
        for name in names:
            key, value = self._sharpness_key(name), sharpness_of(self.folder / name)
            if key is None or value is None:
                continue
            found[name] = self.sharpness[key] = value
            new.append({"sharpness": key, "value": value})
        self._write(new)
        return found

    def _sharpness_key(self, name: str) -> str | None:
        """None for a file that is not there."""
        try:
            state = (self.folder / name).stat()
        except OSError:
            return None
        return f"{name} {state.st_size} {state.st_mtime_ns}"

    def _read(self) -> None:
        try:
            file = open_regular(self.path)
        except OSError:
            return
        with file:
            for line in file:
                try:
                    self._take(json.loads(line))
                except (WrongField, ValueError, TypeError, RecursionError):  # it is measured again
                    continue

    def _take(self, line: Mapping) -> None:
        if "pose" in line:
            POSE.check(line, "")
            self.poses[line["pose"]] = tuple(line["degrees"] or (np.nan, np.nan))
        else:
            SHARPNESS.check(line, "")
            self.sharpness[line["sharpness"]] = line["value"]

    def _write(self, lines: Iterable[Mapping]) -> None:
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        if not text:
            return
        try:
            with self._lock, open_for_lines(self.path) as file:
                file.write(escape_surrogates(text).encode())
        except OSError:  # as on a full disk
            pass


def pose_key(landmarks: np.ndarray) -> str:
    return hashlib.blake2b(np.ascontiguousarray(landmarks, "<f4").tobytes(), digest_size=12).hexdigest()


def sharpness_of(path: Path) -> float | None:
    """None where the picture cannot be read."""
    try:
        return round(laplacian_variance(decode_bgr(read_regular(path))), 2)
    except (*READ_ERRORS, cv2.error):
        return None
