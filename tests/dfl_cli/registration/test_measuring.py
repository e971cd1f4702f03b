"""Measuring where a model puts the faces of src and dst."""

from contextlib import nullcontext

import cv2
import numpy as np
import pytest

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.options.wizard import ask_table
from dfl_cli.registration.measuring import measure, whole_faces
from fixed_painter import DIMS, painting
from models.classes.pair_batch import pair_reconstructions
from models.subpixel import moved
from samplers.files.faces import open_faceset
from samplers.geometry.face_types import FaceType
from samplers.prepared_face import prepare

OPTIONS = {"resolution": 64, "face_type": "wf", "corrected_samples": True}
SRC, DST = (0.6, -1.1), (-0.3, 0.4)


class Displacing:
    """A model that repeats every picture a little beside its place, and a little softer."""

    def averaged(self):
        return nullcontext()

    def reconstructions(self, batch, count):
        return pair_reconstructions(self.view, batch, count)

    def view(self, src, dst):
        return {"SS": soft(moved(src, SRC)), "DD": soft(moved(dst, DST))}


def soft(pictures):
    return np.stack([cv2.GaussianBlur(one, (0, 0), 0.8) for one in pictures])


@pytest.fixture
def faces(fixtures):
    return open_faceset(fixtures / "samplers" / "faces")


def test_a_known_displacement_is_found_and_taken_off(faces):
    found = measure(Displacing(), {"src": faces, "dst": faces}, OPTIONS, iteration=700)
    assert found.iteration == 700
    assert np.allclose(found.src.displacement.shift, SRC, rtol=0, atol=0.05)
    assert np.allclose(found.dst.displacement.shift, DST, rtol=0, atol=0.05)
    assert found.src.displacement.faces == len(faces)
    assert np.allclose(found.corrections, np.negative([SRC, DST]), rtol=0, atol=0.05)


def test_one_person_alone_can_be_measured(faces):
    found = measure(Displacing(), {"src": faces}, OPTIONS, iteration=1)
    assert found.dst is None and found.src.displacement.faces == len(faces)
    assert found.corrections.dst == (0, 0)


def test_pictures_that_cannot_be_read_are_left_out(faces, fixtures, tmp_path):
    for name in ("00000_0.jpg", "00001_0.jpg"):
        (tmp_path / name).write_bytes((fixtures / "samplers" / "faces" / name).read_bytes())
    listed = list(open_faceset(tmp_path))
    (tmp_path / "00000_0.jpg").unlink()
    assert len(list(whole_faces(listed, OPTIONS))) == 1
    (tmp_path / "00001_0.jpg").unlink()
    assert measure(Displacing(), {"src": listed}, OPTIONS, iteration=1) is None


def test_a_network_is_measured_by_what_it_paints(faces):
    from models.engine.runtime import prepare as prepare_devices

    prepare_devices("cpu")
    options = ask_table(SAEHD.table, given=DIMS, ask_now=False, facts={"smallest_gpu_bytes": 0, "device_count": 1})
    model = SAEHD.network.build(options, seed=1)
    face = prepare(faces[0], 64, FaceType.WHOLE, smooth=True)
    gray = cv2.cvtColor(np.clip(face.image, 0, 1), cv2.COLOR_BGR2GRAY)
    model.load(painting(model.weights(), moved(gray[None, ..., None], SRC)[0]))
    found = measure(model, {"src": faces[:1]}, options, iteration=1)
    assert np.allclose(found.src.displacement.shift, SRC, rtol=0, atol=0.1)
    model.load(painting(model.weights(), np.full((64, 64), 0.5, np.float32)))
    assert measure(model, {"src": faces, "dst": faces}, options, iteration=1) is None
