"""The modes as the reference computes them (merger.md 4.6, quirks 9 and 10): the setting `classic`.

Filters and late color transfers change the face cropped from the composite, which is then blended a second time; cloning goes through
pictures of 8 bits and gives up at the edge of the frame.
"""

from collections.abc import Callable

import numpy as np

from dfl_cli.merge.pixels.blend import (
    MODES,
    BlendContext,
    PixelSource,
    filtered,
    fixed_pixels,
    matched,
    matched_whole,
    mix,
    placed,
    recolored,
)
from dfl_cli.merge.pixels.box import warp_to_box, warp_to_square
from dfl_cli.merge.pixels.notes import Note
from dfl_cli.merge.pixels.seamless import NotCloned, clone_mask, seamless_clone


def overlay(context: BlendContext) -> PixelSource:
    return finished(context, placed(context, recolored(context, context.face)))


def hist_match(context: BlendContext) -> PixelSource:
    return finished(context, placed(context, matched(context, recolored(context, context.face))))


def seamless(context: BlendContext) -> PixelSource:
    return finished(context, clone(context, placed(context, context.face)))


CLASSIC_MODES: dict[str, Callable[[BlendContext], PixelSource]] = {
    **MODES,
    "overlay": overlay,
    "hist-match": hist_match,
    "seamless": seamless,
    "seamless-hist-match": seamless,
}


def clone(context: BlendContext, face):
    """`face` cloned in steps of 8 bits, cut off; as it is where its mask touches the edge of the frame."""
    steps = [np.floor(picture * 255) / np.float32(255) for picture in (face, context.frame)]
    try:
        mask = clone_mask(context.alpha)
        if touches_edge(mask):
            raise NotCloned
        return np.floor(seamless_clone(*steps, mask) * 255) / np.float32(255)
    except NotCloned:
        context.notes.append(Note.NOT_CLONED)
        return face


def touches_edge(mask) -> bool:
    """Whether `mask` (h, w) reaches the edge of its box; the box leaves room around it everywhere but at the frame's edge."""
    return bool(mask[[0, -1]].any() or mask[:, [0, -1]].any())


def finished(context: BlendContext, inserted) -> PixelSource:
    """`inserted` (h, w, 3) blended, and all of it again after the filters if there are any."""
    composite = mix(context.frame, inserted, context.alpha)
    if not has_late_work(context):
        return fixed_pixels(context, composite)
    square = warp_to_square(composite, context.crop.frame_to_square, context.box, context.crop.side)
    if context.settings.is_seamless:
        square = recolored(context, square)
    if context.settings.mode == "seamless-hist-match":
        square = matched_whole(context, square)
    again = warp_to_box(filtered(context, square), context.crop.frame_to_square, context.box)
    return fixed_pixels(context, np.clip(mix(context.background_pixels, again, context.alpha), 0, 1))


def has_late_work(context: BlendContext) -> bool:
    """Whether any filter changes what is already blended."""
    settings = context.settings
    recolors = settings.is_seamless and settings.color_transfer_mode != "none"
    degrades = settings.image_denoise_power or settings.bicubic_degrade_power
    moves = settings.motion_blur_power
    return bool(recolors or settings.mode == "seamless-hist-match" or moves or settings.blursharpen_amount or degrades)
