"""Writes the trained thin network as the file that the program ships, and prints its checksum.

python benchmarks/xseg_generic/export.py WEIGHTS.npz FILE.safetensors [--base N] [--bias B]

A network that was trained at 128 or 64 pixels is first grown to 256. B is added to its logits: training
counts hidden pixels more, so that it cuts too much.
"""

import argparse
import hashlib
from pathlib import Path

import network
import numpy as np
import safetensors.numpy


def whole(weights: dict[str, np.ndarray], base: int) -> dict[str, np.ndarray]:
    """The network at 256 pixels."""
    while (first := min(level for level in (0, 1, 2) if f"conv{level}1/conv/weight" in weights)) > 0:
        weights = network.grow(weights, base, first, first)
    return weights


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--base", type=int, default=8)
    parser.add_argument("--bias", type=float, default=0.0)
    chosen = parser.parse_args()
    weights = dict(np.load(chosen.weights))
    weights["out_conv/bias"] = weights["out_conv/bias"] + chosen.bias
    found = whole(weights, chosen.base)
    safetensors.numpy.save_file({key: found[key].astype(np.float16) for key in sorted(found)}, chosen.file)
    content = chosen.file.read_bytes()
    print(len(content), "bytes, sha256", hashlib.sha256(content).hexdigest())
