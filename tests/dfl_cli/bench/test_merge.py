"""`dfl bench merge` as a script reads it."""

import json

import cv2
import numpy as np
import pytest

from dfl_cli.bench import merge
from dfl_cli.main import main
from samplers.geometry.align import transform_matrix


@pytest.fixture(scope="module")
def scene() -> merge.Scene:
    """Drawing it takes longer than all that is measured with it."""
    return merge.synthetic_scene()


def test_one_json_object_with_rates_shares_and_scaling(monkeypatch, capsys, scene):
    monkeypatch.setattr(merge, "synthetic_scene", lambda: scene)
    monkeypatch.setattr(merge, "ROUNDS", 1)
    monkeypatch.setattr(merge, "SECONDS", 0.0)
    assert main(["bench", "merge", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    rates = found["frames_per_second_per_core"]
    assert {"overlay", "overlay_rct", "seamless", "hist-match", "sot-m"} <= rates.keys()
    assert min(*rates.values(), found["predict_ms"]) > 0
    assert found["shares"].keys() == {"cut", "mask", "blend"}
    assert found["scaling"]["1"] == 1.0


def test_the_measured_frame_has_a_face_of_the_named_width(scene):
    assert scene.frame.shape == (720, 1280, 3)
    matrix = transform_matrix(scene.landmarks, merge.MODEL_FACE.resolution, merge.MODEL_FACE.face_type)
    mask = cv2.warpAffine(scene.prediction.prd_mask, matrix, merge.FRAME_SIZE, flags=cv2.WARP_INVERSE_MAP)
    _, sides, _ = cv2.minAreaRect(cv2.findNonZero(np.uint8(mask > 0.5)))
    assert abs(min(sides) - merge.FACE_WIDTH) < 5
