"""Options as flags."""

import argparse

import pytest

from dfl_cli.classes.registry import trained_classes
from dfl_cli.classes.saehd import SAEHD
from dfl_cli.options.flags import add_device_flags, add_flags, given_flags, spellings, whole_number
from dfl_cli.options.wizard import ask_table
from dfl_cli.translate import set_language


@pytest.fixture
def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dfl train", allow_abbrev=False)
    add_flags(parser, [one.table for one in trained_classes().values()], "options")
    return parser


def test_every_option_of_every_class_is_a_flag(parser):
    known = {flag for action in parser._actions for flag in action.option_strings}
    assert {option.flag for one in trained_classes().values() for option in one.table} <= known


@pytest.mark.parametrize(
    ("flags", "key", "value"),
    [
        (["--ae-dims", "128"], "ae_dims", 128),
        (["--pretrain"], "pretrain", True),
        (["--random-warp", "n"], "random_warp", False),
        (["--random-warp", "否"], "random_warp", False),
        (["--clipgrad=true"], "clipgrad", True),
        (["--clipgrad", "是"], "clipgrad", True),
        (["--gan-power", "0.25"], "gan_power", 0.25),
        (["--target-iter", "-5"], "target_iter", 0),
        (["--lr-dropout", "yes"], "lr_dropout", "y"),
    ],
)
def test_a_flag_becomes_the_answer(parser, flags, key, value):
    given = given_flags(parser.parse_args(flags))
    assert list(given) == [key]
    assert ask_table(SAEHD.table, given=given, ask_now=False)[key] == value


def test_what_is_not_on_the_command_line_is_not_given(parser):
    assert given_flags(parser.parse_args([])) == {}


def test_the_help_tells_label_limits_and_advice_in_the_chosen_language():
    set_language("zh")
    parser = argparse.ArgumentParser(prog="dfl train")
    add_flags(parser, [SAEHD.table], "选项")
    text = parser.format_help()
    assert "自动编码器维度：32 到 1024 的整数" in " ".join(text.split())
    assert "30%" in text  # a percent sign in a help is no placeholder


def test_deepfacelab_spellings_are_aliases():
    parser = argparse.ArgumentParser()
    parser.add_argument(*spellings("--src"))
    parser.add_argument(*spellings("--name"))
    add_device_flags(parser)
    given = parser.parse_args(
        ["--training-data-src-dir", "faces", "--force-model-name", "ab", "--force-gpu-idxs", "0,1"]
    )
    assert (given.src, given.name, given.gpus, given.cpu) == ("faces", "ab", "0,1", False)
    assert parser.parse_args(["--cpu-only"]).cpu


@pytest.mark.parametrize("text", ["0", "-1", "65536", "1" + "0" * 400, "1.5", "nan", ""])
def test_a_whole_number_outside_its_limits_is_wrong_usage(text):
    with pytest.raises(argparse.ArgumentTypeError, match="a whole number from 1 to 65535"):
        whole_number(1, 65535)(text)
