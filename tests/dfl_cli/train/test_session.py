"""What a session does around its saves."""

import json

import pytest

from dfl_cli.train.loop import after_iteration
from dfl_cli.train.saving.report import SaveFailed


class Shown:
    """In the place of the TensorBoard log: counts the drawings."""

    def __init__(self):
        self.drawings = 0

    def show(self, previews):
        self.drawings += 1


def test_a_backup_asked_for_while_a_save_is_written_draws_the_preview_once(light_session):
    session = light_session
    session.previews.tensorboard = Shown()
    session.step()
    session.saves.save()
    session.saves.backup()
    assert session.saves.finish()
    session.saves.poll()
    session.previews.finish()
    assert session.previews.tensorboard.drawings == 1
    assert (session.model_dir.folder / "backups" / "01" / "preview.png").is_file()


def test_a_last_save_that_fails_is_announced_as_such_and_says_what_is_lost(light_session, monkeypatch, capsys):
    session = light_session
    session.step()
    session.saves.final_save()
    session.step()
    generations = session.model_dir.folder / "generations"
    generations.rename(generations.with_name("away"))
    generations.write_bytes(b"")
    monkeypatch.setattr("dfl_cli.train.saving.save_queue.FINAL_SAVE_DELAYS", (0, 0.01, 0.01))
    with pytest.raises(SaveFailed) as raised:
        session.saves.final_save()
    assert (raised.value.kept, raised.value.iteration) == (1, 2)
    said = capsys.readouterr().err
    assert said.count("Saving iteration 2 failed") == 2 and "Training continues" not in said

    session.saves.emergency_save()
    assert "iteration 2 is lost" in capsys.readouterr().err


def test_a_new_model_is_drawn_with_its_first_iteration_and_its_first_save_does_not_draw_it_again(light_session):
    session = light_session
    session.previews.tensorboard = Shown()
    session.step()
    after_iteration(session, [])
    session.previews.finish()
    assert (session.previews.tensorboard.drawings, session.saves.busy) == (1, True)
    assert session.saves.finish()
    session.saves.poll()
    session.previews.finish()
    assert session.previews.tensorboard.drawings == 1
    session.step()
    session.saves.save()
    assert session.saves.finish()
    session.saves.poll()
    session.previews.finish()
    assert session.previews.tensorboard.drawings == 2


def iterations_backed_up(session) -> list[int]:
    """The newest first."""
    return [json.loads((folder / "state.json").read_text())["iteration"] for folder in session.model_dir.backups()]


def test_backups_asked_for_one_after_the_other_are_all_made_before_the_session_ends(light_session):
    session = light_session
    for _ in range(2):
        session.step()
        session.saves.backup()
    session.saves.final_save()
    assert iterations_backed_up(session) == [2, 1]


@pytest.mark.parametrize("saved", [True, False])
def test_a_backup_on_hold_while_the_training_is_suspicious_is_made_with_the_last_save(light_session, saved):
    session = light_session
    session.step()
    if saved:
        session.saves.save()
        session.saves.finish()
    session.guard.after_skipped_step(session.iteration)
    session.saves.backup()
    assert iterations_backed_up(session) == []
    session.saves.final_save()
    assert iterations_backed_up(session) == [1]


def test_a_backup_that_could_not_be_made_is_reported_at_the_end_and_the_model_is_saved(light_session, capsys):
    session = light_session
    (session.model_dir.folder / "backups").write_text("in the way")
    session.step()
    session.saves.backup()
    session.saves.final_save()
    session.saves.close()
    said = capsys.readouterr().err
    assert said.count("The backup that was asked for was not made.") == 1
    assert "Cannot write backups/01: " in said and "Training continues" not in said
    assert not session.saves.has_unsaved
