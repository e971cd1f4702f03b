"""Frames as files: the list of a folder, reading every kind as BGR, writing PNG so that no half-written file stays behind."""

import re
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.translate import system_reason, tr
from samplers.files.atomic_file import DanglingLink, write_atomically
from samplers.files.foreign_files import own_entries
from samplers.files.image_codec import is_truncated
from samplers.files.image_header import header_in
from samplers.files.regular_file import read_regular

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff"})
# Each row less the one above it: a third less time to write and read smooth frames than OpenCV's default, never more.
PNG_OPTIONS = [cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP]
LARGEST_FRAME = 160 * 10**6  # pixels; 16K video has 133 million. Merging takes about 50 bytes for each


class UnreadableFrame(Exception):
    """`path` holds no picture that can be decoded.

    empty      it has no bytes at all, as a full disk or a broken copy leaves it
    truncated  its end is missing
    size       (width, height) where that is more than memory should be asked for
    """

    def __init__(
        self, path: Path, *, empty: bool = False, truncated: bool = False, size: tuple[int, int] | None = None
    ):
        super().__init__(f"{path.name} cannot be decoded")
        self.path, self.empty, self.truncated, self.size = path, empty, truncated, size

    @property
    def text(self) -> str:
        """Why, for a person."""
        if self.truncated:
            return tr("the file is truncated")
        if self.size:
            return too_many_pixels(*self.size)
        return tr("the file is empty") if self.empty else tr("not a readable image")


class UnwritableFrame(Exception):
    """`path` could not be written; `reason` is the system's."""

    def __init__(self, path: Path, reason: str):
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


def too_many_pixels(width: int, height: int) -> str:
    limit = LARGEST_FRAME // 10**6
    return tr(
        "{width}x{height} pixels; frames have at most {limit} megapixels", width=width, height=height, limit=limit
    )


def list_frames(folder: Path) -> list[Path]:
    """The pictures directly in `folder`, in the order of time; of several with one stem only the first, since they would share a result."""
    first = {}
    for path in pictures_in(folder):
        first.setdefault(path.stem, path)
    return list(first.values())


def namesakes(folder: Path, frames: Iterable[Path]) -> list[str]:
    """The pictures in `folder` that `list_frames` left out."""
    taken = set(frames)
    return [path.name for path in pictures_in(folder) if path not in taken]


def pictures_in(folder: Path) -> list[Path]:
    """All of them, in the order of time; what a system or an editor left there is not among them."""
    found = (path for path in own_entries(folder) if path.suffix.lower() in SUFFIXES)
    return sorted(found, key=lambda path: time_key(path.name))


def time_key(name: str) -> tuple:
    """Sorts numbered names by their numbers: frame2 before frame10, 99999 before 100000."""
    parts = re.split(r"(\d+)", name)
    return tuple(int(part) if number % 2 else part for number, part in enumerate(parts)), name


def read_frame(path: Path):
    """The picture at `path` as (H, W, 3) uint8 BGR: grey repeated, alpha dropped, 16 bits and floats scaled. Raises UnreadableFrame."""
    return eight_bits(read_pixels(path))


def read_pixels(path: Path):
    """Like `read_frame`, but uint16 where the file has 16 bits."""
    encoded = read_regular(path)
    if not encoded:
        raise UnreadableFrame(path, empty=True)
    if is_truncated(encoded):  # OpenCV would fill up a JPEG with gray
        raise UnreadableFrame(path, truncated=True)
    header = header_in(encoded)
    if header and header.size[0] * header.size[1] > LARGEST_FRAME:
        raise UnreadableFrame(path, size=header.size)
    try:
        picture = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise MemoryError(path.name) from error
        raise UnreadableFrame(path) from error
    if picture is None:
        raise UnreadableFrame(path)
    return three_channels(picture if picture.dtype == np.uint16 else eight_bits(picture))


def eight_bits(picture):
    """Any depth OpenCV decodes -> uint8, rounded; floats are 0..1."""
    if picture.dtype == np.uint8:
        return picture
    top = np.iinfo(picture.dtype).max if picture.dtype.kind in "iu" else 1
    return np.rint(np.clip(picture.astype(np.float32) / top, 0, 1) * 255).astype(np.uint8)


def deepened(picture, frame, pixels):
    """`picture` (H, W, 3) uint8, made of `frame`, with the bits that `frame` lost of its 16-bit `pixels`: uint16.

    What is as in `frame` comes out as in `pixels`; read as 8 bits again, all of it is `picture`.
    """
    change = picture.astype(np.int32) - frame
    return np.clip(pixels + 257 * change, 0, 65535).astype(np.uint16)  # 257 = 65535 / 255


def three_channels(picture):
    """(H, W), (H, W, 1), (H, W, 3) or (H, W, 4) -> (H, W, 3)."""
    if picture.ndim == 2 or picture.shape[2] == 1:
        return cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    return np.ascontiguousarray(picture[..., :3])


def write_png(path: Path, picture, *, mark: Callable[[bytes], bytes] = bytes) -> None:
    """`picture` (H, W[, 3]) uint8 or uint16 to `path`, complete or not at all. `mark` adds to the encoded file. Raises UnwritableFrame."""
    encoded = cv2.imencode(".png", picture, PNG_OPTIONS)[1]
    write_whole(path, mark(encoded.tobytes()))


def write_whole(path: Path, content: bytes) -> None:
    """`content` to `path` by a temporary neighbour and a rename. Raises UnwritableFrame."""
    try:
        write_atomically(path, content, durable=False)
    except DanglingLink as error:
        raise UnwritableFrame(path, tr("the link points to nothing")) from error
    except OSError as error:
        raise UnwritableFrame(path, system_reason(error)) from error


@contextmanager
def one_opencv_thread():
    """OpenCV works in the calling thread only: frames are what runs in parallel here."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
