"""The faces of one frame, from crops to merged frame (merger.md 4.6, 4.7). Pure: what the network said is an argument."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.merge.pixels.background import Background
from dfl_cli.merge.pixels.blend import MODES, BlendContext, PixelSource, is_visible, mix
from dfl_cli.merge.pixels.box import EMPTY_BOX, Box
from dfl_cli.merge.pixels.classic import CLASSIC_MODES
from dfl_cli.merge.pixels.crop import Crop, ModelFace, Prediction, square_side
from dfl_cli.merge.pixels.filters import fewer_colors
from dfl_cli.merge.pixels.insert import InsertedFace, face_mask, in_square, insert_face, swapped_face
from dfl_cli.merge.pixels.motion import STILL, Motion
from dfl_cli.merge.pixels.notes import Note
from dfl_cli.merge.pixels.settings import MergeSettings

BAND = 64  # rows computed at once: what is touched several times stays in the processor's cache
SEED = 0  # of the random color transfers; the same for every face, so that they do not flicker


@dataclass(frozen=True)
class Patch:
    """What merging changes: inside `box` the frame becomes what `pixels` gives; `mask` is what was inserted there."""

    box: Box
    pixels: PixelSource
    mask: np.ndarray  # (h, w, 1) float32

    @property
    def image(self):
        """(h, w, 3) float32: all pixels of the box."""
        bands = [self.pixels(band) for band in self.box.bands(BAND)]
        return np.concatenate(bands) if bands else np.zeros((0, 0, 3), np.float32)

    @classmethod
    def of_image(cls, box: Box, image, mask) -> "Patch":
        """One whose `image` (h, w, 3) is there already."""
        return cls(box, lambda part: part.relative_to(box).crop(image), mask)


class Merged(NamedTuple):
    """A finished frame."""

    picture: np.ndarray  # (H, W, 3) uint8; (S, S, 3) in raw-predict
    mask: np.ndarray  # (H, W) uint8; (S, S) in raw-predict
    notes: tuple[Note, ...]  # one for each face that could not be merged as asked


def merge_frame(
    frame,
    crops: Sequence[Crop],
    predictions: Sequence[Prediction | None],
    settings: MergeSettings,
    *,
    model_face: ModelFace,
    motion: Motion = STILL,
) -> Merged:
    """All faces of `frame` (H, W, 3) uint8, merged.

    predictions  one for each crop; None when `needs_network` says so
    motion       of the face, where there is a single one
    """
    if settings.mode == "raw-predict":
        return raw_predict(crops, predictions, settings, side=square_side(model_face, settings))
    patch, notes = merge_faces(frame, crops, predictions, settings, motion=motion)
    return Merged(*paste(frame, patch, settings), tuple(notes))


def raw_predict(
    crops: Sequence[Crop], predictions: Sequence[Prediction | None], settings: MergeSettings, *, side: int
) -> Merged:
    """The square of the network and its mask; black without a face, the first of several."""
    if not crops:
        return Merged(np.zeros((side, side, 3), np.uint8), np.zeros((side, side), np.uint8), ())
    notes: list[Note] = [Note.FIRST_FACE_ONLY] if len(crops) > 1 else []
    face, mask = raw_square(crops[0], predictions[0], settings, notes)
    return Merged(to_uint8(face, settings), to_uint8(mask, settings), tuple(notes))


def raw_square(crop: Crop, prediction: Prediction, settings: MergeSettings, notes: list[Note]):
    """Face (S, S, 3) and mask (S, S, 1) as raw-predict shows them, 0..1."""
    mask = face_mask(crop, prediction, settings, notes)
    return swapped_face(crop, prediction, settings), np.clip(in_square(mask, crop.side), 0, 1)


def merge_faces(
    frame,
    crops: Sequence[Crop],
    predictions: Sequence[Prediction | None],
    settings: MergeSettings,
    *,
    motion: Motion = STILL,
) -> tuple[Patch, list[Note]]:
    """Everything that changes in `frame`, as one patch: its faces, or the whole frame where filters reach that far."""
    faces = [insert_face(*pair, settings) for pair in zip(crops, predictions, strict=True)]
    notes = [note for face in faces for note in face.notes]
    if settings.is_drawn:
        notes += [Note.NOT_VISIBLE for face in faces if face.box.empty]
    faces = [face for face in faces if not face.box.empty]
    if not faces:
        return Patch(EMPTY_BOX, Background(frame, None).pixels, np.zeros((0, 0, 1), np.float32)), notes
    drawn = settings.is_drawn and any(is_visible(face.alpha) for face in faces)
    background = Background(frame, settings if drawn else None)
    patches = [blend_face(face, settings, background, motion=motion, notes=notes) for face in faces]
    patch = reduce(lambda below, above: stack(background, below, above), patches)
    if drawn and (background.degrades or settings.color_degrade_power):
        patch = expanded(background, patch)
    if drawn and settings.color_degrade_power:
        image = np.clip(fewer_colors(patch.image, settings.color_degrade_power), 0, 1)
        patch = Patch.of_image(patch.box, image, patch.mask)
    return patch, notes


def blend_face(
    face: InsertedFace, settings: MergeSettings, background: Background, *, motion: Motion, notes: list[Note]
) -> Patch:
    """`face` in its box, clipped to the frame."""
    visible = face.box.clipped(background.frame.shape)
    part = visible.relative_to(face.box)
    if settings.is_drawn and not is_visible(part.crop(face.alpha)):
        notes.append(Note.NOT_VISIBLE)
        return Patch(visible, background.pixels, part.crop(face.alpha))
    small = in_square(face.mask, face.crop.side)
    context = BlendContext(
        settings=settings,
        box=face.box,
        background=background,
        alpha=face.alpha,
        crop=face.crop,
        face=face.face,
        face_mask=small if settings.classic else np.clip(small, 0, 1),
        matrix=face.matrix,
        motion=motion,
        rng=np.random.RandomState(SEED),
        notes=notes,
    )
    modes = CLASSIC_MODES if settings.classic else MODES
    return Patch(visible, modes[settings.mode](context), part.crop(face.alpha))


def stack(background: Background, below: Patch, above: Patch) -> Patch:
    """Both patches as one: `above` covers `below` inside its mask (merger.md 4.7)."""
    joined = expanded(background, below, below.box.join(above.box))
    image, upper = joined.image, above.box.relative_to(joined.box)
    mix(upper.crop(image), above.image, above.mask, out=upper.crop(image))
    upper.crop(joined.mask)[:] = np.minimum(upper.crop(joined.mask) + above.mask, 1)
    return Patch.of_image(joined.box, image, joined.mask)


def expanded(background: Background, patch: Patch, box: Box | None = None) -> Patch:
    """`patch` as one that fills `box`, or the whole frame."""
    height, width = background.frame.shape[:2]
    box = box or Box(0, 0, width, height)
    image, mask = background.pixels(box), np.zeros((box.size[1], box.size[0], 1), np.float32)
    inner = patch.box.relative_to(box)
    inner.crop(image)[:] = patch.image
    inner.crop(mask)[:] = patch.mask
    return Patch.of_image(box, image, mask)


def paste(frame, patch: Patch, settings: MergeSettings):
    """`frame` (H, W, 3) uint8 with `patch` in it -> (picture, mask) uint8, (H, W, 3) and (H, W)."""
    mask = np.zeros(frame.shape[:2], np.uint8)
    if patch.box.empty:
        return frame, mask
    merged = frame.copy()
    for band in patch.box.bands(BAND):
        band.crop(merged)[:] = to_uint8(patch.pixels(band), settings)
    patch.box.crop(mask)[:] = to_uint8(patch.mask, settings)
    return merged, mask


def to_uint8(pixels, settings: MergeSettings):
    """0..1 (h, w, C) -> uint8, rounded: what was not changed comes back exactly; truncated if classic. One channel loses its axis."""
    if settings.classic:
        levels = (np.clip(pixels, 0, 1) * np.float32(255)).astype(np.uint8)
    else:
        levels = cv2.convertScaleAbs(pixels, alpha=255)
    return levels.reshape(pixels.shape if pixels.shape[2] > 1 else pixels.shape[:2])
