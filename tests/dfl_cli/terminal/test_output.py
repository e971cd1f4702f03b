"""A log file on a disk that is full."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
WORK = """
import sys
from pathlib import Path
from dfl_cli.terminal.console import notice, say
from dfl_cli.terminal.output import ignore_output_errors

with ignore_output_errors():
    for number in range(3000):
        say(f"line {number}")
    notice("a notice")
    Path(sys.argv[1]).write_text("done")
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_what_a_full_disk_cannot_take_of_a_log_is_lost_and_the_work_goes_on(tmp_path):
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run([sys.executable, "-c", WORK, tmp_path / "work"], stdout=full, stderr=full, cwd=ROOT)
    assert (ended.returncode, (tmp_path / "work").read_text()) == (0, "done")


def test_what_can_be_written_arrives_in_order(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-c", f"print('before'){WORK}say('after')", tmp_path / "work"],
        capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert ended.stdout.splitlines() == ["before", *(f"line {number}" for number in range(3000)), "after"]
    assert ended.stderr == "a notice\n"
