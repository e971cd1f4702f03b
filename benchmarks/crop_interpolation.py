"""Which interpolation keeps most of a face when it is cut: PSNR against crops that were integrated over a frame of eight times the size.

python benchmarks/crop_interpolation.py
"""

import math

import cv2
import numpy as np

from dfl_cli.demo.people.people import PERSON_A, PERSON_B
from dfl_cli.demo.people.poses import draw_poses
from dfl_cli.demo.people.render import render
from dfl_cli.extract.cut import crop_face
from dfl_cli.face_networks.crops import warp
from samplers.geometry.align import transform_matrix
from samplers.geometry.face_types import FaceType

FINE = 8  # pixels of the fine frame for one of the camera's
SIDE = 160  # of the camera's frame
STEPS = (0.3, 0.5, 0.7, 0.9, 1.2, 1.6, 2.0, 2.2, 2.5, 4.0)  # pixels of the camera's frame for one of the crop
WAYS = {
    "linear": lambda frame, matrix, size: cv2.warpAffine(frame, matrix, (size, size)),
    "cubic": lambda frame, matrix, size: cv2.warpAffine(frame, matrix, (size, size), flags=cv2.INTER_CUBIC),
    "lanczos": lambda frame, matrix, size: cv2.warpAffine(frame, matrix, (size, size), flags=cv2.INTER_LANCZOS4),
    "averaged": lambda frame, matrix, size: averaged(frame, matrix, size),
    "few": lambda frame, matrix, size: averaged(frame, matrix, size, over=math.ceil(step_of(matrix))),
    "fewer": lambda frame, matrix, size: crop_face(frame, matrix, size, classic=False),
    "few, linear": lambda frame, matrix, size: averaged(
        frame, matrix, size, over=math.ceil(step_of(matrix)), interpolation=cv2.INTER_LINEAR
    ),
    "shrunk": warp,
}


def step_of(matrix):
    return 1 / np.sqrt(np.linalg.det(matrix[:, :2]))


def averaged(frame, matrix, size, over=4, interpolation=cv2.INTER_CUBIC):
    """Cut `over` times as large, and averaged."""
    large = matrix * over
    large[:, 2] += (over - 1) / 2
    cut = cv2.warpAffine(frame, large, (size * over,) * 2, flags=interpolation)
    return cv2.resize(cut, (size, size), interpolation=cv2.INTER_AREA)


def camera(fine):
    return cv2.resize(fine, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def to_fine(matrix):
    """The matrix from the camera's frame to a crop, for the fine frame."""
    offset = (FINE - 1) / 2
    return matrix @ np.float64([[1 / FINE, 0, -offset / FINE], [0, 1 / FINE, -offset / FINE], [0, 0, 1]])


def psnr(one, other):
    inside = (slice(2, -2),) * 2
    error = np.mean((one[inside].astype(float) - other[inside]) ** 2)
    return 10 * np.log10(255**2 / error)


def main():
    print("step   " + " ".join(f"{name:>13}" for name in WAYS))
    faces = []
    for person in (PERSON_A, PERSON_B):
        for pose in draw_poses(4, 2):
            drawing = render(person, pose, (SIDE * FINE,) * 2)
            points = (np.float64(drawing.landmarks) + 0.5) / FINE - 0.5
            faces.append((drawing.image, camera(drawing.image), points))
    for step in STEPS:
        found = {name: [] for name in WAYS}
        for fine, frame, points in faces:
            size = 64
            matrix = transform_matrix(points, size, FaceType.WHOLE)
            have = step_of(matrix)
            size = round(size * have / step)
            matrix = transform_matrix(points, size, FaceType.WHOLE)
            truth = averaged(fine, to_fine(matrix), size, over=8 if step > 0.9 else 4)
            for name, way in WAYS.items():
                found[name].append(psnr(way(frame, matrix.copy(), size), truth))
        print(f"{step:4.1f}   " + " ".join(f"{np.mean(each):13.2f}" for each in found.values()))


if __name__ == "__main__":
    main()
