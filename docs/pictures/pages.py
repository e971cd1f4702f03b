"""What the scripts that photograph pages of `dfl` share: faces of a drawn person, a server, a browser, a picture."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Page, sync_playwright

from dfl_cli.demo.people.poses import draw_poses
from dfl_cli.demo.people.render import render

HERE = Path(__file__).parent
SIZE = {"width": 1280, "height": 720}
SIDE = 400  # pixels of a drawn frame
DFL = [sys.executable, "-u", "-m", "dfl_cli.main"]


def extract_drawn(
    folder: str, person, count: int, *, liveliness: float, change: Callable = lambda picture: picture
) -> tuple[Path, Path]:
    """Folders of `count` drawn frames, each put through `change`, and of their faces."""
    frames, faces = Path(folder, "frames"), Path(folder, "faces")
    frames.mkdir()
    for number, pose in enumerate(draw_poses(count, 5, liveliness=liveliness), start=1):
        cv2.imwrite(str(frames / f"{number:05d}.png"), change(render(person, pose, (SIDE, SIDE)).image))
    subprocess.run([*DFL, "extract", "--input", frames, "--output", faces, "--silent-start"], check=True)
    return frames, faces


@contextmanager
def served(*command) -> Iterator[str]:
    """The address of the page that `dfl` with the words of `command` serves meanwhile."""
    with subprocess.Popen([*DFL, *command], stdout=subprocess.PIPE, text=True) as server:
        yield next(found.group() for line in server.stdout if (found := re.search(r"http://\S+", line)))
        server.send_signal(signal.SIGINT)


@contextmanager
def opened(address: str, chromium: str, **options) -> Iterator[Page]:
    """The page in a browser; `options` as of Playwright's new_page."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=SIZE, **options)
        page.goto(address)
        yield page


def shoot(page: Page, name: str, *, wait: int = 1500, quality: int = 85) -> None:
    """Write what the page shows after `wait` milliseconds beside this script."""
    page.wait_for_timeout(wait)
    decoded = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    cv2.imwrite(str(HERE / name), decoded, [cv2.IMWRITE_JPEG_QUALITY, quality])
