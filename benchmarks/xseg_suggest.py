"""Which faces to label: those that `dfl xseg suggest` names, random ones, or ones evenly spread over time?

python benchmarks/xseg_suggest.py LABELED... --frames DIR [--splits N] [--output FILE.json]

LABELED  folders of faces of one person labeled by hand, as benchmarks/xseg_labels.py writes them; those of the clips in `frames`
         are what is measured on
frames   the other faces of this person: what is chosen from

Nobody has labeled all faces, so a learner trained on all labels stands in for the person who labels what was chosen. Each split has
another half of the faces to choose from, without those near a face that is measured on. Each way chooses 2, 4 and 6 faces; from
the third on those of `suggest` are chosen with what was learned from the ones before, those of `novelty` without. The learner is no
network but a regression of pixels, because a network would take hours here: it finds its best weights in a second. Printed is the
mean IoU.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.xseg.apply.quality import SMALL, changes, confidence, painted
from dfl_cli.xseg.suggest.doubt import neighbors
from dfl_cli.xseg.suggest.look import comparable, direction, small_picture
from dfl_cli.xseg.suggest.ranking import Doubts, Looks, rank
from samplers.files.face import Face
from samplers.files.faces import open_faceset
from samplers.geometry.face_types import FaceType
from samplers.prepared_face import prepare_picture
from samplers.xseg.held_out import NEAR, group_of, moment_of
from samplers.xseg.labeled_face import prepare_labeled

SIDE = SMALL  # pixels
AT_ONCE, ROUNDS = 2, 3  # faces that are labeled before the learner is asked again
RANDOM = 4  # random choices in each split


class Pixels:
    """Says of each pixel whether it is face, by place, color and color around it: ridge regression of random Fourier features."""

    WAVES, RIDGE = 400, 3.0
    BLURS = (0.7, 2.0, 5.0)  # pixels

    def __init__(self, pictures: Sequence[np.ndarray], masks: Sequence[np.ndarray]):
        """pictures (SIDE, SIDE, 3) 0..1, masks (SIDE, SIDE) bool; each is learned mirrored, too."""
        known = [*zip(pictures, masks, strict=True)]
        known += [(picture[:, ::-1], mask[:, ::-1]) for picture, mask in known]
        waves = np.concatenate([self.features(picture) for picture, _ in known])
        drawn = np.concatenate([mask.ravel() for _, mask in known])
        ridge = self.RIDGE * len(pictures) * np.eye(waves.shape[1])
        self.weights = np.linalg.solve(waves.T @ waves + ridge, waves.T @ (2.0 * drawn - 1)).astype(np.float32)

    def probabilities(self, picture: np.ndarray) -> np.ndarray:
        """(SIDE, SIDE)"""
        return (1 / (1 + np.exp(-4 * (self.features(picture) @ self.weights)))).reshape(SIDE, SIDE)

    def features(self, picture: np.ndarray) -> np.ndarray:
        """(SIDE ** 2, WAVES + 1)"""
        picture = np.ascontiguousarray(picture, np.float32)
        y, x = np.mgrid[:SIDE, :SIDE] / SIDE * 8
        colors = [cv2.GaussianBlur(picture, (0, 0), blur) for blur in self.BLURS]
        middle = np.median(picture[SIDE // 4 : SIDE // 2, SIDE // 3 : -SIDE // 3], axis=(0, 1))  # nose and cheeks
        stacked = np.dstack([x, y, *(6 * color for color in colors), 12 * (colors[0] - middle)]).reshape(SIDE**2, -1)
        rng = np.random.default_rng(0)
        turns = rng.normal(size=(stacked.shape[1], self.WAVES)) / 2
        waves = np.cos(stacked @ turns + rng.uniform(0, 2 * np.pi, self.WAVES))
        return np.hstack([waves, np.ones((len(waves), 1))]).astype(np.float32)


class Trial:
    """Faces to choose from, in the order of time, and what is measured on."""

    def __init__(self, pool: Sequence[Face], teacher: Pixels, tested: Sequence[tuple[np.ndarray, np.ndarray]]):
        self.pool, self.teacher, self.tested = sorted(pool, key=moment_of), teacher, tested
        self.pictures = [prepare_picture(face, SIDE, FaceType.WHOLE) for face in self.pool]
        self.looks = Looks(
            np.array([direction(face) for face in self.pool]),
            comparable(np.stack([small_picture(face.read()) for face in self.pool])),
        )

    def learned(self, indices: Iterable[int]) -> Pixels:
        pictures = [self.pictures[index] for index in indices]
        return Pixels(pictures, [self.teacher.probabilities(one) > 0.5 for one in pictures])

    def iou(self, learner: Pixels) -> float:
        found = [(learner.probabilities(picture) > 0.5, drawn) for picture, drawn in self.tested]
        return float(np.mean([(mask & drawn).sum() / (mask | drawn).sum() for mask, drawn in found]))

    def doubts(self, learner: Pixels) -> Doubts:
        shown = [learner.probabilities(picture) for picture in self.pictures]
        small = {index: painted(one, self.landmarks(index), (SIDE, SIDE)) for index, one in enumerate(shown)}
        flicker = changes(small, neighbors(self.pool))
        return Doubts(
            np.array([1 - 2 * confidence(cv2.resize(one, (256, 256))) for one in shown]),
            np.array([flicker.get(index, np.nan) for index in range(len(shown))]),
        )

    def landmarks(self, index: int) -> np.ndarray:
        return self.pool[index].landmarks * (SIDE / self.pool[index].shape[1])

    def suggested(self, known: list[int], count: int, doubts: Doubts | None = None) -> list[int]:
        left = sorted(set(range(len(self.pool))) - set(known))
        return [one.index for one in rank(self.looks, known, left, count=count, doubts=doubts)]


def compare(trial: Trial, seed: int) -> dict[str, list[float]]:
    """way -> IoU after each round."""
    rng, count, sizes = np.random.default_rng(seed), len(trial.pool), [AT_ONCE * (one + 1) for one in range(ROUNDS)]

    def measured(order: Sequence[int]) -> list[float]:
        return [trial.iou(trial.learned(order[:size])) for size in sizes]

    found = {f"random {one}": measured(rng.permutation(count)) for one in range(RANDOM)}
    found["evenly"] = [
        trial.iou(trial.learned(np.linspace(0, count - 1, size + 2)[1:-1].astype(int))) for size in sizes
    ]
    found["novelty"] = measured(trial.suggested([], sizes[-1]))
    chosen, found["suggest"] = trial.suggested([], AT_ONCE), []
    for _ in range(ROUNDS):
        learner = trial.learned(chosen)
        found["suggest"].append(trial.iou(learner))
        chosen += trial.suggested(chosen, AT_ONCE, trial.doubts(learner))
    return found


def half(faces: Sequence[Face], seed: int) -> list[Face]:
    """Half of the stretches of time."""
    groups = sorted({group_of(face) for face in faces})
    kept = {groups[number] for number in np.random.default_rng(seed).permutation(len(groups))[: len(groups) // 2]}
    return [face for face in faces if group_of(face) in kept]


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labeled", nargs="+", type=Path, metavar="LABELED")
    parser.add_argument("--frames", type=Path, required=True, metavar="DIR")
    parser.add_argument("--splits", type=int, default=8)
    parser.add_argument("--output", type=Path)
    told = parser.parse_args(words)
    labeled = [face for folder in told.labeled for face in open_faceset(folder, keeps_index=False)]
    shown = [prepare_labeled(face, SIDE, FaceType.WHOLE) for face in labeled]
    drawn = [(one.image, one.mask[..., 0] > 0.5) for one in shown]
    teacher, known = Pixels(*zip(*drawn, strict=True)), [moment_of(face) for face in labeled]
    frames = [face for face in open_faceset(told.frames, keeps_index=False) if not is_near(face, known)]
    series = {moment_of(face).series for face in frames}
    tested = [one for one, moment in zip(drawn, known, strict=True) if moment.series in series]
    results = []
    for seed in range(told.splits):
        trial = Trial(half(frames, seed), teacher, tested)
        results.append(compare(trial, seed))
        print(f"split {seed}, {len(trial.pool)} faces to choose from")
        show(results[-1:])
    print("mean")
    show(results)
    if told.output:
        told.output.write_text(json.dumps(results, indent=1))


def is_near(face: Face, known: Iterable) -> bool:
    series, frame = moment_of(face)
    return any(series == other.series and abs(frame - other.frame) <= NEAR for other in known)


def show(results: Sequence[dict[str, list[float]]]) -> None:
    for way in results[0]:
        print(
            f"  {way:10}" + "".join(f"{iou:8.3f}" for iou in np.mean([one[way] for one in results], axis=0)), flush=True
        )


if __name__ == "__main__":
    main(sys.argv[1:])
