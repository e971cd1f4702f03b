"""A digest of everything that decides how a merged frame looks: it changes when the frame has to be merged again.

Files are known by their content. Time stamps change when a folder is copied, restored from a backup or checked out, and hours of
work would be done again for nothing.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from dfl_cli.merge.pixels.masks.stored import StoredMask
from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.merge.pixels.tracks import Tracks
from samplers.files.file_range import FileRange, content_fingerprint

PIXELS = 2  # raise it when merging computes other pixels from the same things
Identify = Callable[[FileRange], bytes]


def frame_digest(
    path: Path,
    settings: MergeSettings,
    tracks: Tracks,
    producer: str,
    masks: Sequence[StoredMask] = (),
    identify: Identify | None = None,
) -> str:
    """The digest of the frame at `path`.

    producer  the model and whatever else is the same for all frames of a merge
    masks     that its faces carry
    identify  what stands for a file; None: `content_fingerprint`
    raises    OSError where there is no such frame
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in ingredients(path, settings, tracks, producer, masks, identify or content_fingerprint):
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()


def ingredients(
    path: Path,
    settings: MergeSettings,
    tracks: Tracks,
    producer: str,
    masks: Sequence[StoredMask],
    identify: Identify,
) -> Iterator[bytes]:
    yield str(PIXELS).encode()
    yield producer.encode(errors="surrogatepass")
    yield json.dumps(asdict(settings), sort_keys=True).encode()
    yield identify(FileRange(path))
    for landmarks in tracks.landmarks(path, settings.landmark_smoothing):
        yield np.ascontiguousarray(landmarks, np.float32).tobytes()
    if settings.motion_blur_power:
        yield str(tracks.motion(path)).encode()
    if "XSeg-dst" in settings.mask_mode:
        for mask in masks:
            yield identify(mask.face.file_range)
    for place in tracks.window(path, settings.color_smoothing) if settings.color_smoothing else ():
        yield identify(FileRange(tracks.frames[place]))
        yield np.ascontiguousarray(tracks.only_face(place), np.float32).tobytes()


def stat_fingerprint(file: FileRange) -> bytes:
    """What stood for a file before its content did: name, size and time. Raises OSError."""
    found = file.path.stat()
    return f"{file.path.name} {found.st_size} {found.st_mtime_ns}".encode(errors="surrogatepass")
