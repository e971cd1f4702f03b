"""`dfl bench step` as a script reads it."""

import json

from dfl_cli.main import main


def test_one_json_object_about_a_step(capsys, tiny):
    assert main(["bench", "step", "--json", "--cpu", *tiny]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found.keys() == {"step_ms", "first_step_seconds", "faces_per_second", "weights", "device"}
    assert found["faces_per_second"] > 0
    assert found["weights"] > 100_000
    assert found["device"] == "cpu"
