"""Peak memory of training steps, measured and estimated: every line of the table in docs/memory.md.

    python benchmarks/memory_estimate.py [NAME ...] [--steps 2] [--json FILE]

Each configuration runs in a process of its own. Measured is the largest resident memory (ru_maxrss) after some steps, less that
of a process that has trained the smallest model: TensorFlow, its compiler and what both hold. NAME: part of a configuration's
name; without any all run. A machine under load measures the same, only slower.
"""

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

MEGABYTE = 1 << 20
TINY = {"archi": "df", "resolution": 64, "ae_dims": 32, "e_dims": 16, "d_dims": 16, "d_mask_dims": 16, "batch_size": 1}
DF64 = {"archi": "df", "resolution": 64, "ae_dims": 64, "e_dims": 48, "d_dims": 48, "d_mask_dims": 16}
UD128 = {"archi": "df-ud", "resolution": 128, "ae_dims": 64, "e_dims": 48, "d_dims": 48, "d_mask_dims": 16}
LIAE96 = {"archi": "liae-ud", "resolution": 96, "ae_dims": 64, "e_dims": 48, "d_dims": 48, "d_mask_dims": 16}
AMP96 = {"resolution": 96, "ae_dims": 64, "inter_dims": 256, "e_dims": 32, "d_dims": 32, "d_mask_dims": 16}
GAN = {"gan_power": 0.1, "gan_patch_size": 16, "gan_dims": 16}

# Name -> class and what is not as usual.
CONFIGURATIONS = {
    "df 64, batch 8": ("SAEHD", DF64 | {"batch_size": 8}),
    "df 64, batch 16": ("SAEHD", DF64 | {"batch_size": 16}),
    "df 64, batch 16, bfloat16": ("SAEHD", DF64 | {"batch_size": 16, "precision": "bfloat16"}),
    "df-ud 128, batch 4": ("SAEHD", UD128 | {"batch_size": 4}),
    "df-ud 128, batch 16": ("SAEHD", UD128 | {"batch_size": 16}),
    "df-ud 128, batch 16, checkpointing": ("SAEHD", UD128 | {"batch_size": 16, "gradient_checkpointing": "y"}),
    "df-ud 128, batch 16, bfloat16": ("SAEHD", UD128 | {"batch_size": 16, "precision": "bfloat16"}),
    "df-ud 128, batch 16, both": (
        "SAEHD", UD128 | {"batch_size": 16, "precision": "bfloat16", "gradient_checkpointing": "y"},
    ),
    "df-ud 128, 4 batches of 4": ("SAEHD", UD128 | {"batch_size": 4, "accumulate_steps": 4}),
    "df-ud 128, batch 8, GAN": ("SAEHD", UD128 | GAN | {"batch_size": 8}),
    "df-ud 128, batch 8, GAN, checkpointing": (
        "SAEHD", UD128 | GAN | {"batch_size": 8, "gradient_checkpointing": "y"},
    ),
    "df-t 64, batch 8, RMSprop": ("SAEHD", DF64 | {"archi": "df-t", "batch_size": 8, "adabelief": "n"}),
    "liae-ud 96, batch 8": ("SAEHD", LIAE96 | {"batch_size": 8}),
    "liae-ud 96, batch 8, averages": ("SAEHD", LIAE96 | {"batch_size": 8, "ema": "0.999"}),
    "liae-udt 96, batch 2, styles": (
        "SAEHD", LIAE96 | {"archi": "liae-udt", "batch_size": 2, "face_style_power": 1.0, "bg_style_power": 1.0},
    ),
    "AMP 96, batch 8": ("AMP", AMP96 | {"batch_size": 8}),
    "Quick96, batch 4": ("Quick96", {"batch_size": 4}),
    "Quick96, batch 4, checkpointing": ("Quick96", {"batch_size": 4, "gradient_checkpointing": "y"}),
    "XSeg, batch 4": ("XSeg", {"batch_size": 4, "precision": "float32"}),
    "XSeg, batch 8": ("XSeg", {"batch_size": 8, "precision": "float32"}),
    "XSeg, batch 8, checkpointing": ("XSeg", {"batch_size": 8, "precision": "float32", "gradient_checkpointing": "y"}),
    "XSeg, batch 8, bfloat16": ("XSeg", {"batch_size": 8, "precision": "bfloat16"}),
}  # fmt: skip


def options_of(model_class: str, given: dict) -> dict:
    from dfl_cli.classes.registry import CLASSES
    from dfl_cli.options.wizard import ask_table

    known = CLASSES[model_class]
    return known.with_fixed(ask_table(known.table, given=given, ask_now=False))


def train(model_class: str, given: dict, steps: int) -> None:
    """In the child: some steps on noise, then print the peak in megabytes and the median seconds of a step."""
    import time

    from dfl_cli.classes.registry import CLASSES
    from models.engine import runtime

    runtime.prepare("cpu")
    from models.model_class import faces_per_iteration

    options = options_of(model_class, given)
    network = CLASSES[model_class].network
    model, seconds = network.build(options, seed=1), []
    batch = network.noise(faces_per_iteration(options), options["resolution"])
    for _ in range(1 + steps):
        began = time.perf_counter()
        assert model.train(batch).applied
        seconds.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"peak": peak, "seconds": sorted(seconds[1:])[steps // 2]}))


def measured(model_class: str, given: dict, steps: int) -> dict:
    command = [sys.executable, __file__, "--child", json.dumps([model_class, given]), "--steps", str(steps)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def estimated(model_class: str, given: dict) -> float:
    """Megabytes."""
    from dfl_cli.train.memory.estimate import memory_needed

    options = options_of(model_class, given)
    return memory_needed(model_class, options, gpu=False).total(options["batch_size"]) / MEGABYTE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        train(*json.loads(given.child), given.steps)
        return
    chosen = {k: v for k, v in CONFIGURATIONS.items() if not given.names or any(name in k for name in given.names)}
    base = measured("SAEHD", TINY, given.steps)["peak"] - estimated("SAEHD", TINY)
    print(
        f"without the model: {base:.0f} MB\n\n| configuration | measured MB | estimated MB | ratio | s |\n|---|---|---|---|---|"
    )
    rows = []
    for name, (model_class, changes) in chosen.items():
        found, guess = measured(model_class, changes, given.steps), estimated(model_class, changes)
        real = found["peak"] - base
        rows.append({"name": name, "measured": real, "estimated": guess, "seconds": found["seconds"]})
        print(f"| {name} | {real:.0f} | {guess:.0f} | {guess / real:.2f} | {found['seconds']:.2f} |", flush=True)
        if given.json:
            given.json.write_text(json.dumps({"base": base, "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
