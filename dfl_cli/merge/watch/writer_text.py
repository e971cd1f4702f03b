"""What the writer is doing, and what is the matter with a frame, in words."""

from collections.abc import Sequence

from dfl_cli.errors import explained
from dfl_cli.frames import UnwritableFrame
from dfl_cli.merge.pixels.notes import Note
from dfl_cli.merge.report_text import note_lines, reason
from dfl_cli.merge.watch.writer import Writer
from dfl_cli.translate import listed, ntr, tr
from samplers.files.names import printable

NAMES_SHOWN = 5


def job_text(writer: Writer, *, done: int, frames: int) -> str:
    """Progress of a job; else how many frames of the video are written."""
    if not writer.running:
        return tr("{done} of {frames} written", done=done, frames=frames)
    rate = writer.frames_per_second
    if not rate:
        return f"{writer.done} / {writer.total}"
    minutes, seconds = divmod(round((writer.total - writer.done) / rate), 60)
    return tr(
        "{done} / {total} - {rate:.1f} frames/s - {minutes}:{seconds:02d} left",
        done=writer.done, total=writer.total, rate=rate, minutes=minutes, seconds=seconds,
    )  # fmt: skip


def outcome_text(writer: Writer) -> tuple[str, bool]:
    """How the last job ended, with what could not be done as asked, and whether all went well."""
    notes = note_lines(writer.notes, writer.named)
    if writer.error is not None:
        return error_text(writer.error), False
    if writer.failures:
        names = listed(printable(failure.path.name) for failure in writer.failures[:NAMES_SHOWN])
        counted = ntr(
            "{count} frame could not be merged; if readable, it was copied unchanged:",
            "{count} frames could not be merged; readable ones were copied unchanged:",
            count=len(writer.failures),
        )
        return "\n".join([f"{counted} {names}", *notes]), False
    return "\n".join([ntr("{count} frame written.", "{count} frames written.", count=writer.done), *notes]), True


def error_text(error: Exception) -> str:
    """What ended a job early."""
    if isinstance(error, UnwritableFrame):
        return tr("Cannot write {path}.", path=error.path) + f" ({printable(error.reason)})"
    if isinstance(error, MemoryError):
        return tr("Not enough device memory for this model, even for a single face.")
    return str(explained(error))


def remarks(error: Exception | None, notes: Sequence[Note]) -> list[str]:
    """What is to be said about a frame that is looked at, a line each."""
    return [*([reason(error)] if error else []), *(note.short_text for note in notes)]
