"""How close a swap comes to the true one."""

import cv2
import numpy as np
import pytest

from dfl_cli.evaluate.faces import Square, prepared_faces
from dfl_cli.evaluate.truth import read_truth, scores
from drawn_swap import SIDE, drawn, write_faces
from samplers.files.faces import open_faceset
from samplers.geometry.face_types import FaceType

SQUARE = Square(SIDE, FaceType.WHOLE, False)
COUNT = 6


@pytest.fixture
def folder(tmp_path, perfect):
    """True frames twice as large as the faces; that of frame 2 is missing."""
    (tmp_path / "truth" / "mask").mkdir(parents=True)
    for number in set(range(COUNT)) - {2}:
        for name, picture in (("", perfect.swapped.laid_on[number]), ("mask", perfect.swapped.mask[number])):
            large = cv2.resize(np.uint8(np.rint(picture * 255)), (2 * SIDE, 2 * SIDE), interpolation=cv2.INTER_CUBIC)
            cv2.imwrite(str(tmp_path / "truth" / name / f"{number:05}.png"), large)
    return tmp_path / "truth"


@pytest.fixture
def faces(tmp_path):
    return prepared_faces(open_faceset(write_faces(tmp_path / "dst", "dst", range(COUNT))), SQUARE)[0]


def test_the_true_swap_is_close_to_itself_and_dst_is_not(folder, faces, perfect, reader):
    truth = read_truth(folder, faces, SQUARE)
    assert truth.numbers.tolist() == [0, 1, 3, 4, 5]
    landmarks = drawn("dst").landmarks[:COUNT]
    true, unswapped = (
        scores(truth, some[:COUNT], landmarks, reader) for some in (perfect.swapped.laid_on, perfect.swapped.dst)
    )
    assert true["truth_psnr"].value > 26 > 22 > unswapped["truth_psnr"].value
    assert true["truth_ssim"].value > 0.9 > unswapped["truth_ssim"].value
    assert true["truth_landmark_error"].value < 2 < unswapped["truth_landmark_error"].value
    assert np.isnan(true["truth_landmark_error"].per_frame).tolist() == [False, False, True, False, False, False]


def test_without_true_frames_there_is_no_truth(tmp_path, faces):
    assert read_truth(tmp_path, faces, SQUARE) is None
