"""Stored weights and slots: in and out, refused when they do not fit, and no difference between stopping and going on."""

import numpy as np
import pytest

from models import weights
from models.classes.saehd import SAEHD
from models.weights import MissingWeights, WeightMismatch


@pytest.fixture(scope="module")
def build(answers, as_built):
    """`build(seed, **options)`: that model as it was built; asked for twice, it is the same one."""
    built = {}

    def model(seed: int = 1, **changes):
        key = seed, *changes.items()
        if key not in built:
            built[key] = as_built(SAEHD.build(answers(**changes), seed=seed))
        return built[key].again()

    return model


def assert_same(ours: dict, theirs: dict) -> None:
    assert list(ours) == list(theirs)
    for key, array in ours.items():
        np.testing.assert_array_equal(array, theirs[key], err_msg=key)


def test_stopping_and_going_on_gives_the_weights_of_one_go(eagerly, answers, random_batch, tmp_path):
    options = answers(lr_dropout="y", gan_power=0.1, true_face_power=0.01)
    batches = [random_batch(seed=n) for n in range(2)]
    one_go, resumed = (SAEHD.build(options, seed=1) for _ in range(2))
    one_go.train(batches[0])
    weights.save(tmp_path / "weights", one_go.weights())
    weights.save(tmp_path / "slots", one_go.optimizer_state())
    resumed.load(weights.load(tmp_path / "weights"), weights.load(tmp_path / "slots"))
    np.testing.assert_array_equal(resumed.train(batches[1]).losses, one_go.train(batches[1]).losses)
    assert_same(resumed.weights(), one_go.weights())
    assert_same(resumed.optimizer_state(), one_go.optimizer_state())
    assert int(one_go.optimizer_state()["src_dst_opt/iters"]) == 2


def test_keys_are_the_references(build):
    model = build(gan_power=0.1, true_face_power=0.01)
    keys, state = list(model.weights()), model.optimizer_state()
    assert keys[0] == "encoder/down1/downs_0/conv1/weight"
    assert {"GAN/center_conv/bias", "code_discriminator/convs_1/weight"} <= set(keys)
    assert state["src_dst_opt/iters"].dtype == np.int64 and state["src_dst_opt/iters"].shape == ()
    assert {
        "src_dst_opt/ms_encoder/down1/downs_0/conv1/weight_0",
        "src_dst_opt/vs_decoder_dst/out_convm/bias_0",
        "D_code_opt/ms_dis/convs_0/weight_0",
        "GAN_opt/vs_D_src/upconvs_0/bias_0",
    } <= set(state)
    assert "src_dst_opt/acc_inter/dense1/weight_0" in build(adabelief=False).optimizer_state()


def test_an_array_of_another_shape_is_named_and_nothing_changes(build):
    model, stored = build(), build(seed=2).weights()
    before = model.weights()
    stored["inter/dense2/bias"] = np.zeros(3, np.float32)
    with pytest.raises(WeightMismatch) as caught:
        model.load(stored)
    assert caught.value.name == "inter/dense2/bias"
    assert (caught.value.found_shape, caught.value.expected_shape) == ((3,), before["inter/dense2/bias"].shape)
    assert_same(model.weights(), before)


def test_an_array_as_large_but_of_another_shape_is_refused_too(build):
    model, stored = build(), build(seed=2).weights()
    stored["inter/dense2/weight"] = stored["inter/dense2/weight"].T
    with pytest.raises(WeightMismatch):
        model.load(stored)


def test_missing_arrays_are_named_and_nothing_changes(build):
    model, stored = build(), build(seed=2).weights()
    before = model.weights()
    del stored["encoder/down1/downs_0/conv1/bias"], stored["decoder_src/out_conv/weight"]
    with pytest.raises(MissingWeights) as caught:
        model.load(stored)
    assert caught.value.names == ["decoder_src/out_conv/weight", "encoder/down1/downs_0/conv1/bias"]
    assert_same(model.weights(), before)


def test_a_slot_that_does_not_fit_is_refused_before_weights_change(build):
    model, other = build(), build(seed=2)
    before, state = model.weights(), other.optimizer_state()
    state["src_dst_opt/vs_inter/dense1/bias_0"] = np.zeros(99, np.float32)
    with pytest.raises(WeightMismatch, match="src_dst_opt/vs_inter/dense1/bias_0"):
        model.load(other.weights(), state)
    assert_same(model.weights(), before)


def used(model) -> tuple[dict, dict]:
    """Weights and optimizer state as after training: all slots different from zero."""
    return model.weights(), {key: np.full_like(slot, 7) for key, slot in model.optimizer_state().items()}


def test_a_discriminator_switched_on_later_starts_fresh(build):
    with_gan = build(gan_power=0.1)
    fresh = with_gan.weights()
    assert with_gan.load(*used(build(seed=2))) == ["GAN"]
    loaded, state = with_gan.weights(), with_gan.optimizer_state()
    assert all(np.array_equal(loaded[key], fresh[key]) == key.startswith("GAN/") for key in loaded if "weight" in key)
    assert (int(state["src_dst_opt/iters"]), int(state["GAN_opt/iters"])) == (7, 0)


def test_another_optimizer_keeps_the_counter_and_starts_its_slots_at_zero(build):
    rms = build(adabelief=False)
    rms.load(*used(build()))
    state = rms.optimizer_state()
    assert int(state.pop("src_dst_opt/iters")) == 7
    assert not any(np.any(slot) for slot in state.values())


def test_weights_alone_leave_the_slots(build):
    model = build()
    _, state = used(model)
    model.load(model.weights(), state)
    model.load(build(seed=2).weights())
    assert_same(model.optimizer_state(), state)


def test_a_renewed_part_loses_weights_and_slots_and_no_other_does(build):
    model = build(gan_power=0.1)
    first = model.weights()
    stored, state = used(build(gan_power=0.1, seed=2))
    assert model.load(stored, state, fresh=["inter", "GAN"]) == ["inter", "GAN"]
    for key, weight in model.weights().items():
        expected = first if key.startswith(("inter/", "GAN/")) else stored
        np.testing.assert_array_equal(weight, expected[key], err_msg=key)
    for key, slot in model.optimizer_state().items():
        if "s_inter/" in key or key.startswith("GAN_opt/"):
            assert not np.any(slot), key
        else:
            np.testing.assert_array_equal(slot, state[key], err_msg=key)


def test_a_discriminator_switched_off_is_kept_for_later(build):
    stored, state = used(build(gan_power=0.1, seed=2))
    without, with_gan = build(), build(gan_power=0.1, seed=3)
    assert without.load(stored, state) == []
    assert with_gan.load(without.weights(), without.optimizer_state()) == []
    assert_same(with_gan.weights(), stored)
    assert_same(with_gan.optimizer_state(), state)
    without.load(stored, state, fresh=["GAN"])  # its patch size changed meanwhile
    assert not any(key.startswith("GAN") for key in [*without.weights(), *without.optimizer_state()])
