"""Writing the frames of an interactive merge while the person goes on looking."""

import threading
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from dfl_cli.merge.batch import Failure, FrameMerger, merge_frames
from dfl_cli.merge.journal import Journal
from dfl_cli.merge.pixels.network import Predictor
from dfl_cli.merge.pixels.notes import Note
from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.merge.watch.session import MergeSession


class Writer:
    """Writes frames with the settings they have when their turn comes; one job at a time, in a thread of its own."""

    def __init__(
        self,
        session: MergeSession,
        paths: Sequence[Path],
        merger: FrameMerger,
        predictor: Predictor,
        *,
        workers: int,
        journal: Journal | None = None,
        kept: Collection[Path] = (),
    ):
        """`kept`: frames whose results are somebody else's; they are never written."""
        self.session, self.paths, self.predictor, self.workers = session, list(paths), predictor, workers
        self.journal, self.kept = journal, kept
        self.merger = replace(merger, settings_of=self.settings_of)
        self.index = {path: number for number, path in enumerate(self.paths)}
        self.job_settings: dict[Path, MergeSettings] = {}  # what each frame of the job is written with
        self.thread: threading.Thread | None = None
        self.stopping = threading.Event()
        self.total = self.done = 0
        self.latest: int | None = None  # the frame written last
        self.started = self.ended = 0.0  # seconds of time.monotonic
        self.failures: list[Failure] = []
        self.notes: Counter[Note] = Counter()
        self.named: dict[Note, set[str]] = {}  # see MergeReport
        self.error: Exception | None = None  # what ended the job early

    @property
    def running(self) -> bool:
        return self.thread is not None and self.thread.is_alive()

    @property
    def frames_per_second(self) -> float:
        seconds = (time.monotonic() if self.running else self.ended) - self.started
        return self.done / seconds if self.done and seconds > 0 else 0.0

    def start(self, indexes: Sequence[int]) -> bool:
        """Write these frames; False if there are none, or a job is running."""
        frames = [path for path in (self.paths[index] for index in indexes) if path not in self.kept]
        if self.running or not frames:
            return False
        self.stopping.clear()
        self.total, self.done, self.latest = len(frames), 0, None
        self.failures, self.notes, self.named, self.error = [], Counter(), {}, None
        self.started = time.monotonic()
        self.thread = threading.Thread(target=self.write, args=(frames,), name="write frames")
        self.thread.start()
        return True

    def stop(self) -> None:
        """Ask the job to end after the frames it has begun."""
        self.stopping.set()

    def wait(self, seconds: float | None = None) -> None:
        """Until the job has ended."""
        if self.thread is not None:
            self.thread.join(seconds)

    def settings_of(self, path: Path) -> MergeSettings:
        self.job_settings[path] = self.session.settings_of(self.index[path])
        return self.job_settings[path]

    def write(self, frames: Sequence[Path]) -> None:
        """The job. Frames are reported in their order."""
        waiting = iter(frames)

        def on_frame() -> None:
            path = next(waiting)
            self.done += 1
            self.latest = self.index[path]
            self.session.mark_written(self.latest, self.job_settings.pop(path))

        try:
            report = merge_frames(
                frames, self.merger, self.predictor, workers=self.workers, journal=self.journal,
                on_frame=on_frame, stopped=self.stopping.is_set,
            )  # fmt: skip
            self.failures, self.notes, self.named = report.failures, report.notes, report.named
        except (
            Exception
        ) as error:  # a full disk, a network that fails: shown to the person by whoever looks after the job
            self.error = error
        for failure in self.failures:  # copied as they were, so they remain to be written
            self.session.mark_written(self.index[failure.path], None)
        self.ended = time.monotonic()
        self.session.changed()
