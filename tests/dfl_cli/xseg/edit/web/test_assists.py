"""Labels that the editor makes for the person, in a real browser."""

from pathlib import Path

import numpy as np
import pytest

from browser import running_chromium
from dfl_cli.xseg.assist.hull import hull_polygon
from labels_tab import LabelsTab, labels_of, serving
from samplers.files.dfl_image import read_face_info
from samplers.geometry.polygons import overlay

INCLUDE, EXCLUDE = 1, 0
HAND = [(110, 100), (150, 105), (130, 140)]


@pytest.fixture(scope="module")
def chromium():
    yield from running_chromium()


@pytest.fixture
def tab(chromium, faces):
    """On the third face, which has no labels."""
    with serving(faces) as (_, address), chromium.new_context(viewport={"width": 1200, "height": 760}) as context:
        found = LabelsTab(context, address)
        found.press("d", "d")
        found.shows("00002_0.jpg")
        yield found
        assert found.errors == []


def mask_of(path: Path) -> np.ndarray:
    """(256, 256) bool: what training takes for face."""
    return overlay(read_face_info(path.read_bytes()).polygons, np.zeros((256, 256, 1), np.float32))[..., 0] > 0


def hull_of(path: Path) -> list[tuple[float, float]]:
    return [tuple(point) for point in hull_polygon(read_face_info(path.read_bytes()).landmarks).points.tolist()]


def test_labels_of_what_covers_the_face_are_cut_from_the_automatic_mask(tab, faces):
    face = faces / "00002_0.jpg"
    tab.press("j")
    assert tab.page.locator("#automatic").is_checked()
    tab.page.locator("#canvas .ghost").wait_for(state="attached")
    tab.draw(*HAND)
    tab.saved()
    assert labels_of(face) == [(INCLUDE, hull_of(face)), (EXCLUDE, HAND)]
    assert tab.page.locator("#canvas .ghost").count() == 0
    tab.press("Control+z", "Control+z")
    tab.saved()
    assert labels_of(face) == []
    tab.press("d", "h")  # nothing covers this one
    tab.saved()
    assert labels_of(faces / "00003_0.jpg") == [(INCLUDE, hull_of(faces / "00003_0.jpg"))]
    tab.page.reload()
    tab.shows("00003_0.jpg")
    assert tab.page.locator("#automatic").is_checked()


def test_labels_are_copied_from_the_labeled_face_before(tab, faces):
    tab.press("c")
    tab.says("Copied from 00000_0.jpg.")
    tab.saved()
    assert labels_of(faces / "00002_0.jpg") == labels_of(faces / "00000_0.jpg")  # the landmarks are the same
    tab.press("Control+z")
    tab.saved()
    assert labels_of(faces / "00002_0.jpg") == []


def test_a_brush_adds_to_the_labels_and_an_eraser_takes_away(tab, faces):
    face = faces / "00002_0.jpg"
    tab.draw((60, 60), (200, 60), (200, 200), (60, 200))
    tab.press("b", "w", "]", "]", "]")
    tab.drag((100, 130), (160, 130))
    tab.page.wait_for_function("document.querySelectorAll('#canvas .stroke').length === 0")
    tab.saved()
    mask = mask_of(face)
    assert mask[130, 70:86].all()
    assert not mask[130, 95:160].any()
    tab.press("e")
    tab.drag((130, 110), (130, 150))
    tab.page.wait_for_function("document.querySelectorAll('#canvas .stroke').length === 0")
    tab.saved()
    mask = mask_of(face)
    assert (mask[130, 130], mask[130, 105], mask[130, 155]) == (True, False, False)
    assert [kind for kind, _ in labels_of(face)] == [INCLUDE, EXCLUDE, EXCLUDE]
    tab.press("Control+z", "Escape")
    assert tab.page.locator("[data-do=polygon]").get_attribute("aria-pressed") == "true"
    tab.saved()
    assert not mask_of(face)[130, 130]


def test_a_box_cuts_out_and_strokes_correct_it(tab, faces):
    face = faces / "00002_0.jpg"
    tab.press("g")
    tab.says("Drag a box")
    tab.drag((70, 30), (190, 210))
    tab.says("Paint on what is missing")
    tab.page.wait_for_function("document.querySelector('#edit').getAttribute('aria-busy') === 'false'")
    tab.saved()
    assert mask_of(face)[100:150, 110:150].mean() > 0.9
    tab.page.keyboard.down("Control")
    tab.drag((120, 100), (140, 130))
    tab.page.keyboard.up("Control")
    tab.page.wait_for_function("document.querySelector('#edit').getAttribute('aria-busy') === 'false'")
    tab.saved()
    assert not mask_of(face)[115, 130]
    tab.press("Enter")
    tab.says("Drag a box")


def test_what_needs_a_network_says_how_to_get_one(tab):
    tab.press("m")
    tab.says("No XSeg model was found.")
    tab.press("s")
    tab.says("--segment-encoder")
