"""Makes the pictures of the README from a finished demo and a trained model.

make demo
dfl train --src A/aligned --dst B/aligned --models M --name ab ...
python docs/pictures/make.py --demo demo-workspace --model M/ab
"""

import argparse
from pathlib import Path

import cv2

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


if __name__ == "__main__":
    main()
