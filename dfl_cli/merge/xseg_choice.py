"""Which XSeg model paints the masks of a merge."""

from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.store.saved_model import models_of
from dfl_cli.terminal.console import notice
from dfl_cli.translate import listed, tr
from dfl_cli.xseg.predict import XSEG, MaskNetwork, find_xseg


def choose_xseg(models: Path, name: str | None, settings: MergeSettings, *, watched: bool) -> MaskNetwork | None:
    """The XSeg model called `name`, or the one saved last; None where there is none, or the mask mode needs none.

    watched  whether somebody may choose another mask mode later
    raises   UserError: there is none of that name, or the one that is needed cannot be opened
    """
    if name is not None or settings.xseg_parts:
        found = find_xseg(models, name)
        if found is None and name is not None:
            raise unknown_name(models, name)
        return found
    try:
        return find_xseg(models) if watched else None
    except UserError as error:  # of no use, but not asked for yet
        notice(str(error))
        return None


def unknown_name(models: Path, name: str) -> UserError:
    names = listed(one.name for one in models_of(models, [XSEG]))
    return UserError(
        tr("There is no XSeg model called {name}.", name=name),
        saw=tr("in {folder}: {names}", folder=models, names=names or tr("nothing")),
        fix=tr("Train one with dfl xseg train, or check --models and --xseg-name."),
    )
