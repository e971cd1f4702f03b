"""Labels that the editor makes for the person, in a real browser."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from browser import running_chromium
from dfl_cli.xseg.assist.hull import hull_polygon
from dfl_cli.xseg.assist.outlines import polygons_of_mask
from labels_tab import LabelsTab, labels_of, serving
from models.classes.xseg import XSEG
from models.exchange.dfl_checkpoint import write_part
from samplers.files.dfl_image import read_face_info
from samplers.files.pickles import safe_pickle
from samplers.geometry.polygons import overlay
from tiny_segmenter import decoder, encoder
from xseg_weights import recorded_weights

INCLUDE, EXCLUDE = 1, 0
HAND = [(110, 100), (150, 105), (130, 140)]


@pytest.fixture(scope="module")
def models(fixtures, tmp_path_factory):
    """A folder with an XSeg model of DeepFaceLab's, whose weights are drawn: every pixel is face by chance."""
    folder = tmp_path_factory.mktemp("model")
    (part,) = XSEG.layout({}).parts
    (folder / "XSeg_256.npy").write_bytes(safe_pickle.dumps(write_part(part, recorded_weights(fixtures))))
    return folder


@pytest.fixture(scope="module")
def networks(tmp_path_factory) -> list:
    """Flags with a pair that finds red things."""
    folder = tmp_path_factory.mktemp("networks")
    pair = encoder(folder / "encoder.onnx"), decoder(folder / "decoder.onnx")
    return ["--segment-encoder", pair[0], "--segment-decoder", pair[1]]


@pytest.fixture(scope="module")
def shared_tab(shared_faces, models, networks):
    for browser in running_chromium():
        with (
            serving(shared_faces, "--models", models, *networks) as (_, address),
            browser.new_context(viewport={"width": 1200, "height": 760}) as context,
        ):
            yield LabelsTab(context, address)


@pytest.fixture
def face(shared_tab, shared_faces, request) -> Path:
    """The file of a face that no other test labels; the tab shows it."""
    name = f"{request.param:05d}_0.jpg"
    shared_tab.page.locator(f"#list [title='{name}']").click()
    shared_tab.shows(name)
    shared_tab.page.locator("#canvas").focus()
    return shared_faces / name


@pytest.fixture
def tab(shared_tab, face):
    yield shared_tab
    assert shared_tab.errors == []


def on_face(number: int):
    return pytest.mark.parametrize("face", [number], indirect=True, ids=[""])


def mask_of(path: Path) -> np.ndarray:
    """(256, 256) bool: what training takes for face."""
    return overlay(read_face_info(path.read_bytes()).polygons, np.zeros((256, 256, 1), np.float32))[..., 0] > 0


def hull_of(path: Path) -> list[tuple[float, float]]:
    return [tuple(point) for point in hull_polygon(read_face_info(path.read_bytes()).landmarks).points.tolist()]


@on_face(2)
def test_labels_of_what_covers_the_face_are_cut_from_the_automatic_mask(tab, face):
    tab.press("j")
    assert tab.page.locator("#automatic").is_checked()
    tab.page.locator("#canvas .ghost").wait_for(state="attached")
    tab.draw(*HAND)
    tab.saved()
    assert labels_of(face) == [(INCLUDE, hull_of(face)), (EXCLUDE, HAND)]
    assert tab.page.locator("#canvas .ghost").count() == 0
    tab.press("Control+z", "Control+z", "Escape")
    tab.saved()
    assert labels_of(face) == []
    tab.page.reload()
    tab.shows(face.name)
    assert tab.page.locator("#automatic").is_checked()
    tab.press("j", "d", "h")  # nothing covers the next one
    tab.shows("00003_0.jpg")
    tab.has(1)
    tab.saved()
    assert labels_of(face) == []
    assert labels_of(face.with_name("00003_0.jpg")) == [(INCLUDE, hull_of(face))]


@on_face(4)
def test_labels_are_copied_from_the_labeled_face_before(tab, face):
    tab.press("c")
    tab.says("Copied from 00003_0.jpg.")
    tab.saved()
    assert labels_of(face) == labels_of(face.with_name("00003_0.jpg"))  # the landmarks are the same
    tab.press("Control+z")
    tab.saved()
    assert labels_of(face) == []


@on_face(5)
def test_a_brush_adds_to_the_labels_and_an_eraser_takes_away(tab, face):
    tab.press("q")
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


@on_face(6)
def test_a_box_cuts_out_and_strokes_correct_it(tab, face):
    tab.press("q", "g")
    tab.says("Drag a box")
    tab.drag((70, 30), (190, 210))
    tab.says("Paint on what is missing")
    tab.saved()
    assert mask_of(face)[100:150, 110:150].mean() > 0.9
    tab.page.keyboard.down("Control")
    tab.drag((120, 100), (140, 130))
    tab.page.keyboard.up("Control")
    tab.says("Working ...")
    tab.says("Paint on what is missing")
    tab.saved()
    assert not mask_of(face)[115, 130]
    tab.press("Enter")
    tab.says("Drag a box")
    tab.press("g")


@on_face(8)
def test_clicks_segment_what_covers_the_face(tab, face):
    """A red disk of 24 pixels around (120, 150)."""
    tab.press("q", "h", "s", "w")
    tab.says("Click on what the labels are to cover")
    tab.click((120, 150))
    tab.has(2)
    tab.saved()
    kinds, mask = [kind for kind, _ in labels_of(face)], mask_of(face)
    assert (kinds, mask[150, 120], mask[150, 75]) == ([INCLUDE, EXCLUDE], False, True)
    tab.click((125, 155))  # a second click on it changes the same outline
    tab.says("Working ...")
    tab.says("Click on what the labels are to cover")
    tab.saved()
    assert len(labels_of(face)) == 2
    tab.press("Enter", "Escape")
    assert tab.page.locator("[data-do=polygon]").get_attribute("aria-pressed") == "true"


@on_face(7)
def test_the_mask_of_a_model_is_shown_and_becomes_labels(tab, face):
    with tab.page.expect_response("**/prediction*", timeout=200_000) as answer:  # TensorFlow is loaded
        tab.press("6")
    painted = cv2.imdecode(np.frombuffer(answer.value.body(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert painted.shape == (256, 256)
    tab.press("m")
    tab.says("Labels of the model XSeg.")
    tab.saved()
    wanted = polygons_of_mask(np.float32(painted >= 128))
    assert labels_of(face) == [
        (each.type, [tuple(point) for point in np.rint(each.points).tolist()]) for each in wanted
    ]
    tab.press("Control+z", "6")
    tab.saved()
    assert labels_of(face) == []
