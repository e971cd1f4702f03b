import numpy as np
import pytest

from dfl_cli.store.loss_history import LossHistory

NAMES = ("src", "dst")


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
