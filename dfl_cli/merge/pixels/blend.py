"""Putting a swapped face into its box of the frame: one function per mode, by name (merger.md 4.6).

The order of work is ours: motion blur and sharpening change the face before it is placed, and it is blended once. The reference's own
order stands in classic.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np

from dfl_cli.merge.pixels.backdrop import Backdrop
from dfl_cli.merge.pixels.box import Box, into_square, onto_box
from dfl_cli.merge.pixels.crop import Crop
from dfl_cli.merge.pixels.filters import sharpened, smear_length, smeared
from dfl_cli.merge.pixels.motion import Motion
from dfl_cli.merge.pixels.notes import Note
from dfl_cli.merge.pixels.seamless import NotCloned, clone_mask, seamless_clone
from dfl_cli.merge.pixels.settings import MergeSettings
from samplers.colors.histogram_match import histogram_match
from samplers.colors.transfer import masked_color_transfer

VISIBLE = 0.1  # a mask that is nowhere stronger is not worth a face
# Of both pictures together. OpenCV adds 0.00001 to it, which is nothing then, and a power of 2 rounds nothing.
WEIGHT = np.float32(4096)
SMALLEST = 4  # pixels; a visible mask has more columns and rows than that


# The merged pixels (h, w, 3), 0..1, of any box within the one a face is worked on in.
Painter = Callable[[Box], np.ndarray]


@dataclass(frozen=True)
class Work:
    """Everything a mode may use. The box is (h, w) pixels of the frame, the face square S x S."""

    settings: MergeSettings
    box: Box
    behind: Backdrop
    alpha: np.ndarray  # (h, w, 1) the mask in the frame
    crop: Crop  # the face that is there
    face: np.ndarray | None  # (S, S, 3) the face to put there; None when the network was not asked
    face_mask: np.ndarray  # (S, S, 1) the mask in the square
    matrix: np.ndarray  # (2, 3) frame -> square, where the face goes
    motion: Motion
    rng: np.random.RandomState  # of the random color transfers
    notes: list[Note] = field(default_factory=list)

    @cached_property
    def target(self):
        """(S, S, 3): the face that is there, in the colors that are wanted."""
        return self.crop.lender(classic=self.settings.classic)

    @cached_property
    def frame(self):
        """(h, w, 3): the frame as it was."""
        return self.behind.untouched(self.box)

    @cached_property
    def backdrop(self):
        """(h, w, 3): the frame the face is laid over: the same, or degraded."""
        return self.behind.seen(self.box) if self.behind.degrades else self.frame


def original(work: Work) -> Painter:
    """The frame as it was; only the mask is of interest."""
    return work.behind.untouched


def overlay(work: Work) -> Painter:
    """The face in the colors of the frame, laid over it."""
    return laid_over(work, recolored(work, work.face))


def hist_match(work: Work) -> Painter:
    """As overlay, with the levels of the face that was there."""
    return laid_over(work, matched(work, recolored(work, work.face)))


def seamless(work: Work) -> Painter:
    """The face cloned into the light of the frame; colors are transferred after that."""
    return cloned(work, recolored if work.settings.adjusts_clone else None)


def seamless_hist_match(work: Work) -> Painter:
    """The face cloned into the light of the frame, then with the levels of the face that was there."""
    return cloned(work, lambda work, face: matched_whole(work, recolored(work, face)))


def raw_rgb(work: Work) -> Painter:
    """The whole square of the network; the mask is only written."""
    everywhere = onto_box(np.ones_like(work.face), work.matrix, work.box)
    face = onto_box(work.face, work.matrix, work.box)
    return ready(work, np.clip(work.frame * (1 - everywhere) + face * everywhere, 0, 1))


MODES: dict[str, Callable[[Work], Painter]] = {
    "original": original,
    "overlay": overlay,
    "hist-match": hist_match,
    "seamless": seamless,
    "seamless-hist-match": seamless_hist_match,
    "raw-rgb": raw_rgb,
}


def ready(work: Work, picture) -> Painter:
    """The painter of a finished `picture` (h, w, 3) of the work's box."""
    return lambda box: box.within(work.box).cut(picture)


def laid_over(work: Work, face) -> Painter:
    """`face` (S, S, 3), filtered, over the backdrop."""
    face = filtered(work, face)

    def paint(box: Box):
        picture = work.behind.seen(box)
        covered = box.narrowed(box.within(work.box).cut(work.alpha))
        if covered.empty:
            return picture
        below, alpha = covered.within(box).cut(picture), covered.within(work.box).cut(work.alpha)
        above = onto_box(face, work.matrix, covered)
        mix(below, np.clip(above, 0, 1, out=above), alpha, out=below)
        return picture

    return paint


def cloned(work: Work, adjusted: Callable[[Work, np.ndarray], np.ndarray] | None) -> Painter:
    """The filtered face cloned into the frame and, cut out again, `adjusted` to the face that was there."""
    inserted = clone(work, placed(work, filtered(work, work.face)))
    if adjusted:
        square = into_square(inserted, work.crop.place, work.box, work.crop.side)
        inserted = np.clip(onto_box(adjusted(work, square), work.crop.place, work.box), 0, 1)
    return ready(work, mix(work.backdrop, inserted, work.alpha))


def clone(work: Work, face):
    """`face` (h, w, 3) in the light of the frame; as it is where that cannot be had."""
    try:
        return seamless_clone(face, work.frame, clone_mask(work.alpha))
    except NotCloned:
        work.notes.append(Note.NOT_CLONED)
        return face


def placed(work: Work, face):
    """`face` (S, S, 3) in the frame: (h, w, 3)."""
    return np.clip(onto_box(face, work.matrix, work.box), 0, 1)


def filtered(work: Work, face):
    """`face` (S, S, 3) smeared along its movement, then sharpened or softened."""
    settings = work.settings
    length = smear_length(work.motion.power, settings.motion_blur_power)
    if length:
        enlarged = 2 if settings.super_resolution_power else 1
        face = smeared(face, length * enlarged, work.motion.angle)
    return sharpened(face, settings.sharpen_mode, settings.blursharpen_amount)


def recolored(work: Work, face):
    """`face` (S, S, 3) in the colors of the one it replaces; rct may leave 0..1."""
    mode = work.settings.color_transfer_mode
    if mode == "none":
        return face
    exact = work.settings.classic
    return masked_color_transfer(mode, face, work.target, mask=hard(work.face_mask), rng=work.rng, exact=exact)


def matched(work: Work, face):
    """`face` (S, S, 3) with the levels of the one it replaces; counted inside the mask if so wished."""
    counted = hard(work.face_mask) if work.settings.masked_hist_match else np.ones_like(work.face_mask)
    own, wanted = (np.minimum(each * counted + (1 - counted), 1) for each in (face, work.target))
    return histogram_match(own, wanted, threshold=work.settings.hist_match_threshold)


def matched_whole(work: Work, face):
    """`face` (S, S, 3) with the levels of the whole square it replaces."""
    return histogram_match(face, work.target, threshold=work.settings.hist_match_threshold)


def hard(mask):
    """1 wherever `mask` is above 0. What an enlargement left below 0 stays; only the reference's own masks have such."""
    return np.where(mask > 0, np.float32(1), mask)


def mix(below, above, alpha, *, out=None):
    """`above` over `below` (h, w, 3), where `alpha` (h, w, 1) lets it through; put into `out`, which may be `below`, if there is one."""
    weights = alpha * WEIGHT
    return cv2.blendLinear(above, below, weights, WEIGHT - weights, dst=out)


def is_visible(alpha) -> bool:
    """Whether the mask (h, w, 1) has a region worth drawing."""
    *_, width, height = cv2.boundingRect((alpha >= VISIBLE).view(np.uint8))
    return min(width, height) > SMALLEST
