"""The model classes there are."""

from dfl_cli.classes.amp import AMP
from dfl_cli.classes.model_class import ModelClass
from dfl_cli.classes.quick96 import QUICK96
from dfl_cli.classes.saehd import SAEHD
from dfl_cli.classes.xseg import XSEG

CLASSES: dict[str, ModelClass] = {one.name: one for one in (SAEHD, AMP, QUICK96, XSEG)}
DEFAULT = SAEHD  # where no class is asked for


def trained_classes() -> dict[str, ModelClass]:
    """Those that `dfl train` trains, by name."""
    return {name: one for name, one in CLASSES.items() if one.trained}


def swapping_classes() -> dict[str, ModelClass]:
    """Those whose models put one face on another, by name."""
    return {name: one for name, one in CLASSES.items() if one.network.swaps}
