"""The mask network that comes with the program: XSeg's with fewer channels (docs/decisions/0034-masks-without-labels.md).

A thin network lies inside a whole one that computes the same mask. Its channels come first in every map; the others read
all channels, but nothing of them reaches the thin ones or the mask, until training changes that.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from models.classes.xseg import XSEG
from models.installed_file import installed_bytes

FILE = Path(__file__).parent / "data" / "xseg_generic.safetensors"  # float16
SHA256 = "9da1e78a38f9c1e9ad95c4df08dbd995f6a2355e904a37a1deccf9206f3ccbac"


def thin_weights(file: Path = FILE) -> dict[str, np.ndarray]:
    """By path as `conv01/conv/weight`. Raises DamagedNetwork where the file is missing or was changed."""
    import safetensors.numpy  # late: the class registry loads this module at every start

    return safetensors.numpy.load(installed_bytes(file, SHA256))


def generic_weights() -> dict[str, np.ndarray]:
    """Of a whole XSeg model, keys as `XSeg/conv01/conv/weight`; 0 is what the thin network leaves free. Raises DamagedNetwork."""
    (part,) = XSEG.layout({}).parts
    return widened({f"{part.name}/{path}": np.zeros(shape, np.float32) for path, shape in part.tensors.items()})


def widened(weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The weights of a whole XSeg model with the thin network in them. Raises DamagedNetwork."""
    (part,) = XSEG.layout({}).parts
    by_path = {path: weights[f"{part.name}/{path}"] for path in part.tensors}
    return {f"{part.name}/{path}": array for path, array in with_thin_network(by_path, thin_weights()).items()}


def with_thin_network(weights: Mapping[str, np.ndarray], thin: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """`weights` of a whole network, by path as `conv01/conv/weight`, with the `thin` ones in their place."""
    return {path: _placed(path, np.array(values, np.float32), thin) for path, values in weights.items()}


def _placed(path: str, values: np.ndarray, thin: Mapping[str, np.ndarray]) -> np.ndarray:
    small = np.asarray(thin[path], np.float32)
    if values.ndim == 1:
        values[: small.size] = small
        return values
    layer = path.partition("/")[0]
    if layer.startswith("up"):  # (k, k, out, in), the other kernels (..., in, out)
        return np.swapaxes(_kernel(np.swapaxes(values, -1, -2), np.swapaxes(small, -1, -2), [small.shape[3]]), -1, -2)
    if layer in _JOINED:
        below = _outputs(thin, _JOINED[layer])
        return _kernel(values, small, [below, small.shape[-2] - below], split=_split(values))
    return _kernel(values, small, [small.shape[-2]])


# The blocks that read two maps, and the one that puts out the first: what came from below is followed by the skip.
_JOINED = {"uconv53": "up5", "uconv43": "up4", "uconv33": "up3", "uconv22": "up2", "uconv12": "up1", "uconv02": "up0"}


def _outputs(thin: Mapping[str, np.ndarray], layer: str) -> int:
    return thin[f"{layer}/conv/bias"].size


def _split(values: np.ndarray) -> int:
    """Channels that come from below into a whole block that reads two maps, which puts out as many as the skip has."""
    return values.shape[-2] - values.shape[-1]


def _kernel(values: np.ndarray, small: np.ndarray, parts: list[int], *, split: int = 0) -> np.ndarray:
    """`small` (..., in, out) in `values` (..., in, out): its outputs read its own inputs alone.

    parts  how many inputs each map read has in `small`
    split  where the second map begins in `values`
    """
    outputs = small.shape[-1]
    values[..., :outputs] = 0
    first, begin = 0, 0
    for count in parts:
        values[..., begin : begin + count, :outputs] = small[..., first : first + count, :]
        first, begin = first + count, split
    return values
