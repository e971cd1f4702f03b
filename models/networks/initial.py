"""First weights, a pure function of a seed and the weight's key: the same on every device, Keras version and part list."""

import zlib

import keras
import numpy as np

FIRST_OF_VECTORS = {"weight": 1, "eps": 1e-6}  # of normalization; others, which are biases and thresholds, start at 0


def initial_weight(key: str, shape: tuple, seed: int) -> np.ndarray:
    """Glorot uniform for kernels, for vectors what the end of their key says (models.md 1.2).

    key    as `decoder_src/res0/conv1/weight`
    shape  (k, k, in, out), transposed (k, k, out, in), or (in, out); the limit is the same either way
    """
    if len(shape) == 1:
        return np.full(shape, FIRST_OF_VECTORS.get(key.rpartition("/")[2], 0), np.float32)
    field = int(np.prod(shape[:-2]))  # 1 for dense kernels
    limit = np.sqrt(6 / (field * (shape[-2] + shape[-1])))
    draw = np.random.default_rng([seed, zlib.crc32(key.encode())]).random(shape, np.float32)
    return (2 * draw - 1) * np.float32(limit)


def initialize(part: keras.layers.Layer, name: str, seed: int) -> None:
    """Give every weight of `part` its first value; `name` is the part's name in weight keys."""
    for path, variable in named_weights(part).items():
        variable.assign(initial_weight(f"{name}/{path}", tuple(variable.shape), seed))


def named_weights(part: keras.layers.Layer) -> dict[str, keras.Variable]:
    """The variables of `part` by path inside it, as `down1/downs_0/conv1/weight`."""
    return {variable.path.partition("/")[2]: variable for variable in part.weights}
