"""`dfl bench save` as a person runs it."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_one_json_object_about_a_save_and_nothing_left_behind(tmp_path, tiny):
    line = [sys.executable, "-m", "dfl_cli.main", "bench", "save", "--json", "--cpu", f"--folder={tmp_path}", *tiny]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert list(found) == ["bytes", "save_seconds", "pause_ms", "iteration_ms", "plain_write_seconds"]
    assert found["bytes"] > 1_000_000
    assert found["save_seconds"] > 0 and found["plain_write_seconds"] > 0
    assert list(tmp_path.iterdir()) == []
