"""One frame with any settings, quickly: what the settings do not touch - the frame, its faces, their predictions - is kept."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dfl_cli.merge.batch import FrameJob, FrameMerger
from dfl_cli.merge.pixels.crop import Prediction, square_side
from dfl_cli.merge.pixels.network import Network, Predictor
from dfl_cli.merge.pixels.notes import Note
from dfl_cli.merge.pixels.painted_masks import MaskNetwork
from dfl_cli.merge.pixels.settings import MergeSettings

CACHE_BYTES = 400 * 2**20  # bytes of frames and predictions kept; about 130 frames of 1280x720
RESULTS_KEPT = 6


@dataclass(frozen=True)
class Rendered:
    """A frame as it was and as it becomes; all of one size but in raw-predict."""

    original: np.ndarray  # (H, W, 3) uint8
    picture: np.ndarray  # (H, W, 3) uint8
    mask: np.ndarray  # (H, W) uint8
    error: Exception | None  # why the frame could not be merged, if so
    notes: tuple[Note, ...] = ()  # what was done otherwise than asked; each once


@dataclass
class PreparedFrame:
    """A loaded frame, with what the network said about its faces once it was asked."""

    job: FrameJob
    predictions: list[Prediction] | None = None

    @property
    def bytes(self) -> int:
        """Taken together with the predictions: they are square and float32, three pictures' worth of channels at most."""
        return self.job.pixels.nbytes + sum(3 * crop.picture.nbytes for crop in self.job.crops)


class LockedPredictor:
    """A predictor that several threads may ask; one of them is served at a time."""

    def __init__(self, predictor: Predictor):
        self.predictor, self.face = predictor, predictor.face
        self.lock = threading.Lock()

    def predict(self, faces, *, corrected: bool = True):
        with self.lock:
            return self.predictor.predict(faces, corrected=corrected)


class LockedMasks:
    """An XSeg network that several threads may ask; one of them is served at a time."""

    def __init__(self, network: MaskNetwork):
        self.network = network
        self.name, self.face_type, self.fingerprint = network.name, network.face_type, network.fingerprint
        self.lock = threading.Lock()

    def masks(self, pictures):
        with self.lock:
            return self.network.masks(pictures)


class FrameRenderer:
    """Renders single frames for people who look at them. Any thread may ask; each waits for its turn."""

    def __init__(self, merger: FrameMerger, predictor: Predictor, *, memory: int = CACHE_BYTES):
        self.merger, self.predictor, self.memory = merger, predictor, memory
        self.prepared: OrderedDict[tuple, PreparedFrame] = OrderedDict()
        self.results: OrderedDict[tuple[Path, MergeSettings], Rendered] = OrderedDict()
        self.lock = threading.Lock()

    def render(self, path: Path, settings: MergeSettings) -> Rendered:
        """The frame at `path`, merged with `settings`. Never raises for a frame: see `Rendered.error`."""
        with self.lock:
            result = self.results.get((path, settings)) or self.render_uncached(path, settings)
            self.results[path, settings] = result
            self.results.move_to_end((path, settings))
            while len(self.results) > RESULTS_KEPT:
                self.results.popitem(last=False)
            return result

    def render_uncached(self, path: Path, settings: MergeSettings) -> Rendered:
        side = square_side(self.merger.model_face, settings)
        key = path, settings.landmark_smoothing, side, settings.classic, self.painting(settings)
        prepared = self.cached(key, lambda: self.prepare(path, settings))
        job = replace(prepared.job, settings=settings)  # merging stores its error in the job
        if job.frame is None:
            return unreadable(job.error)
        predictions = [None] * len(job.crops)
        if job.for_network:
            try:
                prepared.predictions = prepared.predictions or list(
                    Network(self.predictor, self.merger.enhancer, self.merger.xseg, at_once=1).predict(job.for_network)
                )
                predictions = prepared.predictions
            except Exception as error:  # whatever the network ends with, the person can go on to another frame
                job.error = error
        picture, mask, notes = self.merger.merge(job, predictions)
        return Rendered(job.frame, picture, mask, job.error, tuple(dict.fromkeys(notes)))

    def painting(self, settings: MergeSettings) -> tuple | None:
        """What decides which masks the XSeg network paints."""
        used = self.merger.xseg and settings.xseg_parts
        return (settings.xseg_parts, settings.paints_every_dst) if used else None

    def prepare(self, path: Path, settings: MergeSettings) -> PreparedFrame:
        return PreparedFrame(replace(self.merger, settings_of=lambda _: settings).load(path))

    def cached(self, key: tuple, prepare: Callable[[], PreparedFrame]) -> PreparedFrame:
        """The prepared frame, from memory where it is; the frames not looked at for longest make room. Failures are not kept."""
        found = self.prepared.pop(key, None) or prepare()
        if found.job.error is None:
            self.prepared[key] = found
        while len(self.prepared) > 1 and sum(one.bytes for one in self.prepared.values()) > self.memory:
            self.prepared.popitem(last=False)
        return found


def unreadable(error: Exception | None) -> Rendered:
    """What stands for a frame that is no picture: a small black one."""
    black = np.zeros((360, 640, 3), np.uint8)
    return Rendered(black, black, black[..., 0], error)
