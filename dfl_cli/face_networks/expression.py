"""Expression: 52 numbers from 0 to 1, such as eyeBlinkLeft and jawOpen, from the mesh of a face."""

from __future__ import annotations

from functools import cache

import numpy as np

from dfl_cli.face_networks.bundled import read_net, tables


class Expression:
    """The network; it belongs to one thread."""

    def __init__(self):
        self._net = read_net("blendshapes")

    def values(self, mesh: np.ndarray) -> np.ndarray:
        """(52,) float32, in the order of `names`."""
        self._net.setInput(np.ascontiguousarray(mesh[inputs(), :2][None], np.float32))
        return self._net.forward().ravel().astype(np.float32)


def names() -> tuple[str, ...]:
    return tuple(tables()["expression_names"])


@cache
def inputs() -> np.ndarray:
    return np.array(tables()["expression_input"])
