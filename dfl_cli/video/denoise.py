"""`dfl video denoise`: a copy of a folder of frames with less noise, by non-local means (Buades, Coll and Morel, CVPR 2005).

Every pixel becomes the mean of the pixels whose surroundings look alike, in its own frame and in the ones before and after. DeepFaceLab
calls ffmpeg's hqdn3d instead, which smooths along rows, columns and time whatever is there; it is not in the libraries used here.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.frames import PNG_OPTIONS, UnreadableFrame, UnwritableFrame, deepened, eight_bits, read_pixels, write_whole
from dfl_cli.options.outputs import folder_with_settings, is_written, other_than
from dfl_cli.provenance.file_metadata import DamagedFile, png_with, search
from dfl_cli.store.lock import FolderLock
from dfl_cli.terminal.console import progress
from dfl_cli.translate import labeled, ntr, system_reason, tr
from samplers.files.jpeg_segments import APP0, APP15, NotAJpeg, segments
from samplers.files.names import fitting, printable
from samplers.files.pickles.pickle_values import Damaged
from samplers.files.regular_file import read_regular

KEPT_FRAMES = 2  # how far from the one that is read others are kept in memory
PATCH, SEARCH = 3, 11  # pixels: what must look alike, and how far off it may lie; the best of those tried (docs/LOG.md)
JPEG_QUALITY = 97  # as of frames that are extracted
KEPT_SEGMENTS = (0xE1, 0xE2)  # of a JPEG; those of others belong to its pixels
NAMES_SHOWN = 20  # of frames that are left out
JPEG_SUFFIXES = (".jpg", ".jpeg")


class Denoised(NamedTuple):
    """What became of the frames; `skipped` is (name, reason)."""

    folder: Path
    frames: int
    written: int
    already_there: int
    skipped: list[tuple[str, str]]


def denoised_folder(folder: Path, given: Path | None) -> Path:
    """Where the frames go. Raises UserError for the folder they come from."""
    return other_than(folder, given or folder.with_name(fitting(folder.name, "_denoised")))


def denoise(frames: Sequence[Path], folder: Path, factor: float, *, overwrite: bool) -> Denoised:
    """Write every frame to `folder` that is not there yet. Raises UserError, UnwritableFrame."""
    settings = {"made_by": "video denoise", "factor": f"{factor:g}"}
    with FolderLock(folder):
        folder_with_settings(folder, settings, overwrite=overwrite, suffixes=(".png", *JPEG_SUFFIXES))
        paths = [folder / output_name(frame) for frame in frames]
        left = [number for number, path in enumerate(paths) if not is_written(path)]
        done = Denoised(folder, len(frames), 0, len(frames) - len(left), [])
        window = Window(frames)
        with progress(len(left), tr("Denoising"), unit=tr("frames"), keep=False) as bar:
            for number in left:
                try:
                    write_whole(paths[number], denoised_file(window, number, factor))
                    done = done._replace(written=done.written + 1)
                except UnreadableFrame as error:
                    done.skipped.append((frames[number].name, error.text))
                except UnwritableFrame:
                    raise
                except OSError as error:
                    done.skipped.append((frames[number].name, system_reason(error)))
                bar.update(1)
    return done


def output_name(frame: Path) -> str:
    """JPEG stays JPEG; what else there is becomes PNG."""
    return frame.name if frame.suffix.lower() in JPEG_SUFFIXES else fitting(frame.stem, ".png")


class Window:
    """The pixels of a frame and its neighbors, each read once as the window moves on."""

    def __init__(self, frames: Sequence[Path]):
        self.frames = frames
        self.known: dict[int, np.ndarray | Exception] = {}

    def pixels(self, number: int) -> np.ndarray:
        """(H, W, 3) uint8 or uint16. Raises UnreadableFrame, OSError."""
        if number not in self.known:
            for old in [one for one in self.known if abs(one - number) > KEPT_FRAMES]:
                del self.known[old]
            try:
                self.known[number] = read_pixels(self.frames[number])
            except (UnreadableFrame, OSError) as error:
                self.known[number] = error
        found = self.known[number]
        if isinstance(found, Exception):
            raise found
        return found

    def around(self, number: int) -> list[np.ndarray]:
        """Frame `number`, uint8, between its neighbors; where one is missing or has another size, the other stands on both sides."""
        middle = self.pixels(number)
        neighbors = [self.neighbor(each, middle.shape) for each in (number - 1, number + 1)]
        there = [each for each in neighbors if each is not None]
        if not there:
            return [eight_bits(middle)]
        return [eight_bits(each) for each in (there[0], middle, there[-1])]

    def neighbor(self, number: int, shape: tuple[int, ...]) -> np.ndarray | None:
        """Frame `number` if there is one of this shape."""
        if not 0 <= number < len(self.frames):
            return None
        try:
            found = self.pixels(number)
        except (UnreadableFrame, OSError):
            return None
        return found if found.shape == shape else None


def denoised(frames: Sequence[np.ndarray], factor: float) -> np.ndarray:
    """The middle one of an odd number of `frames` (H, W, 3) uint8 BGR with less noise."""
    if len(frames) == 1:
        return cv2.fastNlMeansDenoisingColored(frames[0], None, factor, factor, PATCH, SEARCH)
    middle = len(frames) // 2
    return cv2.fastNlMeansDenoisingColoredMulti(frames, middle, len(frames), None, factor, factor, PATCH, SEARCH)


def denoised_file(window: Window, number: int, factor: float) -> bytes:
    """The file of a frame, with the bits and the metadata it had. Raises UnreadableFrame, OSError."""
    path, pixels, frames = window.frames[number], window.pixels(number), window.around(number)
    picture = denoised(frames, factor)
    if path.suffix.lower() in JPEG_SUFFIXES:
        encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()
        return with_segments(encoded, read_regular(path))
    if pixels.dtype == np.uint16:
        picture = deepened(picture, frames[len(frames) // 2], pixels)
    encoded = cv2.imencode(".png", picture, PNG_OPTIONS)[1].tobytes()
    packet = packet_of(path)
    return png_with(encoded, packet) if packet else encoded


def packet_of(path: Path) -> bytes | None:
    """What the frame says about where it comes from."""
    try:
        return search(path).packet
    except (DamagedFile, OSError):
        return None


def with_segments(jpeg: bytes, source: bytes) -> bytes:
    """`jpeg` with EXIF, XMP and color profile (APP1, APP2) of `source`."""
    try:
        kept = [source[one.start : one.end] for one in segments(source) if one.marker in KEPT_SEGMENTS]
        own = segments(jpeg)
    except (NotAJpeg, Damaged):
        return jpeg
    place = next(one.start for one in own[1:] if not APP0 <= one.marker <= APP15)
    return b"".join([jpeg[:place], *kept, jpeg[place:]])


def lines(done: Denoised) -> list[str]:
    """For a person."""
    folder, count = done.folder, done.written
    text = [
        ntr("{count} frame written to {folder}.", "{count} frames written to {folder}.", count=count, folder=folder)
    ]
    if count := done.already_there:
        text.append(ntr("{count} frame was already there.", "{count} frames were already there.", count=count))
    if done.skipped:
        text.append(ntr("{count} image skipped:", "{count} images skipped:", count=len(done.skipped)))
        text += ["  " + labeled(printable(name), reason) for name, reason in done.skipped[:NAMES_SHOWN]]
    if (more := len(done.skipped) - NAMES_SHOWN) > 0:
        text.append(ntr("... and {count} more skipped image.", "... and {count} more skipped images.", count=more))
    return text


def facts_of(done: Denoised) -> dict:
    """For --json."""
    skipped = [{"name": name, "reason": reason} for name, reason in done.skipped]
    return done._asdict() | {"folder": str(done.folder), "skipped": skipped}
