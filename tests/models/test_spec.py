import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.spec import Archi, BadArchi, BadResolution, ModelSpec, TrainSpec


def test_the_letters_of_an_architecture_may_stand_in_any_order():
    assert Archi.parse("liae-tdu") == Archi.parse("liae-udt")
    assert Archi.parse("df") == Archi("df", u=False, d=False, t=False, c=False)


@pytest.mark.parametrize("name", ["dg", "df-", "df-x", "df-uu", "-ud", "", "liaeud", "DF"])
def test_an_unknown_architecture_is_refused_by_name(name):
    with pytest.raises(BadArchi) as caught:
        Archi.parse(name)
    assert caught.value.archi == name


@given(letters=st.sets(st.sampled_from("udtc")), multiple=st.integers(2, 40))
def test_the_code_is_what_the_decoder_doubles_back_to_the_resolution(letters, multiple):
    archi = Archi.parse("df" + ("-" if letters else "") + "".join(letters))
    resolution = multiple * archi.resolution_step
    doublings = (4 if archi.t else 3) + archi.d
    assert archi.code_side(resolution) * 2**doublings == resolution


def test_a_resolution_the_architecture_cannot_halve_is_refused(answers):
    with pytest.raises(BadResolution) as caught:
        ModelSpec.from_options(answers(archi="df-d", resolution=80))
    assert (caught.value.resolution, caught.value.step) == (80, 32)
    assert ModelSpec.from_options(answers(archi="df", resolution=80)).resolution == 80


def test_a_missing_answer_is_not_made_up(answers):
    options = answers()
    del options["clipgrad"]
    with pytest.raises(KeyError, match="clipgrad"):
        TrainSpec.from_options(options)


def test_pretraining_switches_off_what_gets_in_its_way(answers):
    wanted = TrainSpec.from_options(
        answers(
            pretrain=True,
            gan_power=0.1,
            true_face_power=0.1,
            face_style_power=5.0,
            bg_style_power=5.0,
            lr_dropout="y",
            eyes_mouth_prio=True,
            blur_out_mask=True,
            clipgrad=True,
        )
    )
    holds = wanted.effective(Archi.parse("df"))
    assert (holds.gan_power, holds.true_face_power, holds.face_style_power, holds.bg_style_power) == (0, 0, 0, 0)
    assert (holds.random_warp, holds.lr_dropout) == (False, "n")
    assert holds.eyes_mouth_prio and holds.masked_training and holds.blur_out_mask and holds.clipgrad


def test_true_face_is_for_df_only(answers):
    wanted = TrainSpec.from_options(answers(true_face_power=0.1))
    assert wanted.effective(Archi.parse("df")).true_face_power == 0.1
    assert wanted.effective(Archi.parse("liae")).true_face_power == 0
