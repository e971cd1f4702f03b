"""`dfl bench save` as a script reads it."""

import json

from dfl_cli.bench import save
from dfl_cli.main import main


def test_one_json_object_about_a_save_and_nothing_left_behind(tmp_path, tiny, capsys, monkeypatch):
    monkeypatch.setattr(save, "ROUNDS", 1)
    assert main(["bench", "save", "--json", "--cpu", f"--folder={tmp_path}", *tiny]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["bytes", "save_seconds", "pause_ms", "iteration_ms", "plain_write_seconds"]
    assert found["bytes"] > 1_000_000
    assert found["save_seconds"] > 0 and found["plain_write_seconds"] > 0
    assert list(tmp_path.iterdir()) == []
