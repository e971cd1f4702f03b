"""Create the screenshot of `dfl xseg edit` from a drawn person behind a microphone.

python docs/pictures/xseg_page.py --chromium /usr/bin/chromium
"""

import argparse
import tempfile

import cv2
import numpy as np
from pages import SIDE, extract_drawn, opened, served, shoot
from playwright.sync_api import Page

from dfl_cli.demo.people.people import PERSON_B

FRAMES = 40
MICROPHONE = (175, 262), (26, 34)  # middle and half axes in the frame, pixels
AROUND = [(-1.15, -0.5), (-0.6, -1.1), (0.4, -1.15), (1.1, -0.4), (1.15, 0.6), (0.7, 1.6), (-0.6, 1.6)]  # in half axes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _, faces = extract_drawn(folder, PERSON_B, FRAMES, liveliness=0.6, change=covered)
        with served("xseg", "edit", faces) as address:
            photograph(address, arguments.chromium)


def covered(picture: np.ndarray) -> np.ndarray:
    """`picture` with a microphone in front of the chin."""
    (x, y), axes = MICROPHONE
    cv2.line(picture, (x, y), (x - 20, SIDE), (40, 40, 44), 22, cv2.LINE_AA)
    cv2.ellipse(picture, (x, y), axes, 8, 0, 360, (60, 60, 66), -1, cv2.LINE_AA)
    return picture


def photograph(address: str, chromium: str) -> None:
    with opened(address, chromium, color_scheme="dark") as page:
        page.locator("#list .entry img").first.wait_for()
        page.locator("#name", has_text="00001").wait_for()
        page.wait_for_timeout(1500)
        page.keyboard.press("j")
        page.keyboard.press("w")
        outline(page)
        shoot(page, "xseg_page.jpg")


def outline(page: Page) -> None:
    """Click around the microphone; it is looked for by its color in the picture of the face."""
    picture = page.locator("#canvas").screenshot()
    shown = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    gray = cv2.morphologyEx(cv2.inRange(shown, (54, 54, 58), (67, 67, 74)), cv2.MORPH_OPEN, np.ones((15, 15), np.uint8))
    _, _, boxes, _ = cv2.connectedComponentsWithStats(gray)
    left, top, width, height, _ = max(boxes[1:], key=lambda box: box[cv2.CC_STAT_AREA])
    box = page.locator("#canvas").bounding_box()
    middle = box["x"] + left + width / 2, box["y"] + top + height / 2
    for x, y in [*AROUND, AROUND[0]]:
        page.mouse.click(middle[0] + x * width / 2, middle[1] + y * height / 2)


if __name__ == "__main__":
    main()
