"""Where a model puts faces: how far its pictures lie beside the truth on faces it never saw, as training goes on.

    python benchmarks/registration.py --src A/aligned --dst B/aligned --workspace DIR
        [--kinds classic corrected] [--seeds 1 2 3] [--points 400 800 1600 3200]

Trains with `dfl train` up to each point in turn; what is trained already is only measured. The last 40 faces of each set are
held out. Numbers, beside the models in registration.json: displacement of reconstructions (px, to the right and down), its spread
over faces, scale and turn, PSNR and SSIM inside the mask against area-averaged pictures; the same of the reconstructions moved
back by their median displacement, and of those that the model paints with its input corrected by what was measured on the
faces it is trained on, as previews and merging do.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.evaluate.metrics.image_quality import psnr, ssim
from dfl_cli.faceset.loading import load_faceset
from dfl_cli.registration.measuring import as_batch, measure, whole_faces
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.registration_file import registration_of
from dfl_cli.store.saved_model import SavedModel, open_model
from models.engine import runtime
from models.subpixel import moved
from samplers.geometry.registration import displacement

KINDS = {"classic": ["--corrected-samples", "n"], "corrected": ["--corrected-samples", "y"]}
SETTINGS = {"resolution": 64, "ae_dims": 64, "e_dims": 32, "d_dims": 32, "d_mask_dims": 16, "batch_size": 8}
HELD_OUT = 40  # faces at the end of each set
SIDES = ("src", "dst")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--src", type=Path, required=True)
    parser.add_argument("--dst", type=Path, required=True)
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--points", type=int, nargs="+", default=[400, 800, 1600])
    args = parser.parse_args()
    runtime.prepare("cpu")
    seen, unseen = split(args)
    path = args.workspace / "registration.json"
    for seed in args.seeds:
        for point in args.points:
            for kind in args.kinds:
                found = json.loads(path.read_text()) if path.exists() else {}
                name = f"{kind}-{seed}"
                if str(point) not in found.get(name, {}):
                    saved = trained(args.workspace / "models", name, seen, kind, seed, point)
                    found = json.loads(path.read_text()) if path.exists() else {}
                    found.setdefault(name, {})[str(point)] = numbers = measured(saved, seen, unseen)
                    path.write_text(json.dumps(found, indent=1))
                    print(name, point, json.dumps(numbers), flush=True)


def split(args) -> tuple[dict, dict]:
    """Folders of the faces that are trained on and of those that are not."""
    folders = {}
    for side, source in zip(SIDES, (args.src, args.dst), strict=True):
        faces = sorted(source.glob("*.jpg"))
        for part, some in (("seen", faces[:-HELD_OUT]), ("unseen", faces[-HELD_OUT:])):
            folders[side, part] = folder = args.workspace / part / side
            if not folder.exists():
                folder.mkdir(parents=True)
                for face in some:
                    shutil.copy2(face, folder)
    return tuple({side: folders[side, part] for side in SIDES} for part in ("seen", "unseen"))


def trained(models: Path, name: str, seen: dict, kind: str, seed: int, point: int):
    """The model `name` after `point` iterations."""
    folder = ModelDir(models / name)
    if not folder.folder.exists() or open_model(folder).iteration < point:
        flags = [f"--{key.replace('_', '-')}={value}" for key, value in SETTINGS.items()]
        command = [
            "train",
            "--models",
            models,
            "--name",
            name,
            "--seed",
            seed,
            "--target-iter",
            point,
            "--preview",
            "off",
        ]
        command += ["--src", seen["src"], "--dst", seen["dst"], "--face-type", "wf", "--archi", "df", "--silent-start"]
        command += ["--autobackup-hour", 0, *flags, *KINDS[kind]]
        subprocess.run(
            [str(Path(sys.executable).with_name("dfl")), *map(str, command)], check=True, stdout=subprocess.DEVNULL
        )
    return open_model(folder)


def measured(saved: SavedModel, seen: dict, unseen: dict) -> dict:
    """Numbers of both sides."""
    model = saved.build(corrected=False)
    record = registration_of(saved) or measure(
        model, {side: load_faceset(folder) for side, folder in seen.items()}, saved.options, iteration=saved.iteration
    )
    sets = {side: load_faceset(folder) for side, folder in unseen.items()}
    own = {side: list(whole_faces(faces, saved.options)) for side, faces in sets.items()}
    shown = {side: np.clip([face.image for face in faces], 0, 1) for side, faces in own.items()}
    plain = model.reconstructions(as_batch(shown), HELD_OUT)
    model.corrections = record.corrections
    corrected = dict(zip(SIDES, map(model.view(*shown.values()).get, ("SS", "DD")), strict=True))
    numbers = {}
    for side, faces in own.items():
        mask = np.stack([face.mask for face in faces])
        truth = shown[side] if saved.options.get("corrected_samples") else averaged(sets[side], saved.options)
        painted = plain[side][0]
        found = displacement(zip(painted, truth, mask, strict=True))
        back = moved(painted, (-found.shift[0], -found.shift[1]))
        kinds = {"as_painted": painted, "moved_back": back, "corrected": corrected[side]}
        numbers[side] = {kind: quality(pictures, truth, mask) for kind, pictures in kinds.items()}
        numbers[side]["correction"] = getattr(record.corrections, side)
    return numbers


def quality(pictures, truths, masks) -> dict:
    found = displacement(zip(pictures, truths, masks, strict=True))
    return {
        **found._asdict(),
        "psnr": mean_of(psnr, pictures, truths, masks),
        "ssim": mean_of(ssim, pictures, truths, masks),
    }


def mean_of(measure, pictures, truths, masks) -> float:
    rows = zip(pictures, truths, (masks > 0.5).astype(np.float32), strict=True)
    return float(np.mean([measure(*row) for row in rows]))


def averaged(faces, options: dict) -> np.ndarray:
    """What classic samples show, without what they lose of it: each pixel the mean of those it covers."""
    if any(face.face_type.short != options["face_type"] for face in faces):
        raise SystemExit("the faces have to be stored as the model sees them")
    size = (options["resolution"], options["resolution"])
    return np.stack([cv2.resize(face.read(), size, interpolation=cv2.INTER_AREA) for face in faces]).astype("f4") / 255


if __name__ == "__main__":
    main()
