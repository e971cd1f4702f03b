import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dfl_cli.store.loss_history import LossHistory

NAMES = ("src", "dst")
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def history(tmp_path) -> LossHistory:
    """Five iterations, three of them in the file; the src loss is the iteration."""
    history = LossHistory(tmp_path / "loss.csv", 0, NAMES)
    for iteration in range(1, 6):
        history.append(iteration, 0.5, np.array([iteration, 0.25]))
        if iteration == 3:
            history.flush()
    return history


def test_losses_survive_a_stop(history):
    history.flush()
    assert LossHistory(history.path, 5, NAMES).losses().tolist() == [[n, 0.25] for n in (1, 2, 3, 4, 5)]
    assert history.path.read_text().splitlines()[:2] == ["iteration,seconds,src_loss,dst_loss", "1,0.5,1,0.25"]


def test_rows_newer_than_the_model_and_a_half_written_row_are_cut_off(tmp_path):
    path = tmp_path / "loss.csv"
    path.write_text("iteration,seconds,src_loss,dst_loss\n1,0.5,3.0,2.0\n2,0.5,2.0,1.0\n3,0.5,1.")
    assert len(LossHistory(path, 3, NAMES)) == 2
    assert len(LossHistory(path, 1, NAMES)) == 1
    assert path.read_text() == "iteration,seconds,src_loss,dst_loss\n1,0.5,3.0,2.0\n"


@pytest.mark.parametrize("reached", [5, 4, 3, 2, 0])
def test_a_model_that_goes_back_to_a_save_goes_on_from_its_losses(history, reached):
    history.truncate(reached)
    history.append(reached + 1, 0.5, np.array([9, 9]))
    history.flush()
    expected = [*range(1, reached + 1), 9]
    assert history.losses()[:, 0].tolist() == expected
    assert LossHistory(history.path, 6, NAMES).losses()[:, 0].tolist() == expected


def test_leaving_pretraining_starts_an_empty_history(history):
    history.clear()
    assert history.losses().shape == (0, 2)
    assert history.path.read_text() == "iteration,seconds,src_loss,dst_loss\n"


def test_only_the_last_iterations_are_shown_when_asked(history):
    assert history.losses(last=2)[:, 0].tolist() == [4, 5]
    assert len(history.losses(last=100)) == 5


def test_a_model_without_losses_has_an_empty_history(tmp_path):
    assert LossHistory(tmp_path / "loss.csv", 0, NAMES).losses().shape == (0, 2)


@pytest.mark.parametrize("names", [("mask",), ("one", "two", "three")])
def test_a_model_may_have_any_number_of_losses(tmp_path, names):
    path, rows = tmp_path / "loss.csv", [[n + index for index in range(len(names))] for n in (1, 2, 3)]
    history = LossHistory(path, 0, names)
    for iteration, row in enumerate(rows, 1):
        history.append(iteration, 0.5, np.array(row, np.float32))
    history.flush()
    history.truncate(2)
    assert history.losses().tolist() == LossHistory(path, 3, names).losses().tolist() == rows[:2]
    assert path.read_text().splitlines()[0] == ",".join(["iteration", "seconds", *(f"{name}_loss" for name in names)])


@pytest.mark.parametrize("saved", ["utf-8-sig", "utf-16", "semicolons"])
def test_losses_survive_an_editor_and_the_file_is_ours_again(history, saved):
    history.flush()
    before = history.path.read_bytes()
    text = before.decode().replace("\n", "\r\n")
    if saved == "semicolons":  # Excel where a comma is the decimal one
        history.path.write_bytes(text.replace(",", ";").replace(".", ",").encode())
    else:
        history.path.write_bytes(text.encode(saved))
    assert LossHistory(history.path, 5, NAMES).losses().tolist() == [[n, 0.25] for n in (1, 2, 3, 4, 5)]
    assert history.path.read_bytes() == before


@pytest.mark.parametrize(
    "row",
    [
        "1e300,0.5,1,1", f"{10**300},0.5,1,1", "4,0.5,nan,1", "4,0.5,1e300,1", "4,0.5,inf,1", "4,0.5,1", "4,0.5,1,1,1", "x,y,z,w", "",
        "2,0.5,1,1", "-4,0.5,1,1", "4.5,0.5,1,1", '{"iteration": 4}', "4,,1,1", "4,0.5,1-2,1", "\0\0\0\0",
    ],
)  # fmt: skip
def test_a_row_that_is_none_is_reported_with_file_and_row_and_left_out(history, row, capsys):
    history.flush()
    lines = history.path.read_text().splitlines()
    whole = list(lines)
    history.path.write_text("\n".join([*lines[:4], row, *lines[4:]]) + "\n")
    again = LossHistory(history.path, 9, NAMES)
    assert again.losses()[:, 0].tolist() == [1, 2, 3, 4, 5]
    assert history.path.read_text().splitlines() == whole
    assert "loss.csv: 1 row is damaged" in capsys.readouterr().err
    LossHistory(history.path, 9, NAMES)
    assert capsys.readouterr().err == ""


def test_blocks_meet_without_a_seam(history, monkeypatch):
    history.flush()
    expected, content = history.losses().tolist(), history.path.read_bytes()
    for size in (1, 7, 16, 30):
        monkeypatch.setattr("dfl_cli.store.loss_history.BLOCK_BYTES", size)
        assert LossHistory(history.path, 5, NAMES).losses().tolist() == expected
        assert history.path.read_bytes() == content
        cut = LossHistory(history.path, 5, NAMES)
        cut.truncate(3)
        assert history.path.read_bytes() == b"".join(content.splitlines(keepends=True)[:4])
        history.path.write_bytes(content)


ROWS = [pytest.param(1_000_000, 300_000), pytest.param(10_000_000, 1_000_000, marks=pytest.mark.soak)]


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the system does not say how much memory a process had"
)
@pytest.mark.parametrize(("rows", "most_kilobytes"), ROWS)
def test_millions_of_iterations_fit_into_little_memory(tmp_path, rows, most_kilobytes):
    """Ten million were measured at 5 s on two cores; the memory is what is checked."""
    path = tmp_path / "loss.csv"
    with path.open("w") as file:
        file.write("iteration,seconds,src_loss,dst_loss\n")
        for start in range(0, rows, 100_000):
            file.write("".join(f"{n},0.2453,0.512345,0.498765\n" for n in range(start + 1, start + 100_001)))
    code = (
        "import re, sys; from pathlib import Path; from dfl_cli.store.loss_history import LossHistory;"
        f"history = LossHistory(Path(sys.argv[1]), {rows}, ('src', 'dst')); history.truncate({rows} - 10);"
        "print(len(history), re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, cwd=ROOT)
    count, kilobytes = map(int, done.stdout.split())
    assert count == rows - 10
    assert kilobytes < most_kilobytes
