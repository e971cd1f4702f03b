"""`make bench`: its quick form, from the measurement to the page and the pictures."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from samplers.geometry.polygons import Polygon, PolygonType, overlay

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- measured by make bench -->", "<!-- end of what was measured -->"


def run(script: str, *arguments) -> None:
    line = [sys.executable, str(ROOT / script), *map(str, arguments)]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.soak
def test_the_quick_form_measures_writes_the_table_and_draws(tmp_path):
    page, figures = tmp_path / "page.md", tmp_path / "made" / "bench.json"
    page.write_text(f"before\n{BEGIN}\n| an older table |\n{END}\nafter\n")
    run("benchmarks/run_all.py", "--quick", "--cpu", "--page", page, "--json", figures)

    found = json.loads(figures.read_text())
    (step,) = found["steps"].values()
    assert step["ratio"] == pytest.approx(step["bfloat16"]["ms"] / step["float32"]["ms"], abs=0.001)
    assert step["operations_per_number"] > 10
    assert found["stamp"].keys() >= {"date", "commit", "processor", "python", "tensorflow", "keras", "numpy", "dfl"}
    assert [one["faces"] for one in found["faces"]] == [10, 20]

    said = page.read_text()
    assert said.startswith(f"before\n{BEGIN}\n") and said.endswith(f"{END}\nafter\n") and "an older table" not in said
    assert all(
        text in said for text in ("| df 64, batch 1 |", found["stamp"]["commit"], "tensorflow 2.", "`dfl bench save`")
    )

    run("docs/pictures/performance.py", figures, "--output", tmp_path)
    for name in ("roofline", "growth"):
        picture = cv2.imread(str(tmp_path / f"performance_{name}.png"))
        assert picture.std() > 10  # something is drawn


def test_the_page_has_a_place_for_the_table():
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert page.index(BEGIN) < page.index(END)


def test_every_mask_drawn_by_hand_is_a_face_and_no_face_is_both_trained_and_held_out():
    sets = {path.stem: json.loads(path.read_text()) for path in (ROOT / "benchmarks" / "xseg_labels").glob("*.json")}
    for name, labels in sets.items():
        side = labels["size"]
        for face in labels["faces"]:
            polygons = [Polygon(PolygonType[each["type"].upper()], each["points"]) for each in face["polygons"]]
            whole, seen = (overlay(some, np.zeros((side, side, 1))).mean() for some in (polygons[:1], polygons))
            assert 0.25 < whole < 0.5, (name, face["name"])
            assert whole * 0.5 < seen and (seen < whole) == (len(polygons) > 1), (name, face["name"])
    trained, held_out = ({face["name"] for face in sets[f"man_b_{part}"]["faces"]} for part in ("train", "heldout"))
    assert (len(trained), len(held_out)) == (12, 10) and not trained & held_out
