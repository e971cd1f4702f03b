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

from dfl_cli.demo.people.people import PERSON_A
from dfl_cli.demo.people.poses import draw_poses
from dfl_cli.demo.people.render import render

HERE = Path(__file__).parent
SIZE = {"width": 1280, "height": 720}
FRAMES, SIDE = 40, 400  # pixels
DFL = [sys.executable, "-u", "-m", "dfl_cli.main"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        frames, faces = Path(folder, "frames"), Path(folder, "faces")
        frames.mkdir()
        for number, pose in enumerate(draw_poses(FRAMES, 5, liveliness=1.5), start=1):
            picture = with_microphone(render(PERSON_A, pose, (SIDE, SIDE)).image)
            cv2.imwrite(str(frames / f"{number:05d}.png"), picture)
        extract = [*DFL, "extract", "--input", frames, "--output", faces, "--face-type", "wf", "--silent-start"]
        subprocess.run(extract, check=True)
        with subprocess.Popen([*DFL, "xseg", "edit", faces], stdout=subprocess.PIPE, text=True) as server:
            address = next(found.group() for line in server.stdout if (found := re.search(r"http://\S+", line)))
            photograph(address, arguments.chromium)
            server.send_signal(signal.SIGINT)


def with_microphone(picture: np.ndarray) -> np.ndarray:
    """A black microphone in front of the right cheek."""
    side = len(picture)
    head, end = (round(side * 0.6), round(side * 0.66)), (round(side * 0.72), side)
    covered = cv2.line(picture.copy(), head, end, (60, 60, 66), side // 18, cv2.LINE_AA)
    return cv2.circle(covered, head, side // 14, (36, 36, 40), cv2.FILLED, cv2.LINE_AA)


def photograph(address: str, chromium: str) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=SIZE, color_scheme="dark")
        page.goto(address)
        page.locator("#list .entry img").first.wait_for()
        page.wait_for_timeout(1500)
        page.keyboard.press("j")
        for step in ("g", "Enter", "v", "d", "c", "d", "c", "d", "c", "a", "a", "a"):
            page.keyboard.press(step)
            if step == "g":
                cut_out(page)
            page.wait_for_timeout(700)
        for key in ("`", "n", "n"):
            page.keyboard.press(key)
        shoot(page, "xseg_edit.jpg")


def cut_out(page: Page) -> None:
    """A box around the microphone."""
    box = page.locator("#canvas").bounding_box()
    side = min(box["width"], box["height"])
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(middle[0] + side * 0.02, middle[1] + side * 0.02)
    page.mouse.down()
    page.mouse.move(middle[0] + side * 0.4, middle[1] + side * 0.48, steps=5)
    page.mouse.up()
    page.wait_for_timeout(3000)


def shoot(page: Page, name: str) -> None:
    page.wait_for_timeout(1500)
    decoded = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    cv2.imwrite(str(HERE / name), decoded, [cv2.IMWRITE_JPEG_QUALITY, 85])


if __name__ == "__main__":
    main()
