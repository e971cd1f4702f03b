"""Create merge_modes.jpg: one frame in every merge mode, and with the settings that change how the face looks.

dfl train --src A/aligned --dst CLIP/aligned --models M --name clip ...
python docs/pictures/merge_modes.py --clip CLIP --models M --name clip [--frame 00070]
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.merge.alignments import collect_alignments
from dfl_cli.merge.command import settings_from
from dfl_cli.merge.pixels.compose import merge_frame
from dfl_cli.merge.pixels.crop import crop_face
from dfl_cli.merge.pixels.motion import Motion
from dfl_cli.merge.pixels.network import Network
from dfl_cli.merge.predictor import ModelPredictor, SwapNetwork, known_corrections
from dfl_cli.options.tables.merge import MERGE
from dfl_cli.options.wizard import ask_table
from dfl_cli.store.saved_model import find_model
from samplers.files.faces import open_faceset

SOFT = {"erode_mask_modifier": 20, "blur_mask_modifier": 60}
PLAIN = {"color_transfer_mode": "none"}
SHOWN = {
    "original": {"mode": "original"},
    "overlay, no color transfer": PLAIN,
    "overlay, rct": {},
    "overlay, rct, erode 20, blur 60": SOFT,
    "hist-match": {"mode": "hist-match", **SOFT},
    "seamless": {"mode": "seamless", **SOFT, **PLAIN},
    "seamless, rct": {"mode": "seamless", **SOFT},
    "seamless-hist-match": {"mode": "seamless-hist-match", **SOFT, **PLAIN},
    "raw-rgb": {"mode": "raw-rgb"},
    "raw-predict": {"mode": "raw-predict"},
    "mask dst": {"mask_mode": "dst", **SOFT},
    "mask full": {"mask_mode": "full", "blur_mask_modifier": 60},
    "sot-m": {"color_transfer_mode": "sot-m", **SOFT},
    "face scale 15": {"output_face_scale": 15, **SOFT},
    "sharpen gaussian 20": {"sharpen_mode": "gaussian", "blursharpen_amount": 20, **SOFT},
    "blur -30": {"sharpen_mode": "box", "blursharpen_amount": -30, **SOFT},
    "motion blur 100": {"motion_blur_power": 100, **SOFT},
    "denoise 200": {"image_denoise_power": 200, **SOFT},
    "bicubic 60": {"bicubic_degrade_power": 60, **SOFT},
    "color degrade 100": {"color_degrade_power": 100, **SOFT},
}
COLUMNS, SIDE, LINE = 5, 230, 22  # images per row; pixels of an image and of the text above it
MOVING = Motion(24, 20)  # stronger than in the clip, to be visible


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clip", type=Path, required=True, help="folder with frames and aligned")
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--frame", help="stem of the frame; the middle one if left out")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("merge_modes.jpg"))
    args = parser.parse_args()
    paths = sorted((args.clip / "frames").iterdir())
    path = next((path for path in paths if path.stem == args.frame), paths[len(paths) // 2])
    landmarks = collect_alignments(open_faceset(args.clip / "aligned")).faces[path.stem][0]
    saved = find_model(args.models, args.name)
    predictor = ModelPredictor(SwapNetwork(saved), corrections=known_corrections(saved))
    sheet = contact_sheet(cv2.imread(str(path)), landmarks, predictor)
    cv2.imwrite(str(args.output), sheet, [cv2.IMWRITE_JPEG_QUALITY, 85])


def contact_sheet(frame, landmarks, predictor):
    """Rows of COLUMNS images, each with its text above."""
    crop = crop_face(frame, landmarks, predictor.face)
    (prediction,) = Network(predictor, at_once=1).predict([crop])
    window = around(landmarks, frame.shape)
    cells = []
    for text, changes in SHOWN.items():
        settings = settings_from(ask_table(MERGE, given=changes, ask_now=False))
        merged = merge_frame(frame, [crop], [prediction], settings, model_face=predictor.face, motion=MOVING)
        picture = merged.picture if settings.mode == "raw-predict" else merged.picture[window]
        cells.append(cell(picture, text))
    rows = [np.hstack(cells[start : start + COLUMNS]) for start in range(0, len(cells), COLUMNS)]
    return np.vstack(rows)


def around(landmarks, shape):
    """Rows and columns of a square around the face."""
    middle, reach = landmarks.mean(axis=0), 1.1 * np.ptp(landmarks, axis=0).max()
    (left, top), (right, bottom) = (np.clip(middle + sign * reach, 0, shape[1::-1]).astype(int) for sign in (-1, 1))
    return np.s_[top:bottom, left:right]


def cell(picture, text):
    picture = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    title = np.full((LINE, SIDE, 3), 255, np.uint8)
    cv2.putText(title, text, (4, LINE - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1, cv2.LINE_AA)
    return np.vstack([title, picture])


if __name__ == "__main__":
    main()
