"""Create the screenshots of `dfl extract review` from a drawn person.

python docs/pictures/review_page.py --chromium /usr/bin/chromium
"""

import argparse
import tempfile

from pages import extract_drawn, opened, served, shoot

from dfl_cli.demo.people.people import PERSON_A

FRAMES = 120


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        frames, faces = extract_drawn(folder, PERSON_A, FRAMES, liveliness=1.5)
        with served("extract", "review", "--input", frames, "--output", faces) as address:
            photograph(address, arguments.chromium)


def photograph(address: str, chromium: str) -> None:
    with opened(address, chromium, color_scheme="dark") as page:
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


if __name__ == "__main__":
    main()
