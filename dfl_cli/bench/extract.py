"""How many frames a core extracts faces from, everything included; where the time goes; and what more workers bring.

Needs PyAV: the frames come from a video.
"""

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.demo.people.people import PERSON_A
from dfl_cli.demo.people.poses import draw_poses
from dfl_cli.demo.people.render import render
from dfl_cli.extract.analysis import FaceNetworks
from dfl_cli.extract.analyze import analyze
from dfl_cli.extract.choose import choose_faces
from dfl_cli.extract.cut import CutSettings
from dfl_cli.extract.cutting import Cutter, cut_faces, plan_cutting
from dfl_cli.extract.index import ExtractIndex
from dfl_cli.extract.networks import NetworkChoice
from dfl_cli.extract.people.census import take_census
from dfl_cli.extract.video_source import VideoSource
from dfl_cli.options.tables.extract import EXTRACT
from dfl_cli.options.wizard import ask_table
from dfl_cli.video.read import VideoReader
from dfl_cli.video.write import VideoWriter

SIZES = ((640, 480), (1920, 1080))
FRAMES = 32  # of a film
ROUNDS = 3  # the best counts: whatever else runs only slows a round down
BITRATE = 8  # Mbit/s
PARTS = ("decode", "detect", "landmarks", "identity", "write")


class Seconds(NamedTuple):
    """processor: of all threads together; clock: until the last face is written."""

    processor: float
    clock: float


class Prepared:
    """Networks that are open already: opening them is no part of the time of a frame."""

    def __init__(self, opened: Sequence[FaceNetworks]):
        self._rest = list(opened)

    def open(self) -> FaceNetworks:
        return self._rest.pop()


def measure() -> dict:
    """As `--json` prints it: frames in a processor second by size of the frame, shares and scaling for the first size."""
    counts = [workers for workers in (1, 2, 4, 8) if workers <= max(2, os.cpu_count() or 1)]
    networks = [NetworkChoice().open() for _ in range(counts[-1])]
    rates = {}
    with tempfile.TemporaryDirectory(prefix="dfl-bench-") as folder:
        films = [write_film(Path(folder) / f"{number}.mp4", size) for number, size in enumerate(SIZES)]
        for film, (width, height) in zip(films, SIZES, strict=True):
            best = min(extracted(film, networks, 1).processor for _ in range(ROUNDS))
            rates[f"{width}x{height}"] = round(FRAMES / best, 1)
        return {
            "frames_per_second_per_core": rates,
            "shares": {
                f"{width}x{height}": shares(film, networks) for film, (width, height) in zip(films, SIZES, strict=True)
            },
            "scaling": scaling(films[0], networks, counts),
        }


def write_film(path: Path, size: tuple[int, int]) -> Path:
    """A film of a drawn person who moves a little to the right, the face half as high as the frame."""
    width, height = size
    picture = render(PERSON_A, draw_poses(12, 2)[0], (height, height)).image
    with VideoWriter(path, rate=Fraction(25), bitrate=BITRATE) as film:
        for number in range(FRAMES):
            matrix = np.float64([[1, 0, (width - height) / 2 + number * height / 480], [0, 1, 0]])
            film.add(cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REPLICATE))
    return path


def extracted(film: Path, networks: Sequence[FaceNetworks], workers: int) -> Seconds:
    """Of both passes with `workers` threads, as `dfl extract` runs them, from the film to the files of its faces."""
    answers = ask_table(EXTRACT, given={}, facts={"is_video": True, "side": "dst"}, ask_now=False)
    settings = CutSettings(answers["face_type"], answers["image_size"], answers["jpeg_quality"], answers["classic"])
    with tempfile.TemporaryDirectory(prefix="faces-", dir=film.parent) as name:
        faces, frames = Path(name) / "aligned", Path(name) / "frames"
        faces.mkdir()
        with ExtractIndex(faces) as index:
            start = Seconds(time.process_time(), time.perf_counter())
            source = VideoSource(film, frames, answers)
            index.start(source.identity(), networks[0].name)
            analyze(source, index, Prepared(networks), workers=workers)
            choice = choose_faces(
                take_census(list(index.frames.values())), parts=None, max_faces=0, smooth=answers["smooth"]
            )
            plan = plan_cutting(choice, index, faces, settings)
            cut_faces(plan, index, Cutter(frames, faces, settings, None), workers=workers)
            return Seconds(time.process_time() - start.processor, time.perf_counter() - start.clock)


def shares(film: Path, networks: Sequence[FaceNetworks]) -> dict[str, float]:
    """Of the processor time with one worker; writing includes reading the frame again for its face, and everything that is left."""
    spent: Counter = Counter()
    opened = networks[0]
    timed = replace(
        opened,
        **{
            name: Timed(getattr(opened, name), lambda seconds, part=part: spent.update({part: seconds}))
            for name, part in (
                ("detector", "detect"),
                ("landmarks", "landmarks"),
                ("expression", "landmarks"),
                ("identity", "identity"),
            )
        },
    )
    whole = extracted(film, [timed], 1).processor
    spent["decode"] = decoding(film)
    spent["write"] = max(whole - spent.total(), 0.0)
    return {part: round(spent[part] / sum(spent.values()), 3) for part in PARTS}


def decoding(film: Path) -> float:
    start = time.process_time()
    for _ in VideoReader(film).frames():
        pass
    return time.process_time() - start


class Timed:
    """A network whose calls report their processor time, of the calling thread."""

    def __init__(self, network, report: Callable[[float], None]):
        self._network, self._report = network, report

    def __getattr__(self, name: str):
        found = getattr(self._network, name)
        if not callable(found):
            return found

        def call(*arguments, **named):
            start = time.thread_time()
            try:
                return found(*arguments, **named)
            finally:
                self._report(time.thread_time() - start)

        return call


def scaling(film: Path, networks: Sequence[FaceNetworks], counts: Sequence[int]) -> dict[str, float]:
    """Frames a second, by the clock, of several workers relative to one."""
    rounds = [[extracted(film, networks, workers).clock for workers in counts] for _ in range(ROUNDS)]
    best = np.min(rounds, axis=0)
    return {str(workers): round(best[0] / one, 2) for workers, one in zip(counts, best, strict=True)}
