"""The mask network that comes with the program, and the XSeg models that begin with it."""

import hashlib

import cv2
import numpy as np
import pytest

from models.classes.xseg import XSEG
from models.classes.xseg_generic import FILE, SHA256, generic_weights, thin_weights, widened
from samplers.files.dfl_image import read_face_info


def test_its_file_is_the_one_that_was_trained():
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == SHA256
    assert FILE.stat().st_size < 10e6


@pytest.fixture(scope="module")
def network():
    from models.networks.initial import named_weights
    from models.networks.xseg import XSegNetwork

    built = XSegNetwork(skips=True, name="XSeg")
    built(np.zeros((1, 256, 256, 3), np.float32))

    def logits(weights, pictures):
        for path, variable in named_weights(built).items():
            variable.assign(weights[f"XSeg/{path}"])
        return np.asarray(built(pictures))[..., 0]

    return logits


@pytest.fixture(scope="module")
def face(fixtures):
    """A picture (256, 256, 3) of a real face, and its landmarks."""
    encoded = (fixtures / "xseg" / "faces" / "00000_0.jpg").read_bytes()
    picture = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR).astype(np.float32) / 255
    return picture, read_face_info(encoded).landmarks


def test_it_knows_a_face_and_what_covers_it(network, face):
    picture, landmarks = face
    inner = np.round(landmarks[17:]).astype(int)  # brows, nose, eyes, mouth
    (left, _), (right, _) = inner.min(axis=0), inner.max(axis=0)
    top = inner[31:, 1].min()  # of the mouth
    covered = picture.copy()
    covered[top - 4 : top + 30, left:right] = (0.2, 0.6, 0.2)
    plain, hidden = network(generic_weights(), np.stack([picture, covered])) > 0
    assert plain[inner[:, 1], inner[:, 0]].all() and not plain[[0, 0, -1, -1], [0, -1, 0, -1]].any()
    assert hidden[top - 4 : top + 30, left:right].mean() < 0.2
    assert hidden[inner[:25, 1], inner[:25, 0]].mean() > 0.9  # brows, nose, eyes


def test_a_model_that_begins_with_it_paints_the_same_masks_and_has_all_its_channels(network, face):
    """Whatever the weights are that the built-in network leaves free. A real model begins with it in test_xseg_training.py."""
    pictures = face[0][None]
    rng, (part,) = np.random.default_rng(7), XSEG.layout({}).parts
    weights = widened({f"XSeg/{path}": rng.normal(0, 0.1, shape) for path, shape in part.tensors.items()})
    np.testing.assert_allclose(network(weights, pictures), network(generic_weights(), pictures), atol=1e-3)
    others = weights["XSeg/conv32/conv/weight"][..., thin_weights()["conv32/conv/bias"].size :]
    assert np.all(np.abs(others).max(axis=(0, 1)) > 0)
