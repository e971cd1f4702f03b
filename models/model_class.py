"""Model classes by name."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from models.classes import amp, saehd
from models.classes.quick96 import Quick96
from models.engine.distribute import weights_on
from models.engine.out_of_memory import told_apart
from models.model import Model
from models.spec import AmpSpec, AmpTrainSpec, ModelSpec, TrainSpec, pick


class UnknownModelClass(ValueError):
    """No model class has this name."""

    def __init__(self, name: str, known: list[str]):
        super().__init__(f"unknown model class {name!r}; known: {', '.join(known)}")
        self.name, self.known = name, known


class ModelClass(NamedTuple):
    """How a class is made of options."""

    build: Callable[[Mapping, int], Model]  # (options, seed)
    parts_to_renew: Callable[[Mapping, Mapping], list[str]]  # (options it was trained with, options now)
    training: Callable[[Mapping], object]  # options -> those of them the compiled step depends on, comparable


def build_saehd(options: Mapping, seed: int) -> saehd.SAEHD:
    return saehd.SAEHD(ModelSpec.from_options(options), TrainSpec.from_options(options), seed=seed)


def build_amp(options: Mapping, seed: int) -> amp.AMP:
    return amp.AMP(pick(AmpSpec, options), pick(AmpTrainSpec, options), seed=seed)


CLASSES = {
    "SAEHD": ModelClass(build_saehd, saehd.parts_to_renew, TrainSpec.from_options),
    "AMP": ModelClass(build_amp, amp.parts_to_renew, partial(pick, AmpTrainSpec)),
    "Quick96": ModelClass(lambda options, seed: Quick96(seed=seed), lambda stored, options: [], lambda options: None),
}

# What every class is built with. The options of a class that does not ask for it lack it, and those of an old model.
FOR_EVERY_CLASS: Mapping = {"models_opt_on_gpu": True, "ema": "off"}


def build_model(model_class: str, options: Mapping, *, seed: int) -> Model:
    """A model with first weights drawn from `seed`; `options` holds every key of the class' option table. Raises OutOfMemory."""
    if model_class not in CLASSES:
        raise UnknownModelClass(model_class, list(CLASSES))
    everywhere = {**FOR_EVERY_CLASS, **options}
    with told_apart(), weights_on(gpu=everywhere["models_opt_on_gpu"]):
        model = CLASSES[model_class].build(options, seed)
        if everywhere["ema"] != "off":
            model.keep_averages(float(everywhere["ema"]))
    return model


def parts_to_renew(model_class: str, stored: Mapping, options: Mapping) -> list[str]:
    """Parts that start anew in a model of this class that was trained with the options `stored`, now that `options` hold."""
    return CLASSES[model_class].parts_to_renew(stored, options)


def same_training(model_class: str, before: Mapping, now: Mapping) -> bool:
    """Whether a model built for the options `before` can go on as it is when `now` hold; samples and files are no part of it."""
    training = CLASSES[model_class].training
    return training(before) == training(now) and all(
        before.get(key, usual) == now.get(key, usual) for key, usual in FOR_EVERY_CLASS.items()
    )
