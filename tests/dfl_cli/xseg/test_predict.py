"""Finding the network that paints masks: among our models, and in a folder of DeepFaceLab's."""

import gzip
import unicodedata

import numpy as np
import pytest

from dfl_cli.errors import UserError
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.xseg.predict import SIDE, mask_from, open_xseg
from samplers.files.pickles import safe_pickle
from samplers.geometry.face_types import FaceType

NO_WEIGHTS = {"weights.safetensors": lambda path: path.write_bytes(b"")}  # nothing here reads them


def save(folder, *, model_class="XSeg", iteration=1, **options) -> None:
    one = ModelDir(folder)
    one.create(model_class, {})
    one.save({"model_class": model_class, "iteration": iteration, "options": options, "seed": 1}, NO_WEIGHTS)


@pytest.fixture
def dfl_folder(tmp_path, fixtures):
    """What the reference writes; the weights of this model are not theirs."""
    folder = tmp_path / "dfl"
    folder.mkdir()
    packed = (fixtures / "xseg" / "XSeg_data.dat.gz").read_bytes()
    (folder / "XSeg_data.dat").write_bytes(gzip.decompress(packed))
    (folder / "XSeg_256.npy").write_bytes(safe_pickle.dumps({"out_conv/bias:0": np.zeros(1, np.float32)}))
    return folder


def test_the_newest_xseg_model_counts_or_the_one_that_is_named(tmp_path):
    save(tmp_path / "swap", model_class="SAEHD", face_type="wf")
    save(tmp_path / "Hände", face_type="f", iteration=7)
    save(tmp_path / "glasses", face_type="head", iteration=9)
    assert open_xseg(tmp_path).name == "glasses"
    found = open_xseg(tmp_path, unicodedata.normalize("NFD", "Hände"))
    assert (found.name, found.iteration, found.face_type) == ("Hände", 7, FaceType.FULL)


def test_without_one_the_message_lists_what_there_is(tmp_path):
    with pytest.raises(UserError) as caught:
        open_xseg(tmp_path)
    assert "There is no XSeg model yet." in str(caught.value)
    save(tmp_path / "swap", model_class="SAEHD", face_type="wf")
    save(tmp_path / "glasses", face_type="wf")
    with pytest.raises(UserError) as caught:
        open_xseg(tmp_path, "swap")
    assert "no XSeg model called swap" in str(caught.value) and ": glasses" in str(caught.value)


def test_files_of_deepfacelab_are_used_where_they_lie(dfl_folder):
    found = open_xseg(dfl_folder)
    assert (found.name, found.iteration, found.face_type) == ("XSeg", 2, FaceType.WHOLE)
    assert open_xseg(dfl_folder, "XSeg").fingerprint == found.fingerprint
    (dfl_folder / "XSeg_256.npy").write_bytes(safe_pickle.dumps({"out_conv/bias:0": np.ones(1, np.float32)}))
    assert open_xseg(dfl_folder).fingerprint != found.fingerprint
    save(dfl_folder / "trained", face_type="head")
    assert open_xseg(dfl_folder).name == "trained"


def test_weights_alone_do_not_say_which_face_type_they_want(dfl_folder):
    (dfl_folder / "XSeg_data.dat").unlink()
    found = open_xseg(dfl_folder)
    assert (found.iteration, found.face_type) == (None, None)


def test_weights_that_lack_something_are_named(dfl_folder):
    with pytest.raises(UserError, match=r"XSeg_256\.npy lacks tensors"):
        open_xseg(dfl_folder).masks(np.zeros((1, SIDE, SIDE, 3), np.float32))


def test_a_mask_has_no_haze():
    assert mask_from(np.float32([0.05, 0.0999, 0.1, 0.7, 1.2])).tolist() == np.float32([0, 0, 0.1, 0.7, 1]).tolist()
