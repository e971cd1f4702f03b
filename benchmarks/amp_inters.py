"""Does training AMP's two inter blocks help? The same run with and without, on the same faces.

    python benchmarks/amp_inters.py --src SRC --dst DST --output swaps.png [--iterations 1000] [--seed 1]

Prints losses and writes an image: each row shows a dst face, its reconstruction, and the swap at five morph values; the
rows with trained inters come first. Results: docs/decisions/0007-amp-trains-its-inter-blocks.md.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from models.engine import runtime

OPTIONS = {
    "resolution": 64, "face_type": "wf", "ae_dims": 64, "inter_dims": 128, "e_dims": 32, "d_dims": 16, "d_mask_dims": 16,
    "morph_factor": 0.5, "batch_size": 4, "random_src_flip": False, "random_dst_flip": True, "uniform_yaw": False,
    "blur_out_mask": False, "lr_dropout": "n", "random_warp": True, "gan_power": 0.0, "gan_patch_size": 8, "gan_dims": 16,
    "ct_mode": "none", "clipgrad": False,
}  # fmt: skip
FACES = 4
WINDOW = 100  # iterations averaged for a printed loss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--src", type=Path, required=True)
    parser.add_argument("--dst", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--iterations", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    runtime.prepare("cpu")
    from samplers.files.faces import open_faceset

    src, dst = open_faceset(arguments.src), open_faceset(arguments.dst)
    rows = [
        run(src, dst, train_inters=train_inters, iterations=arguments.iterations, seed=arguments.seed)
        for train_inters in (True, False)
    ]
    cv2.imwrite(str(arguments.output), np.rint(np.concatenate(rows) * 255).astype(np.uint8))


def run(src, dst, *, train_inters: bool, iterations: int, seed: int) -> np.ndarray:
    """Train one model and return its image, (FACES * R, 7 * R, 3)."""
    from dfl_cli.classes.amp import AMP
    from dfl_cli.classes.pair_feed import PairFeed

    model = AMP.network.build(OPTIONS | {"train_inters": train_inters}, seed=seed)
    losses = np.empty((iterations, 2))
    with PairFeed({"src": src, "dst": dst}, OPTIONS, seed=seed, start=0) as feed:
        for iteration in range(iterations):
            batch = next(feed)
            losses[iteration] = model.train(batch).losses
            if (iteration + 1) % WINDOW == 0:
                means = losses[iteration + 1 - WINDOW : iteration + 1].mean(axis=0).round(4).tolist()
                print(f"train_inters={train_inters} iteration {iteration + 1}: src, dst loss {means}", flush=True)
    faces = batch.target_dst[:FACES]
    view = model.view(batch.target_src[:FACES], faces)
    mask = batch.mask_dst[:FACES]
    shares = [float(np.mean(np.abs(swap - view["DD"]) * mask) / mask.mean()) for swap in view["SD"]]
    print(
        f"train_inters={train_inters}: swap against reconstruction, mean difference on the face {np.round(shares, 4)}"
    )
    columns = [faces, view["DD"], *view["SD"]]
    return np.concatenate([np.concatenate([column[row] for column in columns], axis=1) for row in range(FACES)])


if __name__ == "__main__":
    main()
