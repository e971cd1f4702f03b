"""From a training batch to the previews of each class."""

from types import SimpleNamespace

import numpy as np
import pytest

from dfl_cli.classes.amp import AMP
from dfl_cli.classes.quick96 import QUICK96


@pytest.fixture
def batch():
    """Three faces a side; the first of dst is the brightest."""
    pictures = np.full((3, 8, 8, 3), 0.5, np.float32)
    pictures[0] = 1
    mask = np.ones((3, 8, 8, 1), np.float32)
    return SimpleNamespace(target_src=pictures / 2, target_dst=pictures, mask_src=mask, mask_dst=mask)


def test_five_columns_ask_the_model_for_all_faces_and_show_a_row_for_each(batch):
    def view(src, dst):
        picture, mask = np.zeros_like(src), np.ones_like(src[..., :1])
        return {"SS": src, "SSM": mask, "DD": dst, "DDM": mask, "SD": picture, "SDM": mask}

    plain, masked = QUICK96.draw_previews(SimpleNamespace(view=view), batch, {"face_type": "f"})
    assert (plain.name, masked.name) == ("Quick96", "Quick96 masked")
    assert plain.image.shape == masked.image.shape == (24, 40, 3)


def test_amp_asks_the_model_for_one_face_of_each_side(batch):
    def view(src, dst):
        assert (len(src), len(dst)) == (1, 1)
        mask = np.ones((1, 8, 8, 1), np.float32)
        swaps = np.stack([dst / 4] * 5)
        return {"SS": src, "SSM": mask, "DD": dst, "DDM": mask, "SD": swaps, "SDM": np.stack([mask] * 5)}

    whole, *_ = AMP.draw_previews(SimpleNamespace(view=view), batch, {})
    assert whole.image[::8, ::8, 0].tolist() == [[0.5, 1, 1], [0.5, 1, 0.25]]
