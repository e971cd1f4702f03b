"""`dfl bench merge` as a script reads it."""

import json

from dfl_cli.bench import merge
from dfl_cli.main import main


def test_one_json_object_with_rates_shares_and_scaling(monkeypatch, capsys):
    monkeypatch.setattr(merge, "ROUNDS", 1)
    monkeypatch.setattr(merge, "SECONDS", 0.0)
    assert main(["bench", "merge", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    rates = found["frames_per_second_per_core"]
    assert {"overlay", "overlay_rct", "seamless", "hist-match", "sot-m"} <= rates.keys()
    assert min(*rates.values(), found["predict_ms"]) > 0
    assert found["shares"].keys() == {"cut", "mask", "blend"}
    assert found["scaling"]["1"] == 1.0


def test_the_measured_frame_has_a_face_of_the_named_width():
    scene = merge.synthetic_scene()
    assert scene.frame.shape == (720, 1280, 3)
    across = scene.landmarks[:, 0]
    assert abs(across.max() - across.min() - merge.FACE_WIDTH) < 1
