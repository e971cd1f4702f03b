"""`dfl faceset convert`: PNG faces of DeepFaceLab 1 become JPEG faces that can be packed."""

import json
import pickle
import struct

import cv2
import numpy as np
import pytest

from dfl_cli.main import main
from samplers.files.dfl_image import read_fields
from samplers.files.faces import open_faceset


@pytest.fixture
def old(tmp_path, folder):
    """The four faces as DeepFaceLab 1 would have written them."""
    old = tmp_path / "old"
    old.mkdir()
    for path in folder.iterdir():
        png = cv2.imencode(".png", cv2.imread(str(path)))[1].tobytes()
        payload = pickle.dumps(read_fields(path.read_bytes()), protocol=3)
        chunk = struct.pack(">I", len(payload)) + b"fcWp" + payload + b"\0\0\0\0"
        (old / f"{path.stem}.png").write_bytes(png[:-12] + chunk + png[-12:])
    return old


def test_a_conversion_keeps_the_face_data_the_originals_and_what_is_there(old, folder, capsys):
    assert main(["faceset", "convert", str(old), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["converted"] == 4
    converted = old.with_name("old_jpg")
    for one, other in zip(open_faceset(converted), open_faceset(folder), strict=True):
        assert one.name == other.name
        np.testing.assert_array_equal(one.landmarks, other.landmarks)
        np.testing.assert_array_equal(one.source_landmarks, other.source_landmarks)
        assert one.has_xseg_mask == other.has_xseg_mask
        assert np.abs(one.read().astype(int) - other.read()).mean() < 1.5
    assert len(list(old.glob("*.png"))) == 4
    assert main(["faceset", "convert", str(old)]) == 0
    assert "4 faces were already there." in capsys.readouterr().out


def test_png_faces_are_no_pack_but_lead_to_convert(old, capsys):
    assert main(["faceset", "pack", str(old)]) == 1
    assert f"dfl faceset convert {old}" in capsys.readouterr().err


def test_jpeg_faces_need_no_conversion(folder, capsys):
    assert main(["faceset", "convert", str(folder)]) == 1
    assert "4 JPEG faces" in capsys.readouterr().err
