"""`dfl xseg train` is `dfl train` for one class."""

import json

import pytest

from dfl_cli.main import main
from face_changes import drop_labels


def said(capsys, *words) -> str:
    capsys.readouterr()
    assert main(list(map(str, words))) == 0
    return capsys.readouterr().out


def test_its_help_has_the_options_of_the_class_only(capsys):
    text = said(capsys, "xseg", "train", "--help")
    assert "usage: dfl xseg train" in text and "--face-type" in text and "--restart" in text and "--archi" not in text
    assert main(["xseg", "train", "--model", "SAEHD"]) == 2


def test_it_plans_the_same_training(folder, capsys, tmp_path):
    rest = [
        "--src",
        folder,
        "--dst",
        folder,
        "--models",
        tmp_path / "models",
        "--cpu",
        "--silent-start",
        "--plan",
        "--json",
    ]
    plans = [
        json.loads(said(capsys, *words, *rest, "--no-probe"))
        for words in (["xseg", "train"], ["train", "--model", "XSeg"])
    ]
    for plan in plans:
        del plan["free_memory_mb"]  # other programs change it
    assert plans[0] == plans[1] and plans[0]["model_class"] == "XSeg"


@pytest.mark.parametrize("words", [["xseg", "train"], ["train", "--model", "XSeg"]])
def test_without_labels_it_says_how_to_draw_some(folder, capsys, tmp_path, words):
    for path in folder.glob("*.jpg"):
        drop_labels(path)
    places = ["--src", folder, "--dst", folder, "--models", tmp_path / "models", "--cpu", "--silent-start"]
    assert main([*words, *map(str, places)]) == 1
    assert "dfl xseg edit" in capsys.readouterr().err
