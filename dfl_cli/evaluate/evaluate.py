"""An evaluation from its faces to its scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dfl_cli.evaluate.faces import Chosen, ScoredFace, Square, SrcFaces, dst_faces, frame_pixels, nothing, src_faces
from dfl_cli.evaluate.metrics.score import Score
from dfl_cli.evaluate.readings import Reader
from dfl_cli.evaluate.scoring import Material, SrcReadings, details, placement, scores_of
from dfl_cli.evaluate.swapping import Painter, Swapper, reconstructed, swapped
from dfl_cli.evaluate.truth import read_truth
from dfl_cli.evaluate.truth import scores as truth_scores
from samplers.files.face import Face
from samplers.files.faces import Skipped

MOST_FACES = 200
DIGITS = 5  # of numbers in `as_json`, significant


class Options(NamedTuple):
    """every  use every N-th frame of dst
    most   of those no more than so many
    truth  folder with the true swaps of dst's frames, see `truth.read_truth`; None: they are not known
    """

    every: int = 1
    most: int = MOST_FACES
    truth: Path | None = None


class NothingToScore(Exception):
    """Not one face of `side`, src or dst, can be used."""

    def __init__(self, side: str, skipped: list[Skipped]):
        super().__init__(f"{side}: {len(skipped)} skipped")
        self.side, self.skipped = side, skipped


class Stage(NamedTuple):
    """A part of the work, for a progress bar: how many ticks it takes."""

    name: str  # swap, read
    ticks: int


Progress = Callable[
    [Stage], Callable[[], None]
]  # called with each stage when it begins; gives what is called with each tick


def unwatched(stage: Stage) -> Callable[[], None]:
    return nothing


class Evaluation(NamedTuple):
    """What was found. faces: the N that were scored, in the order of their frames."""

    scores: dict[str, Score]
    faces: list[ScoredFace]
    material: Material
    placement: dict[str, Any]
    skipped: list[Skipped]

    @property
    def names(self) -> list[str]:
        """Of the scored frames."""
        return [one.name for one in self.faces]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One for each frame: its name and its own scores, None where it has none."""
        columns = {name: one.per_frame for name, one in self.scores.items() if one.per_frame is not None}
        columns["presence"] = self.material.swap.presence
        return [
            {"frame": name, **{key: rounded(values[number]) for key, values in columns.items()}}
            for number, name in enumerate(self.names)
        ]

    def as_json(self) -> dict[str, Any]:
        """The scores by name, their floors and chances, and what belongs to single frames; numbers and None."""
        return {
            **{name: rounded(one.value) for name, one in self.scores.items()},
            "frames": len(self.names),
            "floor": {name: rounded(one.floor) for name, one in self.scores.items()},
            "chance": {name: rounded(one.chance) for name, one in self.scores.items()},
            "placement": self.placement,
            "per_frame": self.rows,
        }


def rounded(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(f"{value:.{DIGITS}g}")


def evaluate(
    model,
    src: Iterable[Face],
    dst: Iterable[Face],
    square: Square,
    options: Options,
    *,
    own: Iterable = (),
    progress: Progress = unwatched,
) -> Evaluation:
    """The swap of `model`, a built model that swaps.

    square  of the model
    own     what its `swap` takes beside the faces
    Raises NothingToScore, MemoryError.
    """
    return evaluate_model(
        model,
        src_faces(src, square),
        dst_faces(dst, square, every=options.every, most=options.most),
        square,
        own=own,
        truth=options.truth,
        progress=progress,
    )


def evaluate_model(model, src: SrcFaces, dst: Chosen, square: Square, *, own: Iterable = (), **more) -> Evaluation:
    """The swap of `model` on faces that were chosen before; see `evaluate`, and `evaluate_swap` for what else it takes.

    Raises NothingToScore, MemoryError.
    """
    own = tuple(own)
    return evaluate_swap(
        lambda faces: model.swap(faces, *own), lambda one, other: painted(model, one, other), src, dst, square, **more
    )


def painted(model, src: np.ndarray, dst: np.ndarray) -> tuple:
    seen = model.view(src, dst)
    return seen["SS"], seen["DD"]


def evaluate_swap(
    swap: Swapper,
    paint: Painter,
    src: SrcFaces,
    dst: Chosen,
    square: Square,
    *,
    truth: Path | None = None,
    progress: Progress = unwatched,
    known: Material | None = None,
) -> Evaluation:
    """The swap by any function; see `evaluate` and `Options`.

    known  of another swap of the same faces in the same square: what was read in the real faces is used again
    Raises NothingToScore, MemoryError.
    """
    for side, faces, skipped in (("src", src.centroid, src.skipped), ("dst", dst.faces, dst.skipped)):
        if not faces or (side == "src" and not src.real):
            raise NothingToScore(side, skipped)
    count = len(dst.faces)
    shown = swapped(swap, dst.faces, tick=progress(Stage("swap", count)))
    sides = reconstructed(paint, src.centroid, dst.faces)
    reader = Reader()
    tick = progress(Stage("read", count if known else 2 * count + len(src.centroid) + 2 * len(src.real)))
    landmarks = [one.landmarks for one in dst.faces]
    material = Material(
        swapped=shown,
        swap=reader.read_all(shown.swap, landmarks, tick),
        dst=known.dst if known else reader.read_faces(dst.faces, tick),
        src=known.src if known else src_readings(reader, src, square, tick),
        sides=sides,
        neighbors=dst.neighbors,
    )
    true_swaps = read_truth(truth, dst.faces, square) if truth else None
    close = truth_scores(true_swaps, shown.laid_on, np.stack(landmarks), reader) if true_swaps else {}
    return Evaluation(
        {**scores_of(material), **close},
        dst.faces,
        material,
        placement(material, frame_pixels(dst.faces)),
        [*src.skipped, *dst.skipped],
    )


def src_readings(reader: Reader, src: SrcFaces, square: Square, tick: Callable[[], None]) -> SrcReadings:
    return SrcReadings(
        reader.read_faces(src.centroid, tick),
        reader.read_faces(src.real, tick),
        reader.read_in_full(src.real, square.face_type, tick),
        details(np.stack([one.image for one in src.real]), np.stack([one.mask for one in src.real])),
    )
