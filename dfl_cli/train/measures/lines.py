"""What was measured on held-out examples, for a person."""

from dfl_cli.store.measure_history import Comparison, Measured
from dfl_cli.translate import ntr, tr


def measured_line(measured: Measured) -> str:
    return ntr(
        "{name} of {count} held-out face: {mean:.3f}, trained on {examples} faces.",
        "{name} of {count} held-out faces: {mean:.3f}, trained on {examples} faces.",
        count=len(measured.values),
        name=measured.name,
        mean=measured.mean,
        examples=measured.examples,
    )


def comparison_line(comparison: Comparison) -> str:
    """What more examples have brought, in one line."""
    numbers = {
        "name": comparison.name,
        "now": comparison.now,
        "before": comparison.before,
        "mean": comparison.mean_now,
        "mean_before": comparison.mean_before,
    }
    if comparison.helped:
        return tr(
            "The last labels have helped: {name} of held-out faces {mean:.3f} with {now} labels, {mean_before:.3f} with "
            "{before}.",
            **numbers,
        )
    return tr(
        "More labels hardly help any longer: {name} of held-out faces {mean:.3f} with {now} labels, {mean_before:.3f} "
        "with {before}.",
        **numbers,
    )
