"""Where the faces of a model lie beside their place, in words."""

from dfl_cli.registration.record import LEAST, SIDES, Registration, Side
from dfl_cli.translate import listed, tr
from models.classes.corrections import NONE


def registration_lines(record: Registration | None, *, iteration: int | None) -> list[str]:
    """About a model that swaps, saved after `iteration`; `record` is None where nobody has measured it."""
    if record is None:
        return [
            tr(
                "Where the model puts faces is not measured yet. dfl merge measures it on the faces of the workspace "
                "or of --src, dfl train at every save."
            )
        ]
    lines = [tr("The model puts faces in their place.")]
    if record.corrections != NONE:
        text = displacement_text(record)
        lines = [tr("The model puts faces off their place: {offsets}. Previews and merging correct it.", offsets=text)]
    if record.iteration != iteration:
        lines.append(tr("This was measured at iteration {iteration}.", iteration=record.iteration))
    return lines


def displacement_text(record: Registration) -> str:
    """`src 0.4 px right, 1.1 px down; dst in place`, in pixels of the network; only the sides that were measured."""
    measured = [(side, found) for side, found in zip(SIDES, record[1:], strict=True) if found]
    return tr("; ").join(f"{side} {offset_text(found)}" for side, found in measured)


def offset_text(found: Side) -> str:
    """`0.4 px right, 1.1 px down`"""
    right, down = found.displacement.shift
    # Translators: how far a face lies from its place; px are pixels.
    across = tr("{pixels:.1f} px right", pixels=right) if right > 0 else tr("{pixels:.1f} px left", pixels=-right)
    along = tr("{pixels:.1f} px down", pixels=down) if down > 0 else tr("{pixels:.1f} px up", pixels=-down)
    parts = [text for text, pixels in ((across, right), (along, down)) if abs(pixels) >= LEAST]
    # Translators: joins "0.4 px right" and "1.1 px down".
    return listed(parts) or tr("in place")
