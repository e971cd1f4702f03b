"""Create the screenshot of `dfl merge --web` from a finished demo.

make demo
python docs/pictures/merge_page.py --workspace demo-workspace --chromium /usr/bin/chromium
"""

import argparse
import tempfile
from pathlib import Path

from pages import opened, served, shoot

KEYS = ".." + "e" * 9 + "w" * 4  # typed before the screenshot: two frames forward, blur and erode up
LOADED = "document.querySelector('.frame img')?.naturalWidth > 0"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, required=True, help="workspace of `dfl demo`")
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as output:
        command = ["merge", "--web", "--batch", "--cpu", "--workspace", arguments.workspace]
        with served(*command, "--output", output, "--output-mask", f"{output}/masks") as address:
            photograph(address, arguments.chromium)


def photograph(address: str, chromium: str) -> None:
    """Of the page after typing KEYS."""
    with opened(address, chromium) as page:
        page.wait_for_function(LOADED)
        for key in KEYS:
            page.keyboard.press(key)
        shoot(page, "merge_page.jpg", wait=2000, quality=88)


if __name__ == "__main__":
    main()
