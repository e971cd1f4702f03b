"""What people have on their disks, small: a film with faces, face sets of every kind, models, and pictures that are nobody's business."""

import io
import pickle
import shutil
import struct
from contextlib import redirect_stdout
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.main import main
from dfl_cli.store.model_dir import ModelDir
from samplers.files.dfl_image import read_fields, write_face_info

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
FRAMES = 4
HISTORY = 5  # preview pictures


def make_ground(root: Path) -> None:
    """Fills `root`, an empty folder:

    faces/ packed/ old/     the same four faces as files, as a pack, as DeepFaceLab 1 wrote them
    film.mp4 frames/ aligned/   a clip, its frames, the faces of all but the last of them
    models/                 tiny with a backup and a preview history, and a deleted model
    dfl/                    a model of DeepFaceLab
    holiday.jpg             also in every folder that commands write into
    """
    root.mkdir(parents=True, exist_ok=True)
    (root / "holiday.jpg").write_bytes(b"a day at the sea")
    make_face_sets(root)
    make_film(root)
    make_models(root)


def make_face_sets(root: Path) -> None:
    shutil.copytree(FIXTURES / "formats", root / "faces", ignore=shutil.ignore_patterns("*[!g]"))
    (root / "packed").mkdir()
    shutil.copy(FIXTURES / "formats" / "faceset.pak", root / "packed")
    (root / "old").mkdir()
    for path in (root / "faces").iterdir():
        png = cv2.imencode(".png", cv2.imread(str(path)))[1].tobytes()
        payload = pickle.dumps(read_fields(path.read_bytes()), protocol=3)
        chunk = struct.pack(">I", len(payload)) + b"fcWp" + payload + b"\0\0\0\0"
        (root / "old" / f"{path.stem}.png").write_bytes(png[:-12] + chunk + png[-12:])


def make_film(root: Path) -> None:
    with np.load(FIXTURES / "merge" / "merge_inputs.npz") as arrays:
        frame, landmarks = arrays["frame_uint8"], arrays["landmarks"]
    (root / "frames").mkdir()
    (root / "aligned").mkdir()
    for number in range(1, FRAMES + 1):
        cv2.imwrite(str(root / "frames" / f"{number:05d}.png"), np.roll(frame, number, axis=2))
    for number in range(1, FRAMES):
        path = root / "aligned" / f"{number:05d}_0.jpg"
        cv2.imwrite(str(path), np.full((64, 64, 3), 128, np.uint8))
        fields = {"face_type": "whole_face", "source_filename": f"{number:05d}.png"}
        write_face_info(path, fields | {"landmarks": (landmarks / 3).tolist(), "source_landmarks": landmarks.tolist()})
    quietly("video", "join", root / "frames", "--output", root / "film.mp4", "--fps", 25, "--silent-start")


def make_models(root: Path) -> None:
    shutil.copytree(FIXTURES / "dfl" / "model", root / "dfl")
    models = root / "models"
    for name in ("tiny", "gone"):
        quietly("model", "import-dfl", root / "dfl", "--name", name, "--to", models)
    quietly("model", "delete", "gone", "--yes", "--models", models)
    quietly("model", "backup", "tiny", "--models", models)
    history = ModelDir(models / "tiny").folder / "history" / "SAEHD"
    history.mkdir(parents=True)
    for number in range(1, HISTORY + 1):
        cv2.imwrite(str(history / f"{number:07d}.jpg"), np.full((164, 320, 3), 40 * number, np.uint8))


def quietly(*words) -> None:
    with redirect_stdout(io.StringIO()):
        code = main([str(word) for word in words])
    if code:
        raise RuntimeError(f"dfl {' '.join(map(str, words))}: {code}")
