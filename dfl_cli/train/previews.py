"""The previews of a session: what the model makes of the faces trained last, and of the same faces again and again."""

from collections.abc import Callable
from pathlib import Path

from dfl_cli.classes.preview import Preview, rows_shown
from dfl_cli.preview.gallery import PREVIEW_FILE, Gallery, write_image
from dfl_cli.preview.loss_graph import with_loss_graph
from dfl_cli.store.loss_history import LossHistory
from dfl_cli.terminal.console import say
from dfl_cli.train.saving.optional_files import OptionalFiles
from dfl_cli.train.saving.report import smaller_preview_line
from dfl_cli.train.tensorboard_log import TensorBoardLog
from dfl_cli.translate import tr


class Previews:
    """Draws them, and shows them where the session has a place for that. Training continues without those that fail.

    What is drawn is encoded and written by `finish`, which the session calls while the device computes the next step.

    A batch is a tuple of arrays, whose first ones are faces (B, R, R, 3), with `first(count)` for its first faces.

    Args:
        folder: of the model.
        render: (batch) -> the previews of its faces, with the weights in use.
        complete: (batch trained last) -> what `render` takes.
        history: of the losses, for the graph above the faces.
        report: `notice(text)` prints a line, `end_line()` ends the loss line.
        gallery: shows the faces trained last; None: they are not shown.
        tensorboard: shows them as well.
        history_batch: what the preview history shows; None: no history is written.
    """

    def __init__(
        self,
        folder: Path,
        model,
        render: Callable[[tuple], list[Preview]],
        history: LossHistory,
        *,
        complete: Callable[[tuple], tuple] = lambda batch: batch,
        report,
        gallery: Gallery | None = None,
        tensorboard: TensorBoardLog | None = None,
        history_batch: tuple | None = None,
    ):
        self.folder, self.model, self.history, self.report = folder, model, history, report
        self.render, self.complete = render, complete
        self.gallery, self.tensorboard, self.history_batch = gallery, tensorboard, history_batch
        self.batch: tuple | None = None  # trained last
        self.write_pending = False  # with a save
        self._drawn: tuple | None = None  # the batch that was drawn last
        self._unfinished: list[tuple[str, Callable[[], None]]] = []  # files to be written, and how
        self.optional_files = OptionalFiles(report.notice)
        self._faces_shown: int | None = None  # at most, in a preview; None: as many as it has room for

    @property
    def screen(self):
        """Where they are shown besides the files; None: nowhere."""
        return self.gallery and self.gallery.screen

    def after_step(self, batch: tuple) -> None:
        """Note what was trained last."""
        self.batch = batch

    def fix(self, batch: tuple) -> None:
        """Let the preview history show these faces."""
        self.history_batch = batch

    def write(self) -> None:
        """Draw the faces trained last, to be shown by `finish`."""
        self.write_pending = False
        if self.gallery and self.batch is not None:
            with self.optional_files.writing(PREVIEW_FILE):
                previews, self._drawn = self.draw(self.complete(self.batch)), self.batch
                self._unfinished.append((PREVIEW_FILE, lambda: self._show(previews)))

    def finish(self) -> None:
        """Encode and write what was drawn."""
        unfinished, self._unfinished = self._unfinished, []
        for name, write in unfinished:
            with self.optional_files.writing(name):
                write()

    def _show(self, previews: list[Preview]) -> None:
        if self.tensorboard:
            self.tensorboard.show(previews)
        self.gallery.show(previews)

    @property
    def none_yet(self) -> bool:
        """Whether nothing was drawn in this session, though it could have been."""
        failing = PREVIEW_FILE in self.optional_files.failing
        return bool(self.gallery) and self._drawn is None and not failing

    def write_first(self) -> None:
        """The first iteration of a session shows where the model is; that of a new model is saved and shown in a moment."""
        if self.none_yet and not self.write_pending:
            self.write()

    def request(self) -> None:
        """Draw at the next `write_if_pending`, unless that is done."""
        self.write_pending = self.batch is not self._drawn

    def write_if_pending(self) -> None:
        if self.write_pending:
            self.write()

    def write_history(self, iteration: int) -> None:
        """One picture of the fixed faces per preview, written into history/<preview>/ by `finish`."""
        with self.optional_files.writing("history"):
            previews, losses = self.draw(self.history_batch), self.history.losses()
            self._unfinished.append(("history", lambda: self._write_history(previews, losses, iteration)))

    def _write_history(self, previews: list[Preview], losses, iteration: int) -> None:
        for preview in previews:
            folder = self.folder / "history" / preview.name
            picture = with_loss_graph(preview.image, losses, iteration, self.history.names)
            folder.mkdir(parents=True, exist_ok=True)
            write_image(folder / f"{iteration:07d}.jpg", picture)

    def show_next(self) -> None:
        self.finish()
        if self.gallery:
            with self.optional_files.writing(PREVIEW_FILE):
                self.gallery.next_preview()
            self._name_shown()

    def show_next_range(self) -> None:
        """Step through how much of the loss history the graph shows."""
        self.finish()
        if self.gallery:
            with self.optional_files.writing(PREVIEW_FILE):
                self.gallery.next_range()
            self._name_shown()

    def draw(self, batch: tuple) -> list[Preview]:
        """The previews of the faces in `batch`, rendered with the moving averages where the model keeps them.

        Of fewer faces when memory runs out. Raises MemoryError when one is too many.
        """
        while True:
            shown = batch if self._faces_shown is None else batch.first(self._faces_shown)
            try:
                with self.model.averaged():
                    return self.render(shown)
            except MemoryError:
                count = rows_shown(*shown[0].shape[:2])
                if count == 1:
                    raise
                self._faces_shown = count // 2
                self.report.notice(smaller_preview_line(count, fewer=count // 2))

    def _name_shown(self) -> None:
        if self.gallery.previews and not self.gallery.on_screen:
            self.report.end_line()
            say(tr("{file} shows {name}.", file=PREVIEW_FILE, name=self.gallery.title))
