"""Model classes by name."""

from collections.abc import Mapping

from models.model import Model
from models.saehd import SAEHD
from models.spec import ModelSpec, TrainSpec


class UnknownModelClass(ValueError):
    """No model class has this name."""

    def __init__(self, name: str, known: list[str]):
        super().__init__(f"unknown model class {name!r}; known: {', '.join(known)}")
        self.name, self.known = name, known


def build_saehd(options: Mapping, seed: int) -> SAEHD:
    return SAEHD(ModelSpec.from_options(options), TrainSpec.from_options(options), seed=seed)


BUILDERS = {"SAEHD": build_saehd}


def build_model(model_class: str, options: Mapping, *, seed: int) -> Model:
    """A model with first weights drawn from `seed`; `options` holds every key of the class' option table."""
    if model_class not in BUILDERS:
        raise UnknownModelClass(model_class, list(BUILDERS))
    return BUILDERS[model_class](options, seed)
