"""`dfl bench samples` as a script reads it."""

import json

import pytest

from dfl_cli.bench import samples
from dfl_cli.main import main


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(samples, "ROUNDS", 1)
    monkeypatch.setattr(samples, "SECONDS", 0.0)
    monkeypatch.setattr(samples, "FACES", 4)
    few = samples.SYNTHETIC._replace(src_faces=2, dst_frames=2, frame_size=(240, 240), face_size=128)
    monkeypatch.setattr(samples, "SYNTHETIC", few)


@pytest.mark.parametrize("given", [True, False])
def test_one_json_object_with_rates_shares_and_scaling(fixtures, capsys, given):
    faces = str(fixtures / "samplers" / "faces")
    flags = ["--src", faces, "--dst", faces] if given else []
    assert main(["bench", "samples", "--json", "--resolution", "64", *flags]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found["samples_per_second_per_core"]) == ["none", "rct", "lct", "mkl", "idt", "sot"]
    assert min(found["samples_per_second_per_core"].values()) > 0
    assert sum(found["shares"].values()) == pytest.approx(1, abs=0.01)
    assert found["scaling"]["1"] == 1.0
    assert "2" in found["scaling"]


def test_a_person_reads_lines(fixtures, capsys):
    assert main(["bench", "samples", "--src", str(fixtures / "samplers" / "faces")]) == 0
    assert "none" in capsys.readouterr().out
