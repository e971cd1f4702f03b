"""Faces whose masks were drawn by hand (xseg_labels/README.md): written as face sets, and looked at.

python benchmarks/xseg_labels.py write SET... --sources DIR [DIR...] --output DIR
python benchmarks/xseg_labels.py sheet DIR FILE

write  the faces of SET, such as man_b_train, with their polygons. DIR holds the clips that the labels name, or aligned faces.
sheet  a picture of all labeled faces in DIR: darker outside of the mask, red where something covers the face.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.extract.cut import CutSettings, cut_face
from dfl_cli.extract.records import FaceRecord, FaceToCut, FrameRecord
from dfl_cli.video.read import VideoReader
from samplers.files.atomic_file import write_atomically
from samplers.files.dfl_image import read_face_info, read_fields, write_fields
from samplers.files.face_info import polygons_field
from samplers.files.image_codec import decode_bgr
from samplers.files.jpeg_segments import APP15, segments
from samplers.geometry.polygons import Polygon, PolygonType, overlay

LABELS = Path(__file__).with_name("xseg_labels")
SETTINGS = CutSettings(
    face_type="wf", size=256, quality=90, classic=False
)  # what `dfl extract` was given, or its defaults
COLUMNS = 8  # of the sheet
RED = np.array([0, 0, 110], np.uint8)


class Masks(NamedTuple):
    """Of one face, (H, W) bool."""

    face: np.ndarray  # what was drawn: the face without what covers it
    covered: np.ndarray  # where the face would be, were it not for a hand


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    write = commands.add_parser("write")
    write.add_argument("sets", nargs="+", metavar="SET", choices=sorted(path.stem for path in LABELS.glob("*.json")))
    write.add_argument("--sources", nargs="+", type=Path, required=True, metavar="DIR")
    write.add_argument("--output", type=Path, required=True, metavar="DIR")
    sheet = commands.add_parser("sheet")
    sheet.add_argument("folder", type=Path)
    sheet.add_argument("file", type=Path)
    args = parser.parse_args(words)
    if args.command == "write":
        write_sets(args.sets, args.sources, args.output)
    else:
        cv2.imwrite(str(args.file), drawn_sheet(args.folder))


def write_sets(names: Iterable[str], sources: list[Path], output: Path) -> None:
    """The labeled faces as JPEG files with face data; faces whose source is not there are named."""
    output.mkdir(parents=True, exist_ok=True)
    wanted = [face for name in names for face in json.loads((LABELS / f"{name}.json").read_text())["faces"]]
    found = dict(from_folders(wanted, sources)) | dict(from_clips(wanted, sources))
    for face in wanted:
        if face["name"] not in found:
            print(f"{face['name']}: its source is not in {', '.join(map(str, sources))}", file=sys.stderr)
            continue
        jpeg = found[face["name"]]
        labeled = write_fields(jpeg, read_fields(jpeg) | {"seg_ie_polys": polygons_field(polygons_of(face))})
        write_atomically(output / f"{face['name']}.jpg", [labeled])
    print(f"{len(found)} of {len(wanted)} faces: {output}")


def polygons_of(face: Mapping) -> tuple[Polygon, ...]:
    return tuple(Polygon(PolygonType[drawn["type"].upper()], np.float32(drawn["points"])) for drawn in face["polygons"])


def from_folders(wanted: Iterable[Mapping], folders: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """(name, JPEG file) of the faces known by the digest of their picture."""
    names = {face["picture"]: face["name"] for face in wanted if "picture" in face}
    for path in (path for folder in folders for path in sorted(folder.glob("*.jpg"))):
        jpeg = path.read_bytes()
        name = names.get(picture_digest(jpeg))
        if name:
            yield name, jpeg


def picture_digest(jpeg: bytes) -> str:
    """SHA-256 of a JPEG file without its face data, which stays the same when labels or masks are added."""
    pieces = segments(jpeg)
    kept = [jpeg[piece.start : piece.end] for piece in pieces if piece.marker != APP15]
    return hashlib.sha256(b"".join([*kept, jpeg[pieces[-1].end :]])).hexdigest()


def from_clips(wanted: Iterable[Mapping], folders: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """(name, JPEG file) of the faces known by their clip, frame and landmarks: cut again as `dfl extract` cut them."""
    faces = [face for face in wanted if "clip" in face]
    for path in (path for folder in folders for path in sorted(folder.iterdir()) if path.is_file()):
        of_clip = [face for face in faces if face["clip"]["file"] == path.name]
        if not of_clip or hashlib.sha256(path.read_bytes()).hexdigest() != of_clip[0]["clip"]["sha256"]:
            continue
        last = max(face["clip"]["frame"] for face in of_clip)
        pictures = [frame.picture for frame in islice(VideoReader(path).frames(), last)]
        for face in of_clip:
            yield face["name"], cut_again(pictures[face["clip"]["frame"] - 1], face)


def cut_again(picture: np.ndarray, face: Mapping) -> bytes:
    landmarks = np.float32(face["source_landmarks"])
    record = FaceRecord(tuple(face["source_rect"]), landmarks, score=1.0, presence=1.0)
    clip = face["clip"]
    frame = FrameRecord(
        f"{Path(clip['file']).stem}_{clip['frame']:05d}.png", picture.shape[1::-1], "", np.empty(0), (record,)
    )
    return cut_face(picture, FaceToCut(frame, record, landmarks), SETTINGS)


def masks_of(polygons: Iterable[Polygon], shape: tuple[int, int]) -> Masks:
    polygons, nothing = tuple(polygons), np.zeros((*shape, 1), np.float32)
    whole = overlay([polygon for polygon in polygons if polygon.type == PolygonType.INCLUDE], nothing)[..., 0] > 0.5
    face = overlay(polygons, nothing)[..., 0] > 0.5
    return Masks(face, whole & ~face)


def drawn_sheet(folder: Path) -> np.ndarray:
    tiles = [drawn(path) for path in sorted(folder.glob("*.jpg"))]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % COLUMNS)
    return np.vstack([np.hstack(tiles[at : at + COLUMNS]) for at in range(0, len(tiles), COLUMNS)])


def drawn(path: Path) -> np.ndarray:
    jpeg = path.read_bytes()
    picture = decode_bgr(jpeg)
    masks = masks_of(read_face_info(jpeg).polygons, picture.shape[:2])
    tile = picture.copy()
    tile[~masks.face] //= 3
    tile[masks.covered] = picture[masks.covered] // 2 + RED
    cv2.putText(tile, path.stem, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 255, 255))
    return tile


if __name__ == "__main__":
    main(sys.argv[1:])
