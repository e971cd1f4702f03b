"""Create the screenshot of `dfl xseg edit` from a drawn person behind a microphone.

python docs/pictures/xseg_page.py --chromium /usr/bin/chromium
"""

import argparse
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Page, sync_playwright

from dfl_cli.demo.people.people import PERSON_B
from dfl_cli.demo.people.poses import draw_poses
from dfl_cli.demo.people.render import render

HERE = Path(__file__).parent
SIZE = {"width": 1280, "height": 720}
FRAMES, SIDE = 40, 400  # pixels
MICROPHONE = (175, 262), (26, 34)  # middle and half axes in the frame, pixels
AROUND = [(-1.15, -0.5), (-0.6, -1.1), (0.4, -1.15), (1.1, -0.4), (1.15, 0.6), (0.7, 1.6), (-0.6, 1.6)]  # in half axes
DFL = [sys.executable, "-u", "-m", "dfl_cli.main"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        frames, faces = Path(folder, "frames"), Path(folder, "faces")
        frames.mkdir()
        for number, pose in enumerate(draw_poses(FRAMES, 5, liveliness=0.6), start=1):
            cv2.imwrite(str(frames / f"{number:05d}.png"), covered(render(PERSON_B, pose, (SIDE, SIDE)).image))
        subprocess.run([*DFL, "extract", "--input", frames, "--output", faces, "--silent-start"], check=True)
        with subprocess.Popen([*DFL, "xseg", "edit", faces], stdout=subprocess.PIPE, text=True) as server:
            address = next(found.group() for line in server.stdout if (found := re.search(r"http://\S+", line)))
            photograph(address, arguments.chromium)
            server.send_signal(signal.SIGINT)


def covered(picture: np.ndarray) -> np.ndarray:
    """`picture` with a microphone in front of the chin."""
    (x, y), axes = MICROPHONE
    cv2.line(picture, (x, y), (x - 20, SIDE), (40, 40, 44), 22, cv2.LINE_AA)
    cv2.ellipse(picture, (x, y), axes, 8, 0, 360, (60, 60, 66), -1, cv2.LINE_AA)
    return picture


def photograph(address: str, chromium: str) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=SIZE, color_scheme="dark")
        page.goto(address)
        page.locator("#list .entry img").first.wait_for()
        page.locator("#name", has_text="00001").wait_for()
        page.wait_for_timeout(1500)
        page.keyboard.press("j")
        page.keyboard.press("w")
        outline(page)
        page.wait_for_timeout(1500)
        decoded = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_COLOR)
        cv2.imwrite(str(HERE / "xseg_page.jpg"), decoded, [cv2.IMWRITE_JPEG_QUALITY, 85])


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
