"""A schedule of stages as a user runs it: killed in the middle, gone on with, ended by its last stage."""

import json
import signal
import time

from programs import running

SCHEDULE = """
autobackup_hour = 0

[[stage]]
until_iter = 3

[[stage]]
until_iter = 8
uniform_yaw = true
ct_mode = "rct"

[[stage]]
until_iter = 11
random_warp = false
gan_power = {from = 0.0, to = 0.1, over = 4}
gan_patch_size = 16
gan_dims = 4
"""


def state_of(model_dir) -> dict:
    return model_dir.newest()[0].state()


def kill_in_stage(line: list[str], model_dir, index: int) -> str:
    """Start a run, end it with SIGKILL once it has saved in the stage, and return what it said until then."""
    with running(line) as run:
        while run.poll() is None:
            time.sleep(0.02)
            if model_dir.exists and state_of(model_dir).get("stage", {}).get("index") == index:
                break
        run.send_signal(signal.SIGKILL)
        return run.stdout.read()


def test_stages_follow_each_other_survive_a_kill_and_end_the_training(trainer, tmp_path, capsys):
    file = tmp_path / "run.toml"
    file.write_text(SCHEDULE)
    model = trainer.model()
    said = kill_in_stage(trainer.line(f"--answers={file}", "--autosave-minutes=0.001"), model, 1)
    assert said.count("Compiling the training step") == 1  # stage 2 has other samples only
    killed = state_of(model)
    assert 3 < killed["iteration"] <= 8
    assert killed["stage"] == {"index": 1, "began": 3}
    assert (killed["options"]["uniform_yaw"], killed["options"]["ct_mode"]) == (True, "rct")

    trainer.run_here("--silent-start")
    said = capsys.readouterr().out
    assert "Stage 2 of 3 begins" not in said  # it goes on in it
    changes = "random_warp y -> n, gan_patch_size 8 -> 16, gan_dims 16 -> 4, gan_power 0.0 -> 0.1 over 4 iterations"
    assert f"Stage 3 of 3 starts at iteration 8: {changes}. Iteration 8 was backed up first" in said
    assert said.count("Compiling the training step") == 2  # an adversary is another network
    assert "Stage: 3 of 3, until iteration 11" in said
    assert said.endswith("The last stage ended at iteration 11.\n")

    state = state_of(model)
    assert (state["iteration"], state["stage"]) == (11, {"index": 2, "began": 8})
    backed_up = [json.loads((folder / "state.json").read_text()) for folder in model.backups()]
    assert [(one["iteration"], one["stage"]["index"]) for one in backed_up] == [(8, 1), (3, 0)]
    assert "Stage: 3 of 3" in (model.folder / "summary.txt").read_text()

    trainer.run_here(f"--answers={file}")
    assert "iteration 11 of 11. Nothing was changed." in capsys.readouterr().out
