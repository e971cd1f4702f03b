"""What a saved model makes of the faces that are scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from dfl_cli.evaluate.faces import ScoredFace, Tick, nothing
from dfl_cli.evaluate.metrics.reconstruction import Reconstructed
from dfl_cli.in_batches import FACES_AT_ONCE, InBatches
from samplers.pose_coverage import evenly

RECONSTRUCTED = 48  # faces of each side
Swapper = Callable[[np.ndarray], tuple]  # faces (B, R, R, 3) -> swap (B, R, R, 3), its mask, dst's mask (B, R, R, 1)
Painter = Callable[[np.ndarray, np.ndarray], tuple]  # faces of src and dst (B, R, R, 3) -> both as they are painted


class Swapped(NamedTuple):
    """Of N faces of dst, float32 0..1; R is the network's resolution."""

    dst: np.ndarray  # (N, R, R, 3)
    swap: np.ndarray  # (N, R, R, 3) as the network paints it
    swap_mask: np.ndarray  # (N, R, R, 1) of src's face
    dst_mask: np.ndarray  # (N, R, R, 1) of dst's own face

    @property
    def mask(self) -> np.ndarray:
        """(N, R, R, 1): where the swap is laid on; a merge's learned-prd*learned-dst."""
        return self.swap_mask * self.dst_mask

    @property
    def laid_on(self) -> np.ndarray:
        """(N, R, R, 3): the swap on dst, without any of a merge's color transfer or blur."""
        mask = self.mask
        return self.swap * mask + self.dst * (1 - mask)

    def one(self, number: int) -> Swapped:
        """A single frame of them."""
        return Swapped(*(pictures[number : number + 1] for pictures in self))


def swapped(
    swap: Swapper, faces: Sequence[ScoredFace], *, at_once: int = FACES_AT_ONCE, tick: Tick = nothing
) -> Swapped:
    """Raises MemoryError where the device has no room for a single face."""
    ask = InBatches(lambda pictures: tuple(np.asarray(part) for part in swap(pictures)), min(at_once, len(faces)))
    parts: tuple[list, list, list] = ([], [], [])
    for answers in ask([one.image for one in faces]):
        for part, answer in zip(parts, answers, strict=True):
            part.append(np.clip(answer, 0, 1))
        tick()
    return Swapped(np.stack([one.image for one in faces]), *map(np.stack, parts))


def reconstructed(paint: Painter, src: Sequence[ScoredFace], dst: Sequence[ScoredFace]) -> dict[str, Reconstructed]:
    """`RECONSTRUCTED` faces of each side through their own paths, by side. Raises MemoryError."""
    sides = {"src": evenly(src, RECONSTRUCTED), "dst": evenly(dst, RECONSTRUCTED)}
    count = max(map(len, sides.values()))
    filled = [[some[number % len(some)] for number in range(count)] for some in sides.values()]
    ask = InBatches(
        lambda two: tuple(np.asarray(part) for part in paint(two[..., :3], two[..., 3:])), min(FACES_AT_ONCE, count)
    )
    painted: list[list] = [[], []]
    for answers in ask([np.concatenate([one.image, other.image], axis=2) for one, other in zip(*filled, strict=True)]):
        for side, answer in zip(painted, answers, strict=True):
            side.append(np.clip(answer, 0, 1))
    return {
        side: Reconstructed(
            np.stack(painted[number][: len(some)]),
            np.stack([one.image for one in some]),
            np.stack([one.mask for one in some]),
        )
        for number, (side, some) in enumerate(sides.items())
    }
