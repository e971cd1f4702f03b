"""Makes hero.jpg, the image at the top of the README: draws two people, trains a model, merges its frames, and shows them.

    python docs/pictures/hero.py --workspace hero-workspace

9,000 iterations took 114 minutes on two busy CPU cores with AMX. Run again in the same workspace, it resumes. The person
with the beard has lighter skin and hair than in `dfl demo`, so that the face shows and not the difference in color between
face and neck.
"""

import argparse
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.demo.people import PERSON_B, SyntheticPlan, draw_poses, render, write_workspace
from dfl_cli.demo.result import mean_psnr_ssim, stack
from dfl_cli.faceset.loading import load_faceset
from dfl_cli.frames import read_frame
from dfl_cli.merge.alignments import collect_alignments
from dfl_cli.store.workspace import Workspace

HERE = Path(__file__).parent
BEARDED = replace(
    PERSON_B,
    skin=(0.60, 0.71, 0.86),
    beard=0.8,
    hair_color=(0.06, 0.09, 0.15),
    hair_tip_color=(0.10, 0.16, 0.25),
)
PEOPLE = SyntheticPlan(dst=BEARDED, src_faces=160, dst_frames=96, frame_size=(512, 512), liveliness=0.6)
NAME = "hero"
ANSWERS = """\
resolution = 128
face_type = "wf"
archi = "df-ud"
ae_dims = 96
e_dims = 32
d_dims = 32
d_mask_dims = 16
batch_size = 2
random_dst_flip = false
eyes_mouth_prio = true
random_warp = true

[[stage]]
until_iter = 2000

[[stage]]
until_iter = 6000
random_warp = false

[[stage]]
until_iter = 9000
ema = "0.999"
"""
MERGE = ["--mask-mode", "learned-prd*learned-dst", "--color-transfer-mode", "none"]
MERGE += ["--erode-mask-modifier", "10", "--blur-mask-modifier", "30"]  # hides the border in the hair
MERGE += ["--sharpen-mode", "gaussian", "--blursharpen-amount", "2"]  # clearer eyes and mouth for 0.6 dB of PSNR
FASTER = {"ONEDNN_DEFAULT_FPMATH_MODE": "BF16"}  # TensorFlow's convolutions in bfloat16 where the processor has it
ROWS = [(5, "00004"), (9, "00041")]  # number of a picture of src, frame of dst
TITLES = ["src", "frame of dst", "the swap", "the true swap"]
HEAD, SIDE, LINE = 350, 300, 26  # pixels: square in the frame, picture made of it, text above
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 90]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace", type=Path, default=Path("hero-workspace"))
    workspace = Workspace(parser.parse_args().workspace.absolute())
    if not (workspace.root / "truth").exists():
        write_workspace(workspace.root, PEOPLE)
    answers = workspace.root / "hero.toml"
    answers.write_text(ANSWERS)
    dfl("train", workspace, "--model", "SAEHD", "--silent-start", "--preview", "file", "--answers", answers)
    dfl("merge", workspace, "--batch", "--overwrite", *MERGE)
    cv2.imwrite(str(HERE / "hero.jpg"), rows(workspace), QUALITY)
    swapped, unswapped = mean_psnr_ssim(workspace, sorted(path.name for path in workspace.frames.glob("*.png")))
    for what, (psnr, ssim) in {"swapped": swapped, "unswapped": unswapped}.items():
        print(f"{what}: PSNR {psnr:.1f} dB, SSIM {ssim:.3f} inside the mask")


def dfl(command: str, workspace: Workspace, *arguments) -> None:
    where = ["--workspace", workspace.root, "--name", NAME, "--cpu"]
    command_line = [sys.executable, "-m", "dfl_cli.main", command, *where, *arguments]
    subprocess.run(command_line, env={**FASTER, **os.environ}, check=True)


def rows(workspace: Workspace) -> np.ndarray:
    """The titles, and below them four pictures for each of ROWS, uint8 BGR."""
    src_poses = draw_poses(PEOPLE.src_faces, PEOPLE.seed, smooth=False, liveliness=PEOPLE.liveliness)
    landmarks = collect_alignments(load_faceset(workspace.dst)).faces
    shown = [stack([title(text) for text in TITLES], axis=1)]
    for src_number, frame_name in ROWS:
        src = render(PEOPLE.src, src_poses[src_number - 1], PEOPLE.frame_size)
        folders = (workspace.frames, workspace.merged, workspace.root / "truth")
        frames = [crop(read_frame(folder / f"{frame_name}.png"), landmarks[frame_name][0]) for folder in folders]
        shown.append(stack([crop(src.image, src.landmarks), *frames], axis=1))
    return stack(shown, axis=0)


def crop(frame: np.ndarray, landmarks: np.ndarray, head: int = HEAD) -> np.ndarray:
    """A square about the head, `head` pixels wide in the frame, as a picture of SIDE pixels."""
    middle = landmarks.mean(axis=0) - (0, 0.12 * head)  # the points do not reach up to the hair
    left, top = np.clip(middle - head / 2, 0, np.array(frame.shape[1::-1]) - head).astype(int)
    interpolation = cv2.INTER_AREA if head > SIDE else cv2.INTER_CUBIC
    return cv2.resize(frame[top : top + head, left : left + head], (SIDE, SIDE), interpolation=interpolation)


def title(text: str) -> np.ndarray:
    line = np.full((LINE, SIDE, 3), 255, np.uint8)
    cv2.putText(line, text, (4, LINE - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 1, cv2.LINE_AA)
    return line


if __name__ == "__main__":
    main()
