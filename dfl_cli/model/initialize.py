"""`--init-from`: a new model starts with what fits of a saved one."""

from dfl_cli.errors import UserError
from dfl_cli.store.saved_model import SavedModel
from dfl_cli.translate import clauses, tr


def initialize_from(model, saved: SavedModel) -> list[str]:
    """Give a freshly built model every part of a saved one that fits; its other parts keep their first weights.

    Optimizers start fresh. Returns a line per part of `model`.

    Raises:
        UserError: no part fits.
    """
    from models import weights
    from models.reuse import fitting_parts, take_over

    stored = weights.load(saved.generation.weights_file)
    own = model.weights()
    fits = fitting_parts(stored, {name: array.shape for name, array in own.items()})
    if not any(fit.fits for fit in fits):
        raise UserError(
            tr("No part of the model {name} fits the new model.", name=saved.name),
            saw=clauses(line_about(fit) for fit in fits),
            fix=tr("Choose the same archi, resolution and dimensions, or remove --init-from."),
        )
    model.load(own | take_over(stored, fits))
    return [line_about(fit) for fit in fits]


def line_about(fit) -> str:
    """One `models.reuse.PartFit` for a person."""
    if fit.fits:
        return tr("{part}: initialized", part=fit.name)
    path, found, wanted = fit.difference
    if not path:
        return tr("{part}: starts from scratch, the other model has none", part=fit.name)
    return tr(
        "{part}: starts from scratch, {path} is {found} there and {wanted} here",
        part=fit.name,
        path=path,
        found=found or tr("missing"),
        wanted=wanted or tr("missing"),
    )
