"""The questions: where each answer comes from, and what is said about it."""

import io
import re
import sys
from contextlib import contextmanager, redirect_stdout

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from dfl_cli.classes.amp import AMP
from dfl_cli.classes.saehd import SAEHD
from dfl_cli.classes.xseg import XSEG
from dfl_cli.errors import UserError
from dfl_cli.options.given import Given
from dfl_cli.options.option import by_key, resolve
from dfl_cli.options.wizard import ask_override, ask_table
from dfl_cli.terminal.console import Console


@pytest.fixture
def saved():
    """The answers of an existing model."""
    return ask_table(
        SAEHD.table, given={"archi": "df-ud", "resolution": 128, "face_type": "f", "gan_power": 0.2}, ask_now=False
    )


def test_a_flag_wins_over_the_model_which_wins_over_the_last_new_model_which_wins_over_the_table(saved):
    remembered = {"batch_size": 12, "target_iter": 900, "eyes_mouth_prio": True}
    answers = ask_table(SAEHD.table, given={"batch_size": "6"}, remembered=remembered, ask_now=False)
    assert (answers["batch_size"], answers["target_iter"], answers["eyes_mouth_prio"]) == (6, 900, True)
    again = ask_table(SAEHD.table, stored={**saved, "target_iter": 50}, remembered=remembered, ask_now=False)
    assert (again["target_iter"], again["batch_size"]) == (50, saved["batch_size"])


def test_what_is_given_is_not_asked(typed, capsys):
    ask_table(SAEHD.table, given={"batch_size": "6"}, console=typed())
    assert "Batch_size" not in capsys.readouterr().out


def test_an_unusable_value_of_the_last_new_model_is_passed_over():
    answers = ask_table(
        SAEHD.table,
        remembered={"batch_size": "many", "archi": "dg", "pretrain": True},
        facts={"pretraining": None},
        ask_now=False,
    )
    assert (answers["batch_size"], answers["archi"], answers["pretrain"]) == (4, "liae-ud", False)


def test_values_derived_from_other_answers_are_not_taken_from_the_last_new_model():
    answers = ask_table(
        SAEHD.table, given={"resolution": 256}, remembered={"gan_patch_size": 8, "d_mask_dims": 40}, ask_now=False
    )
    assert (answers["gan_patch_size"], answers["d_mask_dims"]) == (32, 22)


def test_a_flag_outside_the_limits_is_moved_and_the_line_names_the_flag(capsys):
    answers = ask_table(SAEHD.table, given={"ae_dims": "5000", "archi": "df-d", "resolution": "70"}, ask_now=False)
    assert (answers["ae_dims"], answers["resolution"]) == (1024, 64)
    said = capsys.readouterr().out.splitlines()
    assert said == ["--resolution: 70 is not a multiple of 32: using 64", "--ae-dims: 5000 is above 1024: using 1024"]


def test_an_architecture_answered_after_the_resolution_rounds_it_again(typed, capsys):
    given = {
        option.key: option.default
        for option in SAEHD.table
        if option.key in ("face_type", "ae_dims", "e_dims", "d_dims", "clipgrad")
    }
    console = typed("", "", "", "", "", "", "80", "df-t")
    answers = ask_table(SAEHD.table, given=given, console=console)
    assert answers["resolution"] == 64
    assert "Resolution: 80 is not a multiple of 32: using 64" in capsys.readouterr().out


def test_an_unknown_architecture_is_asked_again_and_refused_as_a_flag(typed, capsys):
    archi = [option for option in SAEHD.table if option.key == "archi"]
    with pytest.raises(UserError) as refused:
        ask_table(archi, given={"archi": "dg"}, ask_now=False)
    assert "dg" in refused.value.saw
    assert "df or liae" in refused.value.fix
    answers = ask_table([by_key(SAEHD.table)["resolution"], *archi], console=typed("", "dg", "df-ud"))
    assert answers["archi"] == "df-ud"
    assert '"dg" is not valid here. Enter df or liae' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("face_type", "asked"), [("wf", True), ("head", True), ("f", False), ("mf", False), ("h", False)]
)
def test_masked_training_is_asked_for_whole_face_and_head_and_on_otherwise(typed, capsys, face_type, asked):
    answers = ask_table(
        SAEHD.table, given={"face_type": face_type}, remembered={"masked_training": False}, console=typed()
    )
    assert ("Masked training" in capsys.readouterr().out) is asked
    assert answers["masked_training"] is not asked


def test_gan_questions_come_only_with_a_gan(typed, capsys):
    ask_table(SAEHD.table, console=typed())
    assert "GAN patch size" not in capsys.readouterr().out
    ask_table(SAEHD.table, given={"gan_power": 0.1}, console=typed())
    assert "[16] GAN patch size ( 3-640 ?:help ) : " in capsys.readouterr().out


def test_a_gan_patch_that_does_not_fit_the_resolution_is_replaced(capsys):
    answers = ask_table(
        SAEHD.table, given={"resolution": 528, "archi": "df", "gan_power": "0.1", "gan_patch_size": "66"}, ask_now=False
    )
    assert answers["gan_patch_size"] == 61
    assert "no discriminator of patch size 66 fits resolution 528: using 61" in capsys.readouterr().out


def test_true_face_is_for_df_and_zero_for_liae(typed, capsys):
    assert (
        ask_table(SAEHD.table, given={"archi": "liae", "true_face_power": 0.1}, console=typed())["true_face_power"]
        == 0.0
    )
    said = capsys.readouterr().out
    assert "--true-face-power: does not apply with the other answers: using 0.0" in said
    assert "'True face' power." not in said
    assert (
        ask_table(SAEHD.table, given={"archi": "df", "true_face_power": 0.1}, ask_now=False)["true_face_power"] == 0.1
    )


def test_an_existing_model_keeps_every_answer_that_is_not_asked(saved):
    odd = {
        **saved,
        "d_dims": 4,
        "masked_training": False,
        "gan_patch_size": 17,
    }  # a model from elsewhere may be outside the limits
    assert ask_table(SAEHD.table, stored=odd, remembered={"d_dims": 32}, ask_now=False) == odd


def test_overriding_asks_everything_but_the_structure(saved, typed, capsys):
    answers = ask_table(SAEHD.table, stored=saved, console=typed("3"))
    said = capsys.readouterr().out
    assert answers == {**saved, "autobackup_hour": 3}
    assert "[0.2] GAN power" in said
    assert "Resolution" not in said
    assert "Decoder dimensions" not in said


def test_a_model_without_a_newer_option_gets_its_default(saved):
    del saved["uniform_yaw"]
    assert ask_table(SAEHD.table, stored=saved, ask_now=False)["uniform_yaw"] is False


def test_the_structure_of_a_model_cannot_change(saved):
    with pytest.raises(UserError) as refused:
        ask_table(SAEHD.table, stored=saved, given={"resolution": "256"}, ask_now=False)
    assert refused.value.saw == "--resolution 256; the model has 128"


def test_repeating_the_structure_of_a_model_is_fine(saved, capsys):
    saved["d_dims"] = 4  # outside the limits
    given = {"resolution": "130", "archi": "DF-UD", "d_dims": "4"}
    assert ask_table(SAEHD.table, stored=saved, given=given, ask_now=False) == saved
    assert capsys.readouterr().out == ""


def test_pretraining_needs_its_folder(saved, typed, capsys):
    no_folder, folder = {"pretraining": None}, {"pretraining": "faces"}
    with pytest.raises(UserError, match="Pretraining needs a folder"):
        ask_table(SAEHD.table, given={"pretrain": "y"}, facts=no_folder, ask_now=False)
    with pytest.raises(UserError, match="Pretraining needs a folder"):
        ask_table(SAEHD.table, stored={**saved, "pretrain": True}, facts=no_folder, ask_now=False)
    assert ask_table(SAEHD.table, given={"pretrain": "y"}, facts=folder, ask_now=False)["pretrain"]
    pretrain = [by_key(SAEHD.table)["pretrain"]]
    assert ask_table(pretrain, facts=no_folder, console=typed("y", "n")) == {"pretrain": False}
    assert "Pretraining needs a folder" in capsys.readouterr().out


def test_a_model_in_pretraining_can_be_read_where_nothing_is_trained(saved):
    assert ask_table(SAEHD.table, stored={**saved, "pretrain": True}, ask_now=False)["pretrain"] is True


ON_DISK = {"is_saved": True}


def test_a_model_that_is_begun_again_is_asked_what_only_a_new_one_is_asked(typed, capsys):
    stored = ask_table(XSEG.table, given={"face_type": "f", "batch_size": 6}, ask_now=False)
    answers = ask_table(XSEG.table, stored=stored, facts=ON_DISK, console=typed("y", "head", "", ""))
    assert [answers[key] for key in ("restart_training", "face_type", "batch_size")] == [True, "head", 6]
    labels = re.findall(r"(\[\w+\] [A-Z][^(]+) \(", capsys.readouterr().out)
    assert labels == ["[n] Restart training?", "[f] Face type", "[6] Batch_size", "[n] Enable pretraining mode"]

    kept = ask_table(XSEG.table, stored=stored, facts=ON_DISK, console=typed("n", "8", ""))
    assert [kept[key] for key in ("restart_training", "face_type", "batch_size")] == [False, "f", 8]
    assert "Face type" not in capsys.readouterr().out


def test_a_new_model_cannot_be_begun_again(typed, capsys):
    answers = ask_table(XSEG.table, given={"restart_training": "y"}, console=typed("", "", ""))
    said = capsys.readouterr().out
    assert not answers["restart_training"] and "using n" in said and "[wf] Face type" in said


def test_what_is_fixed_can_be_given_for_a_model_that_is_begun_again():
    stored = ask_table(XSEG.table, ask_now=False)
    given = {"face_type": "head"}
    with pytest.raises(UserError, match="cannot change"):
        ask_table(XSEG.table, given=given, stored=stored, facts=ON_DISK, ask_now=False)
    answers = ask_table(
        XSEG.table, given={**given, "restart_training": "y"}, stored=stored, facts=ON_DISK, ask_now=False
    )
    assert answers["face_type"] == "head"


def test_an_option_of_another_class_is_named():
    with pytest.raises(UserError) as refused:
        ask_table(SAEHD.table, given={"inter_dims": Given("512", "--inter-dims")}, ask_now=False)
    assert refused.value.what == "This model class has no option inter_dims."


def test_nobody_is_asked_to_override_without_a_terminal():
    assert ask_override() is False


@contextmanager
def person_typing(text: str):
    before, sys.stdin = sys.stdin, io.StringIO(text)
    try:
        with redirect_stdout(io.StringIO()):
            yield
    finally:
        sys.stdin = before


ANSWERS = st.one_of(
    st.text(max_size=12),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(["", "?", "y", "n", "是", "否", "df", "liae-udt", "wf", "head", "rct", "0.5", "640", "70"]),
)


@settings(max_examples=60)
@drawn(lines=st.lists(ANSWERS, max_size=60), table=st.sampled_from([SAEHD.table, AMP.table]))
def test_whatever_is_typed_ends_in_values_within_the_limits(lines, table):
    with person_typing("\n".join(lines)):
        answers = ask_table(table, console=Console())
    assert list(answers) == [option.key for option in table]
    for option in table:
        value = answers[option.key]
        if option.when(answers):
            assert resolve(option, value, answers) == (value, [])


@settings(max_examples=200)
@drawn(
    key=st.sampled_from([option.key for option in SAEHD.table]),
    raw=st.one_of(ANSWERS, st.booleans(), st.integers(), st.floats(), st.none()),
)
def test_whatever_a_flag_or_file_gives_is_within_the_limits_or_refused(key, raw):
    option = by_key(SAEHD.table)[key]
    try:
        with person_typing(""):
            answers = ask_table(SAEHD.table, given={"archi": "df", key: raw}, ask_now=False)
    except UserError as error:
        assert error.fix
    else:
        assert resolve(option, answers[key], answers) == (answers[key], [])
