"""`dfl faceset info` and `coverage`: what they say about sets one knows."""

import json
import shutil
import time

import cv2
import numpy as np
import pytest

from dfl_cli.faceset.coverage import short_lines
from dfl_cli.faceset.coverage_text import color_lines, gap_line, shape_lines, share_text
from dfl_cli.main import main
from samplers.colors.face_colors import FaceColors
from samplers.files.faces import open_faceset
from samplers.pose_coverage import Gap


def answer(capsys, *arguments) -> dict:
    capsys.readouterr()
    assert main(["faceset", *map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_info_counts_and_names_duplicates_and_broken_files(folder, capsys):
    shutil.copy(folder / "00000_0.jpg", folder / "again.jpg")
    (folder / "cut.jpg").write_bytes((folder / "00001_0.jpg").read_bytes()[:-200])
    (folder / "holiday.png").write_bytes(b"")
    info = answer(capsys, "info", folder)
    assert info["count"] == 5
    assert sum(info["yaw"]["counts"]) == sum(info["pitch"]["counts"]) == 5
    assert info["duplicates"] == [["00000_0.jpg", "again.jpg"]]
    assert {each["name"]: each["reason"] for each in info["broken"]} == {
        "cut.jpg": "truncated",
        "holiday.png": "empty",
    }


def test_a_pack_is_looked_at_like_a_folder(folder, capsys):
    loose = answer(capsys, "info", folder)
    answer(capsys, "pack", folder, "--delete-originals")
    assert answer(capsys, "info", folder) == {**loose, "packed": True}


def test_people_read_bars_and_get_a_picture(folder, tmp_path, capsys):
    assert main(["faceset", "info", str(folder), "--plot", str(tmp_path / "图.png")]) == 0
    assert "#####" in capsys.readouterr().out
    drawn = cv2.imdecode(np.fromfile(tmp_path / "图.png", np.uint8), cv2.IMREAD_COLOR)
    assert drawn.std() > 10


def test_a_folder_of_nothing_but_broken_files_is_described_too(tmp_path, capsys):
    (tmp_path / "x.jpg").write_bytes(b"\xff\xd8")
    info = answer(capsys, "info", tmp_path)
    assert (info["count"], len(info["broken"])) == (0, 1)
    assert main(["faceset", "info", str(tmp_path)]) == 0


def test_a_set_compared_with_itself_differs_in_nothing(folder, tmp_path, capsys):
    found = answer(capsys, "coverage", folder, folder, "--plot", tmp_path / "plot.png")
    assert found["color"]["distance"] == 0
    assert all(each["difference"] == 0 for each in found["shape"].values())
    assert (tmp_path / "plot.png").exists()


def test_real_people_are_compared_in_words(shared, capsys):
    found = answer(capsys, "coverage", shared / "data/man_b/aligned", shared / "data/man_a/aligned")
    assert 0.5 < found["covered"] < 1  # man_b hardly turns to his left
    assert any(gap["yaw"] == [10, None] for gap in found["gaps"])
    assert any("right of +10 degrees" in line for line in found["words"])


def test_the_short_version_takes_two_lines_and_under_a_second(shared):
    src, dst = (open_faceset(shared / f"data/man_{one}/aligned") for one in "ab")
    before = time.process_time()
    lines = short_lines(src, dst)
    assert time.process_time() - before < 1
    assert len(lines) == 2


def test_training_begins_with_two_lines(folder):
    first, second = short_lines(open_faceset(folder), open_faceset(folder))
    assert first == "src has 4 faces, dst has 4 faces."
    assert second == "Comparing head directions and face shapes takes at least 10 faces in each set."


@pytest.mark.parametrize(
    ("yaw", "pitch", "words"),
    [
        ((-np.inf, -35), (-np.inf, np.inf), "dst looks left of -35 degrees in 212 frames; src has 3 such faces"),
        ((20, np.inf), (-np.inf, np.inf), "dst looks right of +20 degrees"),
        ((-np.inf, np.inf), (-np.inf, 0), "dst looks below 0 degrees"),
        ((-np.inf, np.inf), (25, np.inf), "dst looks above +25 degrees"),
        ((0, 15), (-15, 0), "dst looks 0 to +15 degrees sideways and -15 to 0 degrees up"),
    ],
)
def test_a_gap_says_where_how_many_and_what_to_expect(yaw, pitch, words):
    line = gap_line(Gap(yaw, pitch, src=3, dst=212))
    assert line.startswith(words)
    assert line.endswith("expect blur there.")


def test_only_plain_differences_are_told():
    assert shape_lines({"jaw_width": (1.0, 1.05)}) == []
    assert shape_lines({"jaw_width": (1.0, 0.8), "nose_width": (1.0, 1.3)}) == [
        "width of the nose: 30% larger in dst than in src.",
        "width of the jaw: 20% smaller in dst than in src.",
    ]
    light, dark = FaceColors((60, 8, 10), 55, 65), FaceColors((40, 8, 10), 30, 45)
    assert any("ct_mode" in line for line in color_lines(light, dark))
    assert any("darker" in line for line in color_lines(light, dark))
    assert len(color_lines(light, light)) == 1


@pytest.fixture
def sets(shared, tmp_path):
    """`sets(a, b)`: that many faces of two people."""

    def make(*counts: int) -> list:
        folders = []
        for one, count in zip("ab", counts, strict=True):
            folder = tmp_path / f"{one}{count}"
            folder.mkdir(exist_ok=True)
            for path in sorted((shared / f"data/man_{one}/aligned").glob("*.jpg"))[:count]:
                shutil.copy(path, folder)
            folders.append(folder)
        return folders

    return make


@pytest.mark.parametrize(("src", "dst"), [(1, 1), (1, 60), (2, 5), (9, 60)])
def test_of_a_few_faces_of_src_only_their_number_is_said(sets, capsys, src, dst):
    found = answer(capsys, "coverage", *sets(src, dst))
    first, second, color = found["words"]
    assert first == f"src has {src} face{'s' * (src > 1)}, dst has {dst} face{'s' * (dst > 1)}."
    assert second == "Comparing head directions and face shapes takes at least 10 faces in each set."
    assert color.startswith("Skin colors")
    assert (found["covered"], found["gaps"], found["src_faces"]) == (None, [], src)


@pytest.mark.parametrize(
    ("dst", "words"),
    [
        (1, ["src has 60 faces, dst has 1 face.", "10 faces within 10 degrees of the direction of dst's face."]),
        (3, ["src has 60 faces, dst has 3 faces.", "of dst's 3 faces."]),
        (12, ["of dst's 12 faces."]),
    ],
)
def test_shares_of_small_sets_are_counts(sets, capsys, dst, words):
    said = answer(capsys, "coverage", *sets(60, dst))["words"]
    assert all(line.endswith(end) for line, end in zip(said, words, strict=False))
    assert not any("%" in line for line in said[: len(words)])
    assert (said[len(words)] == "Comparing face shapes takes at least 10 faces in each set.") == (dst < 10)


def test_a_share_is_0_or_100_percent_only_where_it_is():
    assert [share_text(share) for share in (0.0, 0.001, 0.5, 0.999, 1.0)] == ["0%", "1%", "50%", "99%", "100%"]


@pytest.mark.parametrize("count", [1, 2, 9])
def test_sharpness_of_a_few_faces_is_listed(sets, capsys, count):
    folder, _ = sets(count, 1)
    assert main(["faceset", "info", str(folder), "--plot", str(folder / "plot.png")]) == 0
    [line] = [line for line in capsys.readouterr().out.splitlines() if "Sharpness" in line]
    assert line.startswith(f"Sharpness (CPBD, 0 to 1) of {count} face{'s' * (count > 1)}: ")
    assert len(line.split(": ")[1].split(", ")) == count
    found = answer(capsys, "info", folder)["sharpness"]
    assert (found["percentile_5"], found["percentile_95"]) == (None, None)


def test_twelve_times_the_same_face_is_a_set_of_one_direction(sets, tmp_path, capsys):
    [face] = sets(1, 1)[0].glob("*.jpg")
    (tmp_path / "same").mkdir()
    for number in range(12):
        shutil.copy(face, tmp_path / "same" / f"{number}.jpg")
    found = answer(capsys, "coverage", tmp_path / "same", tmp_path / "same", "--plot", tmp_path / "same.png")
    assert (found["covered"], found["gaps"]) == (1.0, [])
    assert found["words"][0].endswith("of 12 of dst's 12 faces.")
    assert main(["faceset", "info", str(tmp_path / "same")]) == 0
    assert "from 0." in capsys.readouterr().out


def test_plots_of_a_single_face_are_drawn(sets, tmp_path):
    one, other = sets(1, 1)
    assert main(["faceset", "coverage", str(one), str(other), "--plot", str(tmp_path / "one.png")]) == 0
    assert cv2.imread(str(tmp_path / "one.png")).std() > 10
