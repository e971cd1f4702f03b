"""`dfl bench step` as a script reads it."""

import json

from dfl_cli.main import main

TINY = [
    "--resolution=64",
    "--archi=df",
    "--ae-dims=32",
    "--e-dims=16",
    "--d-dims=16",
    "--d-mask-dims=16",
    "--batch-size=2",
]


def test_one_json_object_about_a_step(capsys):
    assert main(["bench", "step", "--json", "--cpu", *TINY]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found.keys() == {"step_ms", "first_step_seconds", "faces_per_second", "weights", "device"}
    assert found["faces_per_second"] > 0
    assert found["weights"] > 100_000
    assert found["device"] == "cpu"
