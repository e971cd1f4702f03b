"""The faces of one frame, from crop to merged frame (merger.md 4). Pure: what the network said is an argument.

crop = crop_face(frame, landmarks, model_face)                  what the network wants to see
merged = merge_frame(frame, crops, predictions, settings, ...)  the frame with all its faces
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.merge.blend import MODES, Work, is_visible, mix
from dfl_cli.merge.box import CUBIC_REACH, NOTHING, Box, box_around, into_square, onto_box, square_in_frame
from dfl_cli.merge.classic import CLASSIC_MODES
from dfl_cli.merge.filters import degraded, fewer_colors
from dfl_cli.merge.mask_edges import clean, mask_square, shape_edges
from dfl_cli.merge.mask_modes import WITHOUT_NETWORK, MaskSources, base_mask
from dfl_cli.merge.motion import STILL, Motion
from dfl_cli.merge.notes import Note
from dfl_cli.merge.settings import MergeSettings
from samplers.align import transform_matrix
from samplers.face_types import FaceType
from samplers.masks import hull_mask

SEED = 0  # of the random color transfers; the same for every face, so that they do not flicker
ENLARGED = 4  # side of the face square in sides of the model's picture, under super resolution


class ModelFace(NamedTuple):
    """The square of the frame that a model swaps."""

    resolution: int
    face_type: FaceType


class Prediction(NamedTuple):
    """What a model makes of one face; R is its resolution, everything 0..1."""

    bgr: np.ndarray  # (R, R, 3) the swapped face
    prd_mask: np.ndarray  # (R, R, 1) its mask
    dst_mask: np.ndarray  # (R, R, 1) the mask of the face that was there
    enhanced: np.ndarray | None = None  # (n, n, 3) the swapped face after super resolution
    xseg_mask: np.ndarray | None = None  # (n, n) XSeg mask of the swapped face


@dataclass(frozen=True)
class Crop:
    """One face of a frame, cut out. S is the model's resolution R, or 4R under super resolution."""

    frame: np.ndarray  # (H, W, 3) uint8, the whole picture
    landmarks: np.ndarray  # (68, 2) in the frame
    model_face: ModelFace
    target: np.ndarray  # (S, S, 3) float32, black beyond the frame's edge
    xseg_mask: np.ndarray | None = None  # (n, n) XSeg mask of the same square

    @cached_property
    def picture(self):
        """(R, R, 3): what the network sees."""
        side = self.model_face.resolution
        return self.target if self.side == side else cv2.resize(self.target, (side, side))

    @property
    def side(self) -> int:
        """S"""
        return len(self.target)

    def matrix(self, *, percent: int = 0):
        """(2, 3) frame -> square S x S, made smaller by `percent`."""
        return transform_matrix(self.landmarks, self.side, self.model_face.face_type, scale=1 + 0.01 * percent)


class Patch(NamedTuple):
    """What merging changes: inside `box` the frame becomes `image`, and `mask` is what was inserted there."""

    box: Box
    image: np.ndarray  # (h, w, 3) float32
    mask: np.ndarray  # (h, w, 1) float32


class Merged(NamedTuple):
    """A finished frame."""

    picture: np.ndarray  # (H, W, 3) uint8; (S, S, 3) in raw-predict
    mask: np.ndarray  # (H, W) uint8; (S, S) in raw-predict
    notes: tuple[Note, ...]  # one for each face that could not be merged as asked


@dataclass(frozen=True)
class Inserted:
    """A face with its mask in the frame, not blended yet."""

    crop: Crop
    face: np.ndarray | None  # (S, S, 3) the face to put there
    mask: np.ndarray  # (4R, 4R) its mask, 0..1
    matrix: np.ndarray  # (2, 3) frame -> square S x S, where the face goes
    box: Box  # reaches beyond the frame's edge where the mode wants to see that
    alpha: np.ndarray  # (h, w, 1) the mask in `box`
    notes: list[Note] = field(default_factory=list)


def needs_network(settings: MergeSettings) -> bool:
    """False when the result shows neither the swapped face nor a learned mask."""
    return settings.mode != "original" or settings.mask_mode not in WITHOUT_NETWORK


def crop_face(frame, landmarks, model_face: ModelFace, *, enlarged: bool = False) -> Crop:
    """The face at `landmarks` (68, 2) of `frame` (H, W, 3) uint8, as the model's square; `enlarged` for super resolution."""
    side = model_face.resolution * (ENLARGED if enlarged else 1)
    matrix = transform_matrix(landmarks, side, model_face.face_type)
    box = box_around(square_in_frame(matrix, (0, 0), (side, side)), frame.shape, margin=CUBIC_REACH + 1)
    if box.empty:
        target = np.zeros((side, side, 3), np.float32)
    else:
        target = np.clip(into_square(unit(box.cut(frame)), matrix, box, side), 0, 1)
    return Crop(frame, landmarks, model_face, target)


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


def square_side(model_face: ModelFace, settings: MergeSettings) -> int:
    """S: pixels along the face square."""
    return model_face.resolution * (ENLARGED if settings.super_resolution_power else 1)


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
    faces = [face for face in faces if not face.box.empty]
    if not faces:
        return Patch(NOTHING, np.zeros((0, 0, 3), np.float32), np.zeros((0, 0, 1), np.float32)), notes
    drawn = settings.is_drawn and any(is_visible(face.alpha) for face in faces)
    behind = Backdrop(frame, settings if drawn else None)
    patches = [blend_face(face, settings, behind, motion=motion, notes=notes) for face in faces]
    patch = reduce(lambda below, above: stack(behind, below, above), patches)
    if drawn and (behind.degrades or settings.color_degrade_power):
        patch = spread_out(behind, patch)
    if drawn and settings.color_degrade_power:
        patch = patch._replace(image=np.clip(fewer_colors(patch.image, settings.color_degrade_power), 0, 1))
    return patch, notes


class Backdrop:
    """What faces are laid over: a frame, softened where the settings say so."""

    def __init__(self, frame, settings: MergeSettings | None):
        """`settings` are None where no face is drawn: then the frame stays as it is."""
        self.frame = frame
        self.denoise = settings.image_denoise_power if settings else 0
        self.rescale = settings.bicubic_degrade_power if settings else 0

    @property
    def degrades(self) -> bool:
        return bool(self.denoise or self.rescale)

    @cached_property
    def softened(self):
        """(H, W, 3) float32."""
        return np.clip(degraded(unit(self.frame), denoise=self.denoise, rescale=self.rescale), 0, 1)

    def seen(self, box: Box):
        """The pixels of `box`, (h, w, 3) float32, the edge repeated where it reaches beyond."""
        return box.cut_beyond(self.softened) if self.degrades else unit(box.cut_beyond(self.frame))


def insert_face(crop: Crop, prediction: Prediction | None, settings: MergeSettings) -> Inserted:
    """Where `crop` goes, what is put there and through which mask."""
    notes: list[Note] = []
    mask = face_mask(crop, prediction, settings, notes)
    matrix = crop.matrix(percent=settings.output_face_scale)
    mask_matrix = matrix * (len(mask) / crop.side)
    box = working_box(crop, mask, settings, matrix=matrix, mask_matrix=mask_matrix)
    alpha = clean(np.clip(onto_box(mask, mask_matrix, box), 0, 1))[..., None] if not box.empty else np.zeros((0, 0, 1))
    face = swapped_face(crop, prediction, settings) if prediction else None
    return Inserted(crop, face, mask, matrix, box, alpha, notes)


def working_box(crop: Crop, mask, settings: MergeSettings, *, matrix, mask_matrix) -> Box:
    """The part of the frame that has to be looked at for this mode."""
    shape = crop.frame.shape
    beyond = max(shape[:2]) if settings.is_seamless and not settings.classic else 0
    box = covered(mask, mask_matrix, shape, beyond=beyond)
    if box.inside(shape).empty:
        return NOTHING
    if settings.mode == "raw-rgb":
        box = box.join(around_square(matrix, crop.side, shape, beyond=beyond))
    elif settings.is_seamless or settings.classic:  # what is cut out again has to be whole
        box = box.join(around_square(crop.matrix(), crop.side, shape, beyond=beyond))
    return box


def around_square(matrix, side: int, frame_shape, *, beyond: int) -> Box:
    """The box of the square S x S that `matrix` (frame -> square) leads to."""
    return box_around(square_in_frame(matrix, (0, 0), (side, side)), frame_shape, margin=CUBIC_REACH + 1, beyond=beyond)


def swapped_face(crop: Crop, prediction: Prediction, settings: MergeSettings):
    """(S, S, 3): the swapped face, mixed with its enhanced form under super resolution."""
    side = crop.side
    face = in_square(prediction.bgr, side, interpolation=cv2.INTER_LINEAR)
    if prediction.enhanced is None or not settings.super_resolution_power:
        return face
    share = np.float32(settings.super_resolution_power / 100)
    enhanced = in_square(prediction.enhanced, side, interpolation=cv2.INTER_CUBIC)
    return np.clip(face * (1 - share) + enhanced * share, 0, 1)


def in_square(picture, side: int, *, interpolation: int = cv2.INTER_CUBIC):
    """`picture` (n, n) or (n, n, 1 or 3), as (side, side, 1 or 3)."""
    if len(picture) != side:
        picture = cv2.resize(picture, (side, side), interpolation=interpolation)
    return picture.reshape(side, side, -1)


def face_mask(crop: Crop, prediction: Prediction | None, settings: MergeSettings, notes: list[Note]):
    """The mask to insert with, (4R, 4R): mask mode, then erode and blur."""

    def known(mask):
        return None if mask is None else in_square(mask, crop.side)[..., 0]

    sources = MaskSources(
        side=crop.side,
        prd=known(prediction.prd_mask) if prediction else None,
        dst=known(prediction.dst_mask) if prediction else None,
        xseg_prd=known(prediction.xseg_mask) if prediction else None,
        xseg_dst=known(crop.xseg_mask),
        draw_hull=lambda: landmark_hull(crop),
        notes=notes,
    )
    mask = mask_square(base_mask(settings.mask_mode, sources), crop.model_face.resolution)
    if settings.is_raw:
        return mask
    return shape_edges(mask, erode=settings.erode_mask_modifier, blur=settings.blur_mask_modifier)


def landmark_hull(crop: Crop):
    """Hull of the landmarks (S, S), drawn in the frame and warped like the face."""
    matrix = crop.matrix()
    square = square_in_frame(matrix, (0, 0), (crop.side, crop.side))
    box = box_around(np.concatenate([square, crop.landmarks]), crop.frame.shape, margin=CUBIC_REACH + 1)
    if box.empty:
        return np.zeros((crop.side, crop.side), np.float32)
    width, height = box.size
    hull = hull_mask(crop.landmarks - (box.left, box.top), (height, width))
    return np.clip(into_square(hull, matrix, box, crop.side), 0, 1)


def covered(mask, matrix, frame_shape, *, beyond: int) -> Box:
    """The box of the frame that `mask` (n, n) can reach through `matrix` (frame -> mask square), and a pixel around."""
    left, top, width, height = cv2.boundingRect((mask > 0).view(np.uint8))
    if not width:
        return NOTHING
    low = left - CUBIC_REACH, top - CUBIC_REACH
    high = left + width + CUBIC_REACH, top + height + CUBIC_REACH
    return box_around(square_in_frame(matrix, low, high), frame_shape, margin=1, beyond=beyond)


def blend_face(
    face: Inserted, settings: MergeSettings, behind: Backdrop, *, motion: Motion, notes: list[Note]
) -> Patch:
    """`face` in its box, cut at the frame's edge."""
    visible = face.box.inside(behind.frame.shape)
    part = visible.within(face.box)
    if settings.is_drawn and not is_visible(part.cut(face.alpha)):
        return Patch(visible, behind.seen(visible), part.cut(face.alpha))
    small = in_square(face.mask, face.crop.side)
    frame = unit(face.box.cut_beyond(behind.frame))
    work = Work(
        settings=settings,
        box=face.box,
        frame=frame,
        backdrop=behind.seen(face.box) if behind.degrades else frame,
        alpha=face.alpha,
        target=face.crop.target,
        face=face.face,
        face_mask=small if settings.classic else np.clip(small, 0, 1),
        matrix=face.matrix,
        target_matrix=face.crop.matrix(),
        motion=motion,
        rng=np.random.RandomState(SEED),
        notes=notes,
    )
    modes = CLASSIC_MODES if settings.classic else MODES
    return Patch(visible, part.cut(modes[settings.mode](work)), part.cut(face.alpha))


def stack(behind: Backdrop, below: Patch, above: Patch) -> Patch:
    """Both patches as one: `above` covers `below` inside its mask (merger.md 4.7)."""
    joined = spread_out(behind, below, below.box.join(above.box))
    upper = above.box.within(joined.box)
    upper.cut(joined.image)[:] = mix(upper.cut(joined.image), above.image, above.mask)
    upper.cut(joined.mask)[:] = np.minimum(upper.cut(joined.mask) + above.mask, 1)
    return joined


def spread_out(behind: Backdrop, patch: Patch, box: Box | None = None) -> Patch:
    """`patch` as one that fills `box`, or the whole frame."""
    height, width = behind.frame.shape[:2]
    box = box or Box(0, 0, width, height)
    image, mask = behind.seen(box), np.zeros((box.size[1], box.size[0], 1), np.float32)
    inner = patch.box.within(box)
    inner.cut(image)[:] = patch.image
    inner.cut(mask)[:] = patch.mask
    return Patch(box, image, mask)


def paste(frame, patch: Patch, settings: MergeSettings):
    """`frame` (H, W, 3) uint8 with `patch` in it -> (picture, mask) uint8, (H, W, 3) and (H, W)."""
    mask = np.zeros(frame.shape[:2], np.uint8)
    if patch.box.empty:
        return frame, mask
    merged = frame.copy()
    patch.box.cut(merged)[:] = to_uint8(patch.image, settings)
    patch.box.cut(mask)[:] = to_uint8(patch.mask, settings)
    return merged, mask


def unit(pixels):
    """uint8 -> float32 0..1."""
    return np.divide(pixels, np.float32(255), dtype=np.float32)


def to_uint8(pixels, settings: MergeSettings):
    """0..1 (h, w, C) -> uint8, rounded: what was not changed comes back exactly; cut off if classic. One channel loses its axis."""
    if settings.classic:
        levels = (np.clip(pixels, 0, 1) * np.float32(255)).astype(np.uint8)
    else:
        levels = cv2.convertScaleAbs(pixels, alpha=255)
    return levels.reshape(pixels.shape if pixels.shape[2] > 1 else pixels.shape[:2])
