"""The previews drawn last: which one is shown, with how much of the loss history, and where."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.classes.preview import Preview
from dfl_cli.preview.loss_graph import with_loss_graph
from dfl_cli.store.loss_history import LossHistory
from dfl_cli.translate import ntr, tr
from samplers.files.atomic_file import write_atomically

PREVIEW_FILE, MASKED_PREVIEW_FILE = "preview.png", "preview_masked.png"
RANGES = (None, 5000, 10000, 50000, 100000)  # iterations in the loss graph; None: all (wizard.md 5.6)
ENCODING = {".png": [], ".jpg": [cv2.IMWRITE_JPEG_QUALITY, 90]}


class Gallery:
    """Keeps what was drawn, so that stepping through it costs no evaluation of the model.

    Args:
        folder: of the model, for preview.png (the one stepped to) and preview_masked.png (the last of several).
        history: whose losses the graph above each preview shows.
        screen: from `screen.open_screen`, where the one stepped to is shown as well.
    """

    def __init__(self, folder: Path, history: LossHistory, screen=None):
        self.folder, self.history, self.screen = folder, history, screen
        self.previews: Sequence[Preview] = ()
        self.shown = 0  # index of the preview
        self.range = 0  # index into RANGES

    def show(self, previews: Sequence[Preview]) -> None:
        """Show new pictures instead of the old ones."""
        self.previews = previews
        self._show()

    def next_preview(self) -> None:
        if self.previews:
            self.shown = (self.shown + 1) % len(self.previews)
            self._show()

    def next_range(self) -> None:
        self.range = (self.range + 1) % len(RANGES)
        if self.previews:
            self._show()

    @property
    def title(self) -> str:
        """`SAEHD masked [2/2], losses of all iterations`."""
        last = RANGES[self.range]
        if last:
            losses = ntr("losses of the last {count} iteration", "losses of the last {count} iterations", count=last)
        else:
            losses = tr("losses of all iterations")
        return f"{self.previews[self.shown].name} [{self.shown + 1}/{len(self.previews)}], {losses}"

    @property
    def on_screen(self) -> bool:
        """Whether the person sees the pictures without opening a file."""
        return self.screen is not None and self.screen.open

    def picture(self, preview: Preview) -> np.ndarray:
        """(H, W, 3) uint8 BGR with the loss graph of the chosen range on top."""
        losses = self.history.losses(RANGES[self.range])
        return with_loss_graph(preview.image, losses, self.history.iteration, self.history.names)

    def _show(self) -> None:
        preview = self.previews[self.shown]
        picture = self.picture(preview)
        if self.on_screen:  # first, because the disk may be full
            self.screen.show(picture, self.title, preview.ends(above=len(picture) - len(preview.image)))
        write_image(self.folder / PREVIEW_FILE, picture)
        if len(self.previews) > 1:
            write_image(self.folder / MASKED_PREVIEW_FILE, self.picture(self.previews[-1]))


def write_image(path: Path, picture: np.ndarray) -> None:
    """`picture` (H, W, 3) uint8 BGR as a .png or .jpg; whoever reads the file sees the old or the new one.

    Nothing waits for the disk: a picture lost with the power is drawn again, and a history has one every few iterations.
    """
    _, encoded = cv2.imencode(path.suffix, picture, ENCODING[path.suffix])
    write_atomically(path, encoded.tobytes(), durable=False)
