"""What the command line's parser says, in both languages."""

import re

import pytest

from dfl_cli.main import main

WRONG = {
    ("train", "--foo"): "无法识别的参数：--foo",
    ("faceset",): "缺少必需的参数：ACTION",
    ("train", "--preview", "wall"): "无效的值 'wall'（可选：",
    ("train", "--name"): "需要一个值",
    ("merge", "--port", "x"): "1 到 65535 的整数",
    ("train", "--autosave-minutes", "x"): "必须大于 0",
    ("model", "timelapse", "a", "--output", "b", "--fps", "x"): "0.1 到 1000 的数字",
    ("faceset", "sort", "x"): "缺少 --by，可选：blur",
    ("train", "--cpu", "--gpus", "0"): "--cpu",
}


@pytest.mark.parametrize("arguments", WRONG)
def test_wrong_usage_is_explained_in_chinese(arguments, capsys):
    assert main([*arguments, "--lang", "zh"]) == 2
    said = capsys.readouterr().err
    assert WRONG[arguments] in said
    assert re.search(f"解决：.*参见 dfl {arguments[0]}.* --help。", said)
    assert not re.search("[\u4e00-\u9fff][,:;?!()]", said)


def test_help_begins_in_the_language(capsys):
    assert main(["train", "--help", "--lang", "zh"]) == 0
    assert capsys.readouterr().out.startswith("用法：dfl train [...]")
    assert main(["train", "--help", "--lang", "en"]) == 0
    assert capsys.readouterr().out.startswith("usage: dfl train [...]")
