"""What the answers of the server have in common."""

from __future__ import annotations

import cv2
import numpy as np
from fastapi import HTTPException, Response

from dfl_cli.xseg.edit.session import EditSession


def check(session: EditSession, number: int) -> str:
    """The name of a face."""
    if not 0 <= number < len(session.faces.names):
        raise HTTPException(404)
    return session.faces.names[number]


def gray_png(mask: np.ndarray) -> Response:
    """`mask` (H, W[, 1]), 0..1."""
    levels = np.uint8(np.clip(mask * 255, 0, 255).round())
    return Response(
        cv2.imencode(".png", levels)[1].tobytes(), media_type="image/png", headers={"cache-control": "no-store"}
    )
