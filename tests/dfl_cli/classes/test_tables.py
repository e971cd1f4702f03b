"""The tables of options: the specified order, defaults, limits and texts."""

import json
import unicodedata

import pytest

from dfl_cli.classes.amp import AMP
from dfl_cli.classes.quick96 import QUICK96
from dfl_cli.classes.registry import CLASSES, trained_classes
from dfl_cli.classes.saehd import SAEHD
from dfl_cli.errors import UserError
from dfl_cli.options.kinds import Choice, Integer, MatchingText, Number, YesNo
from dfl_cli.options.option import Ask, Unacceptable, by_key, resolve
from dfl_cli.options.wizard import ask_table
from dfl_cli.translate import set_language, tr

KINDS = {"int": Integer, "float": Number, "bool": YesNo, "choice": Choice, "str_pattern": MatchingText}
NOT_IN_DFL = {  # see docs/decisions
    "train_inters", "cache_gb", "exact_ct", "corrected_samples", "ema", "precision", "accumulate_steps",
    "gradient_checkpointing",
}  # fmt: skip
BY_KEY = by_key(SAEHD.table)
EVERY = [(name, option) for name, one in trained_classes().items() for option in one.table]
SPECIFIED = [(name, option) for name, option in EVERY if option.ask is not Ask.NEVER and option.key not in NOT_IN_DFL]


def half_width(text: str) -> str:
    """The program has full-width punctuation in Chinese, the specification half-width."""
    return unicodedata.normalize("NFKC", text).replace(" ", "")


@pytest.fixture(scope="module")
def specified(shared):
    """options.json entries by (model class, key)."""
    entries = json.loads((shared / "spec" / "options.json").read_text(encoding="utf-8"))
    return {(model, entry["key"]): entry for entry in entries for model in entry["models"]}


@pytest.mark.parametrize("name", ["SAEHD", "AMP", "XSeg"])
def test_the_order_is_the_specified_one(specified, name):
    entries = [entry for (model, _), entry in specified.items() if model == name and name in entry["order_by_model"]]
    keys = [entry["key"] for entry in sorted(entries, key=lambda entry: entry["order_by_model"][name])]
    asked = [option.key for option in CLASSES[name].table if (name, option) in SPECIFIED]
    assert asked == keys


@pytest.mark.parametrize(("name", "option"), SPECIFIED)
def test_limits_and_defaults_are_the_specified_ones(specified, name, option):
    entry = specified[name, option.key]
    assert isinstance(option.kind, KINDS[entry["type"]])
    assert option.ask is (Ask.EVERY_RUN if "override" in entry["asked_when"] else Ask.NEW_MODEL)
    if isinstance(option.kind, Integer | Number):
        assert (option.kind.low, option.kind.high) == (entry["min"], entry["max"])
    if isinstance(option.kind, Choice):
        assert list(option.kind.choices) == entry["choices"]
    if not callable(option.default):
        assert option.default == entry["default"]


@pytest.mark.parametrize(("name", "option"), SPECIFIED)
def test_the_question_is_asked_in_the_words_that_users_of_deepfacelab_know(specified, name, option):
    entry = specified[name, option.key]
    assert option.title == entry["label_en"]
    set_language("zh")
    if entry["label_zh_source"] == "seed":  # as in the Chinese build, character by character
        assert option.title == entry["label_zh"]
    else:
        assert half_width(option.title) == half_width(entry["label_zh"])


@pytest.mark.parametrize(("name", "option"), EVERY)
def test_every_option_has_label_and_help_in_both_languages(name, option):
    set_language("zh")
    assert len(option.help) > 40
    assert tr(option.label) != option.label and tr(option.help) != option.help


@pytest.mark.parametrize(("name", "option"), EVERY)
def test_what_depends_on_other_answers_says_so_in_words(name, option):
    assert callable(option.default) == bool(option.default_text)
    assert option.when({"face_type": "f", "gan_power": 0, "archi": "liae"}) or option.when_text


def test_defaults_of_a_new_model_without_anybody_to_ask():
    answers = ask_table(SAEHD.table, ask_now=False)
    assert answers == {
        "autobackup_hour": 0, "write_preview_history": False, "choose_preview_history": False,
        "target_iter": 0, "random_src_flip": False, "random_dst_flip": True,
        "batch_size": 4, "resolution": 128, "face_type": "f", "archi": "liae-ud", "ae_dims": 256, "e_dims": 64, "d_dims": 64,
        "d_mask_dims": 22, "masked_training": True, "eyes_mouth_prio": False, "uniform_yaw": False, "blur_out_mask": False,
        "models_opt_on_gpu": True, "adabelief": True, "lr_dropout": "n", "random_warp": True, "random_hsv_power": 0.0,
        "gan_power": 0.0, "gan_patch_size": 16, "gan_dims": 16, "true_face_power": 0.0, "face_style_power": 0.0,
        "bg_style_power": 0.0, "ct_mode": "none", "clipgrad": False, "pretrain": False,
        "cache_gb": 0.0, "exact_ct": False, "corrected_samples": True, "ema": "off",
        "precision": "auto", "accumulate_steps": 1, "gradient_checkpointing": False, "hold_out": 0, "keep_best": False,
    }  # fmt: skip


def test_amp_proposes_its_own_defaults():
    answers = ask_table(AMP.table, ask_now=False)
    chosen = ("batch_size", "resolution", "face_type", "inter_dims", "morph_factor", "gan_patch_size")
    assert [answers[key] for key in chosen] == [8, 224, "wf", 1024, 0.5, 28]


def test_xseg_proposes_its_own_defaults():
    answers = ask_table(CLASSES["XSeg"].table, ask_now=False)
    assert [answers[key] for key in ("batch_size", "face_type", "pretrain")] == [4, "wf", False]


def test_quick96_asks_nothing():
    assert all(option.ask is Ask.NEVER for option in QUICK96.table)
    assert ask_table(QUICK96.table, given={"target_iter": "500"})["target_iter"] == 500


@pytest.mark.parametrize(("memory_gb", "batch"), [(0, 4), (2, 4), (3.9, 8), (24, 8)])
def test_the_proposed_batch_size_follows_the_memory_of_the_weakest_gpu(memory_gb, batch):
    facts = {"smallest_gpu_bytes": int(memory_gb * 2**30)}
    assert ask_table(SAEHD.table, facts=facts, ask_now=False)["batch_size"] == batch


def test_a_batch_is_shared_evenly_by_the_devices():
    assert resolve(BY_KEY["batch_size"], "7", {"device_count": 2}) == (6, ["7 is not a multiple of 2: using 6"])


@pytest.mark.parametrize("archi", ["df", "liae", "df-u", "liae-ud", "df-udtc", "liae-ctd", "DF-UD"])
def test_architectures(archi):
    assert resolve(BY_KEY["archi"], archi, {}) == (archi.lower(), [])


@pytest.mark.parametrize("archi", ["dg", "df-", "df-uu", "dfu", "liae_ud", "df-ux", "", "df-ud-"])
def test_what_is_no_architecture(archi):
    with pytest.raises(Unacceptable, match="df or liae"):
        resolve(BY_KEY["archi"], archi, {})


@pytest.mark.parametrize(("d_dims", "mask"), [(64, 22), (16, 16), (256, 86), (48, 16), (100, 34)])
def test_mask_dimensions_are_a_third_of_the_decoder_just_answered(d_dims, mask):
    assert ask_table(SAEHD.table, given={"d_dims": d_dims}, ask_now=False)["d_mask_dims"] == mask


def test_pretraining_puts_its_values_in_the_place_of_the_answers():
    answers = ask_table(SAEHD.table, given={"pretrain": "y", "gan_power": "0.1", "lr_dropout": "y"}, ask_now=False)
    assert (answers["gan_power"], answers["lr_dropout"]) == (0.1, "y")
    forced = SAEHD.effective_options(answers)
    assert (forced["gan_power"], forced["lr_dropout"], forced["uniform_yaw"], forced["random_warp"]) == (
        0.0,
        "n",
        True,
        False,
    )


def test_without_pretraining_the_answers_are_in_force():
    answers = ask_table(SAEHD.table, ask_now=False)
    assert SAEHD.effective_options(answers) == answers


def test_quick96_is_a_small_df_ud_of_the_full_face_whatever_is_answered():
    options = CLASSES["Quick96"].with_fixed(ask_table(QUICK96.table, given={"batch_size": "6"}, ask_now=False))
    chosen = ("batch_size", "resolution", "archi", "face_type", "random_src_flip", "random_dst_flip", "random_warp")
    assert [options[key] for key in chosen] == [6, 96, "df-ud", "f", False, False, True]
    dims = {"ae_dims": 128, "e_dims": 64, "d_dims": 64, "d_mask_dims": 16}
    assert QUICK96.structure(options) == {"resolution": 96, "face_type": "f", "archi": "df-ud"} | dims


@pytest.mark.parametrize("name", ["AMP", "Quick96"])
def test_amp_and_quick96_know_no_pretraining(name):
    options = CLASSES[name].with_fixed(ask_table(CLASSES[name].table, ask_now=False))
    assert "pretrain" not in options
    assert CLASSES[name].effective_options(options) == options
    with pytest.raises(UserError, match="no option pretrain"):
        ask_table(CLASSES[name].table, given={"pretrain": "y"}, ask_now=False)


def test_the_inters_of_amp_stay_as_they_are_unless_asked_for():
    """As measured in docs/decisions/0007."""
    assert ask_table(AMP.table, ask_now=False)["train_inters"] is False
    assert ask_table(AMP.table, given={"train_inters": "y"}, ask_now=False)["train_inters"] is True


def test_the_structure_is_what_only_a_new_model_is_asked():
    answers = ask_table(SAEHD.table, ask_now=False)
    assert list(SAEHD.structure(answers)) == [
        "resolution",
        "face_type",
        "archi",
        "ae_dims",
        "e_dims",
        "d_dims",
        "d_mask_dims",
    ]
