"""The line about memory and time before a training starts."""

import numpy as np

from dfl_cli.store.loss_history import last_rows
from dfl_cli.train.costs.model_costs import ModelCosts, cost_line
from dfl_cli.train.costs.offer import has_other_costs
from dfl_cli.train.plan import Plan
from dfl_cli.train.report import duration
from dfl_cli.translate import tr

TIMED = 100  # iterations, the newest of the last run


def estimate_line(plan: Plan, precision: str) -> str:
    """Memory by estimate, and the time as far as it was measured before."""
    options = {**plan.options, "precision": precision}
    costs = cost_line(ModelCosts(model_class=plan.model_class, options=options, devices=plan.devices))
    ms, left = iteration_ms(plan), plan.end - plan.iteration
    if ms is None:
        return tr("Estimate: {costs}.", costs=costs)
    if left <= 0:
        return tr("Estimate: {costs}; {ms:.0f} ms per iteration.", costs=costs, ms=ms)
    return tr(
        "Estimate: {costs}; {ms:.0f} ms per iteration, {time} to iteration {target}.",
        costs=costs,
        ms=ms,
        time=duration(left * ms / 1000),
        target=plan.end,
    )


def iteration_ms(plan: Plan) -> float | None:
    """Milliseconds of an iteration, as measured before the start or in the last run; None where neither tells."""
    if plan.iteration_ms is not None:
        return plan.iteration_ms
    if plan.saved is None or has_other_costs(plan):
        return None
    rows = last_rows(plan.model_dir.folder / "loss.csv")
    if rows is None:
        return None
    seconds = rows[rows[:, 0] <= plan.saved.iteration, 1][-TIMED:]
    return 1000 * float(np.median(seconds)) if len(seconds) else None
