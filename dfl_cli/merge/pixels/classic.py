"""The modes as the reference computes them (merger.md 4.6, quirks 9 and 10): the setting `classic`.

Filters and late color transfers change the face cut out of the composite, which is then blended a second time; cloning goes through
pictures of 8 bits and gives up at the edge of the frame.
"""

from collections.abc import Callable

import numpy as np

from dfl_cli.merge.pixels.blend import (
    MODES,
    Painter,
    Work,
    filtered,
    matched,
    matched_whole,
    mix,
    placed,
    ready,
    recolored,
)
from dfl_cli.merge.pixels.box import into_square, onto_box
from dfl_cli.merge.pixels.notes import Note
from dfl_cli.merge.pixels.seamless import NotCloned, clone_mask, seamless_clone


def overlay(work: Work) -> Painter:
    return finished(work, placed(work, recolored(work, work.face)))


def hist_match(work: Work) -> Painter:
    return finished(work, placed(work, matched(work, recolored(work, work.face))))


def seamless(work: Work) -> Painter:
    return finished(work, clone(work, placed(work, work.face)))


CLASSIC_MODES: dict[str, Callable[[Work], Painter]] = {
    **MODES,
    "overlay": overlay,
    "hist-match": hist_match,
    "seamless": seamless,
    "seamless-hist-match": seamless,
}


def clone(work: Work, face):
    """`face` cloned in steps of 8 bits, cut off; as it is where its mask touches the edge of the frame."""
    steps = [np.floor(picture * 255) / np.float32(255) for picture in (face, work.frame)]
    try:
        mask = clone_mask(work.alpha)
        if touches_edge(mask):
            raise NotCloned
        return np.floor(seamless_clone(*steps, mask) * 255) / np.float32(255)
    except NotCloned:
        work.notes.append(Note.NOT_CLONED)
        return face


def touches_edge(mask) -> bool:
    """Whether `mask` (h, w) reaches the edge of its box; the box leaves room around it everywhere but at the frame's edge."""
    return bool(mask[[0, -1]].any() or mask[:, [0, -1]].any())


def finished(work: Work, inserted) -> Painter:
    """`inserted` (h, w, 3) blended, and all of it again after the filters if there are any."""
    composite = mix(work.frame, inserted, work.alpha)
    if not has_late_work(work):
        return ready(work, composite)
    square = into_square(composite, work.crop.place, work.box, work.crop.side)
    if work.settings.is_seamless:
        square = recolored(work, square)
    if work.settings.mode == "seamless-hist-match":
        square = matched_whole(work, square)
    again = onto_box(filtered(work, square), work.crop.place, work.box)
    return ready(work, np.clip(mix(work.backdrop, again, work.alpha), 0, 1))


def has_late_work(work: Work) -> bool:
    """Whether any filter changes what is already blended."""
    settings = work.settings
    recolors = settings.is_seamless and settings.color_transfer_mode != "none"
    degrades = settings.image_denoise_power or settings.bicubic_degrade_power
    moves = settings.motion_blur_power
    return bool(recolors or settings.mode == "seamless-hist-match" or moves or settings.blursharpen_amount or degrades)
