"""Texts from files reach a terminal escaped: names, keys, metadata, states, journals."""

import json
import shutil
import subprocess
import sys

import cv2
import numpy as np
import pytest

from dfl_cli.errors import UserError, explain_in_a_line, write_traceback
from dfl_cli.provenance.claim import Claim, packet
from dfl_cli.provenance.file_metadata import png_with
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.terminal.console import Console, notice, print_error, say
from dfl_cli.translate import ntr, tr
from programs import ROOT

TITLE = "\x1b]0;owned\x07"  # sets the title of a terminal
HOSTILE = f"{TITLE}\x9b2J\u202eabc\nSaved. \x7f\r"
FORBIDDEN = {"\x1b", "\x07", "\x9b", "\u202e", "\x7f", "\r"}


def output_of(*words) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "dfl_cli.main", *map(str, words)],
        cwd=ROOT, capture_output=True, timeout=90, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return (done.stdout + done.stderr).decode()


def check(said: str) -> None:
    assert "owned" in said
    assert not FORBIDDEN & {*said}
    assert not any(line.startswith("Saved.") for line in said.splitlines())


@pytest.fixture
def faces(tmp_path, fixtures):
    folder = tmp_path / "aligned"
    shutil.copytree(fixtures / "formats", folder, ignore=shutil.ignore_patterns("*[!g]"))
    (folder / "00000_0.jpg").rename(folder / f"{HOSTILE}.jpg")
    (folder / f"{HOSTILE} broken.jpg").write_bytes(b"x")
    return folder


@pytest.mark.parametrize(
    "words",
    [
        ("info",),
        ("info", "--json"),
        ("sort", "--by", "hue", "--dry-run"),
        ("sort", "--by", "hue"),
        ("pack",),
        ("coverage", "{folder}"),
    ],
)
def test_a_face_s_name_sets_no_title(faces, words):
    action, *rest = words
    said = output_of("faceset", action, faces, *(word.format(folder=faces) for word in rest))
    assert not FORBIDDEN & {*said}
    assert not any(line.startswith("Saved.") for line in said.splitlines())


def test_verify_escapes_names_and_the_texts_of_xmp(tmp_path):
    path = tmp_path / f"{HOSTILE}.png"
    xmp = packet(Claim("http://x/\u202e&#x9b;owned", "software\u202e\x9b2J owned", "system", "\u2067version"))
    path.write_bytes(png_with(cv2.imencode(".png", np.zeros((4, 4, 3), np.uint8))[1].tobytes(), xmp))
    check(output_of("verify", path))


@pytest.mark.parametrize(
    "text", ['"\\u001b]0;owned\\u0007\\u009b\\u202e\\nSaved." = 1', 'batch_size = "\\u001b]0;owned\\u0007\\nSaved.\\r"']
)
def test_keys_and_values_of_an_answers_file_are_escaped(tmp_path, faces, text):
    (tmp_path / "answers.toml").write_text(text)
    check(output_of("train", "--src", faces, "--dst", faces, "--models", tmp_path, "--name", "m", "--cpu",
                    "--silent-start", "--answers", tmp_path / "answers.toml"))  # fmt: skip


def test_what_a_model_says_of_itself_is_escaped(tmp_path):
    model = ModelDir(tmp_path / "m")
    model.create("SAEHD", {})
    model.save({"model_class": HOSTILE, "iteration": 60, "options": {"ae_dims": HOSTILE}, "seed": 1}, {})
    for words in (["list"], ["info", "m"]):
        said = output_of("model", *words, "--models", tmp_path)
        assert not FORBIDDEN & {*said}
        assert not any(line.startswith("Saved.") for line in said.splitlines())


def test_what_the_files_of_a_network_are_called_is_escaped(tmp_path):
    helper = pytest.importorskip("onnx").helper
    name = f"{TITLE}\u202eowned"
    value = helper.make_tensor_value_info(name, 1, [1, 7])
    graph = helper.make_graph(
        [helper.make_node("Identity", [name], ["y"])], "g", [value], [helper.make_tensor_value_info("y", 1, [1, 7])]
    )
    (tmp_path / "x.onnx").write_bytes(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    )
    from dfl_cli.enhance.choice import load_enhancer

    with pytest.raises(UserError) as error:
        load_enhancer({"super_resolution_model": str(tmp_path / "x.onnx"), "super_resolution_range": "auto"})
    check(str(error.value))


@pytest.mark.parametrize("print_it", [say, notice, print_error, lambda text: Console().say(text)])
def test_every_way_to_print_escapes_and_keeps_lines(print_it, capsys):
    print_it(f"first {TITLE}\nsecond\tcolumn")
    said = "".join(capsys.readouterr())
    assert "\x1b" not in said and "\x07" not in said
    assert "first \\x1b]0;owned\\x07\nsecond" in said


def test_values_of_texts_are_one_line_of_bounded_length():
    for text in (tr("{name}", name=HOSTILE), ntr("{name}", "{name}s", count=1, name=ValueError(HOSTILE))):
        check(text)
        assert "\n" not in text
    assert len(tr("{name}", name="x" * 10**6)) < 5000
    assert tr("{rate:.1f}", rate=2.25) == "2.2"


def test_errors_in_lists_and_logs_are_escaped():
    error = ValueError(HOSTILE)
    check(explain_in_a_line(error))
    path = write_traceback(error)
    assert not FORBIDDEN & {*path.read_text(encoding="utf-8")}
    path.unlink()
    check(str(UserError("what", saw=HOSTILE, fix="fix")))


def test_json_is_in_ascii(faces):
    said = output_of("faceset", "info", faces, "--json")
    assert json.loads(said[said.index("{") :])["count"] == 4
