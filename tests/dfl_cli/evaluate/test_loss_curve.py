"""Whether a loss still falls, on curves whose slope is known, and in the files that training writes."""

from types import SimpleNamespace

import numpy as np
import pytest

from dfl_cli.evaluate.loss_curve import LossCurve, fall, fall_of
from dfl_cli.store.loss_history import last_rows

ITERATIONS = np.arange(1, 6001)


def curve(levels, noise=0.2, seed=0):
    """Losses around `levels` (L,) that scatter as those of batches do."""
    scatter = np.random.default_rng(seed).lognormal(0, noise, len(levels))
    return LossCurve(ITERATIONS[-len(levels) :].astype(float), levels * scatter)


def falling_by(part):
    return 0.4 * (1 - part) ** (ITERATIONS / 1000)


@pytest.mark.parametrize("seed", range(20))
def test_a_flat_loss_with_noise_does_not_fall(seed):
    found = fall(curve(np.full(6000, 0.4), seed=seed))
    assert found is None or found < 0.02


@pytest.mark.parametrize("part", [0.03, 0.1, 0.5])
def test_a_falling_loss_is_measured(part):
    assert fall(curve(falling_by(part))) == pytest.approx(part, abs=0.01)


def test_a_rising_loss_does_not_fall():
    assert fall(curve(falling_by(-0.1))) is None


def test_a_step_is_no_fall():
    for at in (1500, 3000, 4500):  # random_warp was turned off there
        assert fall(curve(np.where(at > ITERATIONS, 0.4, 0.2))) is None


def test_a_few_iterations_show_nothing():
    assert fall(curve(falling_by(0.5)[:100])) is None


def saved_model(folder, losses, iteration=6000, **options):
    rows = [f"{number},0.1,{loss:.6g},{loss:.6g}\n" for number, loss in zip(ITERATIONS, losses, strict=False)]
    (folder / "loss.csv").write_text("iteration,seconds,src_loss,dst_loss\n" + "".join(rows))
    return SimpleNamespace(model_dir=SimpleNamespace(folder=folder), iteration=iteration, options=options)


def test_only_the_last_part_of_a_training_counts(tmp_path):
    levels = np.where(ITERATIONS < 3500, falling_by(0.5), falling_by(0.5)[3500])
    assert fall_of(saved_model(tmp_path, curve(levels).losses)) is None
    assert fall_of(saved_model(tmp_path, curve(falling_by(0.1)).losses)) == pytest.approx(0.1, abs=0.03)


def test_what_came_after_the_save_does_not_count(tmp_path):
    levels = np.where(ITERATIONS < 3000, falling_by(0.5), falling_by(0.5)[3000])
    assert fall_of(saved_model(tmp_path, curve(levels).losses, iteration=3000)) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("option", ["gan_power", "true_face_power"])
def test_adversarial_losses_show_nothing(tmp_path, option):
    losses = curve(falling_by(0.1)).losses
    assert fall_of(saved_model(tmp_path, losses, **{option: 0.1})) is None
    assert fall_of(saved_model(tmp_path, losses, **{option: 0.0})) is not None


def test_a_table_that_is_missing_empty_or_damaged_shows_nothing(tmp_path):
    saved = saved_model(tmp_path, curve(falling_by(0.1)).losses)
    table = tmp_path / "loss.csv"
    for content in (
        b"",
        b"iteration,seconds,src_loss,dst_loss\n",
        b"\xff\xfe\n\x00\n",
        b"iteration,seconds,src_loss\n1,2\n",
    ):
        table.write_bytes(content)
        assert fall_of(saved) is None
        assert table.read_bytes() == content  # it is not repaired
    table.unlink()
    assert fall_of(saved) is None


def test_a_long_table_is_read_from_its_end(tmp_path):
    table = tmp_path / "loss.csv"
    table.write_text(
        "iteration,seconds,loss\n" + "".join(f"{number},0.1,0.4\n" for number in range(1, 500_001)) + "500001,0."
    )
    rows = last_rows(table)
    assert 100_000 < len(rows) < 500_000
    assert rows[-1].tolist() == [500_000, 0.1, 0.4]
    assert (np.diff(rows[:, 0]) == 1).all()
