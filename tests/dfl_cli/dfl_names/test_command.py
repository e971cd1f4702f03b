"""DeepFaceLab's commands say which command here does it, and do it."""

import shutil
from pathlib import Path

import pytest

from dfl_cli.dfl_names.command import run_dfl_line
from dfl_cli.main import main
from dfl_cli.translate import set_language


@pytest.fixture
def faces(tmp_path, fixtures) -> Path:
    """Four faces, 00000_0.jpg to 00003_0.jpg."""
    return Path(shutil.copytree(fixtures / "formats", tmp_path / "aligned", ignore=shutil.ignore_patterns("*[!g]")))


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", 'DeepFaceLab\'s "sort" is: dfl faceset sort {} --by hue'),
        ("zh", "DeepFaceLab 的“sort”在这里是：dfl faceset sort {} --by hue"),
    ],
)
def test_sort_names_the_command_here_and_sorts(faces, language, line, capsys):
    assert main(["--lang", language, "sort", "--input-dir", str(faces), "--by", "hue"]) == 0
    assert capsys.readouterr().err.splitlines()[0] == line.format(faces)
    assert sorted(path.name for path in faces.iterdir() if path.suffix == ".jpg")[0] == "00000.jpg"


def test_several_switches_of_util_run_in_the_order_of_deepfacelab(faces, capsys):
    before = sorted(path.name for path in faces.glob("*.jpg"))
    assert main(["util", "--unpack-faceset", "--pack-faceset", "--input-dir", str(faces)]) == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("DeepFaceLab's")]
    assert [line.split(" is: ")[0] for line in lines] == [
        'DeepFaceLab\'s "util --pack-faceset"', 'DeepFaceLab\'s "util --unpack-faceset"',
    ]  # fmt: skip
    assert len(list(faces.glob("*.jpg"))) >= len(before) and not (faces / "faceset.pak").exists()


def test_util_stops_at_the_first_switch_that_fails(tmp_path, capsys):
    assert main(["util", "--input-dir", str(tmp_path / "none"), "--pack-faceset", "--unpack-faceset"]) == 1
    assert "--unpack-faceset" not in capsys.readouterr().err


def test_xseg_fetch_copies_the_labeled_faces(tmp_path, fixtures, capsys):
    aligned = shutil.copytree(fixtures / "xseg" / "faces", tmp_path / "aligned")
    assert main(["xseg", "fetch", "--input-dir", str(aligned)]) == 0
    assert list((tmp_path / "aligned_xseg").glob("*.jpg"))


@pytest.mark.parametrize(
    ("word", "here"),
    [
        ("videoed", ["dfl video extract", "dfl video cut", "dfl video join", "dfl video denoise"]),
        ("util", ["dfl faceset pack", "dfl faceset unpack", "dfl faceset recover-names"]),
        ("facesettool", ["dfl faceset enhance", "dfl faceset resize"]),
        ("sort", ["dfl faceset sort"]),
        ("exportdfm", ["dfl model export-dfm"]),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_first_word_alone_lists_the_commands_here(word, here, language, capsys):
    assert main(["--lang", language, word]) == 0
    said = capsys.readouterr().out
    assert all(command in said for command in here)


@pytest.mark.parametrize("line", ["videoed cut", "util --input-dir x", "facesettool enlarge", "util --remove-alpha"])
def test_what_deepfacelab_does_not_have_is_wrong_usage(line, capsys):
    assert main(line.split()) == 2
    assert f"Run dfl {line.split()[0]} for the list." in capsys.readouterr().err


def test_the_command_here_has_our_flags(capsys):
    line = "videoed video-from-sequence --input-dir merged --output-file a.mp4 --reference-file b.mp4 --include-audio --lossless"
    seen = []
    assert run_dfl_line(line.split(), lambda words: seen.append(" ".join(words)) or 0) == 0
    assert seen == ["video join merged --output a.mp4 --reference b.mp4 --audio --lossless"]
    assert capsys.readouterr().err.strip().endswith(f"dfl {seen[0]}")


def test_help_is_the_help_of_the_command_here(capsys):
    assert main(["sort", "--help"]) == 0
    assert "dfl faceset sort" in capsys.readouterr().out
    assert main(["util", "--help"]) == 0
    assert "dfl faceset pack" in capsys.readouterr().out


def test_our_own_commands_pass_unchanged(capsys):
    seen = []
    for line in ("extract review src", "train --workspace w", "xseg edit DIR", "", "faceset info DIR"):
        assert run_dfl_line(line.split(), lambda words: seen.append(" ".join(words)) or 0) == 0
        assert seen.pop() == line
    assert capsys.readouterr().err == ""


def test_the_explanations_speak_the_language_that_was_chosen(capsys):
    set_language("zh")
    assert run_dfl_line(["util", "--what"], lambda words: 0) == 2
    assert "不是 DeepFaceLab 的命令" in capsys.readouterr().err
