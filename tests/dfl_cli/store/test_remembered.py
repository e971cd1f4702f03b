"""The answers of the last new model."""

import pytest

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.options.wizard import ask_table
from dfl_cli.store.remembered import read_remembered, remember, remembered_file


def test_the_next_new_model_proposes_the_answers_of_the_last_one(tmp_path, typed, capsys):
    models = tmp_path / "models"
    remember(models, "SAEHD", ask_table(SAEHD.table, given={"batch_size": 12, "face_type": "wf"}, ask_now=False))
    ask_table(SAEHD.table, remembered=read_remembered(models, "SAEHD"), console=typed())
    said = capsys.readouterr().out
    assert "[12] Batch_size" in said
    assert "[wf] Face type" in said


def test_each_class_has_its_own(tmp_path):
    remember(tmp_path, "SAEHD", {"batch_size": 12})
    assert read_remembered(tmp_path, "AMP") == {}


@pytest.mark.parametrize("content", [b"", b"[1, 2]", b"\xff", b'{"a": ', b"[" * 100_000])
def test_a_damaged_file_counts_as_none(tmp_path, content):
    remembered_file(tmp_path, "SAEHD").write_bytes(content)
    assert read_remembered(tmp_path, "SAEHD") == {}
