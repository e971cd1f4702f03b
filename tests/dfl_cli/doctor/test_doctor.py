"""The doctor: every trouble has advice, and neither a crash nor a hang in a trial ends the program."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from dfl_cli.doctor import installed, trial_findings
from dfl_cli.doctor.finding import GOOD, NOTE, PROBLEM
from dfl_cli.doctor.trial_process import TrialOutcome, run_trial
from dfl_cli.main import main

ROOT = Path(__file__).resolve().parents[3]
NO_LIBGL = 'raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory", name="cv2")'


@pytest.fixture
def opencv_that(tmp_path):
    """`opencv_that(code)`: environment in which importing cv2 runs `code`."""

    def environment(code: str) -> dict[str, str]:
        (tmp_path / "cv2").mkdir()
        (tmp_path / "cv2" / "__init__.py").write_text(code)
        return {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]), "PYTHONUTF8": "1"}

    return environment


def test_with_no_time_for_trials_every_one_is_named_with_advice(tmp_path, capsys):
    code = main(["doctor", "--json", "--seconds", "0.05", "--models", str(tmp_path)])
    said = json.loads(capsys.readouterr().out)
    found = {one["key"]: one for one in said["findings"]}
    assert (code, said["healthy"]) == (1, False)
    assert found["tensorflow"]["state"] == found["opencv"]["state"] == PROBLEM
    assert [one["key"] for one in said["findings"] if one["state"] != GOOD and not one["advice"]] == []
    assert found["disk"]["facts"]["bytes_per_second"] > 0
    assert list(tmp_path.iterdir()) == []


def test_the_same_in_chinese_for_a_person(tmp_path, capsys):
    code = main(["doctor", "--lang", "zh", "--seconds", "0.05", "--models", str(tmp_path)])
    said = capsys.readouterr().out
    assert (code, "发现问题" in said, "解决办法" in said) == (1, True, True)


def test_a_folder_that_is_not_there_is_explained(tmp_path, capsys):
    assert main(["doctor", "--models", str(tmp_path / "none")]) == 1
    assert "--models" in capsys.readouterr().err


def test_a_training_step_really_runs_in_a_child():
    outcome = run_trial("train_step", seconds=300)
    assert outcome.worked, outcome
    assert trial_findings.train_step(outcome).state == GOOD
    assert outcome.facts["device"] == "cpu" or "GPU" in outcome.facts["device"]


@pytest.mark.soak
@pytest.mark.parametrize("trial", ["opencv", "tensorflow", "convolution", "mixed_precision", "xla"])
def test_the_other_trials_too(trial):
    assert run_trial(trial, seconds=300).worked


@pytest.mark.parametrize(
    ("code", "state", "word"),
    [
        (NO_LIBGL, PROBLEM, "libgl1"),
        ("import os; os.abort()", PROBLEM, "SIGABRT"),
        ("import time; time.sleep(60)", PROBLEM, "finish"),
    ],
)
def test_an_opencv_that_does_not_load(opencv_that, code, state, word):
    finding = trial_findings.opencv(run_trial("opencv", seconds=3, environment=opencv_that(code)))
    assert finding.state == state
    assert word in finding.text + finding.advice


def test_a_processor_without_avx_is_told_so():
    finding = trial_findings.tensorflow(TrialOutcome(signal="SIGILL"), has_card=False)
    assert (finding.state, "AVX" in finding.advice) == (PROBLEM, True)


def test_a_card_that_tensorflow_does_not_see_is_a_note():
    seen = TrialOutcome({"gpus": [], "import_seconds": 3.0})
    assert trial_findings.tensorflow(seen, has_card=True).state == NOTE
    assert trial_findings.tensorflow(seen, has_card=False).state == GOOD


def test_who_ran_out_of_time_is_given_more_before_anything_is_installed_again():
    finding = trial_findings.tensorflow(TrialOutcome(timed_out=True, seconds=0.5), has_card=False)
    assert "in 0.5 s" in finding.text
    assert finding.advice.index("--seconds") < finding.advice.index("pip install")
    assert "--seconds" not in trial_findings.tensorflow(TrialOutcome(error="no"), has_card=False).advice


def test_on_a_terminal_no_finding_stands_behind_the_progress(tmp_path):
    terminal = pexpect.spawn(
        sys.executable, ["-m", "dfl_cli.main", "doctor", "--seconds", "0.05", "--models", str(tmp_path)],
        cwd=str(ROOT), dimensions=(24, 100), encoding="utf-8", timeout=60,
    )  # fmt: skip
    said = terminal.read()
    assert re.search(r"\r */!\\ OpenCV did not finish", said)
    assert not re.search(r"it/s[^\r\n]*/!", said)


def test_a_crash_of_xla_is_no_obstacle():
    assert trial_findings.xla(TrialOutcome(signal="SIGABRT")).state == NOTE
    assert trial_findings.train_step(TrialOutcome(signal="SIGABRT")).state == PROBLEM


def test_two_opencvs_are_one_too_many(monkeypatch):
    monkeypatch.setattr(installed, "version", lambda name: "5.0")
    finding = installed.opencv()
    assert (finding.state, "opencv-python-headless" in finding.advice) == (PROBLEM, True)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_any_command_explains_an_opencv_that_does_not_load(opencv_that, tmp_path, language):
    done = subprocess.run(
        [sys.executable, "-m", "dfl_cli.main", "merge", "--workspace", str(tmp_path), "--lang", language],
        env={**os.environ, **opencv_that(NO_LIBGL)}, cwd=ROOT, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 1
    assert "apt-get install libgl1" in done.stderr
    assert ("OpenCV cannot be loaded." if language == "en" else "无法加载 OpenCV。") in done.stderr
    assert "Traceback" not in done.stderr
