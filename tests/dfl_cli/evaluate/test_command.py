"""`dfl evaluate` from its flags to its output."""

import argparse
import json
import re
from xml.etree import ElementTree

import pytest

from dfl_cli.errors import UserError
from dfl_cli.evaluate.command import add_arguments, run
from dfl_cli.store.measure_history import SWAP, Measured, append_measure
from drawn_swap import write_faces
from tiny_models import write_model

PROMISED = {
    "identity_transfer", "yaw_correlation", "yaw_error_degrees", "expression_correlation", "landmark_error", "jitter", "flicker",
    "seam", "sharpness", "psnr", "ssim", "registration", "frames", "floor", "chance", "limits",
}  # fmt: skip
ODD_NAME = "a<b>&c"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """Faces of the drawn people and untrained models, as DeepFaceLab lays them out; the newest model has an odd name."""
    from models.engine.runtime import prepare

    prepare("cpu")
    root = tmp_path_factory.mktemp("workspace")
    write_faces(root / "data_src" / "aligned", "src", range(9))
    write_faces(root / "data_dst" / "aligned", "dst", range(5))
    for name, model_class in (("morph", "AMP"), (ODD_NAME, "SAEHD")):
        write_model(root / "model" / name, model_class)
    return root


def dfl_evaluate(*flags):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args([*map(str, flags), "--cpu"]))


def test_the_newest_model_is_scored_in_a_table_and_on_a_page(workspace, tmp_path, capsys):
    page, model = tmp_path / "report.html", workspace / "model" / ODD_NAME
    for iteration, identity in ((3, 0.1), (5, 0.2), (9, 0.3)):  # the last belongs to a save that is gone
        append_measure(model, Measured(iteration, SWAP, 5, {"identity_transfer": identity}))
    assert dfl_evaluate("--workspace", workspace, "--html", page) == 0
    out, err = capsys.readouterr()
    assert f"Evaluating {ODD_NAME}, iteration 7." in err
    assert re.search(r"identity transfer +-?0\.\d+ +1\.000 +0\.000 +↑", out)
    assert re.search(r"landmarks, % of the eye distance +[\d.]+ +[\d.]+ +[\d.]+ +↓", out)
    assert "\nWhat limits the swap\n- " in out
    assert_stands_alone(page.read_text(encoding="utf-8"))


def assert_stands_alone(text):
    assert "<b>" not in text
    root = ElementTree.fromstring(text.removeprefix("<!DOCTYPE html>"))  # every element is closed
    assert root.get("lang") == "en-US"
    assert "a<b>&c" in root.findtext("head/title")
    images = root.findall(".//img")
    assert len(images) == 10  # five frames, by landmarks and by identity
    assert all(image.get("src").startswith("data:image/jpeg;base64,") and image.get("alt") for image in images)
    assert {element.tag for element in root.iter()} & {"script", "link", "iframe"} == set()
    assert len(root.findall(".//svg")) >= 5
    learning = root.find(".//svg[@aria-label='Identity transfer']")  # over the saves; the next one is over the frames
    assert [text.text for text in learning.findall("text")] == ["0.2", "0.1", "3", "5"]
    assert root.find(".//h2").text == "What limits the swap"
    assert all(item.text for item in root.iter("li"))
    assert root.find(".//li") is not None
    assert not re.search(r'(src|href)="(?!data:)|url\(|@import', text)


def test_json_holds_numbers_with_their_floors_and_chances(workspace, capsys):
    assert dfl_evaluate("morph", "--workspace", workspace, "--every", 2, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found.keys() >= PROMISED
    assert (found["model"], found["class"], found["iteration"], found["frames"]) == ("morph", "AMP", 7, 3)
    assert set(found["floor"]) == set(found["chance"]) <= set(found)
    assert [row["frame"] for row in found["per_frame"]] == ["00000.png", "00002.png", "00004.png"]
    assert all(one["kind"] for one in found["limits"])
    assert found["placement"]["frame_pixels_per_pixel"] == pytest.approx(3, abs=0.01)


def test_a_page_that_is_there_is_not_replaced(workspace, tmp_path):
    page = tmp_path / "report.html"
    page.write_text("mine")
    with pytest.raises(UserError, match="already exists"):
        dfl_evaluate("--workspace", workspace, "--html", page)
    assert page.read_text() == "mine"


def test_faces_that_are_all_damaged_are_named(workspace, tmp_path, capsys):
    faces = write_faces(tmp_path / "dst", "dst", range(2))
    for path in faces.glob("*.jpg"):
        path.write_bytes(path.read_bytes()[:-3000])
    with pytest.raises(UserError, match=r"can be used|No faces"):
        dfl_evaluate("--workspace", workspace, "--dst", faces)


def test_a_model_that_is_not_there_is_named(workspace):
    with pytest.raises(UserError, match="no model called nobody"):
        dfl_evaluate("nobody", "--workspace", workspace)
