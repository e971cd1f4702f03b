"""The super resolution network a person names, and what is wrong with it if it cannot be used."""

from collections.abc import Mapping
from pathlib import Path

from dfl_cli.errors import UserError, unusable_network
from dfl_cli.translate import system_reason, tr


def load_enhancer(answers: Mapping):
    """The network of the answer `super_resolution_model`; None without one. Raises UserError."""
    if not answers["super_resolution_model"]:
        return None
    from dfl_cli.enhance.super_resolution import open_enhancer
    from dfl_cli.enhance.trial import UnusableNetwork

    path = Path(answers["super_resolution_model"])
    try:
        return open_enhancer(path, values=answers["super_resolution_range"])
    except UnusableNetwork as error:
        raise unusable_network(error) from error
    except OSError as error:
        raise UserError(
            tr("Cannot read {path}.", path=path),
            saw=system_reason(error),
            fix=tr("Check the path of the network file."),
        ) from error
