"""The editor of labels as a person uses it: the program that serves it, and tabs of a browser."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from samplers.files.dfl_image import read_face_info

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\?token=\S+")


@contextmanager
def serving(*arguments) -> Iterator[tuple[subprocess.Popen, str]]:
    """`dfl xseg edit` as a program, and the address of its page."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTEST_CURRENT_TEST", None)  # NiceGUI behaves otherwise under pytest
    program = subprocess.Popen(
        [sys.executable, "-u", "-m", "dfl_cli.main", "xseg", "edit", *map(str, arguments)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
    )  # fmt: skip
    try:
        yield program, ADDRESS.search(program.stdout.readline()).group()
    finally:
        if program.poll() is None:
            program.kill()
        program.communicate()


def labels_of(path: Path) -> list[tuple[int, list[tuple[float, float]]]]:
    """(type, points to whole pixels) of each polygon in the file of a face."""
    polygons = read_face_info(path.read_bytes()).polygons
    return [(int(each.type), [tuple(point) for point in np.rint(each.points).tolist()]) for each in polygons]


class LabelsTab:
    """A tab with the editor; places are pixels of the face."""

    def __init__(self, context, address: str):
        self.page = context.new_page()
        self.page.set_default_timeout(60_000)  # a machine may be busy
        self.errors, self.addresses = [], []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.addresses.append(request.url))
        self.page.goto(address)
        self.page.locator("#list .entry img").first.wait_for()
        self.page.wait_for_function("document.getElementById('name').textContent !== ''")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def on_screen(self, place: tuple[float, float]) -> tuple[float, float]:
        script = """([x, y]) => {
            const to = new DOMPoint(x, y).matrixTransform(document.getElementById("canvas").getScreenCTM());
            return [to.x, to.y];
        }"""
        return tuple(self.page.evaluate(script, list(map(float, place))))

    def click(self, *places: tuple[float, float], key: str | None = None) -> None:
        """key: one that is held, such as Control."""
        if key:
            self.page.keyboard.down(key)
        for place in places:
            self.page.mouse.click(*self.on_screen(place))
        if key:
            self.page.keyboard.up(key)

    def drag(self, start: tuple[float, float], end: tuple[float, float], **options) -> None:
        self.page.mouse.move(*self.on_screen(start))
        self.page.mouse.down(**options)
        self.page.mouse.move(*self.on_screen(end), steps=5)
        self.page.mouse.up(**options)

    def draw(self, *places: tuple[float, float]) -> None:
        """A polygon, closed at its first point."""
        self.click(*places, places[0])

    def shows(self, name: str) -> None:
        self.page.locator("#name", has_text=name).wait_for()

    def says(self, text: str) -> None:
        self.page.locator("#message, #hint, #counts, #saving", has_text=text).first.wait_for()

    def saved(self, kind: str = "saved") -> None:
        """Wait until the server has everything, or until the page says that it does not."""
        self.page.locator(f"#saving[data-kind={kind}]").wait_for()

    def has(self, count: int) -> None:
        """Wait until so many polygons are shown."""
        script = "count => document.querySelectorAll('#canvas .line:not(.drawn, .rubber)').length === count"
        self.page.wait_for_function(script, arg=count)
