"""`faceset.pak`: all faces of a set in one file (facesets.md 1.5).

    u64 version, u64 length of the pickled list of dicts, that pickle, one more u64 offset than faces, the JPEG files

Offsets count from the first JPEG file. The reference writes the last one from the start of the pack, so it is too
large: reading stops at the end of the file.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from samplers.files.atomic_file import write_atomically
from samplers.files.dfl_image import read_face_info
from samplers.files.face_info import FaceInfo, encode_mask, encoded_bytes, polygons_field, stored_mask
from samplers.files.file_range import FileRange
from samplers.files.names import LONGEST_NAME, as_text, byte_length, free_path
from samplers.files.pickles import safe_pickle
from samplers.files.pickles.pickle_values import N_
from samplers.files.pickles.safe_pickle import Damaged, reference_enum
from samplers.files.regular_file import MB, FileTooLarge, check_regular, open_regular, read_regular

PACK_NAME = "faceset.pak"
VERSION = 1
IN_A_FACE_PICTURE = 1  # the reference's SampleType.FACE
SMALLEST_FIELDS = 256  # bytes of the pickle for a face; its 68 landmarks alone take more
LARGEST_PICKLE = 2048 * MB  # 100,000 faces with masks
FEW = 1000  # faces that take little memory whatever their length
MOST_OVERLAP = 4  # sizes of the pack that its faces have together; a damaged offset makes one of them far too long
FORBIDDEN = '<>:"|?*'  # in file names of some system


@dataclass(frozen=True, slots=True)
class PackEntry:
    """One face of a pack; `fields` as in a picture's face data (facesets.md 1.3)."""

    name: str  # safe to use inside a folder; with the person's folder before it where there is one
    fields: dict
    shape: tuple[int, int] | None  # height, width as the pack says
    jpeg: FileRange
    mask: FileRange | bytes | None  # encoded


@dataclass(frozen=True)
class FaceFile:
    """A face picture that goes into a pack."""

    path: Path
    person: str | None = None


def read_pack(path: Path) -> list[PackEntry]:
    """What is in the pack at `path`, pictures unread; Damaged, UnsafePickle, OSError."""
    size = check_regular(path).st_size
    with open_regular(path) as file:
        head = file.read(16)
        if len(head) < 16:
            raise Damaged("truncated")
        version, length = struct.unpack("<QQ", head)
        if version != VERSION:
            raise Damaged(f"pack version {version}")
        if length > size - 16:
            raise Damaged("truncated")
        if length > LARGEST_PICKLE:
            raise FileTooLarge(path, length, LARGEST_PICKLE)
        payload = file.read(length)
        configs = safe_pickle.loads(payload)
        if not isinstance(configs, list) or not {dict}.issuperset(map(type, configs)):
            raise Damaged(N_("not a list of faces"))
        if len(configs) > FEW and len(configs) * SMALLEST_FIELDS > length:
            raise Damaged(N_("more faces than its length can hold"))
        table = file.read(8 * (len(configs) + 1))
    if len(table) < 8 * (len(configs) + 1):
        raise Damaged("truncated")
    jpegs = _jpeg_places(path, struct.unpack(f"<{len(configs) + 1}Q", table), start=16 + length + len(table), size=size)
    masks = _mask_places(path, payload, configs)
    return [_entry(*each) for each in zip(configs, jpegs, masks, strict=True)]


def _jpeg_places(path: Path, offsets: Sequence[int], *, start: int, size: int) -> list[FileRange]:
    places = []
    for relative_begin, relative_end in itertools.pairwise(offsets):
        begin, end = min(start + relative_begin, size), min(start + relative_end, size)
        places.append(FileRange(path, begin, max(end - begin, 0)))
    if sum(place.size or 0 for place in places) > MOST_OVERLAP * size:
        raise Damaged(N_("its faces overlap"))
    return places


def _mask_places(path: Path, payload: bytes, configs: list[dict]) -> list[FileRange | bytes | None]:
    """Where the encoded masks are in the file, so that they need not stay in memory. Each is stored once; Damaged if not."""
    places: list[FileRange | bytes | None] = []
    last, total = 0, 0
    for config in configs:
        compressed, plain = config.get("xseg_mask_compressed"), config.get("xseg_mask")
        total += max(_stored_size(compressed), _stored_size(plain))
        if total > len(payload):
            raise Damaged(N_("its masks overlap"))
        encoded = encoded_bytes(compressed) or _compressed(plain) or stored_mask(compressed) or stored_mask(plain)
        found = payload.find(encoded, last) if encoded else -1
        if found < 0:
            places.append(encoded)
        else:
            places.append(FileRange(path, 16 + found, len(encoded)))
            last = found
    return places


def _stored_size(mask: object) -> int:
    """Bytes of a pickle that hold `mask`, at least."""
    return mask.nbytes if isinstance(mask, np.ndarray) else len(mask) if isinstance(mask, bytes | bytearray) else 0


def _compressed(mask: object) -> bytes | None:
    """Packs may hold a mask as plain numbers 0..1."""
    if isinstance(mask, np.ndarray) and mask.ndim in (2, 3) and mask.size:
        return encode_mask(mask).tobytes()
    return None


def _entry(config: dict, jpeg: FileRange, mask: FileRange | bytes | None) -> PackEntry:
    shape = config.get("shape")
    sized = isinstance(shape, (tuple, list)) and len(shape) >= 2 and {int}.issuperset(map(type, shape))
    fields = {key: value for key, value in config.items() if key not in ("xseg_mask", "xseg_mask_compressed")}
    return PackEntry(
        name=safe_name(config.get("person_name"), config.get("filename")),
        fields=fields,
        shape=tuple(shape[:2]) if sized and min(shape[:2]) > 0 else None,
        jpeg=jpeg,
        mask=mask,
    )


def safe_name(person: object, filename: object) -> str:
    """`person/filename` (or `filename`) that stays inside the folder it is joined to, on every system."""
    parts = [_safe_part(each) for each in (person, filename) if isinstance(each, str) and each]
    return "/".join(parts) if parts else "face.jpg"


def _safe_part(name: str) -> str:
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(letter for letter in as_text(last) if letter.isprintable() and letter not in FORBIDDEN)
    while byte_length(kept) > LONGEST_NAME:
        kept = kept[1:]  # the end has the suffix, and mostly the number
    return kept.strip(". ") or "face"


def write_pack(path: Path, files: Iterable[FaceFile]) -> None:
    """Pack `files` into `path`; they stay where they are.

    The JPEG files go in byte for byte. Raises what `read_face_info` raises for a file without face data, OSError.
    """
    files = list(files)
    sizes, configs = [], []
    for file in files:
        jpeg = read_regular(file.path)
        sizes.append(len(jpeg))
        configs.append(_config(file, read_face_info(jpeg)))
    pickled = safe_pickle.dumps(configs)
    offsets = np.cumsum([0, *sizes], dtype="<u8").tobytes()
    head = struct.pack("<QQ", VERSION, len(pickled)) + pickled + offsets
    write_atomically(path, itertools.chain([head], _jpegs(files, sizes)))


def unpack(path: Path, folder: Path) -> list[Path]:
    """Write the JPEG files of the pack at `path` into `folder`, byte for byte; what was written, in their order.

    Names that would leave the folder are changed, names that are taken get a number; existing files are kept.
    """
    written = []
    for entry in read_pack(path):
        target = free_path(folder / entry.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, [entry.jpeg.read()])
        written.append(target)
    return written


class ImageChanged(Exception):
    """A picture got another size while it was being packed."""

    def __init__(self, path: Path):
        super().__init__(str(path))
        self.path = path


def _jpegs(files: list[FaceFile], sizes: list[int]) -> Iterator[bytes]:
    for file, size in zip(files, sizes, strict=True):
        jpeg = read_regular(file.path)
        if len(jpeg) != size:
            raise ImageChanged(file.path)
        yield jpeg


def _config(file: FaceFile, info: FaceInfo) -> dict:
    """The dict of one face, with the keys and types the reference expects."""
    return {
        "sample_type": reference_enum("samplelib.Sample", "SampleType", IN_A_FACE_PICTURE),
        "filename": as_text(file.path.name),
        "face_type": reference_enum("facelib.FaceType", "FaceType", int(info.face_type)),
        "shape": (*info.shape, 3),
        "landmarks": info.landmarks.tolist(),
        "seg_ie_polys": polygons_field(info.polygons) or {"polys": []},
        "xseg_mask": None,
        "xseg_mask_compressed": None if info.xseg_mask is None else np.frombuffer(info.xseg_mask, np.uint8),
        "eyebrows_expand_mod": info.eyebrows_expand_mod,
        "source_filename": info.source_filename,
        "person_name": file.person and as_text(file.person),
    }
