"""Ways to look at a merged frame, in every mode."""

import pytest

from dfl_cli.merge.compose import merge_frame
from dfl_cli.merge.crop import crop_face
from dfl_cli.merge.studio import Rendered
from dfl_cli.merge.views import VIEWS
from dfl_cli.options.merge import MODES


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_mode_can_be_looked_at_in_every_way(view, mode, recorded, settings):
    face = recorded.predictor.face
    crop = crop_face(recorded.frame, recorded.landmarks, face)
    prediction = recorded.predictor.one(crop.picture)
    merged = merge_frame(recorded.frame, [crop], [prediction], settings(mode=mode), model_face=face)
    shown = VIEWS[view](Rendered(recorded.frame, merged.picture, merged.mask, None))
    assert shown.ndim == 3
    assert min(shown.shape[:2]) >= 64
