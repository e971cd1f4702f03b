"""How well the masks of an XSeg model agree with those drawn by hand.

python benchmarks/xseg_iou.py FACES... [--models DIR] [--name NAME] [--sheet FILE]

FACES   folders of labeled faces, as benchmarks/xseg_labels.py writes them
IoU     of the mask and the face without what covers it, over the whole picture
hand    share of a hand in front of the face that the mask leaves out
skin    share of the face that the mask keeps
A sheet shows every face with its mask as the network paints it, and in red what is wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from xseg_labels import COLUMNS, Masks, masks_of

from dfl_cli.errors import UserError
from dfl_cli.xseg.predict import SIDE, MaskNetwork, open_xseg
from samplers.files.dfl_image import read_face_info
from samplers.files.image_codec import decode_bgr

BATCH = 8  # faces


class Agreement(NamedTuple):
    """Of one mask; shares 0..1."""

    iou: float
    hand: float  # NaN where nothing covers the face
    skin: float


def agreement(painted: np.ndarray, drawn: Masks) -> Agreement:
    """`painted` (H, W) bool."""
    both = (painted & drawn.face).sum()
    return Agreement(
        iou=both / (painted | drawn.face).sum(),
        hand=(~painted & drawn.covered).sum() / drawn.covered.sum() if drawn.covered.any() else np.nan,
        skin=both / drawn.face.sum(),
    )


def faces_in(folder: Path) -> Iterator[tuple[str, np.ndarray, Masks]]:
    """(name, picture (256, 256, 3) uint8, masks) of every labeled face."""
    for path in sorted(folder.glob("*.jpg")):
        jpeg = path.read_bytes()
        info = read_face_info(jpeg)
        if info.polygons and info.shape == (SIDE, SIDE):
            yield path.stem, decode_bgr(jpeg), masks_of(info.polygons, info.shape)


def measure(folder: Path, network: MaskNetwork) -> tuple[list[Agreement], list[np.ndarray]]:
    """Agreement and a drawing of every face in `folder`, and a line on the screen for each."""
    names, pictures, drawn = zip(*faces_in(folder), strict=True)
    inputs = np.float32(pictures) / 255
    masks = (
        np.concatenate([network.masks(inputs[at : at + BATCH]) for at in range(0, len(inputs), BATCH)])[..., 0] > 0.5
    )
    found = [agreement(*pair) for pair in zip(masks, drawn, strict=True)]
    for name, one in zip(names, found, strict=True):
        print(row(name, one))
    return found, [tile(*each) for each in zip(names, pictures, masks, drawn, strict=True)]


def row(name: str, one: Agreement) -> str:
    return f"{name:24}" + "".join(f"{'-':>8}" if np.isnan(share) else f"{share:8.3f}" for share in one)


def average(found: list[Agreement]) -> Agreement:
    columns = zip(*found, strict=True)
    return Agreement(*(np.nanmean(column) if not np.isnan(column).all() else np.nan for column in columns))


def tile(name: str, picture: np.ndarray, painted: np.ndarray, drawn: Masks) -> np.ndarray:
    shown = picture.copy()
    shown[~painted] //= 3
    shown[painted != drawn.face, 2] = 255
    cv2.putText(shown, name, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 255, 255))
    return shown


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FACES")
    parser.add_argument("--models", type=Path, default=Path("workspace/model"))
    parser.add_argument("--name")
    parser.add_argument("--sheet", type=Path, metavar="FILE")
    args = parser.parse_args(words)
    try:
        network = open_xseg(args.models, args.name)
    except UserError as error:
        sys.exit(str(error))
    print(f"{network.name}, iteration {network.iteration}\n{'':24}{'IoU':>8}{'hand':>8}{'skin':>8}")
    tiles = []
    for folder in args.folders:
        found, drawings = measure(folder, network)
        print(row(f"mean of {folder.name}", average(found)) + "\n")
        tiles += drawings
    if args.sheet:
        tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % COLUMNS)
        cv2.imwrite(
            str(args.sheet), np.vstack([np.hstack(tiles[at : at + COLUMNS]) for at in range(0, len(tiles), COLUMNS)])
        )


if __name__ == "__main__":
    main(sys.argv[1:])
