"""The answers file: written with comments, read back, and refused with a hint."""

import pytest

from dfl_cli.classes.amp import AMP
from dfl_cli.classes.registry import trained_classes
from dfl_cli.classes.saehd import SAEHD
from dfl_cli.errors import UserError
from dfl_cli.options.answers_file import answers_text, read_answers, write_answers
from dfl_cli.options.wizard import ask_table
from dfl_cli.translate import set_language


@pytest.mark.parametrize("table", [one.table for one in trained_classes().values()], ids=trained_classes())
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_was_written_is_read_back(tmp_path, table, language):
    set_language(language)
    answers = ask_table(table, given={"batch_size": 6, "target_iter": 777}, ask_now=False)
    path = tmp_path / "run.toml"
    write_answers(path, table, answers)
    assert ask_table(table, given=read_answers(path, table), ask_now=False) == answers


def test_every_key_has_its_label_limits_and_help_above_it():
    text = answers_text(SAEHD.table, ask_table(SAEHD.table, ask_now=False))
    assert "# AutoEncoder dimensions: a whole number from 32 to 1024\n# Width of the bottleneck" in text
    assert "\nae_dims = 256\n" in text
    assert '\narchi = "liae-ud"\n' in text


def test_a_value_outside_the_limits_is_moved_and_the_file_is_named(tmp_path, capsys):
    path = tmp_path / "run.toml"
    path.write_text("ae_dims = 5000\nclipgrad = true\n")
    answers = ask_table(AMP.table, given=read_answers(path, AMP.table), ask_now=False)
    assert (answers["ae_dims"], answers["clipgrad"]) == (1024, True)
    assert capsys.readouterr().out == "ae_dims in run.toml, line 1: 5000 is above 1024: using 1024\n"


def test_a_misspelt_key_is_refused_with_the_one_that_was_meant(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text("ae_dim = 128\n")
    with pytest.raises(UserError) as refused:
        read_answers(path, SAEHD.table)
    assert refused.value.fix == "Did you mean ae_dims?"


def test_keys_of_the_command_itself_are_known_when_it_says_so(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text('name = "ab"\n')
    assert read_answers(path, SAEHD.table, also=["name"])["name"].raw == "ab"


@pytest.mark.parametrize("content", [b"archi = df-ud", b"\xff\xfe=\0", b"[half"])
def test_a_file_that_is_not_toml_is_refused(tmp_path, content):
    path = tmp_path / "run.toml"
    path.write_bytes(content)
    with pytest.raises(UserError, match="not valid TOML"):
        read_answers(path, SAEHD.table)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gbk"])
def test_a_file_from_a_windows_editor_is_read_and_its_lines_are_named(tmp_path, encoding):
    path = tmp_path / "run.toml"
    path.write_bytes("# 批量大小\r\nbatch_size　＝　８\r\narchi = “df-ud”\r\n".encode(encoding))
    answers = read_answers(path, SAEHD.table)
    assert {key: given.raw for key, given in answers.items()} == {"batch_size": 8, "archi": "df-ud"}
    assert answers["archi"].source == "archi in run.toml, line 3"


def test_a_key_that_is_set_twice_is_refused_with_its_line(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text("ae_dims = 64\nae_dims = 128\n")
    with pytest.raises(UserError) as refused:
        read_answers(path, SAEHD.table)
    assert "line 2" in refused.value.saw and "ae_dims = 128" in refused.value.saw
    assert refused.value.fix == "Remove one of the two lines."


@pytest.mark.parametrize("value", ["[1, 2]", "{a = 1}", "2024-01-01", "nan", "true"])
def test_a_value_of_the_wrong_kind_is_refused(tmp_path, value):
    path = tmp_path / "run.toml"
    path.write_text(f"ae_dims = {value}\n")
    with pytest.raises(UserError) as refused:
        ask_table(SAEHD.table, given=read_answers(path, SAEHD.table), ask_now=False)
    assert "32 to 1024" in refused.value.fix


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UserError) as refused:
        read_answers(tmp_path / "none.toml", SAEHD.table)
    assert "none.toml" in refused.value.what


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(UserError, match=r"Cannot write .*no such folder"):
        write_answers(tmp_path / "no such folder" / "run.toml", SAEHD.table, ask_table(SAEHD.table, ask_now=False))


def test_a_name_that_is_no_text_is_refused_and_the_old_file_stays(tmp_path):
    path = tmp_path / "answers.toml"
    path.write_text("# mine\n")
    with pytest.raises(UserError, match="Cannot write") as caught:
        write_answers(path, SAEHD.table, ask_table(SAEHD.table, ask_now=False) | {"archi": "模型\udcd6"})
    assert "\\xd6" in str(caught.value)
    assert path.read_text() == "# mine\n"
