"""Languages: which one is spoken, and how texts with values and counts come out (tests/test_messages.py reads the catalogs)."""

import numpy as np
import pytest

from dfl_cli.translate import (
    clauses,
    labeled,
    language,
    language_of,
    listed,
    ntr,
    phrases,
    ptr,
    remarked,
    set_language,
    tr,
)


@pytest.mark.parametrize(
    ("environment", "spoken"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW.UTF-8"}, "zh"),
        ({"LANG": "", "LC_ALL": ""}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh"}, "zh"),
    ],
)
def test_the_language_is_that_of_the_locale(environment, spoken):
    assert language_of(environment) == spoken


def test_a_text_without_translation_stays_english():
    set_language("zh")
    assert tr("no such text: {value}", value=3) == "no such text: 3"
    assert language() == "zh"


def test_braces_in_a_text_without_values_are_left_alone():
    assert tr("{literally}") == "{literally}"


def test_a_context_separates_two_meanings_of_an_english_text():
    assert ptr("progress", "Training") == tr("Training") == "Training"
    set_language("zh")
    assert (ptr("progress", "Training"), tr("Training")) == ("正在训练", "训练")


def test_chinese_has_one_form():
    set_language("zh")
    assert [ntr("{count} frame written.", "{count} frames written.", count=count) for count in (1, 2)] == [
        "已写出 1 帧。",
        "已写出 2 帧。",
    ]


def test_no_text_is_no_text_in_every_language():
    set_language("zh")
    assert tr("") == ""


@pytest.mark.parametrize(("count", "text"), [(0, "0 leaves"), (1, "1 leaf"), (2, "2 leaves"), (np.int64(1), "1 leaf")])
def test_english_has_two_forms(count, text):
    assert ntr("{count} leaf", "{count} leaves", count=count) == text
    assert ntr("{count:,} {kind} leaf", "{count:,} {kind} leaves", count=1000, kind="oak") == "1,000 oak leaves"


def test_a_count_is_a_whole_number():
    with pytest.raises(TypeError):
        ntr("{count} leaf", "{count} leaves", count=1.5)


def test_lists_and_labels_have_the_punctuation_of_the_language():
    names = ["a", "b"]
    assert (listed(names), clauses(names), phrases(names)) == ("a, b", "a; b", "a, b")
    assert (labeled("face", 1), remarked("face", 1)) == ("face: 1", "face (1)")
    set_language("zh")
    assert (listed(names), clauses(names), phrases(names)) == ("a、b", "a；b", "a，b")
    assert (labeled("face", 1), remarked("face", 1)) == ("face：1", "face（1）")
    assert listed([]) == ""
