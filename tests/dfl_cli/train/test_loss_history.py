import numpy as np

from dfl_cli.train.loss_history import LossHistory


def test_losses_survive_a_stop(tmp_path):
    path = tmp_path / "loss.csv"
    history = LossHistory(path, 0)
    history.append(1, 0.5, np.array([3.0, 2.0]))
    history.append(2, 0.5, np.array([2.0, 1.0]))
    history.flush()
    assert LossHistory(path, 2).losses().tolist() == [[3.0, 2.0], [2.0, 1.0]]
    assert path.read_text().splitlines()[0] == "iteration,seconds,src_loss,dst_loss"


def test_rows_newer_than_the_model_and_a_half_written_row_are_cut_off(tmp_path):
    path = tmp_path / "loss.csv"
    path.write_text("iteration,seconds,src_loss,dst_loss\n1,0.5,3.0,2.0\n2,0.5,2.0,1.0\n3,0.5,1.")
    history = LossHistory(path, 1)
    assert len(history.rows) == 1
    assert path.read_text() == "iteration,seconds,src_loss,dst_loss\n1,0.5,3.0,2.0\n"


def test_only_the_last_iterations_are_shown_when_asked(tmp_path):
    history = LossHistory(tmp_path / "loss.csv", 0)
    for iteration in range(1, 6):
        history.append(iteration, 0.1, np.array([iteration, 0.0]))
    assert history.losses(last=2)[:, 0].tolist() == [4, 5]


def test_a_model_without_losses_has_an_empty_history(tmp_path):
    assert LossHistory(tmp_path / "loss.csv", 0).losses().shape == (0, 2)
