"""Names in any spelling and any bytes: matched, shown, and made to fit."""

import json
import os
import unicodedata

import pytest

from samplers.files.names import (
    LONGEST_NAME,
    Spellings,
    escape_surrogates,
    existing_spelling,
    fitting,
    match_key,
    printable,
    readable,
)

ACCENTED = ["Йод", "한국어", "Việt", "が", "Å"]


def gbk(name: str) -> str:
    """As Python reads such a name from a disk on Linux."""
    return os.fsdecode(name.encode("gbk"))


def composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def decomposed(name: str) -> str:
    return unicodedata.normalize("NFD", name)


@pytest.mark.parametrize("name", ACCENTED)
def test_a_name_is_found_in_either_spelling(name):
    assert composed(name) != decomposed(name)
    assert Spellings([decomposed(name)]).find(composed(name)) == decomposed(name)
    assert Spellings([composed(name)]).find(decomposed(name)) == composed(name)
    assert Spellings(["other"]).find(name) is None


def test_of_two_spellings_the_exact_one_is_meant():
    both = Spellings(map(str, [composed("й"), decomposed("й")]))
    assert both.find(composed("й")) == composed("й")
    assert both.find(decomposed("й")) == decomposed("й")


def test_gbk_bytes_are_the_text_they_stand_for():
    assert match_key(gbk("中文00001")) == match_key("中文00001")
    assert readable(gbk("中文")) == "中文"
    assert gbk("图") == "ͼ"  # these bytes are UTF-8, too
    assert Spellings([gbk("图1")]).find("图1") == gbk("图1")
    assert readable("脸".encode().decode("ascii", "surrogateescape")) == "脸"  # as Python reads UTF-8 under LC_ALL=C
    assert match_key("\udce9t\udce9.png") == "\udce9t\udce9.png"  # Latin-1: no GBK, so it stays what it is
    assert readable("\udce9t\udce9.png") == "\\xe9t\\xe9.png"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("脸 1.png", "脸 1.png"),
        (gbk("中"), "\\xd6\\xd0"),
        ("a\nb\x1b[2J.png", "a\\nb\\x1b[2J.png"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\ud800", "\\ud800"),
        ("می‌خواهم", "می‌خواهم"),  # a joiner is a letter of Persian
    ],
)
def test_what_no_terminal_should_get_is_escaped(name, shown):
    assert printable(name) == shown


@pytest.mark.parametrize("stem", ["a" * 300, "字" * 100, gbk("字") * 150, "short"])
def test_a_longer_name_is_made_to_fit(stem):
    name = fitting(stem, "_merged.mp4")
    assert len(os.fsencode(name)) <= LONGEST_NAME
    assert name.endswith("_merged.mp4")
    assert stem.startswith(name.removesuffix("_merged.mp4"))


def test_a_file_is_found_in_the_spelling_it_has(tmp_path):
    (tmp_path / decomposed("Йод.mp4")).touch()
    assert existing_spelling(tmp_path / composed("Йод.mp4")).exists()
    (tmp_path / decomposed("Йод") / "й").mkdir(parents=True)
    assert existing_spelling(tmp_path / composed("Йод") / "й").is_dir()
    assert existing_spelling(tmp_path / composed("Йод") / "new").parent.is_dir()
    assert existing_spelling(tmp_path / "новый.mp4") == tmp_path / "новый.mp4"


def test_json_with_any_name_can_be_written_and_read_back():
    names = {"name": gbk("中文"), "text": "中文"}
    text = escape_surrogates(json.dumps(names, ensure_ascii=False))
    assert json.loads(text.encode()) == names
    assert "中文" in text
