"""A claim, and a small picture."""

import cv2
import numpy as np
import pytest

from dfl_cli.provenance.claim import COMPOSITE, Claim


@pytest.fixture
def claim():
    return Claim(COMPOSITE, "dfl 0.1.0", 'SAEHD 男 & <wife> "2"', "iteration 12000")


@pytest.fixture
def png():
    """A small PNG file."""
    pixels = np.random.default_rng(3).integers(0, 256, (12, 16, 3), np.uint8)
    return cv2.imencode(".png", pixels)[1].tobytes()
