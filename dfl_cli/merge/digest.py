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

from dfl_cli.merge.pixels.masks.modes import XSEG_DST, XSEG_PRD
from dfl_cli.merge.pixels.masks.stored import StoredMask
from dfl_cli.merge.pixels.painted_masks import MaskNetwork
from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.merge.pixels.tracks import Tracks
from samplers.files.file_range import FileRange, content_fingerprint

PIXELS = 3  # raise it when merging computes other pixels from the same things
Identify = Callable[[FileRange], bytes]


def frame_digest(
    path: Path,
    settings: MergeSettings,
    tracks: Tracks,
    producer: str,
    masks: Sequence[StoredMask] = (),
    identify: Identify | None = None,
    xseg: MaskNetwork | None = None,
) -> str:
    """The digest of the frame at `path`.

    producer  the model and whatever else is the same for all frames of a merge
    masks     that its faces carry
    identify  what stands for a file; None: `content_fingerprint`
    xseg      counts where it has to paint one of the masks
    raises    OSError where there is no such frame
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in ingredients(path, settings, tracks, producer, masks, identify or content_fingerprint, xseg):
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()


def common_digest(settings: MergeSettings, producer: str, *others: object) -> str:
    """The digest of what is the same for all frames of a merge."""
    parts = [PIXELS, producer, json.dumps(asdict(settings), sort_keys=True), *others]
    return hashlib.blake2b(repr(parts).encode(errors="surrogatepass"), digest_size=16).hexdigest()


def ingredients(
    path: Path,
    settings: MergeSettings,
    tracks: Tracks,
    producer: str,
    masks: Sequence[StoredMask],
    identify: Identify,
    xseg: MaskNetwork | None,
) -> Iterator[bytes]:
    yield str(PIXELS).encode()
    yield producer.encode(errors="surrogatepass")
    chosen = asdict(settings)
    del chosen["xseg_on_frames"]  # counts with what is painted: results of before it was a setting remain
    yield json.dumps(chosen, sort_keys=True).encode()
    yield identify(FileRange(path))
    faces = tracks.landmarks(path, settings.landmark_smoothing)
    for landmarks in faces:
        yield np.ascontiguousarray(landmarks, np.float32).tobytes()
    if settings.motion_blur_power:
        yield str(tracks.motion(path)).encode()
    if faces and xseg and needs_painting(settings, masks):
        kind = None if xseg.face_type is None else int(xseg.face_type)
        yield f"XSeg {kind} {xseg.fingerprint} {settings.paints_every_dst}".encode(errors="surrogatepass")
    if XSEG_DST in settings.xseg_parts:
        for mask in masks:
            yield identify(mask.face.file_range)
    for place in tracks.window(path, settings.color_smoothing) if settings.color_smoothing else ():
        yield identify(FileRange(tracks.frames[place]))
        yield np.ascontiguousarray(tracks.only_face(place), np.float32).tobytes()


def needs_painting(settings: MergeSettings, masks: Sequence[StoredMask]) -> bool:
    """Whether an XSeg network is asked for a frame whose faces carry `masks`; a damaged one is taken for whole."""
    if XSEG_DST in settings.xseg_parts and (settings.paints_every_dst or not masks):
        return True
    return XSEG_PRD in settings.xseg_parts or (
        XSEG_DST in settings.xseg_parts and not all(mask.is_there for mask in masks)
    )


def stat_fingerprint(file: FileRange) -> bytes:
    """What stood for a file before its content did: name, size and time. Raises OSError."""
    found = file.path.stat()
    return f"{file.path.name} {found.st_size} {found.st_mtime_ns}".encode(errors="surrogatepass")
