"""`dfl bench xseg` as a script and a person read it."""

import json

import pytest

from dfl_cli.bench.command import lines_about_xseg
from dfl_cli.bench.xseg import WARM_UP, facts, in_turns
from dfl_cli.main import main
from dfl_cli.translate import set_language

FACTS = {
    "apply_faces_per_second", "apply_batch", "ms_per_iteration", "plain_ms_per_iteration", "step_ratio", "iterations",
    "gflop_per_iteration", "achieved_gflops", "ceiling_gflops", "ceiling_fraction", "batch_size", "resolution", "precision",
    "plain_model", "plain_batch_size", "plain_gflop_per_iteration", "device",
}  # fmt: skip
OPTIONS = {"batch_size": 4, "resolution": 256, "precision": "bfloat16"}


def test_each_work_meets_the_same_rounds_and_the_first_do_not_count():
    done = []
    times = in_turns({"one": lambda: done.append("one"), "other": lambda: done.append("other")}, 3)
    assert done == ["one", "other"] * (WARM_UP + 3)
    assert {name: len(taken) for name, taken in times.items()} == {"one": 3, "other": 3}


def test_rates_ratio_and_share_follow_from_the_times_and_are_shown():
    times = {"apply": [2.0, 4.0, 3.0], "step": [1.0, 2.0, 3.0], "plain": [2.0, 2.0, 2.0]}
    found = facts(times, OPTIONS, gflop=300, ceiling=600)
    assert (found["apply_faces_per_second"], found["step_ratio"]) == (2.67, 1.0)
    assert (found["ms_per_iteration"]["median"], found["plain_ms_per_iteration"]["median"]) == (2000, 2000)
    assert (found["achieved_gflops"], found["ceiling_fraction"], found["iterations"]) == (150, 0.25, 3)
    set_language("zh")
    said = "\n".join(lines_about_xseg({**found, "plain_model": "SAEHD", "device": "cpu"}))
    assert "2.67" in said and "SAEHD" in said and "25%" in said and "遮罩" in said


@pytest.mark.soak
def test_one_json_object(capsys):
    assert main(["bench", "xseg", "--json", "--cpu", "--iterations=1", "--batch-size=2"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found.keys() == FACTS
    assert found["apply_faces_per_second"] > 0 and 0 < found["ceiling_fraction"] < 1
    assert (found["batch_size"], found["resolution"], found["plain_model"]) == (2, 256, "SAEHD")
