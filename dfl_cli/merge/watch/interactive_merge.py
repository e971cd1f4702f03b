"""An interactive merge: the session, the renderer of its frames, the writer, and the file that keeps it all."""

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from dfl_cli.merge.batch import FrameMerger
from dfl_cli.merge.journal import Journal
from dfl_cli.merge.pixels.network import Predictor
from dfl_cli.merge.pixels.notes import Note
from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.merge.resume import is_done
from dfl_cli.merge.watch.renderer import FrameRenderer, LockedMasks, LockedPredictor, Rendered
from dfl_cli.merge.watch.session import MergeSession, ModelVersion, SessionMismatch
from dfl_cli.merge.watch.session_file import SessionFile, fingerprint, fingerprints
from dfl_cli.merge.watch.writer import Writer
from dfl_cli.merge.watch.writer_text import remarks
from dfl_cli.options.kinds import YesNo
from dfl_cli.options.option import Option
from dfl_cli.options.question import ask
from dfl_cli.terminal.console import Console, notice
from dfl_cli.translate import N_, ntr, tr
from samplers.files.names import printable

AUTOSAVE_SECONDS = 60

USE_SESSION = Option(
    key="",
    label=N_("Use saved session?"),
    kind=YesNo(),
    default=True,
    help=N_(
        "Resumes the last interactive merge into this folder with its settings for every frame and its "
        "position. Otherwise all frames start with the default settings."
    ),
)


class RenderIssue(NamedTuple):
    """What came out otherwise than asked when a frame was shown."""

    error: Exception | None  # why it could not be merged
    notes: tuple[Note, ...]


NO_ISSUE = RenderIssue(None, ())


@dataclass
class InteractiveMerge:
    """A context manager: the session is saved every minute and at the end, when frames that are being written are finished."""

    session: MergeSession
    paths: Sequence[Path]
    renderer: FrameRenderer
    writer: Writer
    file: SessionFile
    issues: dict[int, RenderIssue] = field(default_factory=dict)  # of the frames that were shown otherwise than asked
    ended: threading.Event = field(default_factory=threading.Event)

    def __enter__(self):
        self.saver = threading.Thread(target=self.save_often, name="save the session", daemon=True)
        self.saver.start()
        return self

    def __exit__(self, *_):
        self.writer.stop()
        self.writer.wait()
        self.ended.set()
        self.saver.join()
        self.file.save(self.session)

    def save_often(self) -> None:
        while not self.ended.wait(AUTOSAVE_SECONDS):
            try:
                self.file.save(self.session)
            except OSError as error:  # the disk may have room again in a minute; the last save of all speaks up
                notice(tr("Could not save the session: {reason}", reason=error.strerror))

    def rendered(self) -> Rendered:
        """The current frame with its settings."""
        return self.rendered_at(self.session.position)

    def rendered_at(self, index: int) -> Rendered:
        rendered = self.renderer.render(self.paths[index], self.session.settings_of(index))
        issue = RenderIssue(rendered.error, rendered.notes)
        if issue != self.issues.get(index, NO_ISSUE):
            self.issues[index] = issue
            self.session.changed()
        return rendered

    def remarks(self) -> list[str]:
        """What the current frame shows otherwise than asked, for a person; as far as it was rendered."""
        return remarks(*self.issues.get(self.session.position, NO_ISSUE))

    def state_text(self) -> str:
        """The current frame in a line: its name, and whether it is written."""
        frame = self.session.current
        words = [printable(frame.name), tr("written") if frame.done else tr("not written yet")]
        if not self.has_face(self.session.position):
            words.insert(1, tr("no face"))
        return " · ".join(words)

    def is_whole(self, index: int) -> bool:
        """Whether the result of a frame is the one that the session has written, by the journal; a batch may have been here since."""
        written = self.session.frames[index].written
        return is_done(
            self.paths[index], replace(self.renderer.merger, settings_of=lambda _: written), self.writer.journal
        )

    def earlier_fingerprint(self, index: int) -> str:
        """Of a frame, as the first sessions had it."""
        path = self.paths[index]
        return fingerprint(path, self.renderer.merger.tracks.faces.get(path.stem, ()), by_time=True)

    def has_face(self, index: int) -> bool:
        return bool(self.renderer.merger.tracks.faces.get(self.paths[index].stem))


def open_interactive_merge(
    paths: Sequence[Path],
    merger: FrameMerger,
    predictor: Predictor,
    *,
    defaults: MergeSettings,
    table: Sequence[Option],
    model: ModelVersion,
    workers: int,
    journal: Journal,
    kept: Collection[Path] = (),
) -> InteractiveMerge:
    """An interactive merge of the frames at `paths`, with a new session; the frames `kept` are never written."""
    shared = LockedPredictor(predictor)
    merger = replace(merger, xseg=LockedMasks(merger.xseg)) if merger.xseg else merger
    session = MergeSession(fingerprints(paths, merger.tracks.faces), defaults, table, model=model)
    return InteractiveMerge(
        session=session,
        paths=paths,
        renderer=FrameRenderer(merger, shared),
        writer=Writer(session, paths, merger, shared, workers=workers, journal=journal, kept=kept),
        file=SessionFile(merger.target.pictures),
    )


def resume(interactive: InteractiveMerge, *, silent: bool, console: Console) -> None:
    """Go on with the saved session if there is one and the person wants it; one that does not fit is kept under another name."""
    if not interactive.file.exists:
        return
    if not silent and not ask(USE_SESSION, True, known={}, console=console):
        interactive.file.keep_under_other_name()
        return
    places = {path.name: index for index, path in enumerate(interactive.paths)}
    try:
        interactive.file.read_into(
            interactive.session,
            is_whole=lambda name: interactive.is_whole(places[name]),
            is_same=lambda name, stored: interactive.earlier_fingerprint(places[name]) == stored,
        )
    except SessionMismatch as error:
        kept = interactive.file.keep_under_other_name()
        notice(tr("The saved session does not match ({reason}). It is kept as {path}.", reason=error.reason, path=kept))
        return
    notice(
        ntr(
            "Session resumed: {done} of {count} frame written.",
            "Session resumed: {done} of {count} frames written.",
            count=len(interactive.paths),
            done=interactive.session.done_count,
        )
    )
