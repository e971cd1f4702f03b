"""`dfl bench extract` as a script reads it."""

import json

import pytest

from dfl_cli.bench import extract
from dfl_cli.main import main


def test_one_json_object_with_rates_shares_and_scaling(monkeypatch, capsys):
    monkeypatch.setattr(extract, "ROUNDS", 1)
    monkeypatch.setattr(extract, "FRAMES", 4)
    monkeypatch.setattr(extract, "SIZES", ((320, 240), (640, 480)))
    assert main(["bench", "extract", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found["frames_per_second_per_core"]) == ["320x240", "640x480"]
    assert min(found["frames_per_second_per_core"].values()) > 0
    for shares in found["shares"].values():
        assert list(shares) == ["decode", "detect", "landmarks", "identity", "write"]
        assert min(shares.values()) > 0
        assert sum(shares.values()) == pytest.approx(1, abs=0.01)
    assert found["scaling"]["1"] == 1.0
