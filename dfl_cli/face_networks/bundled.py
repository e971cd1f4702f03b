"""The networks that come with the program: their bytes, checked, and the tables that belong to them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from models.installed_file import installed_bytes

FOLDER = Path(__file__).parent / "data"
SHA256 = {
    "yunet": "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
    "mesh": "13393dd773deb7102b4190b5a6a6a05c29bf7791f4356b10658fdf71c740945d",
    "blendshapes": "798adf3072e0cef971fb8c523fd48ac3ffe7e5808b1124bfc988d2328f5383b6",
    "sface": "487a139eb85ccd5ff30aef7d0add7f12d2bb7abb90c5f08a7f481b452a660e00",
}


@cache
def network_bytes(name: str, folder: Path = FOLDER) -> np.ndarray:
    """(N,) uint8: the file of the network `name`. Raises DamagedNetwork where it is missing or was changed."""
    return np.frombuffer(installed_bytes(folder / f"{name}.onnx", SHA256[name]), np.uint8)


def read_net(name: str) -> cv2.dnn.Net:
    """A network of its own for each thread that asks. Raises DamagedNetwork."""
    return cv2.dnn.readNetFromONNX(network_bytes(name))


@cache
def tables() -> dict:
    """Lists of points: mesh_to_68, expression_input, identity_target, expression_names."""
    return json.loads((FOLDER / "points.json").read_text(encoding="utf-8"))
