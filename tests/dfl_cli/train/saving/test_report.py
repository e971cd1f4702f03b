import errno
from pathlib import Path

import pytest

from dfl_cli.train.saving.report import SaveFailed, SaveTarget, explain_save_failed, save_lines
from dfl_cli.train.saving.saver import SaveOutcome
from dfl_cli.translate import set_language

FULL = OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_says_how_much_a_save_takes_and_how_much_is_free(tmp_path):
    target = SaveTarget(tmp_path, 37 * 2**20)
    (line,) = save_lines(SaveOutcome(None, FULL, 1, 15.0), iteration=900, kept=850, target=target)
    assert "Latest save: iteration 850. Training continues; next attempt in 15 s." in line
    assert "Free some space: a save needs 37.0 MB, " in line
    gone = target._replace(folder=Path("/nowhere/at/all"))
    assert "Free some space." in save_lines(SaveOutcome(None, FULL, 1, 15.0), iteration=900, kept=850, target=gone)[0]


@pytest.mark.parametrize(
    ("language", "goes_on", "again"), [("en", "Training continues", "attempt in 3 s"), ("zh", "训练继续", "3 秒")]
)
def test_at_the_end_of_a_session_nobody_is_told_that_training_goes_on(tmp_path, language, goes_on, again):
    set_language(language)
    target, outcome = SaveTarget(tmp_path, 1), SaveOutcome(None, FULL, 2, 30.0)
    (line,) = save_lines(outcome, iteration=9, kept=None, target=target, final_delay=3)
    assert goes_on not in line and again in line
    assert save_lines(outcome, iteration=9, kept=None, target=target, final_delay=0) == []
    assert "9" in str(explain_save_failed(SaveFailed(FULL, target=target, iteration=9, kept=None)))
