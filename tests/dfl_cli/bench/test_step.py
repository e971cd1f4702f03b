"""`dfl bench step` as a script and a person read it."""

import json
import signal
import subprocess
import sys

import pytest

from dfl_cli.bench.command import lines_about_step
from dfl_cli.bench.step import complete, measure
from dfl_cli.classes.registry import CLASSES
from dfl_cli.main import main
from dfl_cli.translate import set_language
from programs import running

FACTS = {
    "ms_per_iteration", "iterations", "gflop_per_iteration", "achieved_gflops", "ceiling_gflops", "ceiling_fraction",
    "first_step_seconds", "faces_per_second", "peak_memory_mb", "weights", "model", "batch_size", "resolution", "precision",
    "engine", "device",
}  # fmt: skip
TINY_AMP = {
    "resolution": 64, "ae_dims": 32, "inter_dims": 32, "e_dims": 16, "d_dims": 16, "d_mask_dims": 16, "batch_size": 2,
}  # fmt: skip


def test_one_json_object_about_a_step_and_its_lines_in_the_language_of_a_person(capsys, tiny):
    assert main(["bench", "step", "--json", "--cpu", "--iterations=4", "--precision=bfloat16", *tiny]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found.keys() == FACTS
    times = found["ms_per_iteration"]
    assert 0 < times["p10"] <= times["median"] <= times["p90"]
    seconds = times["median"] / 1000
    assert found["achieved_gflops"] == pytest.approx(found["gflop_per_iteration"] / seconds, rel=0.02)
    assert found["ceiling_fraction"] == pytest.approx(found["achieved_gflops"] / found["ceiling_gflops"], abs=0.01)
    assert 0 < found["ceiling_fraction"] < 1
    assert (found["model"], found["device"], found["precision"]) == ("SAEHD", "cpu", "bfloat16")
    assert found["iterations"] == 4
    assert found["weights"] > 100_000
    assert 300 < found["peak_memory_mb"] < 30_000  # TensorFlow alone takes more than the lower limit
    set_language("zh")
    said = "\n".join(lines_about_step(found))
    assert "毫秒" in said and "SAEHD" in said and "bfloat16" in said and "%" in said


def test_amp_with_its_own_options_and_without_the_ceiling():
    found = measure(TINY_AMP, model_class="AMP", devices=[], iterations=1, ceiling=False)
    assert (found["model"], found["resolution"], found["batch_size"]) == ("AMP", 64, 2)
    assert found["ceiling_gflops"] is found["ceiling_fraction"] is None
    assert found["achieved_gflops"] > 0


def test_quick96_has_decided_its_resolution_itself():
    stored = {"batch_size": 1, "resolution": 96, "archi": "df-ud"}  # as they are kept beside a model
    options = complete(CLASSES["Quick96"], stored, devices=[])
    assert options["resolution"] == 96
    assert CLASSES["Quick96"].network.gflop_per_iteration(options) > 10


def test_an_option_of_another_class_is_refused(capsys):
    assert main(["bench", "step", "--cpu", "--model=Quick96", "--inter-dims=64"]) == 1
    assert "inter_dims" in capsys.readouterr().err


SAYS_WHEN_IT_STEPS = """
import sys
from dfl_cli.bench import step
from dfl_cli.main import main
class Bar(step.progress(1, "").__class__):
    def update(self, count=1):
        print("stepped", flush=True)
step.progress = lambda *_, **__: Bar(disable=True)
sys.exit(main(sys.argv[1:]))
"""


def test_ctrl_c_ends_it_without_a_traceback(tiny):
    line = [
        sys.executable,
        "-c",
        SAYS_WHEN_IT_STEPS,
        "bench",
        "step",
        "--cpu",
        "--lang=en",
        "--iterations=1000000",
        *tiny,
    ]
    with running(line, stderr=subprocess.PIPE) as program:
        assert program.stdout.readline() == "stepped\n"
        program.send_signal(signal.SIGINT)
        errors = program.communicate(timeout=60)[1]
    assert program.returncode == 130
    assert "Interrupted." in errors and "Traceback" not in errors
