"""Masks from landmarks: where the face is, where eyes and mouth are (facesets.md 2.6).

`shape` is the (height, width) of the picture the landmarks are in; every mask is (height, width, 1) float32. As in the reference,
the fractions of landmarks are cut off, which moves a mask half a pixel up and to the left, and eyes and mouth may grow by an even
number of pixels, which moves them as far: `exact` does neither.
"""

from __future__ import annotations

import cv2
import numpy as np

from samplers.geometry.landmarks import INNER_LIPS, LEFT_EYE, RIGHT_EYE, checked, expand_eyebrows, hull_parts

FRACTION_BITS = 8  # of coordinates


def hull_mask(
    landmarks, shape: tuple[int, int], *, eyebrows_expand_mod: float = 1.0, exact: bool = False
) -> np.ndarray:
    """1 inside the outline of the face, 0 outside."""
    points = expand_eyebrows(landmarks, eyebrows_expand_mod, exact=exact)
    return _filled([points[part] for part in hull_parts()], shape, exact=exact)[..., None]


def eyes_mask(landmarks, shape: tuple[int, int], *, exact: bool = False) -> np.ndarray:
    """Both eyes, grown and blurred by a fraction of the height; about 0..1, not clipped."""
    points = checked(landmarks)
    return _grown(_filled([points[RIGHT_EYE], points[LEFT_EYE]], shape, exact=exact), exact=exact)


def mouth_mask(landmarks, shape: tuple[int, int], *, exact: bool = False) -> np.ndarray:
    """The inner lips, grown and blurred as the eyes are."""
    return _grown(_filled([checked(landmarks)[INNER_LIPS]], shape, exact=exact), exact=exact)


def eyes_mouth_mask(landmarks, shape: tuple[int, int], *, exact: bool = False) -> np.ndarray:
    """Eyes and mouth together, 0..1: what the eyes and mouth priority trains harder."""
    return np.clip(eyes_mask(landmarks, shape, exact=exact) + mouth_mask(landmarks, shape, exact=exact), 0, 1)


def blurred_hull(mask: np.ndarray) -> np.ndarray:
    """A hull mask (H, W, 1), shrunk by 8.5 % and blurred by 10 % of the smaller side of its bounding box."""
    rows, columns = np.nonzero(mask[..., 0] == 1)
    if not rows.size:
        return mask.copy()
    side = min(np.ptp(columns), np.ptp(rows))
    shrink, blur = int(side * 0.085), int(side * 0.10)
    if shrink:
        mask = cv2.erode(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (shrink, shrink)))
    if blur:
        mask = cv2.blur(mask, (blur, blur))
    return mask.reshape(*mask.shape[:2], 1)


def _filled(parts: list[np.ndarray], shape: tuple[int, int], *, exact: bool) -> np.ndarray:
    mask = np.zeros(shape, np.float32)
    for part in parts:
        points = np.rint(part * 2**FRACTION_BITS) if exact else part
        outline = cv2.convexHull(points.astype(np.int32))
        cv2.fillConvexPoly(mask, outline, 1.0, shift=FRACTION_BITS if exact else 0)
    return mask


def _grown(mask: np.ndarray, *, exact: bool) -> np.ndarray:
    height = mask.shape[0]
    grow = max(1, height // 32)  # pictures below 32 pixels have no kernel otherwise
    grow += exact and 1 - grow % 2  # the ellipse of an even size is this one without its last row and column
    blur = height // 16
    blur += 1 - blur % 2
    mask = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (grow, grow)))
    return cv2.GaussianBlur(mask, (blur, blur), 0)[..., None]
