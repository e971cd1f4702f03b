"""Flags from the environment."""

import argparse

import pytest

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.errors import UserError
from dfl_cli.merge import command as merge
from dfl_cli.options.answers_file import read_answers
from dfl_cli.options.environment import apply_environment, variable
from dfl_cli.options.flags import given_flags
from dfl_cli.options.parser import Parser
from dfl_cli.options.wizard import ask_table
from dfl_cli.train import command as train

OTHER_VALUES = {"shard": "1/2"}  # of flags that do not take a 1


def parsed(*arguments: str, command=train, **environment: str) -> argparse.Namespace:
    parser = Parser(prog="dfl")
    command.add_arguments(parser)
    apply_environment(parser, arguments, environment)
    return parser.parse_args(arguments)


@pytest.mark.parametrize("command", [train, merge])
def test_every_flag_has_a_variable(command):
    parser = Parser(prog="dfl")
    command.add_arguments(parser)
    flags = [action for action in parser._actions if action.option_strings and action.dest != "help"]
    for action in flags:
        text = str([*action.choices][-1]) if action.choices else OTHER_VALUES.get(action.dest, "1")
        found = parsed(command=command, **{variable(action.option_strings[0]): text})
        assert vars(found)[action.dest] not in (None, False, action.default), action.dest


def test_a_variable_is_what_the_flag_would_be():
    found = parsed(DFL_WORKSPACE="film", DFL_SILENT_START="1", DFL_SEED="7", DFL_NO_PREVIEW="y", DFL_BATCH_SIZE="6")
    assert (str(found.workspace), found.silent_start, found.seed, found.preview) == ("film", True, 7, "off")
    assert ask_table(SAEHD.table, given=given_flags(found), ask_now=False)["batch_size"] == 6


def test_a_flag_wins_over_the_environment_and_that_over_the_answers_file(tmp_path):
    (tmp_path / "run.toml").write_text("batch_size = 2\ntarget_iter = 20\nae_dims = 64\n")
    found = parsed("--batch-size=4", DFL_BATCH_SIZE="3", DFL_TARGET_ITER="30")
    given = {**read_answers(tmp_path / "run.toml", SAEHD.table), **given_flags(found)}
    answers = ask_table(SAEHD.table, given=given, ask_now=False)
    assert (answers["batch_size"], answers["target_iter"], answers["ae_dims"]) == (4, 30, 64)


def test_the_processor_on_the_command_line_wins_over_a_gpu_in_the_environment():
    assert parsed("--cpu", DFL_GPUS="0").gpus is None
    assert parsed("--gpus=0", DFL_CPU="1").cpu is False


def test_no_and_nothing_switch_nothing_on():
    found = parsed(DFL_SILENT_START="0", DFL_NAME="")
    assert (found.silent_start, found.name) == (False, None)


@pytest.mark.parametrize(
    ("name", "text", "advice"),
    [
        ("DFL_SILENT_START", "perhaps", "y or n"),
        ("DFL_MODEL", "SAE", "SAEHD, AMP, Quick96"),
        ("DFL_SEED", "seven", "a whole number"),
        ("DFL_AUTOSAVE_MINUTES", "-1", "more than 0"),
    ],
)
def test_a_wrong_value_names_the_variable(name, text, advice):
    with pytest.raises(UserError) as refused:
        parsed(**{name: text})
    assert name in refused.value.what and text in refused.value.saw and advice in refused.value.fix


def test_a_wrong_value_of_an_option_names_the_variable():
    with pytest.raises(UserError) as refused:
        ask_table(SAEHD.table, given=given_flags(parsed(DFL_AE_DIMS="many")), ask_now=False)
    assert refused.value.saw == "DFL_AE_DIMS many"
