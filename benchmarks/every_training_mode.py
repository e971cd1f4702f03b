"""Train every kind of model briefly on two face sets, stop it, resume it, and print how the losses fell.

    python benchmarks/every_training_mode.py --src A/aligned --dst B/aligned --output OUT [--iterations 300]

OUT receives a models folder with one model per mode, and `previews.png` with all their previews stacked.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np

SMALL = "--resolution=64 --face-type=wf --ae-dims=64 --e-dims=16 --d-dims=16 --d-mask-dims=16 --batch-size=4".split()  # noqa: SIM905, as one types it
MODES = {  # name: (flags of the first half, flags of the second)
    "liae-ud": ("--archi=liae-ud", ""),
    "df-ud GAN true face": ("--archi=df-ud --gan-power=0.1 --gan-patch-size=8 --gan-dims=8 --true-face-power=0.01", ""),
    "df styles": ("--archi=df --face-style-power=10 --bg-style-power=10", ""),
    "df lr_dropout": ("--archi=df --lr-dropout=y", ""),
    "df pretrain": ("--archi=df --pretrain=y", "--pretrain=n"),
    "AMP": ("--model=AMP --inter-dims=128", "--model=AMP"),
    "Quick96": ("--model=Quick96", "--model=Quick96"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--src", type=Path, required=True)
    parser.add_argument("--dst", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--iterations", type=int, default=300)
    parser.add_argument("--modes", nargs="*", choices=list(MODES), default=list(MODES))
    args = parser.parse_args()
    for name in args.modes:
        first, second = MODES[name]
        structure = [] if "Quick96" in first else SMALL
        pretraining = [f"--pretraining={args.src}"] if "--pretrain=y" in first else []
        half = args.iterations // 2
        train(args, name, [*first.split(), *structure, *pretraining], half)
        train(args, name, second.split() if second else [], half if pretraining else args.iterations)
        print(name, losses_of(args.output / "models" / name), flush=True)
    write_previews(args.output, args.modes)


def train(args, name: str, flags: list[str], target: int) -> None:
    """`dfl train` in a child process, without a terminal."""
    places = [f"--src={args.src}", f"--dst={args.dst}", f"--models={args.output / 'models'}", f"--name={name}"]
    line = [
        sys.executable,
        "-m",
        "dfl_cli.main",
        "train",
        *places,
        "--silent-start",
        "--seed=1",
        f"--target-iter={target}",
        *flags,
    ]
    subprocess.run(line, check=True, stdout=subprocess.DEVNULL)


def losses_of(folder: Path) -> str:
    """Mean src and dst loss of the first and last fifth of the iterations in loss.csv."""
    rows = np.loadtxt(folder / "loss.csv", delimiter=",", skiprows=1)
    fifth = max(1, len(rows) // 5)
    first, last = rows[:fifth, 2:].mean(0), rows[-fifth:, 2:].mean(0)
    return f"iterations {len(rows)}  src {first[0]:.3f} -> {last[0]:.3f}  dst {first[1]:.3f} -> {last[1]:.3f}"


def write_previews(output: Path, names: list[str]) -> None:
    pictures = [cv2.imread(str(output / "models" / name / "preview.png"))[:356] for name in names]
    width = max(picture.shape[1] for picture in pictures)
    padded = [
        cv2.copyMakeBorder(picture, 0, 4, 0, width - picture.shape[1], cv2.BORDER_CONSTANT) for picture in pictures
    ]
    cv2.imwrite(str(output / "previews.png"), np.concatenate(padded))


if __name__ == "__main__":
    main()
