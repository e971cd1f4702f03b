"""A network that paints the same gray picture whatever it sees, so that where it paints is known."""

import cv2
import numpy as np

CODE = 4  # pixels along the code of a df model with 64 x 64 pixels
SMALL = 32  # pixels along what it can keep: 4 x 4 x 64 numbers
BASE = 6.0  # added to all logits: leaky rectifiers leave positive numbers alone
DIMS = {
    "resolution": 64,
    "archi": "df",
    "face_type": "wf",
    "ae_dims": 64,
    "e_dims": 16,
    "d_dims": 16,
    "d_mask_dims": 16,
}


def painting(weights, picture: np.ndarray) -> dict[str, np.ndarray]:
    """The weights of a df model with DIMS, changed so that both decoders paint `picture` (64, 64) 0..1."""
    small = np.clip(cv2.resize(picture, (SMALL, SMALL), interpolation=cv2.INTER_AREA), 0.01, 0.99)
    changed = {key: np.zeros_like(array) for key, array in weights.items()}
    changed["inter/dense2/bias"] = packed(np.log(small / (1 - small)) + BASE, CODE).transpose(2, 0, 1).ravel()
    changed["inter/upscale1/conv1/weight"] = unpacking(weights["inter/upscale1/conv1/weight"], 64)
    for decoder in ("decoder_src", "decoder_dst"):
        for number, count in enumerate((16, 4)):
            key = f"{decoder}/upscale{number}/conv1/weight"
            changed[key] = unpacking(weights[key], count)
        changed[f"{decoder}/upscale2/conv1/weight"][1, 1, 0, :: DIMS["d_dims"] * 2] = 1  # each pixel becomes four
        changed[f"{decoder}/out_conv/weight"][0, 0, 0] = 1
        changed[f"{decoder}/out_conv/bias"][:] = -BASE
        changed[f"{decoder}/out_convm/bias"][:] = BASE
    return changed


def packed(picture: np.ndarray, side: int) -> np.ndarray:
    """(N, N) -> (side, side, (N / side)**2): what depth_to_space unpacks again, by halves."""
    found = picture[..., None]
    while len(found) > side:
        half = len(found) // 2
        found = found.reshape(half, 2, half, 2, -1).transpose(0, 2, 1, 3, 4).reshape(half, half, -1)
    return found.astype(np.float32)


def unpacking(weight: np.ndarray, count: int) -> np.ndarray:
    """A convolution like `weight` (3, 3, in, 4 x out) before depth_to_space that spreads `count` channels over four pixels."""
    result, channels, quarter = np.zeros_like(weight), weight.shape[3] // 4, count // 4
    for channel in range(count):
        result[1, 1, channel, channel // quarter * channels + channel % quarter] = 1
    return result
