"""The recorded merge: a frame with a face, and a network that mirrors what it sees."""

from types import SimpleNamespace

import numpy as np
import pytest

from dfl_cli.merge.command import settings_from
from dfl_cli.merge.crop import ModelFace, Prediction
from dfl_cli.merge.settings import MergeSettings
from dfl_cli.options.merge import MERGE
from dfl_cli.options.wizard import ask_table
from samplers.face_types import FaceType


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

    def predict(self, faces):
        return tuple(np.stack(parts) for parts in zip(*map(self.one, faces), strict=True))


@pytest.fixture(scope="session")
def settings():
    """Makes MergeSettings from what differs from the table's defaults."""

    def make(**changes) -> MergeSettings:
        return settings_from(ask_table(MERGE, given=changes, ask_now=False))

    return make
