"""The previews of a session: what the model makes of the faces trained last, and of the same faces again and again."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dfl_cli.preview.gallery import PREVIEW_FILE, Gallery, write_picture
from dfl_cli.preview.grid import Preview, rows_shown, with_loss_graph
from dfl_cli.preview.layouts import draw_previews
from dfl_cli.store.loss_history import LossHistory
from dfl_cli.terminal.console import say
from dfl_cli.train.report import LossReport
from dfl_cli.train.saving.report import fewer_faces_line
from dfl_cli.train.saving.spared import SparedFiles
from dfl_cli.train.tensorboard_log import TensorBoardLog
from dfl_cli.translate import tr

if TYPE_CHECKING:
    from models.engine.train_step import Batch  # loads TensorFlow


class Previews:
    """Draws them, and shows them where the session has a place for that. Training goes on without those that fail.

    Args:
        folder: of the model.
        history: of the losses, for the graph above the faces.
        options: every answer of the model class.
        report: whose loss line makes room for what is said.
    """

    def __init__(
        self, folder: Path, model, history: LossHistory, *, model_class: str, options: Mapping, report: LossReport
    ):
        self.folder, self.model, self.history = folder, model, history
        self.model_class, self.options, self.report = model_class, options, report
        self.gallery: Gallery | None = None  # None: the faces trained last are not shown
        self.log: TensorBoardLog | None = None
        self.fixed: Batch | None = None  # what the preview history shows; None when no history is written
        self.batch: Batch | None = None  # trained last
        self.due = False  # with the save that was asked for
        self.spared = SparedFiles(report.notice)
        self._faces_shown: int | None = None  # at most, in a preview; None: as many as it has room for

    def open_gallery(self, screen=None) -> None:
        """Show the faces trained last from now on, in files and on the screen if there is one."""
        self.gallery = Gallery(self.folder, self.history, screen)

    @property
    def screen(self):
        """Where they are shown besides the files; None: nowhere."""
        return self.gallery and self.gallery.screen

    def write(self) -> None:
        """Draw the faces trained last and show them."""
        if self.gallery and self.batch is not None:
            with self.spared.writing(PREVIEW_FILE):
                previews = self.draw(self.batch)
                if self.log:
                    self.log.show(previews)
                self.gallery.hang(previews)

    def write_first(self) -> None:
        """The first iteration of a session shows where the model is; that of a new model is saved and shown in a moment."""
        if self.gallery and not (self.due or self.gallery.previews or PREVIEW_FILE in self.spared.failing):
            self.write()

    def write_due(self) -> None:
        if self.due:
            self.due = False
            self.write()

    def write_history(self, iteration: int) -> None:
        """One picture of the fixed faces per preview into history/<preview>/."""
        with self.spared.writing("history"):
            for preview in self.draw(self.fixed):
                folder = self.folder / "history" / preview.name
                picture = with_loss_graph(preview.image, self.history.losses(), iteration)
                folder.mkdir(parents=True, exist_ok=True)
                write_picture(folder / f"{iteration:07d}.jpg", picture)

    def show_next(self) -> None:
        if self.gallery:
            with self.spared.writing(PREVIEW_FILE):
                self.gallery.next_preview()
            self._say_what_is_shown()

    def show_next_range(self) -> None:
        """Step through how much of the loss history the graph shows."""
        if self.gallery:
            with self.spared.writing(PREVIEW_FILE):
                self.gallery.next_range()
            self._say_what_is_shown()

    def draw(self, batch: "Batch") -> list[Preview]:
        """The previews of the faces in `batch`, painted with the moving averages where the model keeps them.

        Of fewer faces when memory runs out. Raises MemoryError when one is too many.
        """
        whole_head = self.options["face_type"] == "head"
        while True:
            shown = batch if self._faces_shown is None else batch.first(self._faces_shown)
            try:
                with self.model.averaged():
                    return draw_previews(self.model_class, shown, self.model.view, whole_head=whole_head)
            except MemoryError:
                count = rows_shown(*shown.target_src.shape[:2])
                if count == 1:
                    raise
                self._faces_shown = count // 2
                self.report.notice(fewer_faces_line(count, fewer=count // 2))

    def _say_what_is_shown(self) -> None:
        if self.gallery.previews and not self.gallery.on_screen:
            self.report.settle()
            say(tr("{file} shows {name}.", file=PREVIEW_FILE, name=self.gallery.title))
