"""Which faces to label: those that `dfl xseg suggest` names, random ones, or ones evenly spread over time?

python benchmarks/xseg_suggest.py LABELED... [--around DIR...] [--splits N] [--steps N] [--output FILE.json]

LABELED  folders of labeled faces of one person, as benchmarks/xseg_labels.py writes them
around   aligned faces of the same clips, from which the neighbors in time come

Each split holds out stretches of time with at least a third of the faces. From the others each way chooses 3, and 3 more; a network
is trained on these from its first weights, and its mean IoU on the held-out faces is printed. `suggest` chooses the second 3 with the
network trained on the first; `novelty` all 6 without a network; `all` has all labels. The network is a thin XSeg at 64 pixels, so
that all runs together take minutes; the samples are the usual ones.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.xseg.apply.quality import SMALL, Painted, changes, confidence
from dfl_cli.xseg.suggest.doubt import neighbors
from dfl_cli.xseg.suggest.look import comparable, direction, small_picture
from dfl_cli.xseg.suggest.ranking import Doubts, Looks, rank
from models.classes import xseg_model
from models.classes.xseg_batch import XSegBatch
from models.networks import xseg
from samplers.files.face import Face
from samplers.files.faces import open_faceset
from samplers.geometry.face_types import FaceType
from samplers.prepared_face import prepare_picture
from samplers.xseg.batches import XSegBatches
from samplers.xseg.held_out import Split, group_of, moment_of
from samplers.xseg.labeled_face import prepare_labeled

SIDE, BASE = 64, 8  # pixels, channels; the whole network has 256 and 32
LEARNING_RATE = 1e-3  # of so thin a network
FIRST, MORE = 3, 3  # faces that are labeled at once
HELD_OUT = 1 / 3
BATCH = 4


class Network:
    """A thin network that can start over without being compiled again."""

    def __init__(self):
        xseg_model.RESOLUTION, xseg_model.LEARNING_RATE = SIDE, LEARNING_RATE
        xseg.BASE, xseg.LOWEST = BASE, SIDE >> 6
        self.model = xseg_model.XSegModel(pretrain=False, seed=0)
        self.start = self.model.weights(), self.model.optimizer_state()

    def train(self, faces: Sequence[Face], steps: int, seed: int) -> None:
        """From its first weights."""
        self.model.load(*self.start)
        with XSegBatches([faces], face_type=FaceType.WHOLE, batch_size=BATCH, seed=seed, resolution=SIDE) as batches:
            for _ in range(steps):
                self.model.train(XSegBatch(*next(batches)))

    def masks(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        """(N, SIDE, SIDE) 0..1"""
        return self.model.view(np.stack(pictures))["mask"][..., 0]


class Trial:
    """The faces of one split, and networks trained on some of them."""

    def __init__(self, network: Network, faces: Split, around: Sequence[Face], *, steps: int, seed: int):
        self.network, self.steps, self.seed = network, steps, seed
        self.pool = sorted(faces.training, key=moment_of)
        self.held_out, self.around = faces.held_out, around
        self.looks = Looks(
            np.array([direction(face) for face in self.pool]),
            comparable(np.stack([small_picture(face.read()) for face in self.pool])),
        )

    def iou(self, indices: Iterable[int]) -> float:
        """Of the held-out faces, by a network trained on these faces of the pool."""
        self.network.train([self.pool[index] for index in indices], self.steps, self.seed)
        shown = [prepare_labeled(face, SIDE, FaceType.WHOLE) for face in self.held_out]
        painted = self.network.masks([face.image for face in shown]) > 0.5
        drawn = np.stack([face.mask[..., 0] for face in shown]) > 0.5
        return float(np.mean((painted & drawn).sum((1, 2)) / (painted | drawn).sum((1, 2))))

    def doubts(self) -> Doubts:
        """What the network, as it is now, makes of the pool."""
        faces, count = [*self.pool, *self.around], len(self.pool)
        near = {index: others for index, others in neighbors(faces).items() if index < count}
        wanted = sorted({*range(count), *(other for others in near.values() for other in others)})
        masks = self.network.masks([prepare_picture(faces[index], SIDE, FaceType.WHOLE) for index in wanted])
        small = {
            index: Painted(mask > 0.5, faces[index].landmarks * (SMALL / faces[index].shape[1]))
            for index, mask in zip(wanted, masks, strict=True)
        }
        flicker = changes(small, near)
        return Doubts(
            np.array(
                [1 - 2 * confidence(cv2.resize(masks[wanted.index(index)], (256, 256))) for index in range(count)]
            ),
            np.array([flicker.get(index, np.nan) for index in range(count)]),
        )

    def suggested(self, known: list[int], count: int, doubts: Doubts | None = None) -> list[int]:
        left = set(range(len(self.pool))) - set(known)
        return [one.index for one in rank(self.looks, known, sorted(left), count=count, doubts=doubts)]


def evenly(pool: int, count: int) -> list[int]:
    return [int(place) for place in np.linspace(0, pool - 1, count + 2)[1:-1]]


def compare(trial: Trial) -> dict[str, list[float]]:
    """way -> IoU with FIRST and with FIRST + MORE labels."""
    rng, count, both = np.random.default_rng(trial.seed), len(trial.pool), FIRST + MORE
    found: dict[str, list[float]] = {}
    for number in (1, 2):
        order = [int(index) for index in rng.permutation(count)]
        found[f"random {number}"] = [trial.iou(order[:size]) for size in (FIRST, both)]
    found["evenly"] = [trial.iou(evenly(count, size)) for size in (FIRST, both)]
    found["novelty"] = [np.nan, trial.iou(trial.suggested([], both))]
    first = trial.suggested([], FIRST)
    found["suggest"] = [trial.iou(first)]
    found["suggest"].append(trial.iou(first + trial.suggested(first, MORE, trial.doubts())))
    found["all"] = [np.nan, trial.iou(range(count))]
    return found


def split(faces: Sequence[Face], seed: int) -> Split:
    """Stretches of time are not torn apart."""
    groups: dict[str, list[Face]] = {}
    for face in faces:
        groups.setdefault(group_of(face), []).append(face)
    held: list[Face] = []
    for number in np.random.default_rng(seed).permutation(len(groups)):
        if len(held) < HELD_OUT * len(faces):
            held += list(groups.values())[number]
    return Split([face for face in faces if not any(face is one for one in held)], held)


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labeled", nargs="+", type=Path, metavar="LABELED")
    parser.add_argument("--around", nargs="*", type=Path, default=[], metavar="DIR")
    parser.add_argument("--splits", type=int, default=4)
    parser.add_argument("--first-split", type=int, default=0)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--output", type=Path)
    args = parser.parse_args(words)
    network = Network()
    faces = [face for folder in args.labeled for face in open_faceset(folder, keeps_index=False)]
    known = {face.source_filename for face in faces}
    around = [
        face
        for folder in args.around
        for face in open_faceset(folder, keeps_index=False)
        if face.source_filename not in known
    ]
    results = []
    for seed in range(args.first_split, args.first_split + args.splits):
        parted = split(faces, seed)
        found = compare(Trial(network, parted, around, steps=args.steps, seed=seed))
        results.append(found)
        print(f"split {seed}: {len(parted.training)} to choose from, {len(parted.held_out)} held out", flush=True)
        for way, ious in found.items():
            print(f"  {way:10}" + "".join(f"{iou:8.3f}" for iou in ious), flush=True)
    print("mean")
    for way in results[0]:
        print(f"  {way:10}" + "".join(f"{iou:8.3f}" for iou in np.mean([found[way] for found in results], axis=0)))
    if args.output:
        args.output.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
