"""The editor on a phone, with fingers, in Chinese, with many faces."""

import os

import pytest

from browser import barriers, barriers_in_both_themes, on_their_way, running_chromium
from labels_tab import LabelsTab, labels_of, serving

FACES = 10_000
INCLUDE = 1


@pytest.fixture(scope="module")
def chromium():
    yield from running_chromium()


@pytest.fixture
def many(faces):
    """10,000 names of the same few files; saving one leaves the others alone."""
    for number in range(6, FACES):
        os.link(faces / "00005_0.jpg", faces / f"{number:05d}_0.jpg")
    return faces


class Fingers:
    """Touches of a screen; places are pixels of the face."""

    def __init__(self, tab: LabelsTab):
        self.tab, self.session = tab, tab.page.context.new_cdp_session(tab.page)

    def send(self, kind: str, *places: tuple[float, float]) -> None:
        points = [
            dict(zip("xy", self.tab.on_screen(place), strict=True), id=finger) for finger, place in enumerate(places)
        ]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def tap(self, *places: tuple[float, float]) -> None:
        for place in places:
            self.drag(place)

    def drag(self, *places: tuple[float, float]) -> None:
        self.send("touchStart", places[0])
        for place in places[1:]:
            self.send("touchMove", place)
        self.send("touchEnd")


def test_ten_thousand_faces_on_a_phone(chromium, many):
    with (
        serving(many, "--lang", "zh") as (_, address),
        chromium.new_context(viewport={"width": 390, "height": 780}, locale="zh-CN", has_touch=True) as context,
    ):
        tab = LabelsTab(context, address)
        tab.says("已标注 1 / 10000")
        assert barriers_in_both_themes(tab.page) == []
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
        draw_with_fingers(tab, many)
        pinch(tab)

        tab.page.locator("#list").focus()
        with on_their_way(tab.page, "&first=9900&"):
            tab.press("End", "Enter")
            tab.shows("09999_0.jpg")
        assert tab.page.locator("#list .entry").count() < 60
        tab.press("Control+a")
        tab.shows("00002_0.jpg")
        tab.press("?")
        tab.page.locator("#help-dialog").wait_for()
        assert barriers(tab.page) == []
        assert tab.errors == []


def draw_with_fingers(tab: LabelsTab, faces) -> None:
    fingers, face = Fingers(tab), faces / "00002_0.jpg"
    tab.page.locator("[data-do=next]").tap()
    tab.page.locator("[data-do=next]").tap()
    tab.shows("00002_0.jpg")
    fingers.tap((80, 60), (180, 60))
    fingers.drag((170, 150), (180, 180))  # a finger sees where it is only when it is there
    tab.page.locator("[data-do=close]").tap()
    tab.has(1)
    tab.saved()
    assert labels_of(face) == [(INCLUDE, [(80, 60), (180, 60), (180, 180)])]
    fingers.tap((130, 60))
    fingers.drag((80, 60), (60, 40))
    tab.saved()
    assert labels_of(face) == [(INCLUDE, [(60, 40), (180, 60), (180, 180)])]
    assert labels_of(faces / "00003_0.jpg") == []


def pinch(tab: LabelsTab) -> None:
    """Two fingers zoom and move, and what the first of them began is taken back."""
    fingers = Fingers(tab)
    tab.page.locator("[data-do=include]").tap()
    fingers.tap((20, 230))  # selects nothing
    fingers.send("touchStart", (40, 150))
    places = [(40, 150), (90, 150)], [(15, 150), (115, 150)]
    on_screen = [[tab.on_screen(place) for place in pair] for pair in places]
    for kind, pair in zip(("touchStart", "touchMove"), on_screen, strict=True):
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(pair)]
        fingers.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    fingers.send("touchEnd")
    tab.page.wait_for_function("Math.abs(document.getElementById('canvas').viewBox.baseVal.width - 128) < 2")
    tab.has(1)
    assert tab.page.locator("#hint").inner_text() == ""
    tab.page.locator("[data-do=fit]").tap()
    tab.page.wait_for_function("document.getElementById('canvas').viewBox.baseVal.width === 256")
