"""The review in a real browser."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from browser import barriers, barriers_in_both_themes, on_their_way, running_chromium, status_of
from samplers.files.dfl_image import read_face_info

ROOT = Path(__file__).resolve().parents[4]
CROWDED = Path(__file__).with_name("crowded_review.py")


@pytest.fixture(scope="module")
def chromium():
    yield from running_chromium()


@pytest.fixture
def start():
    """`start(argument, ...)`: a Python program that serves a page, and its address; ended with the test."""
    running = []

    def run(*command) -> tuple[subprocess.Popen, str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        environment.pop("PYTEST_CURRENT_TEST", None)  # NiceGUI behaves otherwise under pytest
        program = subprocess.Popen(
            [sys.executable, "-u", *map(str, command)],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
        )  # fmt: skip
        running.append(program)
        return program, re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", program.stdout.readline()).group()

    yield run
    for program in running:
        if program.poll() is None:
            program.kill()
        program.communicate()


class Tab:
    """A browser tab with a review, as a person uses it."""

    def __init__(self, context, address: str):
        self.page = context.new_page()
        self.page.set_default_timeout(60_000)
        self.errors, self.addresses = [], []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.addresses.append(request.url))
        self.page.goto(address)
        self.page.locator("#grid .entry img").first.wait_for()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def saves(self, key: str = "s") -> None:
        with self.page.expect_response(re.compile("/repair$")) as answer:
            self.press(key)
        assert answer.value.ok

    def says(self, text: str) -> None:
        """Among the counts, or about the frame."""
        self.page.locator("#counts, #editor-text, #message", has_text=text).first.wait_for()

    def middle(self, selector: str) -> tuple[float, float]:
        box = self.page.locator(selector).bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag(self, *places: tuple[float, float]) -> None:
        self.page.mouse.move(*places[0])
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*place, steps=5)
        self.page.mouse.up()

    def in_frame(self, *places: tuple[float, float]) -> list[tuple[float, float]]:
        """Where on the screen pixels of the frame are."""
        script = """places => {
            const matrix = document.getElementById("canvas").getScreenCTM();
            return places.map(([x, y]) => { const to = new DOMPoint(x, y).matrixTransform(matrix); return [to.x, to.y]; });
        }"""
        return self.page.evaluate(script, [list(map(float, place)) for place in places])


def points_of(path: Path) -> np.ndarray:
    return read_face_info(path.read_bytes()).source_landmarks


def apart(path: Path, points: np.ndarray) -> float:
    """Pixels between the points of a face and others, on average."""
    return float(np.abs(points_of(path) - points).mean())


def test_faces_are_sorted_out_and_frames_put_right(chromium, start, extracted):
    faces = extracted / "faces"
    program, address = start(
        "-m", "dfl_cli.main", "extract", "review", "--output", faces, "--input", extracted / "frames"
    )
    root = address.partition("?")[0]
    for refused in ("", "?token=wrong", "state", "thumb/0", "frame/0/picture"):
        assert status_of(root + refused) == 403
    assert status_of(address, Host="evil.example:80") == 403
    tab = Tab(chromium.new_context(viewport={"width": 1200, "height": 760}), address)
    assert barriers_in_both_themes(tab.page) == []

    select_faces(tab)
    throw_away_and_restore(tab, faces)
    move_points_by_keys(tab, faces)
    find_a_face_in_a_box(tab, faces)
    box_by_keys(tab)

    asked = {address.partition("//")[2].partition("/")[0] for address in tab.addresses if address.startswith("http")}
    assert asked == {root.partition("//")[2].strip("/")}
    assert tab.errors == []
    tab.page.locator("#leave").click()
    tab.says("The review has ended")
    assert program.wait(15) == 0
    assert not (faces / ".dfl-lock").exists()


def select_faces(tab: Tab) -> None:
    """By keys, clicks, lasso and the map."""
    tab.says("Shown: 4 of 4. Selected: 0.")
    tab.press("ArrowRight", " ")
    tab.says("Selected: 1.")
    tab.press("Shift+ArrowRight", "Shift+ArrowRight")
    tab.says("Selected: 3.")
    tab.press("Escape")
    tab.says("Selected: 0.")
    tab.page.locator("#grid-0").click()
    tab.page.locator("#grid-2").click(modifiers=["Shift"])
    tab.says("Selected: 3.")
    tab.page.locator("#grid-1").click(modifiers=["Control"])
    tab.says("Selected: 2.")
    (left, top), (right, bottom) = tab.middle("#grid-0"), tab.middle("#grid-1")
    tab.drag((left - 40, top - 40), (right + 30, top - 40), (right + 30, bottom + 150), (left - 40, bottom + 150))
    tab.page.wait_for_function("document.querySelectorAll('#grid [aria-selected=true]').length === 2")
    assert tab.page.locator("#grid-1").get_attribute("aria-selected") == "true"
    tab.press("s", "s")
    tab.page.wait_for_function("document.getElementById('order').value === 'size'")
    cell = tab.page.locator("#map [role=gridcell]:not([aria-label$=': 0'])").first
    count = cell.get_attribute("aria-label").rpartition(" ")[2]
    cell.click()
    tab.says(f"Shown: {count} of 4.")
    tab.page.wait_for_function("document.querySelector('#map [aria-selected=true]')")
    tab.press("c")
    tab.page.wait_for_function("!document.querySelector('#map [aria-selected=true]')")  # all faces may be in one cell
    tab.says("Shown: 4 of 4.")
    tab.press("m", "ArrowUp", "ArrowLeft")
    tab.page.wait_for_function("document.activeElement.matches('#map [role=gridcell][aria-label$=\": 0\"]')")
    tab.press("Enter")
    tab.says("Shown: 0 of 4.")
    tab.press("Enter", "g", "a")
    tab.says("Shown: 4 of 4. Selected: 4.")
    tab.page.locator("#order").select_option("time")


def throw_away_and_restore(tab: Tab, faces: Path) -> None:
    tab.press("Escape", "g", "Home", " ")
    tab.says("Selected: 1.")
    tab.press("x")
    tab.says("Shown: 3 of 3. Selected: 0. In the trash: 1.")
    assert not (faces / "00001_0.jpg").exists()
    tab.press("z")
    tab.says("Shown: 4 of 4. Selected: 1. In the trash: 0.")
    assert (faces / "00001_0.jpg").exists()


def move_points_by_keys(tab: Tab, faces: Path) -> None:
    before, content = points_of(faces / "00001_0.jpg"), (faces / "00001_0.jpg").read_bytes()
    tab.press("g", "Home", "Enter")
    tab.says("Frame 00001.png. Faces: 1.")
    crop = tab.page.locator("#crop")
    crop.wait_for()
    shown = crop.get_attribute("src")
    tab.press("]", "]", "Shift+ArrowRight", "ArrowUp")
    tab.says("point 2 of 68")
    tab.says("unsaved")
    tab.page.wait_for_function("before => document.getElementById('crop').src !== before", arg=shown)
    tab.saves()
    moved = points_of(faces / "00001_0.jpg") - before
    assert np.allclose(moved[1], (10, -1), atol=0.02)
    assert np.allclose(np.delete(moved, 1, axis=0), 0, atol=0.02)
    tab.press("w", "ArrowDown", "z")
    tab.saves("o")
    tab.says("The faces that were found hold again.")
    assert (faces / "00001_0.jpg").read_bytes() == content
    assert barriers_in_both_themes(tab.page) == []


def find_a_face_in_a_box(tab: Tab, faces: Path) -> None:
    """In the frame with two people: one is taken away and found again, and its point is dragged."""
    gone = points_of(faces / "00004_1.jpg")
    tab.press("v", "End", "Enter")
    tab.says("Frame 00004.png. Faces: 2.")
    tab.says("Face 2 of 2")
    tab.press("x")
    tab.saves()
    tab.says("Faces: 1.")
    assert not (faces / "00004_1.jpg").exists()
    (left, top), (right, bottom) = gone.min(axis=0) - 6, gone.max(axis=0) + 6
    tab.drag(*tab.in_frame((left, top), (right, bottom)))
    tab.says("Landmarks found. Check them and save.")
    tab.press("+", "+")
    tab.saves()
    again = min(faces.glob("00004_*.jpg"), key=lambda path: apart(path, gone))  # the larger box has the first number
    assert apart(again, gone) < 4
    found = points_of(again)
    tab.drag(*tab.in_frame(found[8], found[8] + (0, 6)))
    tab.saves()
    assert points_of(again)[8, 1] - found[8, 1] > 3


def box_by_keys(tab: Tab) -> None:
    """Where there is no face, the points of a mean one come into the box."""
    tab.page.get_by_role("option", name="00002.png").click()
    tab.says("No face in this frame.")
    tab.page.locator("#canvas").focus()
    tab.press("b", "ArrowLeft", "Shift+ArrowDown", "Enter")
    tab.says("No landmarks were found in the box.")
    tab.press("z")
    tab.saves()
    tab.says("Repaired: 2.")
    tab.press("?")
    tab.page.locator("#help-dialog").wait_for()
    assert barriers(tab.page) == []
    tab.press("Escape", "v")
    tab.says("Shown: 4 of 4.")


def test_a_hundred_thousand_faces_in_chinese_on_a_narrow_screen(chromium, start, extracted):
    program, address = start(CROWDED, extracted / "faces")
    tab = Tab(chromium.new_context(viewport={"width": 390, "height": 780}, locale="zh-CN"), address)
    tab.says("显示 100000 / 100000")
    assert barriers(tab.page) == []
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
    with on_their_way(tab.page, "/faces?first=99900&"):
        tab.press("End")
        tab.page.locator("#grid-99999").wait_for()
        assert tab.page.locator("#details").inner_text() == ""
    tab.page.wait_for_function("document.querySelector('#grid-99999').title === '099995_0.jpg'")
    assert tab.page.locator("#details").inner_text().startswith("099995_0.jpg")
    tab.page.evaluate("document.getElementById('grid').scrollTop = 1e6")
    tab.page.wait_for_function("document.querySelectorAll('#grid .entry[title]').length > 8")
    assert tab.page.locator("#grid .entry").count() < 100
    tab.press("a")
    tab.says("已选 100000")
    tab.press("s", "s", "S", "Home")
    tab.page.wait_for_function("document.querySelector('#grid-0')?.title === '099995_0.jpg'")
    tab.press("v")
    tab.says("共 100000 帧，无人脸 100000")
    tab.page.locator("#message", has_text="帧 000000.png 已不存在。").wait_for()
    with on_their_way(tab.page, "/frames?first=99900&"):
        tab.press("End")
        tab.page.locator("#message", has_text="帧 099999.png 已不存在。").wait_for()
    tab.page.locator("#list-99999", has_text="099999.png").wait_for()
    assert tab.page.locator("#list .entry").count() < 100
    assert barriers(tab.page) == []
    assert tab.errors == []
    program.send_signal(signal.SIGHUP)  # the ssh connection was lost
    assert program.wait(15) == 128 + signal.SIGHUP
