"""Lines and keys on the terminal."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from dfl_cli.terminal.console import print_error, progress, progress_or_lines
from dfl_cli.terminal.width import display_width

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("模型", 4), ("GAN 强度", 8), ("é", 1), ("e\u0301", 1), ("", 0)]
)
def test_chinese_characters_take_two_columns(text, columns):
    assert display_width(text) == columns


def test_errors_carry_the_mark_and_go_to_stderr(capsys):
    print_error("No.")
    assert capsys.readouterr() == ("", "/!\\ No.\n")


def test_who_closes_the_output_gets_an_exit_code(tmp_path):
    line = [sys.executable, "-m", "dfl_cli.main", "model", "list", "--models"]
    for folder, code in ((tmp_path, 0), (tmp_path / "none", 1)):
        done = subprocess.run(["sh", "-c", '"$@" >&- 2>&-', "sh", *line, str(folder)], cwd=ROOT)
        assert done.returncode == code


def test_progress_is_silent_where_nobody_watches(capsys):
    with progress(3, "Loading") as bar:
        bar.update(3)
    assert capsys.readouterr() == ("", "")


def test_slow_progress_is_told_per_second_too(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with progress_or_lines(4, "Merging", unit="frames") as bar:
        bar.start_t -= 10  # seconds
        bar.update(2)
    assert "2/4 [00:10<00:10,  0.20 frames/s]" in capsys.readouterr().err


def test_the_console_gives_lines_without_blanks_and_none_at_the_end(typed):
    console = typed(" 128 ", "")
    assert [console.read(": ") for _ in range(4)] == ["128", "", None, None]
    assert console.ended


def test_nothing_is_asked_of_a_pipe(monkeypatch):
    from dfl_cli.terminal.console import is_interactive

    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert not is_interactive()


def test_flushing_keeps_piped_input(typed):
    console = typed("64")
    console.flush()
    assert console.read(": ") == "64"
