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


# Model class, options, and what `memory_needed` says on a GPU: bytes per face, working, held.
RECORDED = [
    ("SAEHD", {}, (87300096, 988045440, 988045440)),
    ("SAEHD", SMALL, (21111296, 38727744, 38727744)),
    (
        "SAEHD",
        {"archi": "df-ud", "resolution": 256, "batch_size": 16, "gan_power": 0.1, "gan_dims": 64},
        (726142976, 1105258752, 1105258752),
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
        (807023616, 2938042624, 2203531968),
    ),
    ("SAEHD", {"archi": "df-t", "true_face_power": 0.01, "ema": "0.999"}, (244039680, 1115651328, 1478622208)),
    (
        "SAEHD",
        {"archi": "liae", "resolution": 160, "face_style_power": 0.001, "bg_style_power": 2.0},
        (668882944, 1365114624, 1365114624),
    ),
    (
        "SAEHD",
        {"archi": "df-udtc", "resolution": 192, "face_style_power": 0.001, "adabelief": "n", "lr_dropout": "cpu"},
        (281737216, 732790784, 732790784),
    ),
    ("SAEHD", {"archi": "liae-ud", "models_opt_on_gpu": "n", "gan_power": 0.1}, (109844480, 990644928, 0)),
    (
        "SAEHD",
        {"archi": "df-d", "resolution": 224, "gan_power": 0.1, "true_face_power": 0.01, "pretrain": "y"},
        (265334784, 886726656, 886726656),
    ),
    ("AMP", {}, (297798656, 1214648448, 1214648448)),
    ("AMP", SMALL_AMP | {"lr_dropout": "y"}, (11794944, 67504896, 50628672)),
    ("AMP", {"gan_power": 0.1, "train_inters": "y", "ema": "0.9999"}, (458361856, 1257061056, 1661943872)),
    ("Quick96", {}, (46985216, 459088128, 306058752)),
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
    large = options(archi="df-ud", resolution=256, batch_size=16, d_dims=64, gan_power=0.1, gan_dims=64, lr_dropout="n")
    found = memory_savings("SAEHD", large, gpu=True)
    keys = [saving.key for saving in found]
    assert set(keys[:3]) == {"resolution", "batch_size", "gan_power"} and keys.index("d_dims") < keys.index(
        "d_mask_dims"
    )
    assert "true_face_power" not in keys and "lr_dropout" not in keys
    assert [saving.bytes for saving in found] == sorted((saving.bytes for saving in found), reverse=True)
    assert "models_opt_on_gpu" not in [saving.key for saving in memory_savings("SAEHD", large, gpu=False)]


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
