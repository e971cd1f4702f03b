"""A model being trained: network, batches, iteration, loss history; how it is stepped, saved and shown."""

import time
from collections.abc import Mapping
from functools import partial

import numpy as np

from dfl_cli.facesets import skipped_line
from dfl_cli.preview.gallery import PREVIEW_FILE, Gallery, write_picture
from dfl_cli.preview.grid import Preview, with_loss_graph
from dfl_cli.preview.layouts import draw_previews
from dfl_cli.terminal import notice, say
from dfl_cli.train.feed import Feed
from dfl_cli.train.loss_history import LossHistory
from dfl_cli.train.report import LossReport
from dfl_cli.train.run_dir import ModelDir, write_atomically
from dfl_cli.train.tensorboard_log import TensorBoardLog
from dfl_cli.translate import tr
from models import weights
from models.train_step import Batch


class LossNotFinite(Exception):
    """The losses of `iteration` are not numbers; nothing of it was saved."""

    def __init__(self, iteration: int, losses: np.ndarray):
        super().__init__(f"iteration {iteration}: {losses}")
        self.iteration, self.losses = iteration, losses


class Session:
    """Model, batches and files of one training run.

    Args:
        model: from `models.registry.build_model`, with the weights loaded.
        options: every answer of the model class.
        state: model_class, iteration, seeds and options as state.json holds them.
        summary: () -> text of summary.txt for the present iteration.
        fixed: the batch that the preview history shows; None when no history is written.
        previews: whether preview.png and preview_masked.png are written.
        screen: where previews are shown besides; None: nowhere.
    """

    def __init__(
        self,
        model_dir: ModelDir,
        model,
        feed: Feed,
        *,
        options: Mapping,
        state: Mapping,
        summary,
        fixed: Batch | None,
        previews: bool,
        screen=None,
    ):
        self.model_dir, self.model, self.feed = model_dir, model, feed
        self.options, self.summary, self.fixed = options, summary, fixed
        self.model_class = state["model_class"]
        self.iteration, self.seed, self.history_seed = state["iteration"], state["seed"], state["history_seed"]
        self.history = LossHistory(model_dir.folder / "loss.csv", self.iteration)
        self.gallery = Gallery(model_dir.folder, self.history, screen) if previews else None
        self.report = LossReport(end=lambda: self.options["target_iter"])
        self.log: TensorBoardLog | None = None
        self.batch: Batch | None = None
        self.stopped = False  # somebody wished the session to end
        self._saved = (self.iteration, state["options"])
        self._reported = set()

    @property
    def resolution(self) -> int:
        return self.model.resolution

    @property
    def done(self) -> bool:
        target = self.options["target_iter"]
        return bool(target) and self.iteration >= target

    def step(self) -> None:
        """One iteration: batch, compiled step, loss line.

        Raises:
            LossNotFinite: the training has broken down; the model on the disk is the one saved last.
        """
        asked = time.perf_counter()
        self.batch = next(self.feed)
        started = time.perf_counter()
        losses = self.model.train(self.batch)
        seconds = time.perf_counter() - started
        if not np.isfinite(losses).all():
            raise LossNotFinite(self.iteration + 1, losses)
        self.iteration += 1
        self.history.append(self.iteration, seconds, losses)
        self.report.step(self.iteration, seconds, losses, waited=started - asked)
        if self.log:
            self.log.step(self.iteration, losses, seconds=seconds, waited=started - asked)
        self._name_skipped()

    def save(self) -> None:
        """Make a new generation and bring the previews up to date; nothing if neither iteration nor options changed."""
        self.report.settle()
        if self._saved == (self.iteration, self.options):
            return
        self._write_generation()
        self.write_previews()

    def rescue(self) -> None:
        """Save after an unexpected error, unless the weights are no longer numbers."""
        self.report.settle()
        if self.iteration > self._saved[0] and self._weights_are_finite():
            self._write_generation()
            notice(tr("Saved iteration {iteration} before stopping.", iteration=self.iteration))

    def backup(self) -> None:
        """Save, then copy the save to backups/01."""
        self.save()
        folder = self.model_dir.backup(self.model_dir.folder / PREVIEW_FILE)
        say(tr("Backup written: {folder}", folder=folder))

    def stop(self) -> None:
        """End the session after this iteration."""
        self.stopped = True

    def write_previews(self) -> None:
        """Draw the faces trained last and show them."""
        if self.gallery and self.batch is not None:
            previews = self.draw(self.batch)
            self.gallery.hang(previews)
            if self.log:
                self.log.show(previews)

    def write_first_previews(self) -> None:
        """The first iteration of a session shows where the model is."""
        if self.gallery and not self.gallery.previews:
            self.write_previews()

    def show_next_preview(self) -> None:
        if self.gallery:
            self.gallery.next_preview()
            self._say_what_is_shown()

    def show_next_range(self) -> None:
        """Step through how much of the loss history the graph shows."""
        if self.gallery:
            self.gallery.next_range()
            self._say_what_is_shown()

    def write_history(self) -> None:
        """One picture of the fixed faces per preview into history/<preview>/."""
        for preview in self.draw(self.fixed):
            folder = self.model_dir.folder / "history" / preview.name
            folder.mkdir(parents=True, exist_ok=True)
            picture = with_loss_graph(preview.image, self.history.losses(), self.iteration)
            write_picture(folder / f"{self.iteration:07d}.jpg", picture)

    def draw(self, batch: Batch) -> list[Preview]:
        """The previews of the faces in `batch`."""
        whole_head = self.options["face_type"] == "head"
        return draw_previews(self.model_class, batch, self.model.view, whole_head=whole_head)

    def _say_what_is_shown(self) -> None:
        if self.gallery.previews and not self.gallery.on_screen:
            self.report.settle()
            say(tr("{file} shows {name}.", file=PREVIEW_FILE, name=self.gallery.title))

    def _write_generation(self) -> None:
        self.history.flush()
        state = {
            "model_class": self.model_class,
            "iteration": self.iteration,
            "seed": self.seed,
            "history_seed": self.history_seed,
            "options": dict(self.options),
        }
        writers = {
            "weights.safetensors": partial(weights.save, arrays=self.model.weights()),
            "optimizer.safetensors": partial(weights.save, arrays=self.model.optimizer_state()),
        }
        self.model_dir.save(state, writers)
        write_atomically(self.model_dir.folder / "summary.txt", (self.summary(self.iteration) + "\n").encode())
        self._saved = (self.iteration, dict(self.options))

    def _weights_are_finite(self) -> bool:
        return all(np.isfinite(array).all() for array in self.model.weights().values())

    def _name_skipped(self) -> None:
        """Pictures that could not be decoded while training, each said once."""
        for picture in self.feed.skipped:
            if picture.name not in self._reported:
                self._reported.add(picture.name)
                notice(skipped_line(picture))
