"""XSeg's network with any number of base channels (XSeg itself has 32), in plain TensorFlow, weights named as XSeg's.

It can grow: with `first` 2 it begins at XSeg's level 2 with pictures of 64 pixels, with 1 at 128, with 0 it is whole.
Its picture is then divided by the root of its mean square, channel by channel, as XSeg's first block does.
"""

import numpy as np
import tensorflow as tf

# Block: (inputs, outputs) in multiples of the base; a leading 0 means the picture's three channels.
LEVELS = (
    (("conv01", 0, 1), ("conv02", 1, 1)), (("conv11", 1, 2), ("conv12", 2, 2)), (("conv21", 2, 4), ("conv22", 4, 4)),
    (("conv31", 4, 8), ("conv32", 8, 8), ("conv33", 8, 8)), (("conv41", 8, 8), ("conv42", 8, 8), ("conv43", 8, 8)),
    (("conv51", 8, 8), ("conv52", 8, 8), ("conv53", 8, 8)),
)  # fmt: skip
RISES = (
    (("up5", 8, 4), ("uconv53", 12, 8), ("uconv52", 8, 8), ("uconv51", 8, 8)),
    (("up4", 8, 4), ("uconv43", 12, 8), ("uconv42", 8, 8), ("uconv41", 8, 8)),
    (("up3", 8, 4), ("uconv33", 12, 8), ("uconv32", 8, 8), ("uconv31", 8, 8)),
    (("up2", 8, 4), ("uconv22", 8, 4), ("uconv21", 4, 4)), (("up1", 4, 2), ("uconv12", 4, 2), ("uconv11", 2, 2)),
    (("up0", 2, 1), ("uconv02", 2, 1), ("uconv01", 1, 1)),
)  # fmt: skip
POOLS = (4, 3, 2, 2, 2, 2)
_CONTRAST = 5.0  # root mean square of the logits of a grown network
PICTURE = slice(0, 3)  # channels of a new block that hand the picture on


def initial(base: int, dense: int, first: int, seed: int) -> dict[str, np.ndarray]:
    """Fresh weights: Glorot uniform, as XSeg's own."""
    rng = np.random.default_rng(seed)
    weights = {}
    for name, i, o in (block for level in (*LEVELS[first:], *RISES[: 6 - first]) for block in level):
        i, o = 3 if name == f"conv{first}1" else i * base, o * base
        shape = (3, 3, o, i) if name.startswith("up") else (3, 3, i, o)
        weights[f"{name}/conv/weight"] = _glorot(rng, shape, 9 * (i + o))
        weights |= {f"{name}/conv/bias": np.zeros(o), f"{name}/frn/weight": np.ones(o), f"{name}/frn/bias": np.zeros(o)}
        weights |= {f"{name}/frn/eps": np.full(1, 1e-6), f"{name}/tlu/tau": np.zeros(o)}
    flat = 16 * 8 * base
    for name, i, o in (("dense1", flat, dense), ("dense2", dense, flat)):
        weights |= {f"{name}/weight": _glorot(rng, (i, o), i + o), f"{name}/bias": np.zeros(o)}
    weights |= {
        "out_conv/weight": _glorot(rng, (3, 3, base << first, 1), 9 * ((base << first) + 1)),
        "out_conv/bias": np.zeros(1),
    }
    return {key: np.float32(value) for key, value in weights.items()}


def grow(weights: dict[str, np.ndarray], base: int, first: int, seed: int) -> dict[str, np.ndarray]:
    """From a network that begins at level `first` to one that begins a level lower, at twice the resolution.

    The new blocks hand the picture on in three channels, so that what was learned sees what it saw, and the old logits
    in one, so that the mask is the old one, twice as large. Normalization takes their scale away, picture by picture; the
    sign stays. The other channels are new.
    """
    rng = np.random.default_rng(seed)
    grown = initial(base, weights["dense1/bias"].size, first - 1, seed)
    grown |= {key: value for key, value in weights.items() if not key.startswith("out_conv")}
    old, inputs = f"conv{first}1", base << (first - 1)
    kernel = weights[f"{old}/conv/weight"]
    grown[f"{old}/conv/weight"] = np.float32(rng.normal(0, 0.002, (3, 3, inputs, kernel.shape[3])))
    grown[f"{old}/conv/weight"][:, :, PICTURE] = kernel
    for name in (f"conv{first - 1}1", f"conv{first - 1}2"):
        passed = grown[f"{name}/conv/weight"]
        passed[..., PICTURE] = 0
        passed[1, 1, range(3), range(3)] = 1
        grown[f"{name}/tlu/tau"][PICTURE] = -10
    _hand_on_logits(weights, grown, first - 1)
    return grown


def _hand_on_logits(weights, grown, level: int) -> None:
    """The old head, enlarged by linear interpolation, through the first channel of the new way up."""
    up, joined, last = (name for name, _, _ in RISES[5 - level])
    head = weights["out_conv/weight"][1, 1, :, 0]
    row = np.float32([0.75, 1, 0.25])  # out[2i] = .75 in[i] + .25 in[i - 1], out[2i + 1] = in[i]
    grown[f"{up}/conv/weight"][:, :, 0] = np.outer(row, row)[..., None] * head
    grown[f"{up}/conv/bias"][0] = weights["out_conv/bias"][0]
    for name in (joined, last):
        grown[f"{name}/conv/weight"][..., 0] = 0
        grown[f"{name}/conv/weight"][1, 1, 0, 0] = 1
    for name in (up, joined, last):
        grown[f"{name}/tlu/tau"][0] = -100
    grown[f"{up}/frn/weight"][0] = grown[f"{joined}/frn/weight"][0] = grown[f"{last}/frn/weight"][0] = 1
    grown["out_conv/weight"] *= 0.01
    grown["out_conv/weight"][..., 0, :] = 0
    grown["out_conv/weight"][1, 1, 0] = _CONTRAST


def _glorot(rng, shape, fans: int) -> np.ndarray:
    return rng.uniform(-1, 1, shape) * np.sqrt(6 / fans)


def logits(weights, pictures, *, compute=tf.float32):
    """Logits (B, R, R, 1) float32 of the pictures (B, R, R, 3); R is 256, 128 or 64."""
    first = {256: 0, 128: 1, 64: 2}[pictures.shape[1]]
    if first:
        pictures = pictures * tf.math.rsqrt(tf.reduce_mean(pictures**2, axis=(1, 2), keepdims=True) + 1e-6)
    x, skips = tf.cast(pictures, compute), []
    for level, size in zip(LEVELS[first:], POOLS[first:], strict=True):
        for name, _, _ in level:
            x = _block(weights, name, x)
        skips.append(x)
        x = _pool(x, size)
    x = _bottom(weights, x)
    for level, skip in zip(RISES[: 6 - first], reversed(skips), strict=True):
        x = _block(weights, level[0][0], x)
        x = tf.concat([x, skip], axis=-1)
        for name, _, _ in level[1:]:
            x = _block(weights, name, x)
    head = weights["out_conv/weight"][1:2, 1:2] if first else weights["out_conv/weight"]  # see `grow`
    x = tf.nn.conv2d(x, tf.cast(head, x.dtype), 1, "SAME")
    return tf.cast(x, tf.float32) + weights["out_conv/bias"]


def _block(weights, name: str, x):
    kernel = tf.cast(weights[f"{name}/conv/weight"], x.dtype)
    if name.startswith("up"):
        size = tf.shape(x)
        shape = tf.stack([size[0], 2 * size[1], 2 * size[2], kernel.shape[2]])
        x = tf.nn.conv2d_transpose(x, kernel, shape, 2, "SAME")
    else:
        x = tf.nn.conv2d(x, kernel, 1, "SAME")
    x = x + tf.cast(weights[f"{name}/conv/bias"], x.dtype)
    power = tf.reduce_mean(tf.square(tf.cast(x, tf.float32)), axis=(1, 2), keepdims=True)
    scale = tf.math.rsqrt(power + tf.abs(weights[f"{name}/frn/eps"])) * weights[f"{name}/frn/weight"]
    x = x * tf.cast(scale, x.dtype) + tf.cast(weights[f"{name}/frn/bias"], x.dtype)
    return tf.maximum(x, tf.cast(weights[f"{name}/tlu/tau"], x.dtype))


def _pool(x, size: int):
    row = {2: [1, 1], 3: [1, 2, 1], 4: [1, 3, 3, 1]}[size]
    kernel = np.outer(row, row) / np.sum(row) ** 2
    before, after = (size - 1) // 2, size // 2
    x = tf.pad(x, ((0, 0), (before, after), (before, after), (0, 0)))
    kernel = tf.cast(np.tile(kernel[:, :, None, None], (1, 1, x.shape[-1], 1)), x.dtype)
    return tf.nn.depthwise_conv2d(x, kernel, (1, 2, 2, 1), "VALID")


def _bottom(weights, x):
    """Flattened as C, H, W."""
    shape = x.shape[1:]
    x = tf.reshape(tf.transpose(tf.cast(x, tf.float32), (0, 3, 1, 2)), (-1, shape[0] * shape[1] * shape[2]))
    x = tf.matmul(x, weights["dense1/weight"]) + weights["dense1/bias"]
    x = tf.matmul(x, weights["dense2/weight"]) + weights["dense2/bias"]
    x = tf.transpose(tf.reshape(x, (-1, shape[2], shape[0], shape[1])), (0, 2, 3, 1))
    return tf.cast(x, weights["compute"]) if "compute" in weights else x
