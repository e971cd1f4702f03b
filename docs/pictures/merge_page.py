"""Create the screenshot of `dfl merge --web` from a finished demo.

make demo
python docs/pictures/merge_page.py --workspace demo-workspace --chromium /usr/bin/chromium
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
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
SIZE = {"width": 1280, "height": 720}
KEYS = ".." + "e" * 9 + "w" * 4  # typed before the screenshot: two frames forward, blur and erode up
LOADED = "document.querySelector('.frame img')?.naturalWidth > 0"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, required=True, help="workspace of `dfl demo`")
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as output:
        command = [sys.executable, "-u", "-m", "dfl_cli.main", "merge", "--web", "--batch", "--cpu"]
        command += ["--workspace", arguments.workspace, "--output", output, "--output-mask", f"{output}/masks"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            address = next(found.group() for line in server.stdout if (found := re.search(r"http://\S+", line)))
            picture = photograph(address, arguments.chromium)
            server.send_signal(signal.SIGINT)
    decoded = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    cv2.imwrite(str(HERE / "merge_page.jpg"), decoded, [cv2.IMWRITE_JPEG_QUALITY, 88])


def photograph(address: str, chromium: str) -> bytes:
    """PNG screenshot of the page after typing KEYS."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=SIZE)
        page.goto(address)
        page.wait_for_function(LOADED)
        for key in KEYS:
            page.keyboard.press(key)
        page.wait_for_timeout(2000)
        return page.screenshot()


if __name__ == "__main__":
    main()
