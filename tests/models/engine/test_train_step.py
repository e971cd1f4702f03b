"""Whole compiled steps against recorded ones, and what a step must never do."""

import numpy as np
import pytest

from closeness import LOSS
from eager import computing_eagerly
from models.classes.saehd import SAEHD
from models.engine.engine import engine
from models.engine.seeded import seeded_mask
from models.powers import PowerNotActive

VARIANTS = {
    "adabelief": ({}, 1e-5),
    "adabelief_clip": ({"clipgrad": True}, 5e-6),
    "rmsprop": ({"adabelief": False}, 5e-6),
    "rmsprop_clip": ({"adabelief": False, "clipgrad": True}, 5e-6),
}
EVERYTHING = {
    "eyes_mouth_prio": True,
    "blur_out_mask": True,
    "face_style_power": 10.0,
    "bg_style_power": 10.0,
    "gan_power": 0.1,
    "true_face_power": 0.01,
}


def biases(model, names) -> np.ndarray:
    weights = {variable.path: variable for part in model.parts.values() for variable in part.weights}
    chosen = [weights[str(name).removesuffix(":0")] for name in names]
    return np.concatenate([np.asarray(variable) for variable in chosen if len(variable.shape) == 1])


@pytest.mark.parametrize("variant", VARIANTS)
def test_three_steps_are_the_references(request, recorded, recorded_model, recorded_batch, variant):
    """The first variant compiled, for the others compiling would take longer than the steps."""
    if variant != "adabelief":
        request.getfixturevalue("eagerly")
    case, names = recorded("saehd_train_variants"), recorded("saehd_losses")["plain.G_grad_names"]
    changes, tolerance = VARIANTS[variant]
    model = recorded_model(**changes)
    for step in range(3):
        means = model.train(recorded_batch).losses
        assert means.dtype == np.float32
        np.testing.assert_allclose(means, case[f"{variant}.losses"][step].mean(axis=1), rtol=LOSS)
        after = case[f"{variant}.biases_after{step + 1}"]
        np.testing.assert_allclose(biases(model, names), after, rtol=0, atol=tolerance)
        if (variant, step) == ("adabelief", 0):
            everything = recorded("saehd_after1")
            for key, weight in model.named_weights().items():
                np.testing.assert_allclose(weight, everything[key], rtol=0, atol=1e-5, err_msg=key)


def test_with_everything_on_the_generator_moves_as_recorded_and_the_judges_would_at_the_references_time(
    eagerly, recorded, recorded_model, recorded_batch, reference_background
):
    """Our judges learn from the pass before the generator moved, the reference's from a second pass after it."""
    case = recorded("saehd_losses")
    model = reference_background(recorded_model(**EVERYTHING))
    start = model.weights()
    model.train(recorded_batch)
    np.testing.assert_allclose(biases(model, case["all.G_grad_names"]), case["all.after1_biases"], rtol=0, atol=1e-5)

    at_reference_time = recorded_model(**EVERYTHING)
    judges = ("code_discriminator/", "GAN/")
    moved = {key: start[key] if key.startswith(judges) else weight for key, weight in model.weights().items()}
    at_reference_time.load(moved)
    objectives = at_reference_time.objectives[1:]
    _, gradients = engine().losses_and_gradients(at_reference_time.compute_losses, objectives, recorded_batch)
    for objective, own in zip(objectives, gradients, strict=True):
        objective.optimizer.apply(own, objective.variables)
    after = at_reference_time.weights()
    recorded_gan = {key: w for key, w in recorded("saehd_after1").items() if key.startswith("GAN/")}
    for key, weight in recorded_gan.items():
        np.testing.assert_allclose(after[key], weight, rtol=0, atol=1e-5, err_msg=key)
    code_biases = [after[f"code_discriminator/{name}/bias"] for name in ("convs_0", "convs_1", "out_conv")]
    np.testing.assert_allclose(np.concatenate(code_biases), case["all.after1_D_code_biases"], rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("loss", "moves"),
    [
        ("generator", {"encoder", "inter", "decoder_src", "decoder_dst"}),
        ("code_discriminator", {"code_discriminator"}),
        ("GAN", {"GAN"}),
    ],
)
def test_a_loss_moves_only_its_own_parts(recorded_model, recorded_batch, loss, moves):
    model = recorded_model(gan_power=0.1, true_face_power=0.01)
    before = model.weights()
    objectives = [objective for objective in model.objectives if objective.loss == loss]
    _, (own,) = engine().losses_and_gradients(model.compute_losses, objectives, recorded_batch)
    objectives[0].optimizer.apply(own, objectives[0].variables)
    changed = {key.partition("/")[0] for key, weight in model.weights().items() if np.any(weight != before[key])}
    assert changed == moves


POWERS = {"gan_power": 0.1, "true_face_power": 0.01, "face_style_power": 10.0, "bg_style_power": 7.0}
OTHER_POWERS = {"gan_power": 0.3, "true_face_power": 0.05, "face_style_power": 4.0, "bg_style_power": 2.0}


@pytest.fixture(scope="module")
def adversarial_once(answers, as_built):
    return as_built(SAEHD.build(answers(adabelief=False, **POWERS), seed=1))


@pytest.fixture
def adversarial(adversarial_once):
    """A model with both discriminators and both styles, as it was built."""
    model = adversarial_once.again()
    for name, value in POWERS.items():
        model.set_power(name, value)
    return model


def test_no_weight_changes_before_all_gradients_are_known(adversarial, answers, random_batch):
    """One step equals gradients taken by hand at the old weights, then one update of each."""
    by_hand = SAEHD.build(answers(adabelief=False, **POWERS), seed=1)
    batch = random_batch()
    adversarial.train(batch)
    _, gradients = engine().losses_and_gradients(by_hand.compute_losses, by_hand.objectives, batch)
    for objective, own in zip(by_hand.objectives, gradients, strict=True):
        objective.optimizer.apply(own, objective.variables)
    expected = by_hand.weights()
    for key, weight in adversarial.weights().items():
        np.testing.assert_allclose(weight, expected[key], rtol=0, atol=1e-6, err_msg=key)


def poisoned_input(model, batch):
    return batch._replace(warped_src=np.full_like(batch.warped_src, np.nan))


def infinite_input(model, batch):
    return batch._replace(target_dst=batch.target_dst * np.float32(np.inf))


def poisoned_discriminator(model, batch):
    model.parts["GAN"].weights[0].assign(np.full(model.parts["GAN"].weights[0].shape, np.nan))
    return batch


def weights_far_too_large(model, batch):
    for variable in model.parts["decoder_src"].weights:
        variable.assign(variable * 1e30)
    return batch


@pytest.mark.parametrize(
    "spoil", [poisoned_input, infinite_input, poisoned_discriminator, weights_far_too_large], ids=lambda f: f.__name__
)
def test_a_step_without_finite_numbers_changes_nothing(adversarial, random_batch, spoil):
    model = adversarial
    assert model.train(random_batch()).applied
    batch = spoil(model, random_batch(seed=1))
    weights, state = model.weights(), model.optimizer_state()
    assert not model.train(batch).applied
    for before, after in ((weights, model.weights()), (state, model.optimizer_state())):
        for key, array in after.items():
            np.testing.assert_array_equal(array, before[key], err_msg=key)


def test_a_gradient_whose_square_overflows_is_refused():
    """Its square would stay in the slots and hold the weight still for ever."""
    assert engine().global_norm([np.float32([3.0]), np.float32([4.0])]) == 5
    assert not np.isfinite(engine().global_norm([np.float32([1e20])]))


def test_careful_steps_are_shorter_and_carefulness_ends_without_a_trace(plain, random_batch):
    model, batches = plain, [random_batch(seed=n) for n in range(3)]
    start = model.weights()
    model.train(batches[0])
    whole, slots = model.weights(), model.optimizer_state()
    for batch in batches[1:]:
        model.train(batch)
    never_careful = model.weights()

    model.load(start, {})
    model.limit_steps(learning_rate_scale=0.5)
    model.train(batches[0])
    half = model.weights()
    for key, weight in whole.items():
        np.testing.assert_allclose(half[key] - start[key], (weight - start[key]) / 2, rtol=0, atol=3e-7)

    model.load(start, {})
    model.limit_steps(clip_norm=1e-3)
    model.train(batches[0])
    means = [slot for key, slot in model.optimizer_state().items() if "/ms_" in key]
    norm = np.sqrt(sum(np.sum(np.square(10 * mean.astype(np.float64))) for mean in means))
    np.testing.assert_allclose(norm, 1e-3, rtol=1e-4)  # a first mean is a tenth of the gradient

    model.load(whole, slots)
    model.limit_steps()
    for batch in batches[1:]:
        model.train(batch)
    for key, weight in model.weights().items():
        np.testing.assert_array_equal(weight, never_careful[key], err_msg=key)


def test_powers_change_without_compiling_anew_as_if_the_model_had_been_built_with_them(
    adversarial, answers, random_batch, monkeypatch
):
    """A step with powers that were set gives the weights of a model that was built with them; nothing is traced again."""
    changed, batch, start = adversarial, random_batch(), adversarial.weights()
    before = changed.train(batch).losses  # compiles the step, unless an earlier test has
    traces, reconstruct = [], changed.networks.reconstruct
    monkeypatch.setattr(changed.networks, "reconstruct", lambda *faces: traces.append(faces) or reconstruct(*faces))
    changed.load(start, {})
    for name, value in OTHER_POWERS.items():
        changed.set_power(name, value)
    found, moved = changed.train(batch).losses, changed.weights()
    with computing_eagerly():
        built_with_them = SAEHD.build(answers(adabelief=False, **OTHER_POWERS), seed=1)
        np.testing.assert_allclose(found, built_with_them.train(batch).losses, rtol=1e-5)
    for key, weight in built_with_them.weights().items():
        np.testing.assert_allclose(moved[key], weight, rtol=0, atol=1e-6, err_msg=key)
    assert abs(found[0] - before[0]) > 0.2  # they do count

    changed.load(start, {})
    changed.set_power("face_style_power", 0.0)
    changed.set_power("bg_style_power", 0.0)
    assert changed.train(batch).losses[0] < found[0] - 0.1
    assert not traces


def test_a_power_that_is_off_cannot_be_set(answers):
    with pytest.raises(PowerNotActive) as caught:
        SAEHD.build(answers(gan_power=0.1), seed=1).set_power("true_face_power", 0.1)
    assert (caught.value.name, caught.value.active) == ("true_face_power", ["gan_power"])


def test_dropout_masks_depend_on_seed_weight_and_iteration_alone():
    draw, same, other = seeded_mask(5, 0.3), seeded_mask(5, 0.3), seeded_mask(6, 0.3)
    mask = np.asarray(draw(7, "encoder/w", (100, 100)))
    np.testing.assert_array_equal(mask, same(7, "encoder/w", (100, 100)))
    for changed in (
        draw(8, "encoder/w", (100, 100)),
        draw(7, "encoder/v", (100, 100)),
        other(7, "encoder/w", (100, 100)),
    ):
        assert np.any(mask != np.asarray(changed))
    assert set(np.unique(mask)) == {0, 1}
    assert 0.28 < mask.mean() < 0.32
