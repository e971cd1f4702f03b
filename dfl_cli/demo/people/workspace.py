"""A workspace in DeepFaceLab's layout with two synthetic people, and the true swap of every frame.

data_src/aligned/*.jpg   faces of one person, every pose and light
data_dst/*.png           frames of the other, as from a video
data_dst/aligned/*.jpg   the faces in them
truth/*.png              each frame as a perfect swap would leave it
truth/mask/*.png         where it differs, grey
"""

import errno
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.demo.people.people import PERSON_A, PERSON_B, Person
from dfl_cli.demo.people.poses import Pose, draw_poses
from dfl_cli.demo.people.render import Rendering, render
from dfl_cli.demo.people.swap import swap_truth
from samplers.files.atomic_file import write_atomically
from samplers.files.dfl_image import write_fields
from samplers.files.face_info import encode_mask
from samplers.geometry.align import frame_rect, transform_matrix, transform_points
from samplers.geometry.face_types import FaceType


class SyntheticPlan(NamedTuple):
    """What to draw; the same plan gives the same files."""

    src: Person = PERSON_A
    dst: Person = PERSON_B
    src_faces: int = 160
    dst_frames: int = 96
    frame_size: tuple[int, int] = (320, 320)  # width, height
    face_size: int = 256  # side of the aligned faces
    liveliness: float = 1.0  # see `draw_poses`
    seed: int = 1


def write_workspace(
    folder: Path, plan: SyntheticPlan, *, workers: int = 2, on_progress: Callable[[int, int], None] | None = None
) -> None:
    """Draws `plan` into `folder`; what is there already is left alone.

    workers      threads that draw
    on_progress  told (pictures done, pictures in all) after each, in the thread that called
    raises       OSError; FileExistsError where another file has the name of a picture
    """
    for name in ("data_src/aligned", "data_dst/aligned", "truth/mask"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    src_poses = draw_poses(plan.src_faces, plan.seed, smooth=False, liveliness=plan.liveliness)
    dst_poses = draw_poses(plan.dst_frames, plan.seed + 1, liveliness=plan.liveliness)
    total = len(src_poses) + len(dst_poses)
    with ThreadPoolExecutor(workers) as pool:
        jobs = [pool.submit(_write_src, folder, plan, i, pose) for i, pose in enumerate(src_poses, 1)]
        jobs += [pool.submit(_write_dst, folder, plan, i, pose) for i, pose in enumerate(dst_poses, 1)]
        try:
            for done, job in enumerate(jobs, 1):
                job.result()
                if on_progress:
                    on_progress(done, total)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _write_src(folder: Path, plan: SyntheticPlan, number: int, pose: Pose) -> None:
    _write_face(folder / "data_src/aligned", number, render(plan.src, pose, plan.frame_size), plan.face_size)


def _write_dst(folder: Path, plan: SyntheticPlan, number: int, pose: Pose) -> None:
    """One frame of dst, its face, and what the swap should make of it."""
    frame = draw_frame_and_truth(folder, plan, number, pose)
    _write_face(folder / "data_dst/aligned", number, frame, plan.face_size)
    _write_picture(folder / "data_dst" / f"{number:05}.png", frame.image)


def draw_frame_and_truth(folder: Path, plan: SyntheticPlan, number: int, pose: Pose) -> Rendering:
    """One frame of dst; what the swap should make of it is written to `folder`/truth. Raises OSError."""
    frame = render(plan.dst, pose, plan.frame_size)
    truth = swap_truth(plan.src, pose, frame)
    name = f"{number:05}.png"
    _write_picture(folder / "truth" / name, truth.image)
    _write_picture(folder / "truth/mask" / name, np.round(truth.mask * 255).astype(np.uint8))
    return frame


def _write_face(folder: Path, number: int, frame: Rendering, size: int) -> None:
    _, jpeg = cv2.imencode(".jpg", *_crop_face(frame, size))
    fields = face_fields(frame, size, f"{number:05}.png")
    write_new(folder / f"{number:05}_0.jpg", write_fields(jpeg.tobytes(), fields))


def _crop_face(frame: Rendering, size: int) -> tuple[np.ndarray, list[int]]:
    """The face's crop, and the quality to store it with."""
    matrix = transform_matrix(frame.landmarks, size, FaceType.WHOLE)
    return cv2.warpAffine(frame.image, matrix, (size, size), flags=cv2.INTER_CUBIC), [cv2.IMWRITE_JPEG_QUALITY, 95]


def face_fields(frame: Rendering, size: int, source_filename: str) -> dict:
    """The face data (facesets.md 1.3) of the whole-face crop of `frame`, with the drawn mask as the applied one."""
    matrix = transform_matrix(frame.landmarks, size, FaceType.WHOLE)
    mask = cv2.warpAffine(frame.face_mask, matrix, (size, size), flags=cv2.INTER_LINEAR)
    return {
        "face_type": FaceType.WHOLE.name_in_files,
        "landmarks": transform_points(frame.landmarks, matrix).tolist(),
        "source_filename": source_filename,
        "source_rect": np.round(frame_rect(frame.landmarks)).astype(np.int64),
        "source_landmarks": frame.landmarks.tolist(),
        "image_to_face_mat": matrix,
        "xseg_mask": encode_mask(np.clip(mask, 0, 1)[..., None]),
    }


def _write_picture(path: Path, picture: np.ndarray) -> None:
    _, png = cv2.imencode(".png", picture)
    write_new(path, png.tobytes())


def write_new(path: Path, content: bytes) -> None:
    """Write a file unless it is there, as after an interruption. Raises FileExistsError where it holds something else."""
    if not os.path.lexists(path):
        write_atomically(path, content)
    elif not path.is_file() or path.read_bytes() != content:
        raise FileExistsError(errno.EEXIST, "File exists", str(path))
