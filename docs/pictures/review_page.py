"""Create the screenshots of `dfl extract review` from a drawn person.

python docs/pictures/review_page.py --chromium /usr/bin/chromium
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
FRAMES, SIDE = 120, 400  # pixels
DFL = [sys.executable, "-u", "-m", "dfl_cli.main", "extract"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        frames, faces = Path(folder, "frames"), Path(folder, "faces")
        frames.mkdir()
        for number, pose in enumerate(draw_poses(FRAMES, 5, liveliness=1.5), start=1):
            cv2.imwrite(str(frames / f"{number:05d}.png"), render(PERSON_A, pose, (SIDE, SIDE)).image)
        subprocess.run([*DFL, "--input", frames, "--output", faces, "--silent-start"], check=True)
        command = [*DFL, "review", "--input", frames, "--output", faces]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            address = next(found.group() for line in server.stdout if (found := re.search(r"http://\S+", line)))
            photograph(address, arguments.chromium)
            server.send_signal(signal.SIGINT)


def photograph(address: str, chromium: str) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=SIZE, color_scheme="dark")
        page.goto(address)
        page.locator("#grid .entry img").first.wait_for()
        page.locator("#order").select_option("jitter")
        page.wait_for_timeout(6000)
        page.locator("#grid-2").click()
        page.locator("#grid-5").click(modifiers=["Shift"])
        shoot(page, "review_faces.jpg")
        page.keyboard.press("Enter")
        page.wait_for_timeout(2000)
        for key in ["]"] * 9 + ["+"] * 2:
            page.keyboard.press(key)
        shoot(page, "review_frame.jpg")


def shoot(page: Page, name: str) -> None:
    page.wait_for_timeout(1500)
    decoded = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    cv2.imwrite(str(HERE / name), decoded, [cv2.IMWRITE_JPEG_QUALITY, 85])


if __name__ == "__main__":
    main()
