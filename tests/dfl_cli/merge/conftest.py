"""The recorded merge: a frame with a face, and a network that mirrors what it sees."""

from types import SimpleNamespace

import numpy as np
import pytest

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.merge.command import settings_from
from dfl_cli.merge.pixels.crop import ModelFace, Prediction
from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.options.tables.merge import MERGE
from dfl_cli.options.wizard import ask_table
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import SavedModel
from samplers.geometry.face_types import FaceType

TINY = {
    "resolution": 64,
    "archi": "df",
    "face_type": "wf",
    "ae_dims": 32,
    "e_dims": 16,
    "d_dims": 16,
    "d_mask_dims": 16,
}


@pytest.fixture(scope="session")
def recorded(fixtures):
    """Inputs of the recorded merges."""
    with np.load(fixtures / "merge" / "merge_inputs.npz") as arrays:
        return SimpleNamespace(
            frame=arrays["frame_uint8"],
            landmarks=arrays["landmarks"],
            two_faces=arrays["two_faces_landmarks"],
            predictor=Mirror(arrays["stub_mask_prd_64"], arrays["stub_mask_dst_64"]),
        )


class Mirror:
    """A predictor whose swap is the mirrored face, a little paler; its masks are fixed ellipses."""

    def __init__(self, prd_mask, dst_mask):
        self.face = ModelFace(64, FaceType.WHOLE)
        self.masks = prd_mask[..., None], dst_mask[..., None]

    def one(self, picture) -> Prediction:
        return Prediction(np.clip(picture[:, ::-1] * 0.8 + 0.1, 0, 1), *self.masks)

    def predict(self, faces, *, corrected=True):
        return tuple(np.stack(parts) for parts in zip(*map(self.one, faces), strict=True))


@pytest.fixture(scope="session")
def settings():
    """Makes MergeSettings from what differs from the table's defaults."""

    def make(**changes) -> MergeSettings:
        return settings_from(ask_table(MERGE, given=changes, ask_now=False))

    return make


@pytest.fixture(scope="session")
def built() -> dict:
    """Networks of saves that were opened."""
    return {}


@pytest.fixture(autouse=True)
def networks_are_built_once(monkeypatch, built):
    """What a save is built to is kept: most of a merge of three frames is building, and merging changes no network."""
    build = SavedModel.build

    def build_once(saved: SavedModel, *, corrected: bool = True):
        key = saved.fingerprint, repr(sorted(saved.options.items())), corrected
        if key not in built:
            built[key] = build(saved, corrected=corrected)
        return built[key]

    monkeypatch.setattr(SavedModel, "build", build_once)


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A folder with one untrained DF model called `fresh`."""
    from models.engine.runtime import prepare
    from models.weights import save

    prepare("cpu")
    answers = ask_table(SAEHD.table, given=TINY, ask_now=False, facts={"smallest_gpu_bytes": 0, "device_count": 1})
    weights = SAEHD.network.build(answers, seed=1).weights()
    folder = tmp_path_factory.mktemp("models")
    model_dir = ModelDir(folder / "fresh")
    model_dir.create("SAEHD", TINY)
    state = {"model_class": "SAEHD", "iteration": 7, "seed": 1, "options": answers}
    model_dir.save(state, {"weights.safetensors": lambda path: save(path, weights)})
    return folder
