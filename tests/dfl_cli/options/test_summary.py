"""The summary box."""

import pytest

from dfl_cli.classes.quick96 import QUICK96
from dfl_cli.classes.saehd import SAEHD
from dfl_cli.devices import Gpu
from dfl_cli.options.summary import summary_box
from dfl_cli.options.wizard import ask_table
from dfl_cli.terminal.width import display_width
from dfl_cli.translate import set_language

GPU = Gpu(1, "NVIDIA GeForce RTX 3090", "GPU-1", 24576 << 20, 0)


def box(**changes) -> str:
    answers = ask_table(SAEHD.table, given=changes, ask_now=False)
    return summary_box(
        SAEHD.table, name="模型 1", iteration=1500, options=SAEHD.effective_options(answers), devices=[GPU]
    )


SMALL_BOX = """\
============ Model Summary =============
==                                    ==
==            Model name: new         ==
==                                    ==
==     Current iteration: 12          ==
==                                    ==
==---------- Model Options -----------==
==                                    ==
==       autobackup_hour: 0           ==
== write_preview_history: False       ==
==           target_iter: 0           ==
==            batch_size: 4           ==
==                                    ==
==------------ Running On ------------==
==                                    ==
==          Device index: 0           ==
==                  Name: NVIDIA T400 ==
==                  VRAM: 2.00GB      ==
==                                    ==
========================================"""


def test_the_box_of_a_small_model():
    answers = ask_table(QUICK96.table, ask_now=False)
    gpu = Gpu(0, "NVIDIA T400", "GPU-2", 2048 << 20, 0)
    few = [
        option for option in QUICK96.table if option.key in SMALL_BOX or option.once
    ]  # what is done once is not listed
    assert summary_box(few, name="new", iteration=12, options=answers, devices=[gpu]) == SMALL_BOX


def test_without_gpu_it_runs_on_the_processor():
    answers = ask_table(QUICK96.table, ask_now=False)
    assert "Using device: CPU " in summary_box(QUICK96.table, name="new", iteration=12, options=answers, devices=[])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_all_lines_are_equally_wide_on_the_terminal(language):
    set_language(language)
    assert len({display_width(line) for line in box().splitlines()}) == 1


def test_name_iteration_every_option_and_the_device_are_listed_in_order():
    lines = [line.strip("= -") for line in box().splitlines()]
    assert [line for line in lines if line][:3] == ["Model Summary", "Model name: 模型 1", "Current iteration: 1500"]
    labels = [line.partition(": ")[0] for line in lines if ": " in line]
    assert labels[2:-3] == [option.key for option in SAEHD.table if not option.once and option.listed_at_default]
    assert [line for line in lines if line][-3:] == [
        "Device index: 1",
        "Name: NVIDIA GeForce RTX 3090",
        "VRAM: 24.00GB",
    ]


def test_what_hardly_anybody_sets_is_listed_where_it_is_set():
    assert "accumulate_steps" not in box()
    assert "accumulate_steps: 4 " in box(accumulate_steps=4)


def test_pretraining_shows_what_is_in_force():
    text = box(pretrain="y", lr_dropout="y", gan_power=0.1)
    assert "lr_dropout: n " in text
    assert "gan_power: 0.0 " in text
    assert "uniform_yaw: True " in text


def test_in_chinese_the_key_stands_beside_the_label():
    set_language("zh")
    assert "自动编码器维度 ae_dims: 256" in box()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("columns", [20, 40])
def test_on_a_narrow_terminal_names_and_values_take_several_lines(language, columns):
    set_language(language)
    answers = SAEHD.effective_options(ask_table(SAEHD.table, ask_now=False))
    text = summary_box(SAEHD.table, name="模型 1", iteration=1500, options=answers, devices=[GPU], columns=columns)
    (width,) = {display_width(line) for line in text.split("\n")}
    assert width <= columns
    assert "3090" in text
