"""Which changes of a trained model are preceded by a backup, and how they are said."""

import pytest

from dfl_cli.classes.amp import AMP
from dfl_cli.classes.registry import trained_classes
from dfl_cli.classes.saehd import SAEHD
from dfl_cli.options.changes import changes_text
from dfl_cli.options.wizard import ask_table


def answers(**given) -> dict:
    return ask_table(SAEHD.table, given={"archi": "df", "face_type": "wf", **given}, ask_now=False)


@pytest.mark.parametrize(
    ("before", "now", "risky"),
    [
        ({}, {"gan_power": 0.1}, ["gan_power"]),
        ({"gan_power": 0.1}, {"gan_power": 0.1, "gan_patch_size": 32}, ["gan_patch_size"]),
        ({"gan_patch_size": 12}, {"gan_patch_size": 32}, []),  # no adversary, nothing to lose
        ({}, {"random_warp": False, "lr_dropout": "y"}, ["lr_dropout", "random_warp"]),
        ({}, {"face_style_power": 1.0, "bg_style_power": 1.0}, ["face_style_power", "bg_style_power"]),
        ({"face_style_power": 1.0}, {}, []),
        ({}, {"true_face_power": 0.01}, ["true_face_power"]),
        ({"pretrain": True}, {}, ["random_warp", "pretrain"]),
        ({"pretrain": True, "gan_power": 0.1}, {"pretrain": True}, []),  # overruled in both
        ({}, {"ct_mode": "rct", "masked_training": False}, ["masked_training", "ct_mode"]),
        ({}, {"batch_size": 2, "uniform_yaw": True, "target_iter": 5, "clipgrad": True}, []),
    ],
)
def test_what_can_spoil_a_model(before, now, risky):
    assert SAEHD.risky_changes(answers(**before), answers(**now)) == risky


def test_a_model_from_before_an_option_existed_has_not_changed_it():
    old = answers()
    del old["ct_mode"]
    assert SAEHD.risky_changes(old, answers(ct_mode="rct")) == []


def test_every_class_has_its_risks():
    found = {name: any(option.risky for option in one.table) for name, one in trained_classes().items()}
    assert found == {"SAEHD": True, "AMP": True, "Quick96": True, "XSeg": True}
    assert next(option for option in AMP.table if option.key == "gan_power").ramps


def test_changes_are_said_as_they_would_be_typed():
    before, now = answers(), answers(random_warp=False, gan_power=0.1)
    text = changes_text(SAEHD.table, ["gan_power", "random_warp"], before, now)
    assert text == "random_warp y -> n, gan_power 0.0 -> 0.1"
