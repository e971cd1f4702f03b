"""The estimate of memory against models as they are built and as they were measured."""

import numpy as np
import pytest

from dfl_cli.classes.registry import CLASSES
from dfl_cli.options.wizard import ask_table
from dfl_cli.train.memory.estimate import NUMBER, batch_that_fits, memory_needed, memory_savings
from models.engine import runtime

MEGABYTE = 1e6
SMALL = {"archi": "df", "resolution": 64, "ae_dims": 32, "e_dims": 16, "d_dims": 16, "d_mask_dims": 16}
SMALL_AMP = {"resolution": 64, "ae_dims": 32, "inter_dims": 64, "e_dims": 16, "d_dims": 16, "d_mask_dims": 16}


def options(model_class: str = "SAEHD", **given) -> dict:
    return CLASSES[model_class].with_fixed(ask_table(CLASSES[model_class].table, given=given, ask_now=False))


# Model class, options, and what `memory_needed` says on a GPU: bytes per face, of gradients, of the update, held.
RECORDED = [
    ("SAEHD", {}, (79435776, 329506220, 988518660, 988518660)),
    ("SAEHD", SMALL, (19145216, 12931872, 38795616, 38795616)),
    (
        "SAEHD",
        {"archi": "df-ud", "resolution": 256, "batch_size": 16, "gan_power": 0.1, "gan_dims": 64},
        (694685696, 369696864, 1109090592, 1109090592),
    ),
    (
        "SAEHD",
        {
            "archi": "liae-udt",
            "resolution": 320,
            "ae_dims": 384,
            "gan_power": 0.1,
            "gan_patch_size": 40,
            "lr_dropout": "y",
        },
        (757871616, 736282484, 2945129936, 2208847452),
    ),
    (
        "SAEHD",
        {"archi": "df-t", "true_face_power": 0.01, "ema": "0.999"},
        (236175360, 372052484, 1116157452, 1479291916),
    ),
    (
        "SAEHD",
        {"archi": "liae", "resolution": 160, "face_style_power": 0.001, "bg_style_power": 2.0},
        (656594944, 455498240, 1366494720, 1366494720),
    ),
    (
        "SAEHD",
        {"archi": "df-udtc", "resolution": 192, "face_style_power": 0.001, "adabelief": "n", "lr_dropout": "cpu"},
        (264042496, 366613848, 733227696, 733227696),
    ),
    ("SAEHD", {"archi": "liae-ud", "models_opt_on_gpu": "n", "gan_power": 0.1}, (101980160, 330440820, 0, 330440820)),
    (
        "SAEHD",
        {"archi": "df-d", "resolution": 224, "gan_power": 0.1, "true_face_power": 0.01, "pretrain": "y"},
        (241250304, 295774552, 887323656, 887323656),
    ),
    ("AMP", {}, (273714176, 405380780, 1216142340, 1216142340)),
    ("AMP", SMALL_AMP | {"lr_dropout": "y"}, (9828864, 16906228, 67624912, 50718684)),
    ("AMP", {"gan_power": 0.1, "train_inters": "y", "ema": "0.9999"}, (434277376, 420577140, 1261731420, 1667112200)),
    ("Quick96", {}, (42561536, 153177320, 459531960, 306354640)),
    (
        "SAEHD",
        {
            "archi": "df-ud",
            "batch_size": 16,
            "precision": "bfloat16",
            "gradient_checkpointing": "y",
            "accumulate_steps": 4,
        },
        (24549629, 762593972, 653651976, 653651976),
    ),
]


@pytest.mark.parametrize(("model_class", "given", "recorded"), RECORDED)
def test_estimates_are_the_recorded_ones(model_class, given, recorded):
    assert memory_needed(model_class, options(model_class, **given), gpu=True) == pytest.approx(recorded, rel=0.01)


@pytest.mark.parametrize(
    ("model_class", "given"),
    [
        ("SAEHD", SMALL | {"true_face_power": 0.01, "ema": "0.999"}),
        ("SAEHD", SMALL | {"archi": "liae-udt", "gan_power": 0.1, "gan_patch_size": 8}),
        ("AMP", SMALL_AMP),
        ("Quick96", {}),
    ],
)
def test_the_weights_counted_are_those_a_model_has(model_class, given):
    runtime.prepare("cpu")
    chosen = options(model_class, **given)
    model = CLASSES[model_class].network.build(chosen, seed=1)
    held = sum(NUMBER * int(np.prod(v.shape)) for v in [*model.named_weights().values(), *model.named_state().values()])
    held += sum(array.nbytes for array in model.averages().values())
    assert memory_needed(model_class, chosen, gpu=True).held == pytest.approx(
        held, rel=0.15 if model_class == "AMP" else 0.02
    )


@pytest.mark.parametrize(
    ("given", "measured"),  # bytes that one more face pair added to the peak of a process, docs/LOG.md
    [
        (SMALL, 19.9),
        (SMALL | {"archi": "liae-ud", "resolution": 128, "ae_dims": 64, "e_dims": 32, "d_dims": 32}, 52.2),
        (SMALL | {"archi": "df-t", "e_dims": 32, "gan_power": 0.1, "gan_dims": 16, "gan_patch_size": 8}, 26.3),
    ],
)
def test_a_face_takes_about_what_was_measured(given, measured):
    assert memory_needed("SAEHD", options(**given), gpu=False).per_face / MEGABYTE == pytest.approx(measured, rel=0.2)


def test_the_settings_that_cost_most_come_first_and_what_is_off_does_not_come_at_all():
    large = options(
        archi="df-ud", resolution=256, batch_size=16, d_dims=64, gan_power=0.1, gan_dims=64, precision="float32"
    )
    found = memory_savings("SAEHD", large, gpu=True)
    keys = [saving.key for saving in found]
    assert set(keys[:3]) == {"resolution", "batch_size", "gan_power"} and keys.index("d_dims") < keys.index(
        "d_mask_dims"
    )
    assert {"gradient_checkpointing", "precision"} <= set(keys[:5])
    assert "true_face_power" not in keys and "lr_dropout" not in keys
    assert [saving.bytes for saving in found] == sorted((saving.bytes for saving in found), reverse=True)
    assert "models_opt_on_gpu" not in [saving.key for saving in memory_savings("SAEHD", large, gpu=False)]


def test_checkpointing_and_a_narrower_type_save_what_faces_take_and_more_batches_cost_gradients():
    large = options(archi="df-ud", batch_size=16, precision="float32")
    before, weights = memory_needed("SAEHD", large, gpu=False), memory_needed("SAEHD", large, gpu=False).gradients

    def needed(**changes):
        return memory_needed("SAEHD", large | changes, gpu=False)

    assert needed(gradient_checkpointing=True).per_face < before.per_face / 2
    assert needed(gradient_checkpointing=True).held == before.held
    half = needed(precision="bfloat16")
    assert before.per_face / 2 < half.per_face < 0.8 * before.per_face
    assert (half.held, half.gradients) == (before.held, weights * 3 // 2)
    assert needed(accumulate_steps=8) == before._replace(gradients=3 * weights)
    proposed = {saving.key: saving.instead for saving in memory_savings("SAEHD", large, gpu=False)}
    assert (proposed["gradient_checkpointing"], proposed["precision"]) == (True, "bfloat16")
    chosen = large | {"gradient_checkpointing": True, "precision": "bfloat16"}
    assert not {"gradient_checkpointing", "precision"} & {s.key for s in memory_savings("SAEHD", chosen, gpu=False)}


def test_nothing_is_proposed_that_an_option_does_not_allow():
    small = options(**SMALL)
    proposed = {saving.key: saving.instead for saving in memory_savings("SAEHD", small, gpu=False)}
    assert small["resolution"] == 64 and not {"resolution", "d_dims"} & proposed.keys()
    between = options(**{**SMALL, "resolution": 96, "d_dims": 22})
    proposed = {saving.key: saving.instead for saving in memory_savings("SAEHD", between, gpu=False)}
    assert (proposed["resolution"], proposed["d_dims"]) == (64, 16)


def test_the_batch_that_fits_grows_with_the_memory_and_divides_by_the_gpus():
    large = options(**SMALL, batch_size=100)
    wanted = memory_needed("SAEHD", large, gpu=True)
    for free in range(0, 4_000_000_000, 250_000_000):
        size = batch_that_fits("SAEHD", large, free, most=50, gpu=True, devices=2)
        assert size % 2 == 0 and size <= 50
        assert size == 0 or wanted.total(size // 2) <= free
    assert batch_that_fits("SAEHD", large, wanted.held, most=50, gpu=True) == 0
    assert batch_that_fits("SAEHD", large, 10**12, most=51, gpu=True, devices=2) == 50  # by estimate more
