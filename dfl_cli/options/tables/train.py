"""Until every caller asks the model class."""

from collections.abc import Mapping

from models.spec import PRETRAINING


def in_force(options: Mapping) -> dict:
    return {**options, **PRETRAINING} if options.get("pretrain") else dict(options)
