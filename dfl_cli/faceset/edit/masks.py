"""`dfl faceset export-masks`: the masks of faces as PNG files."""

import cv2
import numpy as np

from samplers.files.faces import Face, Fault, Reason, UnreadableImage
from samplers.geometry.masks import hull_mask
from samplers.geometry.polygons import overlay


def settings(*, hull: bool) -> dict[str, str]:
    return {"made_by": "faceset export-masks", "hull": "y" if hull else "n"}


def mask_png(face: Face, *, hull: bool) -> bytes:
    """The PNG file of the mask, gray, as large as the picture. hull: that of the landmarks where a face has none.

    raises  UnreadableImage for a damaged mask, or without one
    """
    mask = mask_of(face, hull=hull)
    return cv2.imencode(".png", np.rint(np.clip(mask, 0, 1) * 255).astype(np.uint8))[1].tobytes()


def mask_of(face: Face, *, hull: bool) -> np.ndarray:
    """(H, W[, 1]) float32: the applied XSeg mask, else the polygons drawn by hand, else the hull of the landmarks."""
    mask = face.read_xseg_mask()
    if mask is not None:
        return (
            mask if mask.shape[:2] == face.shape else cv2.resize(mask, face.shape[::-1], interpolation=cv2.INTER_CUBIC)
        )
    if any(len(polygon.points) for polygon in face.polygons):
        return overlay(face.polygons, np.zeros((*face.shape, 1), np.float32))
    if hull:
        return hull_mask(face.landmarks, face.shape, eyebrows_expand_mod=face.eyebrows_expand_mod)
    raise UnreadableImage(face.name, Reason(Fault.NO_MASK))
