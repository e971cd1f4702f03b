"""What df and liae models share: two people, each with a path of their own, and one swap."""

import numpy as np

from models.classes.corrections import NONE, Corrections
from models.classes.pair_batch import LOSS_NAMES, PairBatch, pair_reconstructions
from models.engine.engine import engine
from models.model import Model
from models.networks.outputs import Swap
from models.subpixel import moved


class PairModel(Model):
    """See `Model`. A subclass adds objectives, losses and `compile`.

    networks     Df or Liae
    corrections  what `view` and `swap` move their input by; `reconstructions` shows what is learned, as it is
    """

    loss_names = LOSS_NAMES
    corrections: Corrections = NONE

    def __init__(self, networks, *, resolution: int, seed: int):
        super().__init__(resolution=resolution, seed=seed)
        self.networks = networks
        for name, part in networks.parts.items():
            self.add_part(name, part)
        picture = (resolution, resolution, 3)
        self.run_view = engine().compile_forward(self.compute_view, picture, picture)
        self.run_swap = engine().compile_forward(networks.swap, picture)

    def view(self, src: np.ndarray, dst: np.ndarray) -> dict[str, np.ndarray]:
        """Previews of unwarped faces, 0..1: SS, DD both as they are, SD src's face on dst; SSM, DDM, SDM their masks."""
        corrections = self.corrections
        seen = self.run_view(moved(src, corrections.src), moved(dst, corrections.dst))
        if corrections.src != corrections.dst:
            swap = self.swap(dst)
            seen |= {"SD": swap.bgr, "SDM": swap.prd_mask}
        return seen

    def compute_view(self, src, dst) -> dict:
        faces = self.networks.reconstruct(src, dst)
        swap, swap_mask = self.networks.decode_swap(faces.swap_code)
        return {
            "SS": faces.src,
            "SSM": faces.src_mask,
            "DD": faces.dst,
            "DDM": faces.dst_mask,
            "SD": swap,
            "SDM": swap_mask,
        }

    def swap(self, faces: np.ndarray) -> Swap:
        """src's face over dst's `faces` (B, R, R, 3); any batch size."""
        found = self.run_swap(self.corrections.swap_input(faces))
        return found._replace(dst_mask=moved(found.dst_mask, self.corrections.dst_mask_to()))

    def reconstructions(self, batch: PairBatch, count: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        return pair_reconstructions(self.run_view, batch, count)
