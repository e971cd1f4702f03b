"""The editor of labels in a real browser."""

import os
import signal
import socket
from pathlib import Path

import pytest

from browser import barriers, barriers_in_both_themes, running_chromium, status_of
from labels_tab import LabelsTab, labels_of, serving

INCLUDE, EXCLUDE = 1, 0
FACE = [(80, 60), (180, 60), (190, 180), (70, 180)]
HAND = [(110, 100), (150, 105), (130, 140)]
DESK = {"width": 1200, "height": 760}


@pytest.fixture(scope="module")
def chromium():
    yield from running_chromium()


@pytest.fixture
def desk(chromium):
    """A browser of its own, without what others have stored."""
    with chromium.new_context(viewport=DESK) as context:
        yield context


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def test_polygons_are_drawn_changed_and_saved(desk, faces):
    with serving(faces) as (program, address):
        root = address.partition("?")[0]
        for refused in ("", "?token=wrong", "state", "face/0", "face/0/picture"):
            assert status_of(root + refused) == 403
        tab = LabelsTab(desk, address)
        assert barriers_in_both_themes(tab.page) == []
        tab.press("d", "d")
        tab.shows("00002_0.jpg")

        draw_undo_redo(tab, faces / "00002_0.jpg")
        move_add_and_delete_points(tab, faces / "00002_0.jpg")
        draw_by_keys(tab, faces / "00003_0.jpg")
        look_closer(tab)

        asked = {each.partition("//")[2].partition("/")[0] for each in tab.addresses if each.startswith("http")}
        assert asked == {root.partition("//")[2].strip("/")}
        assert tab.errors == []
        tab.page.locator("#leave").click()
        tab.says("The editor has ended.")
        assert program.wait(15) == 0
        assert not (faces / ".dfl-lock").exists()


def draw_undo_redo(tab: LabelsTab, face: Path) -> None:
    tab.draw(*FACE)
    tab.press("w")
    tab.click(*HAND[:2])
    tab.says("Drawing: 2 points")
    tab.press("Control+z")
    tab.says("Drawing: 1 points")
    tab.press("Control+Shift+Z")
    tab.click(HAND[2])
    tab.press("Enter")
    tab.saved()
    assert labels_of(face) == [(INCLUDE, FACE), (EXCLUDE, HAND)]
    tab.press("Control+z", "Escape")
    tab.saved()
    assert labels_of(face) == [(INCLUDE, FACE)]
    tab.press("Control+z", "Control+Shift+Z", "Control+z", "Control+Shift+Z", "Control+z")
    tab.says("Drawing: 3 points")
    tab.press("Enter")
    tab.saved()
    assert labels_of(face) == [(INCLUDE, FACE), (EXCLUDE, HAND)]


def move_add_and_delete_points(tab: LabelsTab, face: Path) -> None:
    tab.click((130, 60))  # on the line
    tab.says("Polygon 1 of 2")
    tab.drag(FACE[0], (90, 40))
    tab.click((185, 120), key="Control")
    tab.drag((185, 120), (200, 120))
    tab.click(FACE[3], key="Control")
    tab.saved()
    assert labels_of(face)[0] == (INCLUDE, [(90, 40), (180, 60), (200, 120), (190, 180)])
    tab.click((20, 20))  # on nothing: no polygon is selected, and none begins
    assert tab.page.locator("#hint").inner_text() == ""
    tab.click((130, 102.5))
    tab.says("Polygon 2 of 2")
    tab.click(HAND[0], key="Control")  # two points are no polygon
    tab.saved()
    assert len(labels_of(face)) == 1
    tab.press("n", "Delete")
    tab.saved()
    assert labels_of(face) == []


def draw_by_keys(tab: LabelsTab, face: Path) -> None:
    tab.press("d")
    tab.shows("00003_0.jpg")
    tab.press("q", " ", *["Shift+ArrowRight"] * 4, " ", *["Shift+ArrowDown"] * 3, " ", "Enter")
    tab.saved()
    assert labels_of(face) == [(INCLUDE, [(128, 128), (168, 128), (168, 158)])]
    tab.press("n", "p", "ArrowLeft", "Shift+ArrowUp")
    tab.saved()
    assert labels_of(face) == [(INCLUDE, [(127, 118), (168, 128), (168, 158)])]


def look_closer(tab: LabelsTab) -> None:
    """Zoom keeps the place under the pointer, the middle button moves the picture, and points still go where they are put."""
    before = tab.on_screen((100, 100))
    tab.page.mouse.move(*before)
    for _ in range(6):
        tab.page.mouse.wheel(0, -120)
    tab.page.wait_for_function("document.getElementById('canvas').viewBox.baseVal.width < 120")
    assert tab.on_screen((100, 100)) == pytest.approx(before, abs=3)  # whole pixels of the screen
    before, target = tab.on_screen((100, 100)), tab.on_screen((120, 110))
    tab.drag((100, 100), (120, 110), button="middle")
    assert tab.on_screen((100, 100)) == pytest.approx(target, abs=3)
    tab.press("0")
    assert tab.page.evaluate("document.getElementById('canvas').viewBox.baseVal.width") == 256


def test_the_way_through_the_faces(desk, faces):
    with serving(faces) as (_, address):
        tab = LabelsTab(desk, address)
        tab.shows("00000_0.jpg")
        tab.says("Labeled: 1 of 6.")
        tab.press("d", "d", "a")
        tab.shows("00001_0.jpg")
        tab.press("Shift+D")
        tab.shows("00005_0.jpg")
        tab.press("d")
        tab.says("No further face.")
        tab.press("Control+a")
        tab.shows("00000_0.jpg")
        tab.press("f", "f")
        tab.page.wait_for_function("document.querySelectorAll('#list .entry').length === 5")
        tab.press("d")
        tab.shows("00001_0.jpg")
        masks_are_shown(tab)
        tab.draw(*FACE)
        tab.saved()
        tab.page.wait_for_function("document.querySelectorAll('#list .entry').length === 4")
        tab.press("d")
        tab.shows("00002_0.jpg")
        tab.page.locator("#filter").select_option("all")
        tab.page.locator("#list [title='00004_0.jpg']").click()
        tab.shows("00004_0.jpg")
        trash_and_restore(tab, faces)
        tab.page.reload()
        tab.shows("00004_0.jpg")
        tab.press("?")
        tab.page.locator("#help-dialog").wait_for()
        assert barriers(tab.page) == []
        tab.press("Escape", "Control+a")
        tab.shows("00001_0.jpg")
        tab.has(1)
        tab.click((30, 30), (50, 30), (50, 50))
        tab.press("d")
        tab.says("The polygon on 00001_0.jpg is not closed yet.")
        tab.press("a", *["Control+z"] * 4, "Enter")  # what was drawn before the reload is undone, and done again
        tab.shows("00001_0.jpg")
        tab.has(1)
        tab.press("Control+z", "Control+z", "Escape")
        tab.has(0)
        assert tab.errors == []


def masks_are_shown(tab: LabelsTab) -> None:
    tab.press("5")
    tab.page.locator("#canvas[data-mask=alone] mask image").wait_for(state="attached")
    tab.press("`")
    tab.page.locator("#canvas[data-mask=overlay]").wait_for()
    tab.press("4", "`")
    tab.page.locator("#canvas[data-mask=alone]").wait_for()
    assert tab.page.locator("#canvas mask image").count() == 0
    tab.press("4", "3")
    tab.page.locator("#canvas[data-mask=none][data-color='3']").wait_for()


def trash_and_restore(tab: LabelsTab, faces: Path) -> None:
    tab.press("x")
    tab.shows("00005_0.jpg")
    tab.says("Labeled: 2 of 5.")
    assert (faces.with_name("aligned_trash") / "00004_0.jpg").is_file()
    tab.press("u")
    tab.shows("00004_0.jpg")
    tab.says("Labeled: 2 of 6.")
    assert (faces / "00004_0.jpg").is_file()


def test_two_tabs_on_one_face_lose_nothing(desk, faces):
    path = faces / "00000_0.jpg"
    [square] = labels_of(path)
    with serving(faces) as (_, address):
        one, other = LabelsTab(desk, address), LabelsTab(desk, address)
        one.press("w")
        one.draw(*HAND)
        one.saved()
        other.says("was changed in another tab")
        other.has(2)

        other.page.route("**/state?*", lambda route: route.abort())  # it hears nothing until it saves
        one.draw((20, 20), (30, 20), (30, 30))
        one.saved()
        other.press("w")
        other.draw((220, 220), (230, 220), (230, 230))
        other.says("Both changes are kept")
        other.saved()
        both = [square, (EXCLUDE, HAND), (EXCLUDE, [(20, 20), (30, 20), (30, 30)])]
        assert labels_of(path) == [*both, (EXCLUDE, [(220, 220), (230, 220), (230, 230)])]

        one.says("was changed in another tab")
        one.click((120, 40))
        one.drag((40, 40), (50, 50))
        one.saved()
        other.click((120, 40))
        other.drag((200, 40), (210, 30))
        other.page.locator("#conflict").wait_for()
        assert barriers(other.page) == []
        assert labels_of(path)[0] == (INCLUDE, [(50, 50), (200, 40), (200, 200), (40, 200)])
        other.page.locator("#keep-mine").click()
        other.saved()
        assert labels_of(path)[0] == (INCLUDE, [(40, 40), (210, 30), (200, 200), (40, 200)])
        other.press("Control+z")  # ours was put on top of the others' labels; what was before is a step away
        assert (one.errors, other.errors) == ([], [])


def test_a_killed_server_loses_nothing(desk, faces):
    port = free_port()
    path = faces / "00002_0.jpg"
    with serving(faces, "--port", port) as (program, address):
        tab = LabelsTab(desk, address)
        tab.press("d", "d")
        tab.shows("00002_0.jpg")
        tab.draw(*FACE)
        tab.saved()
        os.kill(program.pid, signal.SIGKILL)
        program.wait(15)
        assert labels_of(path) == [(INCLUDE, FACE)]
        tab.press("w")
        tab.draw(*HAND)
        tab.saved("bad")
        tab.says("Unsaved faces, kept in this browser: 1.")
        tab.click((200, 200))  # the beginning of another one
    with serving(faces, "--port", port) as (_, address):
        tab.says("dfl xseg edit was restarted")
        tab.page.on("dialog", lambda dialog: dialog.accept())
        tab.page.goto(address)
        tab.shows("00002_0.jpg")
        tab.saved()
        tab.says("Drawing: 1 points")
        assert labels_of(path) == [(INCLUDE, FACE), (EXCLUDE, HAND)]
        assert tab.errors == []
    assert list(faces.glob("*.partial")) == []
