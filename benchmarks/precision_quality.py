"""Whether a narrower number format costs quality: the same training in several precisions, and faces it never saw.

    python benchmarks/precision_quality.py --src A/aligned --dst B/aligned --output curves.json
        [--seeds 1 2 3] [--iterations 1600] [--precisions float32 bfloat16]

Runs of one seed start from the same weights and see the same batches: compare those in pairs, since seeds scatter by more than
precisions. The last faces of each set are held out. `docs/pictures/precision.py` draws the curves.
"""

import argparse
import json
import math
from pathlib import Path

import numpy as np

from dfl_cli.classes.pair_feed import PairFeed
from dfl_cli.classes.saehd import SAEHD
from dfl_cli.evaluate.metrics.image_quality import psnr, ssim
from dfl_cli.faceset.loading import load_faceset
from dfl_cli.options.wizard import ask_table
from models.classes.pair_batch import PairBatch
from models.engine import runtime

SETTINGS = {"resolution": 64, "ae_dims": 64, "e_dims": 32, "d_dims": 32, "d_mask_dims": 16, "batch_size": 8}
HELD_OUT = 40  # faces at the end of each set
POINTS = 16  # of a curve


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--src", type=Path, required=True)
    parser.add_argument("--dst", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True, help="A run that is in it already is not repeated.")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--precisions", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--archi", default="df")
    parser.add_argument("--iterations", type=int, default=1600)
    args = parser.parse_args()
    runtime.prepare("cpu")
    sets = [load_faceset(folder, "pack") for folder in (args.src, args.dst)]
    curves = json.loads(args.output.read_text()) if args.output.exists() else {}
    for seed in args.seeds:
        for precision in args.precisions:
            name = f"{args.archi} {precision} {seed}"
            if name not in curves:
                curves[name] = train(sets, args, precision=precision, seed=seed)
                args.output.write_text(json.dumps(curves, indent=1))
    report(curves, args)


def train(sets, args, *, precision: str, seed: int) -> list[dict]:
    """Train a new model and return the points of its curve."""
    given = {**SETTINGS, "face_type": "wf", "archi": args.archi, "precision": precision}
    options = ask_table(SAEHD.table, given=given, ask_now=False)
    seen, unseen = zip(*((faces[:-HELD_OUT], faces[-HELD_OUT:]) for faces in sets), strict=True)
    test = whole_faces(unseen, options)
    model = SAEHD.network.build(options, seed=seed)
    every, losses, curve = args.iterations // POINTS, [], []
    with SAEHD.open_feed(dict(zip(("src", "dst"), seen, strict=True)), options, seed=seed, start=0) as feed:
        for iteration in range(1, args.iterations + 1):
            losses.append(model.train(next(feed)).losses)
            if iteration % every == 0:
                loss = np.mean(losses[-every:], axis=0).tolist()
                curve.append({"iteration": iteration, "loss": loss, **quality(model, test)})
                print(precision, seed, curve[-1], flush=True)
    return curve


def whole_faces(sets, options) -> PairBatch:
    """One batch of all held-out faces, not warped."""
    plain = {**options, "random_warp": False, "random_src_flip": False, "random_dst_flip": False}
    plain["batch_size"] = HELD_OUT
    with PairFeed(dict(zip(("src", "dst"), sets, strict=True)), plain, seed=0, start=0, scale_range=(0, 0)) as feed:
        return next(feed)


def quality(model, test: PairBatch) -> dict:
    """Means over the held-out faces, where their mask is set."""
    found = {}
    masks = {"src": test.mask_src, "dst": test.mask_dst}
    for side, (painted, truth) in model.reconstructions(test, HELD_OUT).items():
        rows = [
            (psnr(*one), ssim(*one)) for one in zip(painted, truth, (masks[side] > 0.5).astype(np.float32), strict=True)
        ]
        found[f"psnr_{side}"], found[f"ssim_{side}"] = np.mean(rows, axis=0).tolist()
    return found


def report(curves: dict, args) -> None:
    """The last points, and the differences from the first precision in pairs with a 95 % interval of their mean."""
    first, *others = args.precisions
    for side in ("src", "dst"):
        for kind in ("psnr", "ssim"):
            last = {
                precision: [curves[f"{args.archi} {precision} {seed}"][-1][f"{kind}_{side}"] for seed in args.seeds]
                for precision in args.precisions
            }
            for precision, values in last.items():
                print(f"{kind} {side} {precision:9}", *(f"{value:7.3f}" for value in values))
            for other in others:
                print(f"  {other} - {first}: {interval(np.subtract(last[other], last[first]))}")


def interval(differences: np.ndarray) -> str:
    """Mean and half width of Student's 95 % interval."""
    quantile = {1: 12.71, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}
    half = math.nan
    if len(differences) > 1:
        half = quantile[len(differences) - 1] * differences.std(ddof=1) / math.sqrt(len(differences))
    return f"{differences.mean():+.3f} +- {half:.3f}"


if __name__ == "__main__":
    main()
