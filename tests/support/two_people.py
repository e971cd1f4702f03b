"""Frames with two real people: a woman at the left, a man at the right, whose face is a little larger."""

from pathlib import Path

import cv2
import numpy as np

BOTH, HE, SHE = 12, 3, 2  # frames with both, with the man alone, and, after a cut, with the woman alone


def shifted(picture, right):
    matrix = np.float64([[1, 0, right], [0, 1, 0]])
    return cv2.warpAffine(picture, matrix, picture.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)


def write_frames(folder: Path, photo: Path) -> Path:
    """Frames made of the photo of both, moved by half a pixel each, (200, 480) or half as wide."""
    two = cv2.imread(str(photo))
    folder.mkdir()
    pictures = [shifted(two, number / 2) for number in range(BOTH)]
    pictures += [shifted(two[:, 240:], number) for number in range(HE)] + [two[:, :240]] * SHE
    for number, picture in enumerate(pictures, start=1):
        cv2.imwrite(str(folder / f"{number:05d}.png"), picture)
    return folder
