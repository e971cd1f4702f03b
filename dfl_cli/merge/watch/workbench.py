"""An interactive merge: the session, the studio that shows its frames, the writer, and the file that keeps it all."""

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from dfl_cli.merge.batch import FrameWork
from dfl_cli.merge.journal import Journal
from dfl_cli.merge.pixels.network import Predictor
from dfl_cli.merge.pixels.notes import Note
from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.merge.resume import is_done
from dfl_cli.merge.watch.session import MergeSession, ModelMark, NotASession
from dfl_cli.merge.watch.session_file import SessionFile, identities
from dfl_cli.merge.watch.studio import OneAtATime, Rendered, Studio
from dfl_cli.merge.watch.writer import Writer
from dfl_cli.merge.watch.writing_text import remarks
from dfl_cli.options.kinds import YesNo
from dfl_cli.options.option import Option
from dfl_cli.options.wizard import ask
from dfl_cli.terminal.console import Console, notice
from dfl_cli.translate import N_, ntr, tr

AUTOSAVE_SECONDS = 60

USE_SESSION = Option(
    key="",
    label=N_("Use saved session?"),
    kind=YesNo(),
    default=True,
    help=N_(
        "Goes on with the settings of every frame and the position of the last interactive merge into this folder. "
        "Without it all frames start with the usual settings."
    ),
)


class Trouble(NamedTuple):
    """What came out otherwise than asked when a frame was shown."""

    error: Exception | None  # why it could not be merged
    notes: tuple[Note, ...]


NO_TROUBLE = Trouble(None, ())


@dataclass
class Workbench:
    """A context manager: the session is saved every minute and at the end, when frames that are being written are finished."""

    session: MergeSession
    paths: Sequence[Path]
    studio: Studio
    writer: Writer
    file: SessionFile
    troubles: dict[int, Trouble] = field(default_factory=dict)  # of the frames that were shown otherwise than asked
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
                notice(tr("The session could not be saved: {reason}", reason=error.strerror))

    def rendered(self) -> Rendered:
        """The current frame with its settings."""
        return self.rendered_at(self.session.position)

    def rendered_at(self, index: int) -> Rendered:
        rendered = self.studio.render(self.paths[index], self.session.settings_of(index))
        trouble = Trouble(rendered.error, rendered.notes)
        if trouble != self.troubles.get(index, NO_TROUBLE):
            self.troubles[index] = trouble
            self.session.changed()
        return rendered

    def remarks(self) -> list[str]:
        """What the current frame shows otherwise than asked, for a person; as far as it was rendered."""
        return remarks(*self.troubles.get(self.session.position, NO_TROUBLE))

    def state_text(self) -> str:
        """The current frame in a line: its name, and whether it is written."""
        frame = self.session.current
        words = [frame.name, tr("written") if frame.done else tr("not written yet")]
        if not self.has_face(self.session.position):
            words.insert(1, tr("no face"))
        return " · ".join(words)

    def is_whole(self, index: int) -> bool:
        """Whether the result of a frame is the one that the session has written, by the journal; a batch may have been here since."""
        written = self.session.frames[index].written
        return is_done(self.paths[index], replace(self.studio.work, settings_of=lambda _: written), self.writer.journal)

    def has_face(self, index: int) -> bool:
        return bool(self.studio.work.tracks.faces.get(self.paths[index].stem))


def lay_out(
    paths: Sequence[Path],
    work: FrameWork,
    predictor: Predictor,
    *,
    usual: MergeSettings,
    table: Sequence[Option],
    model: ModelMark,
    workers: int,
    journal: Journal,
    kept: Collection[Path] = (),
) -> Workbench:
    """The workbench for the frames at `paths`, with a fresh session; the frames `kept` are never written."""
    shared = OneAtATime(predictor)
    session = MergeSession(identities(paths, work.tracks.faces), usual, table, model=model)
    return Workbench(
        session=session,
        paths=paths,
        studio=Studio(work, shared),
        writer=Writer(session, paths, work, shared, workers=workers, journal=journal, kept=kept),
        file=SessionFile(work.target.pictures),
    )


def resume(bench: Workbench, *, silent: bool, console: Console) -> None:
    """Go on with the saved session if there is one and the person wants it; one that does not fit is kept under another name."""
    if not bench.file.exists:
        return
    if not silent and not ask(USE_SESSION, True, known={}, console=console):
        bench.file.set_aside()
        return
    places = {path.name: index for index, path in enumerate(bench.paths)}
    try:
        bench.file.read_into(bench.session, is_whole=lambda name: bench.is_whole(places[name]))
    except NotASession as error:
        kept = bench.file.set_aside()
        notice(tr("The saved session does not fit ({reason}); it is kept as {path}.", reason=error.reason, path=kept))
        return
    notice(
        ntr(
            "Session resumed: {done} of {count} frame is written.",
            "Session resumed: {done} of {count} frames are written.",
            count=len(bench.paths),
            done=bench.session.done_count,
        )
    )
