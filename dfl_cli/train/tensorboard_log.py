"""What TensorBoard shows of a training: losses, learning rate, times, previews, options. Needs the extra [tensorboard].

Event files are appended to by one session each. A session states first at which iteration it begins, and readers then drop
what an earlier one wrote after it: a model that goes back to a save continues in the same graph.
"""

import contextlib
import importlib.util
import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.classes.preview import Preview
from dfl_cli.errors import UserError
from dfl_cli.store.loss_history import ONLY_LOSS
from dfl_cli.terminal.console import notice
from dfl_cli.translate import tr
from samplers.files.names import printable

POINT_SECONDS = 0.25  # faster iterations are averaged, so that a million of them stay below 100 MB
FLUSH_SECONDS = 10
TIMES = ("time/step_seconds", "time/wait_seconds")
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 90]


def require_tensorboard() -> None:
    """Raises UserError if the package is missing."""
    if importlib.util.find_spec("tensorboard") is None:
        raise UserError(
            tr("--tensorboard requires the tensorboard package."),
            saw=tr("not installed"),
            fix='pip install "dfl-trainer[tensorboard]"',
        )


class TensorBoardLog:
    """A context manager that writes event files into `folder`. A disk that takes no more ends the log, not the training.

    Args:
        iteration: the model has reached; whatever the folder knows about later ones is void.
        learning_rate: () -> the present one.
        loss_names: tags are `loss/<name>`, or `loss` for the only one, in the order in which `step` gets the losses.
        notice: (text) prints the line about a log that ends.
    """

    def __init__(
        self,
        folder: Path,
        iteration: int,
        learning_rate: Callable[[], float],
        *,
        loss_names: Sequence[str],
        notice: Callable[[str], None] = notice,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.folder, self.iteration, self.learning_rate = folder, iteration, learning_rate
        self.notice, self.clock = notice, clock
        self.tags = (*(name if name == ONLY_LOSS else f"loss/{name}" for name in loss_names), *TIMES, "learning_rate")
        self._rows: list[Sequence[float]] = []  # of the iterations since the last point
        self._pointed = self._flushed = -float("inf")

    def __enter__(self):
        from tensorboard.compat.proto.event_pb2 import Event, SessionLog
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.record_writer import RecordWriter

        self._event, self._summary, self._session = Event, Summary, SessionLog
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"events.out.tfevents.{time.time():017.6f}.{socket.gethostname()}.{os.getpid()}"  # read in the order of names
        self._writer = RecordWriter((self.folder / name).open("wb"))
        self._write(self._event(file_version="brain.Event:2"))
        self._begin(self.iteration)
        return self

    def __exit__(self, *_):
        self._point()
        self._try(lambda writer: writer.close())

    def step(self, iteration: int, losses: np.ndarray, *, seconds: float, waited: float) -> None:
        """Note one iteration of `seconds`, before which the batch was waited for."""
        if iteration <= self.iteration:
            self._rows = []
            self._begin(iteration - 1)
        self.iteration = iteration
        self._rows.append((*losses, seconds, waited))
        if self.clock() - self._pointed >= POINT_SECONDS:
            self._point()

    def measure(self, name: str, value: float) -> None:
        """A number about examples that are not trained on, at the present iteration."""
        self._point()
        values = [self._summary.Value(tag=f"held_out/{name}", simple_value=value)]
        self._write(self._event(step=self.iteration, summary=self._summary(value=values)))

    def show(self, previews: Sequence[Preview]) -> None:
        """The previews of the present iteration."""
        images = []
        for preview in previews:
            height, width = preview.image.shape[:2]
            _, encoded = cv2.imencode(".jpg", np.rint(preview.image * 255).astype(np.uint8), QUALITY)
            image = self._summary.Image(
                height=height, width=width, colorspace=3, encoded_image_string=encoded.tobytes()
            )
            images.append(self._summary.Value(tag=f"preview/{preview.name}", image=image))
        self._point()
        self._write(self._event(step=self.iteration, summary=self._summary(value=images)))
        self._flush()

    def describe(self, options: Mapping) -> None:
        """The options as a table of text."""
        from tensorboard.plugins.text.summary_v2 import text_pb

        rows = "\n".join(f"| {key} | {printable(value)} |" for key, value in options.items())
        summary = self._summary.FromString(
            text_pb("options", f"| option | value |\n|---|---|\n{rows}").SerializeToString()
        )
        self._write(self._event(step=self.iteration, summary=summary))
        self._flush()

    def _begin(self, iteration: int) -> None:
        self._write(self._event(step=iteration + 1, session_log=self._session(status=self._session.START)))

    def _point(self) -> None:
        """The means of the iterations since the last point."""
        if not self._rows:
            return
        means = (*np.mean(self._rows, axis=0), self.learning_rate())
        values = [self._summary.Value(tag=tag, simple_value=mean) for tag, mean in zip(self.tags, means, strict=True)]
        self._write(self._event(step=self.iteration, summary=self._summary(value=values)))
        self._rows, self._pointed = [], self.clock()
        if self._pointed - self._flushed >= FLUSH_SECONDS:
            self._flush()

    def _flush(self) -> None:
        self._flushed = self.clock()
        self._try(lambda writer: writer.flush())

    def _write(self, event) -> None:
        event.wall_time = time.time()
        self._try(lambda writer: writer.write(event.SerializeToString()))

    def _try(self, action: Callable) -> None:
        """Do it while that is possible."""
        try:
            if self._writer:
                action(self._writer)
        except OSError as error:
            with contextlib.suppress(OSError):  # what is still to be written fails again
                self._writer.close()
            self._writer = None
            self.notice(tr("TensorBoard logging stopped: {reason}. Training continues.", reason=error.strerror))
