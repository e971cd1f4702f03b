"""Create the images of the README from a finished demo and a trained model.

make demo
dfl train --src A/aligned --dst B/aligned --models M --name ab ...
python docs/pictures/make.py --demo demo-workspace --model M/ab
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.preview.terminal import fitted
from dfl_cli.preview.window import framed
from dfl_cli.train.key_table import keys_in_window

HERE = Path(__file__).parent
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 88]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", type=Path, help="workspace of `dfl demo`")
    parser.add_argument("--model", type=Path, help="folder of a trained model")
    args = parser.parse_args()
    if args.demo:
        sheet = cv2.imread(str(args.demo / "contact_sheet.png"))
        half = cv2.resize(sheet, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(HERE / "contact_sheet.jpg"), half, QUALITY)
    if args.model:
        preview = cv2.imread(str(args.model / "preview.png"))
        cv2.imwrite(
            str(HERE / "preview.jpg"), cv2.resize(preview, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST), QUALITY
        )
        make_watching(preview)


def make_watching(preview: np.ndarray) -> None:
    """The preview window, and next to it the half-block preview of an 80-column terminal."""
    window = framed(preview, [*keys_in_window(), "SAEHD [1/2], losses of all iterations"])
    blocks = cv2.resize(
        fitted(preview, width=80, height=len(preview)), None, fx=5, fy=5, interpolation=cv2.INTER_NEAREST
    )
    both = np.zeros((max(len(window), len(blocks)), window.shape[1] + 20 + blocks.shape[1], 3), np.uint8) + 255
    both[: len(window), : window.shape[1]] = window
    both[: len(blocks), window.shape[1] + 20 :] = blocks
    cv2.imwrite(str(HERE / "watching.jpg"), both, QUALITY)


if __name__ == "__main__":
    main()
