"""What a merge reports besides its numbers: what it did otherwise than asked, and why single frames failed."""

from collections.abc import Collection, Mapping

from dfl_cli.errors import explain, explain_in_a_line
from dfl_cli.frames import UnreadableFrame
from dfl_cli.merge.folders import NAMES_SHOWN
from dfl_cli.merge.pixels.notes import Note
from dfl_cli.terminal.names import shortened
from dfl_cli.translate import system_reason, tr


def note_lines(notes: Mapping[Note, int], named: Mapping[Note, Collection[str]]) -> list[str]:
    """One for each kind of note, with the files to look at."""
    return [with_names(note.text(count), named.get(note, ())) for note, count in notes.items()]


def with_names(text: str, names: Collection[str]) -> str:
    # Translators: a sentence, and the files it is about.
    return tr("{text} ({names})", text=text, names=shortened(sorted(names), NAMES_SHOWN)) if names else text


def reason(error: Exception) -> str:
    """Why a frame failed, for a person."""
    if isinstance(error, UnreadableFrame):
        return error.text
    if isinstance(error, OSError):
        return tr("cannot be read: {reason}", reason=system_reason(error))
    return explain_in_a_line(error)


def is_unexpected(error: Exception) -> bool:
    """Whether `reason` can only repeat what the error says itself."""
    return not isinstance(error, UnreadableFrame | OSError) and explain(error) is None
