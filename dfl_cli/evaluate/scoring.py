"""All scores of a swap, from what was painted and what was read in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from dfl_cli.evaluate.metrics import expression, pose, reconstruction
from dfl_cli.evaluate.metrics.flicker import flicker, mean_color
from dfl_cli.evaluate.metrics.identity import identity_transfer
from dfl_cli.evaluate.metrics.jitter import jitter
from dfl_cli.evaluate.metrics.lag import lag
from dfl_cli.evaluate.metrics.landmarks import eye_distance, landmark_error
from dfl_cli.evaluate.metrics.reconstruction import Reconstructed
from dfl_cli.evaluate.metrics.registration import between_landmarks, registration
from dfl_cli.evaluate.metrics.score import Pair, Score
from dfl_cli.evaluate.metrics.seam import seam
from dfl_cli.evaluate.metrics.sharpness import detail, sharpness
from dfl_cli.evaluate.readings import Readings
from dfl_cli.evaluate.swapping import Swapped
from dfl_cli.registration.record import facts_of
from samplers.geometry.displacement import Displacement
from samplers.geometry.registration import displacement

# In the order in which they are shown.
ORDER = (
    "identity_transfer", "expression_correlation", "expression_error", "blink_correlation",
    "yaw_correlation", "yaw_error_degrees", "pitch_correlation", "pitch_error_degrees", "roll_correlation", "roll_error_degrees",
    "landmark_error", "lag", "registration", "jitter", "flicker", "seam", "sharpness",
    "psnr", "psnr_src", "psnr_dst", "ssim", "ssim_src", "ssim_dst",
)  # fmt: skip


class SrcReadings(NamedTuple):
    """Of real faces of src."""

    centroid: Readings  # whose mean is src
    real: Readings  # of others, at the network's resolution
    in_full: Readings  # of those others in full size
    detail: np.ndarray  # (K,) sharpness of those others


class Material(NamedTuple):
    """What is scored, N frames of dst."""

    swapped: Swapped
    swap: Readings
    dst: Readings
    src: SrcReadings
    sides: Mapping[str, Reconstructed]  # the self-reconstructions of src and dst
    neighbors: np.ndarray  # (N,) bool, see `metrics.temporal.pairs`


def scores_of(material: Material) -> dict[str, Score]:
    """Every score by its name, in `ORDER`."""
    src = material.src
    found = {
        "identity_transfer": identity_transfer(
            material.swap.identity, material.dst.identity, src.centroid.identity, src.real.identity
        ),
        **movement_scores(material),
        "registration": registration(displacements(material.sides)),
        **temporal_scores(material),
        **picture_scores(material.swapped, src.detail),
        **reconstruction.scores(material.sides),
    }
    return {name: found[name] for name in ORDER}


def movement_scores(material: Material) -> dict[str, Score]:
    """Whether the swap does what dst does."""
    swap, dst, real, in_full = material.swap, material.dst, material.src.real, material.src.in_full
    return {
        **pose.scores(Pair(swap.angles, dst.angles), Pair(real.angles, in_full.angles)),
        **expression.scores(Pair(swap.expression, dst.expression), Pair(real.expression, in_full.expression)),
        "landmark_error": landmark_error(Pair(swap.landmarks, dst.landmarks), Pair(real.landmarks, in_full.landmarks)),
    }


def temporal_scores(material: Material) -> dict[str, Score]:
    """What only a sequence shows."""
    swapped, swap, dst, neighbors = material.swapped, material.swap, material.dst, material.neighbors
    colors = Pair(*(mean_colors(pictures, swapped.mask) for pictures in (swapped.swap, swapped.dst)))
    return {
        "lag": lag(Pair(swap.expression, dst.expression), neighbors),
        "jitter": jitter(Pair(swap.mesh, dst.mesh), eye_distance(dst.landmarks), neighbors),
        "flicker": flicker(colors, neighbors),
    }


def picture_scores(swapped: Swapped, real_detail: np.ndarray) -> dict[str, Score]:
    """What one picture shows."""
    ours, theirs = (details(pictures, swapped.mask) for pictures in (swapped.swap, swapped.dst))
    return {
        "seam": seam(swapped.swap, swapped.dst, swapped.mask),
        "sharpness": sharpness(ours, theirs, real_detail),
    }


def mean_colors(pictures: np.ndarray, masks: np.ndarray) -> np.ndarray:
    return np.array([mean_color(*one) for one in zip(pictures, masks, strict=True)])


def details(pictures: np.ndarray, masks: np.ndarray) -> np.ndarray:
    return np.array([detail(*one) for one in zip(pictures, masks, strict=True)])


def displacements(sides: Mapping[str, Reconstructed]) -> dict[str, Displacement | None]:
    """Where each side's self-reconstruction lies."""
    return {side: displacement(zip(*pictures, strict=True)) for side, pictures in sides.items()}


def placement(material: Material, frame_pixels: float | None) -> dict:
    """For `--json`: where the self-reconstructions and the swap's landmarks lie, pixels to the right and down.

    frame_pixels  pixels of the frame that one of the network's covers
    """
    found = displacements(material.sides)
    found["swap"] = between_landmarks(Pair(material.swap.landmarks, material.dst.landmarks))
    sides = {side: one and facts_of(one) for side, one in found.items()}
    return {**sides, "frame_pixels_per_pixel": frame_pixels and round(frame_pixels, 3)}
