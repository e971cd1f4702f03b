"""Moving averages of the weights: what they are, what is painted with them, and that they survive stopping and mistakes."""

import numpy as np
import pytest

from models.classes.amp import AMP
from models.classes.saehd import SAEHD
from models.weights import MissingWeights, WeightMismatch

DECAY = 0.999
STEPS = 3


@pytest.fixture(scope="module")
def build(answers):
    def model(*, ema: str = "0.999", **changes):
        return SAEHD.build(answers(**changes) | {"ema": ema}, seed=1)

    return model


class Story:
    """A model that was trained for STEPS steps, and can be put back to where it was after any of them."""

    def __init__(self, model, batches):
        self.model, self.batches = model, batches
        self.losses, self.states = [], [self.state()]
        for batch in batches[:STEPS]:
            self.losses.append(model.train(batch).losses)
            self.states.append(self.state())

    def state(self) -> tuple[dict, dict, dict]:
        return self.model.weights(), self.model.optimizer_state(), self.model.averages()

    def after(self, step: int):
        weights, slots, averages = self.states[step]
        self.model.load(weights, slots, averages=averages)
        return self.model


@pytest.fixture(scope="module")
def story(build, random_batch) -> Story:
    return Story(build(), [random_batch(seed=n) for n in range(STEPS + 1)])


def assert_same(ours: dict, theirs: dict) -> None:
    assert list(ours) == list(theirs)
    for key, array in ours.items():
        np.testing.assert_array_equal(array, theirs[key], err_msg=key)


def without_count(averages: dict) -> dict:
    return {key: array for key, array in averages.items() if key != "steps"}


def by_hand(average: np.ndarray, weight: np.ndarray, step: int) -> np.ndarray:
    decay = min(DECAY, (1 + step) / (10 + step))
    return decay * average + (1 - decay) * weight


def test_after_each_step_they_are_what_the_formula_says(story):
    expected = {key: array.astype(np.float64) for key, array in story.states[0][0].items()}
    for step, (weights, _, averages) in enumerate(story.states[1:]):
        expected = {key: by_hand(array, weights[key], step) for key, array in expected.items()}
        assert averages["steps"] == step + 1
        assert list(averages) == [*expected, "steps"]
        for key, array in expected.items():
            np.testing.assert_allclose(averages[key], array, rtol=0, atol=3e-7, err_msg=key)


def test_the_decay_rises_to_the_one_that_was_chosen(story):
    model = story.model
    ones = {key: np.ones_like(array) for key, array in model.weights().items()}
    zeros = {key: np.zeros_like(array) for key, array in ones.items()}
    for steps, share in {0: 0.9, 80: 0.1, 8990: 1 - DECAY, 1_000_000: 1 - DECAY}.items():
        model.load(ones, averages=zeros | {"steps": np.int64(steps)})
        model.update_averages()
        np.testing.assert_allclose(model.averages()["inter/dense1/bias"], share, rtol=1e-6)


def test_keeping_them_does_not_touch_the_training(plain, story):
    without = plain
    for batch, losses in zip(story.batches[:STEPS], story.losses, strict=True):
        np.testing.assert_array_equal(without.train(batch).losses, losses)
    assert_same(without.weights(), story.states[STEPS][0])
    assert without.averages() == {}


def test_going_on_from_what_was_saved_gives_those_of_one_go(story):
    model = story.after(STEPS - 1)
    model.train(story.batches[STEPS - 1])
    for ours, theirs in zip(story.state(), story.states[STEPS], strict=True):
        assert_same(ours, theirs)


def test_a_refused_step_leaves_them_alone(story):
    model, batch = story.after(STEPS), story.batches[0]
    assert not model.train(batch._replace(warped_src=np.full_like(batch.warped_src, np.nan))).applied
    assert_same(model.averages(), story.states[STEPS][2])


def test_pictures_painted_with_them_are_those_of_a_model_that_has_them_for_weights(story):
    model, batch = story.after(STEPS), story.batches[0]
    faces = batch.target_src, batch.target_dst
    raw = model.view(*faces)
    with model.averaged():
        view, swap = model.view(*faces), model.swap(faces[1])
    assert_same(model.view(*faces), raw)
    model.load(model.averages())
    assert_same(view, model.view(*faces))
    np.testing.assert_array_equal(swap.bgr, model.swap(faces[1]).bgr)
    assert np.any(view["SD"] != raw["SD"])


def test_the_trained_weights_come_back_whatever_happens(story):
    model, (weights, _, averages) = story.after(STEPS), story.states[STEPS]
    with pytest.raises(ZeroDivisionError), model.averaged():
        assert_same(model.weights(), without_count(averages))
        raise ZeroDivisionError
    assert_same(model.weights(), weights)
    assert_same(model.averages(), averages)
    model.train(story.batches[STEPS])  # had weights and averages come to share memory, they would be one now
    after, averages = model.weights(), model.averages()
    assert all(np.any(weight != averages[key]) for key, weight in after.items())


def test_switched_on_for_a_trained_model_they_begin_at_its_weights(story):
    model, (weights, slots, _) = story.model, story.states[STEPS]
    model.load(weights, slots, averages={})
    assert model.averages()["steps"] == 0
    assert_same(without_count(model.averages()), weights)


def test_a_renewed_part_renews_its_averages_and_the_count(story):
    model, first, (weights, slots, averages) = story.model, story.states[0][0], story.states[STEPS]
    model.load(weights, slots, averages=averages, fresh=["inter"])
    assert model.averages()["steps"] == 0
    for key, average in without_count(model.averages()).items():
        expected = first if key.startswith("inter/") else averages
        np.testing.assert_array_equal(average, expected[key], err_msg=key)


def test_a_gan_has_none_and_another_one_is_no_reason_to_begin_anew(build, story):
    weights, slots, averages = story.states[STEPS]
    model = build(gan_power=0.1)
    assert list(model.averages()) == list(averages)
    model.load(weights, slots, averages=averages, fresh=["GAN"])
    assert_same(model.averages(), averages)


def test_stored_ones_that_do_not_fit_are_named_and_nothing_changes(story):
    model, (weights, _, averages) = story.after(0), story.states[STEPS]
    with pytest.raises(WeightMismatch) as caught:
        model.load(weights, averages=averages | {"inter/dense1/bias": np.zeros(3, np.float32)})
    assert caught.value.name == "ema/inter/dense1/bias"
    with pytest.raises(MissingWeights) as caught:
        model.load(weights, averages=without_count(averages))
    assert caught.value.names == ["ema/steps"]
    assert_same(model.weights(), story.states[0][0])


def test_a_stage_that_changes_the_option_needs_another_model(answers):
    options = answers()
    assert SAEHD.same_training(options, options | {"ema": "off"})  # stored before there was the option
    assert not SAEHD.same_training(options, options | {"ema": "0.999"})
    assert not SAEHD.same_training(options | {"ema": "0.9999"}, options | {"ema": "0.999"})


def test_amp_can_keep_them():
    options = {
        "resolution": 64, "ae_dims": 8, "inter_dims": 8, "e_dims": 4, "d_dims": 4, "d_mask_dims": 2, "morph_factor": 0.5,
        "train_inters": False, "blur_out_mask": False, "lr_dropout": "n", "clipgrad": False, "gan_power": 0.0,
        "gan_patch_size": 8, "gan_dims": 8, "ema": "0.9999",
    }  # fmt: skip
    model = AMP.build(options, seed=1)
    assert_same(without_count(model.averages()), model.weights())
