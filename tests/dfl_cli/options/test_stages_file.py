"""The stages of an answers file: read, written again, and refused with the line they stand in."""

import pytest

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.errors import UserError
from dfl_cli.options.answers_file import read_answers, write_answers
from dfl_cli.options.stages import Plateau, Ramp, Stage
from dfl_cli.options.stages_file import check_stages, read_stages
from dfl_cli.options.wizard import ask_table

SCHEDULE = """
batch_size = 4
random_warp = true

[[stage]]
until_iter = 1000

[[stage]]   # sharper
until_iter = 2000
until_plateau = "0.01 per 100"
random_warp = "n"
lr_dropout = "y"

[[stage]]
gan_power = {from = 0.0, to = 0.1, over = 500}
"""
STAGES = (
    Stage(until_iter=1000),
    Stage(until_iter=2000, until_plateau=Plateau(0.01, 100), values={"random_warp": False, "lr_dropout": "y"}),
    Stage(ramps={"gan_power": Ramp(0.0, 0.1, 500)}),
)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "run.toml"


def defaults() -> dict:
    return ask_table(SAEHD.table, ask_now=False)


def test_stages_are_read_beside_the_answers(file):
    file.write_text(SCHEDULE)
    assert read_stages(file, SAEHD.table) == STAGES
    assert set(read_answers(file, SAEHD.table)) == {"batch_size", "random_warp"}
    check_stages(file, SAEHD.table, STAGES, defaults())


def test_what_was_written_is_read_back(file):
    write_answers(file, SAEHD.table, defaults(), [stage.as_data() for stage in STAGES])
    assert read_stages(file, SAEHD.table) == STAGES
    assert ask_table(SAEHD.table, given=read_answers(file, SAEHD.table), ask_now=False) == defaults()


def test_a_file_without_stages_says_nothing_about_them_and_an_empty_list_takes_them_away(file):
    file.write_text("batch_size = 4\n")
    assert read_stages(file, SAEHD.table) is None
    file.write_text("stage = []\n")
    assert read_stages(file, SAEHD.table) == ()


@pytest.mark.parametrize(
    ("text", "what", "saw", "fix"),
    [
        ("[[stage]]\nrandom_wrap = false", "no option random_wrap", "line 2 (stage 1)", "random_warp"),
        ("[[stage]]\nresolution = 128", "cannot change once the model has weights", "line 2 (stage 1)", "above"),
        ("[[stage]]\npretrain = false", "cannot change in a stage", "pretrain in run.toml", "separate run"),
        ("[[stage]]\ntarget_iter = 9", "cannot change in a stage", "target_iter", "above"),
        ("[[stage]]\nbatch_size = {from = 1, to = 2, over = 3}", "cannot be ramped", "batch_size", "whole number"),
        ("[[stage]]\ngan_power = {from = 0, to = 1}", "line 2 (stage 1) cannot be", "from", "over = 20000"),
        ("[[stage]]\nuntil_iter = 0", "cannot be 0", "0", "1 or more"),
        ("[[stage]]\nuntil_best_age = -1", "cannot be -1", "-1", "1 or more"),
        ('[[stage]]\nuntil_plateau = "soon"', "cannot be soon", "soon", "0.01 per 10000"),
        ("[[stage]]\nrandom_warp = 7", "cannot be 7", "random_warp in run.toml, line 2 (stage 1) 7", "y or n"),
        ("[[stage]]\nuntil_iter=5\n[[stage]]\nuntil_iter=5", "line 4 (stage 2) cannot be 5", "5", "more than 5"),
        ("[[stage]]\n[[stage]]\nuntil_iter = 5", "Stage 1 has no end", "run.toml", "until_iter"),
        ("target_iter = 7\n[[stage]]\nuntil_iter = 9", "line 1 cannot be 7", "7", "9 or more"),
        ("[stage]\nuntil_iter = 9", "table of its own", "stage in run.toml", "[[stage]]"),
    ],
)
def test_a_mistake_is_said_with_its_line_before_anything_is_trained(file, text, what, saw, fix):
    file.write_text(text)
    with pytest.raises(UserError) as refused:
        read_stages(file, SAEHD.table)
    assert what in refused.value.what and saw in refused.value.saw and fix in refused.value.fix


@pytest.mark.parametrize(
    ("text", "what", "fix"),
    [
        ("gan_power = 7.0", "gan_power in run.toml, line 2 (stage 1) cannot be 7.0", "0.0 to 5.0"),
        ("gan_power = {from = 0, to = 7, over = 10}", "cannot be 7", "0.0 to 5.0"),
        ("gan_power = 0.1\ngan_patch_size = 640", "gan_patch_size in run.toml, line 3", "such as"),
        ("until_best_age = 500", "until_best_age in run.toml, line 2 (stage 1) cannot be 500", "keep_best = true"),
        ("true_face_power = 0.1", "cannot be 0.1", "does not apply"),  # archi is a liae
    ],
)
def test_a_value_outside_its_limits_is_refused_for_nobody_would_see_it_moved(file, text, what, fix):
    file.write_text(f"[[stage]]\n{text}\n")
    with pytest.raises(UserError) as refused:
        check_stages(file, SAEHD.table, read_stages(file, SAEHD.table), defaults())
    assert what in refused.value.what and fix in refused.value.fix
