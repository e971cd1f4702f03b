"""Where samples of two face sets become arguments of a model."""

import os
from collections.abc import Mapping

from dfl_cli.units import GIGABYTE
from models.classes.pair_batch import PairBatch
from models.model_class import faces_per_iteration
from samplers.batches import Batches
from samplers.face_cache import FaceCache, free_memory
from samplers.files.faces import Faceset
from samplers.geometry.face_types import FaceType
from samplers.spec import SampleSpec


class PairFeed:
    """Endless batches of faces of src and dst: number n is the same for the same seed, wherever a session starts.

    Args:
        faces: the face sets src and dst; both are the pretraining set while a model is pretrained.
        options: the values in force.
        start: number of the first batch, which is the iteration the model has reached.
        scale_range: of the faces, see `SampleSpec`; the usual one is that of facesets.md 3.5.
    """

    def __init__(
        self,
        faces: Mapping[str, Faceset],
        options: Mapping,
        *,
        seed: int,
        start: int,
        scale_range=(-0.15, 0.15),
    ):
        src, dst = faces["src"], faces["dst"]
        workers = max(1, (os.cpu_count() or 1) // 2)  # each side
        common = {"batch_size": faces_per_iteration(options), "seed": seed, "start": start, "workers": workers}
        common["cache"] = FaceCache(cache_bytes(options))
        uniform_yaw = options["uniform_yaw"]
        src_spec, dst_spec = (sample_spec(options, side, scale_range=scale_range) for side in ("src", "dst"))
        reference = dst if src_spec.ct_mode != "none" else None
        self.src = Batches(src, src_spec, side="src", reference=reference, uniform_yaw=uniform_yaw, **common)
        self.dst = Batches(dst, dst_spec, side="dst", uniform_yaw=uniform_yaw, **common)

    def __next__(self) -> PairBatch:
        return PairBatch(*next(self.src), *next(self.dst))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self) -> None:
        self.src.close()
        self.dst.close()

    @property
    def skipped(self) -> list:
        """Pictures that turned out to be undecodable while training."""
        return [*self.src.skipped, *self.dst.skipped]


def cache_bytes(options: Mapping) -> int:
    """Memory for the prepared faces of both sides."""
    return int(options.get("cache_gb", 0.0) * GIGABYTE) or free_memory() // 4


def sample_spec(options: Mapping, side: str, *, scale_range: tuple[float, float]) -> SampleSpec:
    """What one side's sampler does; only src's colors and hue are ever changed."""
    is_src = side == "src"
    return SampleSpec(
        resolution=options["resolution"],
        face_type=FaceType.from_short(options["face_type"]),
        random_flip=options[f"random_{side}_flip"],
        random_warp=options["random_warp"],
        scale_range=scale_range,
        ct_mode=options["ct_mode"] if is_src else "none",
        random_hsv_power=options.get("random_hsv_power", 0.0) if is_src else 0.0,
        exact_ct=options.get("exact_ct", False),
        centered_warp=options.get("corrected_samples", False),
        smooth_resize=options.get("corrected_samples", False),
    )
