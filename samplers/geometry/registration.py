"""How far one picture of a face lies from another, to a fraction of a pixel.

A point's integer coordinates are the center of its pixel. A displacement is (x, y): to the right and down are positive.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from samplers.geometry.displacement import Displacement

LARGEST = 128  # pixels; larger pictures are compared at this size
BLUR = 1.5 / 64  # of the side; both pictures are blurred by as much, so that one may be sharper than the other
MOST = 1 / 8  # of the side: what lies further apart is not the same picture
STEPS = 12
ENOUGH = 1e-3  # pixels; a smaller step is the last
GRAY = np.float32([0.114, 0.587, 0.299])  # of BGR
INSIDE = 0.5  # of a mask
FEWEST = 100  # pixels of a mask that are compared
LEAST_CONTRAST = 0.1  # of the truth against the picture; with less the two have nothing in common


def affine_between(picture: np.ndarray, truth: np.ndarray, mask: np.ndarray) -> np.ndarray | None:
    """The matrix (2, 3) that leads from points of `truth`, counted from the middle, to how far `picture` has moved them.

    picture, truth   (H, W, 3) float32 0..1
    mask             (H, W, 1) 0..1; what lies outside does not count, nor does its edge
    returns          (2, 3) float64, the last column is the shift in pixels; None where nothing can be compared

    Gauss-Newton (Lucas and Kanade, IJCAI 1981). Brightness, contrast and sharpness may differ: they are fitted beside the
    movement, sharpness by the picture's Laplacian. A comparison by spectra would find the edge of the mask instead.
    """
    side = picture.shape[1]
    size = min(side, LARGEST)
    found = _fit(
        *(_resized(one, size) for one in (picture @ GRAY, truth @ GRAY)), _resized(mask[..., 0], size) > INSIDE
    )
    if found is not None:
        found[:, 2] *= side / size
    return found


def shift_between(picture: np.ndarray, truth: np.ndarray, mask: np.ndarray) -> np.ndarray | None:
    """(2,) float64: how many pixels `picture` lies to the right of and below `truth`; see `affine_between`."""
    found = affine_between(picture, truth, mask)
    return None if found is None else found[:, 2]


def displacement(faces: Iterable[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> Displacement | None:
    """Over many faces, each (picture, truth, mask) as `affine_between` takes them; None where none can be compared."""
    found = [one for one in (affine_between(*face) for face in faces) if one is not None]
    if not found:
        return None
    found = np.stack(found)
    shifts = found[:, :, 2]
    scale = 1 + np.median(found[:, 0, 0] + found[:, 1, 1]) / 2
    turn = np.degrees(np.median(found[:, 1, 0] - found[:, 0, 1]) / 2)
    shift, spread = np.median(shifts, axis=0), shifts.std(axis=0)
    return Displacement(tuple(shift.tolist()), tuple(spread.tolist()), float(scale), float(turn), len(found))


def _resized(image: np.ndarray, size: int) -> np.ndarray:
    image = np.ascontiguousarray(image, np.float32)
    return image if len(image) == size else cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)


def _fit(picture: np.ndarray, truth: np.ndarray, mask: np.ndarray) -> np.ndarray | None:
    """`affine_between` of two gray pictures (N, N) where the bool (N, N) mask is set."""
    size = len(picture)
    picture, truth = (cv2.GaussianBlur(one, (0, 0), BLUR * size) for one in (picture, truth))
    inside = cv2.erode(mask.view(np.uint8), np.ones((3, 3), np.uint8), borderValue=0) > 0
    rows, columns = np.indices((size, size), np.float32)
    places = np.stack([columns - (size - 1) / 2, rows - (size - 1) / 2, np.ones_like(rows)]).astype(np.float32)
    matrix = np.zeros((2, 3))
    for _ in range(STEPS):
        moves = np.tensordot(matrix.astype(np.float32), places, axes=1)
        step = _step(picture, truth, columns + moves[0], rows + moves[1], places, inside)
        if step is None:
            return None
        matrix += step
        if not np.abs(matrix[:, 2]).max() <= MOST * size:
            return None
        if np.abs(step[:, 2]).max() < ENOUGH:
            break
    return matrix


def _step(picture, truth, x, y, places, inside) -> np.ndarray | None:
    """By how much the matrix has to change where `picture` is looked up at `x` and `y`; None where nothing can be seen."""
    size = len(picture)
    seen = inside & (x >= 1) & (x <= size - 2) & (y >= 1) & (y <= size - 2)
    if np.count_nonzero(seen) < FEWEST:
        return None
    back = cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    slopes = [cv2.Sobel(back, cv2.CV_32F, *axis, ksize=3, scale=1 / 8) for axis in ((1, 0), (0, 1))]
    terms = [back, np.ones_like(back), cv2.Laplacian(back, cv2.CV_32F), *(one * at for one in slopes for at in places)]
    system = np.stack([term[seen] for term in terms]).astype(np.float64)  # (9, pixels)
    largest = np.abs(system).max(axis=1)
    if not (largest > 0).all():
        return None
    system /= largest[:, None]
    try:
        found = np.linalg.solve(system @ system.T, system @ truth[seen].astype(np.float64)) / largest
    except np.linalg.LinAlgError:  # a picture without detail
        return None
    contrast = found[0]
    return (found[3:] / contrast).reshape(2, 3) if contrast > LEAST_CONTRAST else None
