"""Backups made by themselves, and where a plan stands among its stages. No network is needed for either."""

import pytest

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.options.stages import Plateau, Ramp, Schedule, Stage
from dfl_cli.options.wizard import ask_table
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import open_model
from dfl_cli.train.backup_first import back_up_first, stage_line
from dfl_cli.train.plan import Plan
from dfl_cli.translate import set_language

STAGES = (
    Stage(until_iter=100),
    Stage(until_plateau=Plateau(0.01, 50), values={"random_warp": False}),
    Stage(until_iter=900, ramps={"gan_power": Ramp(0.1, 0.0, 10)}),
    Stage(until_iter=950),
)


@pytest.fixture
def planned(tmp_path):
    """`planned(schedule, gan_power=0.1)`: the plan of a run with that option, for a model saved at iteration 100 with the defaults."""

    def plan(schedule: Schedule | None = None, **changes) -> Plan:
        model_dir, answers = ModelDir(tmp_path / "ab"), ask_table(SAEHD.table, ask_now=False)
        model_dir.create("SAEHD", {})
        state = {"model_class": "SAEHD", "iteration": 100, "seed": 1, "history_seed": 1, "options": answers}
        model_dir.save(state, {"weights.safetensors": lambda path: path.write_bytes(b"weights")})
        return Plan(
            model_dir=model_dir, model_class="SAEHD", saved=open_model(model_dir), init_from=None, options=answers | changes,
            devices=[], face_folders={}, pretraining=None, seed=1, history_seed=1, repeatable=False,
            autosave_minutes=1, preview="off", schedule=schedule or Schedule(),
        )  # fmt: skip

    return plan


def test_a_risky_change_is_backed_up_and_said_in_one_line(planned, capsys):
    plan = planned(gan_power=0.1, batch_size=2)
    back_up_first(plan)
    said = capsys.readouterr().out
    assert said.startswith("Risky change: gan_power 0.0 -> 0.1. Iteration 100 was backed up first: ")
    assert said.count("\n") == 1
    assert [folder.name for folder in plan.model_dir.backups()] == ["01"]


def test_a_harmless_change_is_not(planned, capsys):
    plan = planned(batch_size=2, target_iter=7)
    back_up_first(plan)
    assert (plan.model_dir.backups(), capsys.readouterr().out) == ([], "")


def test_a_stage_that_begins_is_backed_up_in_the_language_of_the_person(planned, capsys):
    set_language("zh")
    plan = planned(Schedule(STAGES, 1, 100), random_warp=False)
    back_up_first(plan)
    assert (
        "第 2 阶段（共 4 个）从第 100 次迭代开始：random_warp y -> n。 已先备份第 100 次迭代："
        in capsys.readouterr().out
    )
    assert len(plan.model_dir.backups()) == 1


def test_a_ramp_holds_its_peak_while_it_lasts_and_leaves_its_end(planned):
    plan = planned(Schedule(STAGES, 1, 100), random_warp=False)
    ramped = plan.at_next_stage(plan.saved)
    assert (ramped.options["gan_power"], ramped.options["random_warp"], ramped.schedule.index) == (0.1, False, 2)
    assert ramped.at_next_stage(plan.saved).options["gan_power"] == 0.0


def test_the_training_ends_at_the_target_or_with_the_last_stage_whichever_comes_first(planned):
    assert planned(Schedule(STAGES, 0, 0)).end == 950
    assert planned(Schedule(STAGES, 0, 0), target_iter=300).end == 300
    assert planned(target_iter=1000).end == 1000
    assert planned().end == 0


def test_nothing_is_to_do_at_the_end_unless_an_option_has_to_be_saved(planned):
    at_end = planned(Schedule((Stage(until_iter=100),), 0, 0))
    assert at_end.nothing_to_do
    assert not planned(at_end.schedule, batch_size=2).nothing_to_do
    assert not planned(Schedule(STAGES, 1, 100)).nothing_to_do


def test_the_box_names_the_stage_and_its_ends():
    assert stage_line(Schedule(STAGES, 1, 100)) == "2 of 4, until the loss falls by less than 0.01 per 50"
    assert stage_line(Schedule()) is None
