"""Putting a swapped face into its box of the frame: one function per mode, by name (merger.md 4.6).

The order of work is ours: motion blur and sharpening change the face before it is placed, and it is blended once. The reference's own
order stands in classic.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np

from dfl_cli.merge.pixels.background import Background
from dfl_cli.merge.pixels.box import Box, warp_to_box, warp_to_square
from dfl_cli.merge.pixels.crop import Crop
from dfl_cli.merge.pixels.filters import sharpened, smear_length
from dfl_cli.merge.pixels.motion import Motion
from dfl_cli.merge.pixels.notes import Note
from dfl_cli.merge.pixels.seamless import NotCloned, clone_mask, seamless_clone
from dfl_cli.merge.pixels.settings import MergeSettings
from samplers.blur import smeared
from samplers.colors.histogram_match import histogram_match
from samplers.colors.transfer import masked_color_transfer

VISIBLE = 0.1  # a mask that is nowhere stronger is not worth a face
# Of both pictures together. OpenCV adds 0.00001 to it, which is nothing then, and a power of 2 rounds nothing.
WEIGHT = np.float32(4096)
SMALLEST = 4  # pixels; a visible mask has more columns and rows than that


# The merged pixels (h, w, 3), 0..1, of any box within the one a face is worked on in.
PixelSource = Callable[[Box], np.ndarray]


@dataclass(frozen=True)
class BlendContext:
    """Everything a mode may use. The box is (h, w) pixels of the frame, the face square S x S."""

    settings: MergeSettings
    box: Box
    background: Background
    alpha: np.ndarray  # (h, w, 1) the mask in the frame
    crop: Crop  # the face that is there
    face: np.ndarray | None  # (S, S, 3) the face to put there; None when the network was not asked
    face_mask: np.ndarray  # (S, S, 1) the mask in the square
    matrix: np.ndarray  # (2, 3) frame -> square, where the face goes
    motion: Motion
    rng: np.random.RandomState  # of the random color transfers
    notes: list[Note] = field(default_factory=list)

    @property
    def border(self) -> int:
        """What is around the face: its outermost pixels, since a mask may reach half of one further; black as the reference."""
        return cv2.BORDER_CONSTANT if self.crop.classic else cv2.BORDER_REPLICATE

    @cached_property
    def target(self):
        """(S, S, 3): the face that is there, in the colors that are wanted."""
        return self.crop.color_source(classic=self.settings.classic)

    @cached_property
    def frame(self):
        """(h, w, 3): the frame as it was."""
        return self.background.original_pixels(self.box)

    @cached_property
    def background_pixels(self):
        """(h, w, 3): the frame the face is laid over: the same, or degraded."""
        return self.background.pixels(self.box) if self.background.degrades else self.frame


def original(context: BlendContext) -> PixelSource:
    """The frame as it was; only the mask is of interest."""
    return context.background.original_pixels


def overlay(context: BlendContext) -> PixelSource:
    """The face in the colors of the frame, laid over it."""
    return overlaid(context, recolored(context, context.face))


def hist_match(context: BlendContext) -> PixelSource:
    """As overlay, with the levels of the face that was there."""
    return overlaid(context, matched(context, recolored(context, context.face)))


def seamless(context: BlendContext) -> PixelSource:
    """The face cloned into the light of the frame; colors are transferred after that."""
    return cloned(context, recolored if context.settings.adjusts_clone else None)


def seamless_hist_match(context: BlendContext) -> PixelSource:
    """The face cloned into the light of the frame, then with the levels of the face that was there."""
    return cloned(context, lambda context, face: matched_whole(context, recolored(context, face)))


def raw_rgb(context: BlendContext) -> PixelSource:
    """The whole square of the network; the mask is only written."""
    everywhere = warp_to_box(np.ones_like(context.face), context.matrix, context.box)
    face = warp_to_box(context.face, context.matrix, context.box, border=context.border)
    return fixed_pixels(context, np.clip(context.frame * (1 - everywhere) + face * everywhere, 0, 1))


MODES: dict[str, Callable[[BlendContext], PixelSource]] = {
    "original": original,
    "overlay": overlay,
    "hist-match": hist_match,
    "seamless": seamless,
    "seamless-hist-match": seamless_hist_match,
    "raw-rgb": raw_rgb,
}


def fixed_pixels(context: BlendContext, picture) -> PixelSource:
    """The pixels of a finished `picture` (h, w, 3) of the work's box."""
    return lambda box: box.relative_to(context.box).crop(picture)


def overlaid(context: BlendContext, face) -> PixelSource:
    """`face` (S, S, 3), filtered, over the background."""
    face = filtered(context, face)

    def pixels(box: Box):
        picture = context.background.pixels(box)
        covered = box.trimmed_to(box.relative_to(context.box).crop(context.alpha))
        if covered.empty:
            return picture
        below, alpha = covered.relative_to(box).crop(picture), covered.relative_to(context.box).crop(context.alpha)
        above = warp_to_box(face, context.matrix, covered, border=context.border)
        mix(below, np.clip(above, 0, 1, out=above), alpha, out=below)
        return picture

    return pixels


def cloned(context: BlendContext, adjusted: Callable[[BlendContext, np.ndarray], np.ndarray] | None) -> PixelSource:
    """The filtered face cloned into the frame and, cropped again, `adjusted` to the face that was there."""
    inserted = clone(context, placed(context, filtered(context, context.face)))
    if adjusted:
        square = warp_to_square(inserted, context.crop.frame_to_square, context.box, context.crop.side)
        back = context.crop.frame_to_square, context.box
        inserted = np.clip(warp_to_box(adjusted(context, square), *back, border=context.border), 0, 1)
    return fixed_pixels(context, mix(context.background_pixels, inserted, context.alpha))


def clone(context: BlendContext, face):
    """`face` (h, w, 3) in the light of the frame; as it is where that cannot be had."""
    try:
        return seamless_clone(face, context.frame, clone_mask(context.alpha))
    except NotCloned:
        context.notes.append(Note.NOT_CLONED)
        return face


def placed(context: BlendContext, face):
    """`face` (S, S, 3) in the frame: (h, w, 3)."""
    return np.clip(warp_to_box(face, context.matrix, context.box, border=context.border), 0, 1)


def filtered(context: BlendContext, face):
    """`face` (S, S, 3) smeared along its movement, then sharpened or softened."""
    settings = context.settings
    length = smear_length(context.motion.power, settings.motion_blur_power)
    if length:
        length *= 2 if settings.super_resolution_power else 1
        if not settings.classic:
            length |= 1  # a line of an even length has no middle pixel, and moves the face
        face = smeared(face, length, context.motion.angle)
    return sharpened(face, settings.sharpen_mode, settings.blursharpen_amount)


def recolored(context: BlendContext, face):
    """`face` (S, S, 3) in the colors of the one it replaces; rct may leave 0..1."""
    mode = context.settings.color_transfer_mode
    if mode == "none":
        return face
    exact = context.settings.classic
    return masked_color_transfer(mode, face, context.target, mask=hard(context.face_mask), rng=context.rng, exact=exact)


def matched(context: BlendContext, face):
    """`face` (S, S, 3) with the levels of the one it replaces; counted inside the mask if so wished."""
    counted = hard(context.face_mask) if context.settings.masked_hist_match else np.ones_like(context.face_mask)
    own, wanted = (np.minimum(each * counted + (1 - counted), 1) for each in (face, context.target))
    return histogram_match(own, wanted, threshold=context.settings.hist_match_threshold)


def matched_whole(context: BlendContext, face):
    """`face` (S, S, 3) with the levels of the whole square it replaces."""
    return histogram_match(face, context.target, threshold=context.settings.hist_match_threshold)


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
