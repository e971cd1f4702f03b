"""Create registration.jpg and print a table: where the eyes, the mouth and the outline of merged faces lie, with and without correction.

dfl train --src A/aligned --dst CLIP/aligned --models M --name clip --corrected-samples n ...
python docs/pictures/registration.py --clip CLIP --models M --name clip [--every 4]

The 68 landmarks are found in the frame and in the merged frames alike, by the mesh that comes with the program. Distances are pixels of
the model's picture: the square of the face in the frame has as many pixels as the model, however large it is.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.face_networks.mesh import Mesh, landmarks_of, region
from dfl_cli.merge.alignments import collect_alignments
from dfl_cli.merge.command import settings_from
from dfl_cli.merge.pixels.compose import merge_frame
from dfl_cli.merge.pixels.crop import crop_face
from dfl_cli.merge.pixels.network import Network
from dfl_cli.merge.predictor import ModelPredictor, SwapNetwork, known_corrections
from dfl_cli.options.tables.merge import MERGE
from dfl_cli.options.wizard import ask_table
from dfl_cli.store.saved_model import find_model
from models.classes.corrections import NONE
from samplers.files.faces import open_faceset

PARTS = {"eyes": slice(36, 48), "mouth corners": [48, 54], "outline": slice(0, 17)}
LINES = (slice(0, 17), [*range(36, 42), 36], [*range(42, 48), 42], [*range(48, 60), 48])
SETTINGS = {"mode": "overlay", "erode_mask_modifier": 10, "blur_mask_modifier": 30}
SHOWN, SIDE, LINE = 3, 420, 26  # frames in the picture; pixels of an image and of the text above it
COLUMNS = ("frame", "merged, uncorrected", "merged, corrected")
GREEN, RED = (80, 255, 80), (60, 60, 255)


class Seen(NamedTuple):
    """One frame, and what merging makes of it."""

    pictures: tuple  # frame, uncorrected, corrected
    points: tuple  # 68 landmarks found in each
    scale: float  # pixels of the model's picture in one of the frame


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", type=Path, required=True, help="folder with frames and aligned")
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--every", type=int, default=1, help="look at every n-th frame")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("registration.jpg"))
    args = parser.parse_args()
    saved = find_model(args.models, args.name)
    predictor = ModelPredictor(SwapNetwork(saved), corrections=known_corrections(saved))
    settings = settings_from(ask_table(MERGE, given=SETTINGS, ask_now=False))
    faces, mesh = collect_alignments(open_faceset(args.clip / "aligned")).faces, Mesh()
    paths = [path for path in sorted((args.clip / "frames").iterdir()) if len(faces.get(path.stem, ())) == 1]
    seen = [
        look(cv2.imread(str(path)), faces[path.stem][0], predictor, settings, mesh) for path in paths[:: args.every]
    ]
    report(seen, predictor.corrections)
    step = max(1, len(seen) // SHOWN)
    rows = [row(one) for one in seen[step // 2 :: step][:SHOWN]]
    cv2.imwrite(str(args.output), np.vstack([titles(), *rows]), [cv2.IMWRITE_JPEG_QUALITY, 85])


def look(frame, landmarks, predictor, settings, mesh) -> Seen:
    """Merge `frame` with and without correction and find the landmarks in all three pictures."""
    crop, corrections, merged = crop_face(frame, landmarks, predictor.face), predictor.corrections, []
    for predictor.corrections in (NONE, corrections):
        (prediction,) = Network(predictor, at_once=1).predict([crop])
        merged.append(merge_frame(frame, [crop], [prediction], settings, model_face=predictor.face).picture[..., :3])
    pictures = (frame, *merged)
    eyes = landmarks[42:48].mean(axis=0) - landmarks[36:42].mean(axis=0)
    places = [landmarks_of(mesh.run(picture, *region(landmarks, eyes))[0]) for picture in pictures]
    return Seen(pictures, tuple(places), float(np.sqrt(np.linalg.det(crop.frame_to_square[:, :2]))))


def report(seen: list[Seen], corrections) -> None:
    """The mean displacement of every part from the frame's, and the mean distance of its points."""
    print("input of the swap moved by", corrections.src)
    for name, part in PARTS.items():
        for column, title in enumerate(COLUMNS[1:], start=1):
            off = np.stack([(one.points[column] - one.points[0])[part] * one.scale for one in seen])
            x, y = off.mean(axis=(0, 1))
            print(f"{name:14} {title:20} {x:+.2f} {y:+.2f}  distance {np.linalg.norm(off, axis=2).mean():.2f}")


def row(one: Seen):
    """The three pictures of a frame, with the landmarks found in the frame, and over them those found in the picture itself."""
    points = one.points[0]
    middle, reach = points.mean(axis=0), 0.62 * np.ptp(points, axis=0).max()
    matrix = np.float64([(SIDE / 2 / reach, 0, 0), (0, SIDE / 2 / reach, 0)])
    matrix[:, 2] = SIDE / 2 - matrix[:, :2] @ middle
    cells = [cv2.warpAffine(picture, matrix, (SIDE, SIDE), flags=cv2.INTER_CUBIC) for picture in one.pictures]
    for cell, own in zip(cells, one.points, strict=True):
        for landmarks, color in ((points, GREEN), (own, RED)) if own is not points else ((points, GREEN),):
            placed = landmarks @ matrix[:, :2].T + matrix[:, 2]
            for line in LINES:
                cv2.polylines(cell, [np.int32(np.round(placed[line] * 16))], False, color, 1, cv2.LINE_AA, shift=4)
    return np.hstack(cells)


def titles():
    title = np.full((LINE, SIDE * len(COLUMNS), 3), 255, np.uint8)
    for number, text in enumerate(COLUMNS):
        cv2.putText(
            title, text, (number * SIDE + 6, LINE - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA
        )
    return title


if __name__ == "__main__":
    main()
