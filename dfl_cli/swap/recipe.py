"""Which model `dfl swap` trains, from the memory of the device and from the faces. Pure.

The rows were chosen by the estimate of `train.memory.estimate`: every one takes less than two thirds of its memory at batch size 8, so
that the desktop and the libraries of a GPU have room beside it. Iterations are what such models usually need.
"""

from dataclasses import asdict, dataclass

from dfl_cli.options.stages import Plateau, Stage
from dfl_cli.translate import tr
from dfl_cli.units import GIGABYTE

STEP = 32  # what the architectures of the table halve a resolution by
SMALLEST = 64  # resolution
REPORTED_LESS = 1.08  # a card sold as 8 GB reports a little less, and its driver takes some
WARPED, SHARPENED = 0.6, 0.9  # of the iterations: where random warp ends, where learning-rate dropout begins
SHORT = 5000  # iterations below which warped faces only delay the first likeness
FALL_WARPED, FALL_SHARP = 0.01, 0.005  # of the loss within a span: less is a plateau
COLORS_APART = 8.0  # Lab distance between the skins from which src is recolored
POORLY_COVERED = 0.8  # share of dst's head directions below which src is mirrored


@dataclass(frozen=True)
class Structure:
    """What is fixed once the model has weights; the names are those of the options."""

    resolution: int
    archi: str
    ae_dims: int
    e_dims: int
    d_dims: int
    d_mask_dims: int

    @property
    def dims(self) -> str:
        return f"{self.ae_dims}/{self.e_dims}/{self.d_dims}/{self.d_mask_dims}"


@dataclass(frozen=True)
class Row:
    """A model for devices with at least this much memory."""

    gigabytes: float
    structure: Structure
    iterations: int


# A processor is slow, not small: a model that shows something within hours.
ON_CPU = Row(0, Structure(96, "df-ud", 96, 32, 32, 16), 20_000)
# df has fewer weights than liae; where there is room for both, liae adapts better to dst's light and shape of the face.
ON_GPU = (
    Row(0, Structure(96, "df-ud", 128, 32, 32, 16), 200_000),
    Row(2, Structure(128, "df-ud", 128, 48, 48, 16), 200_000),
    Row(4, Structure(128, "liae-ud", 192, 48, 48, 16), 200_000),
    Row(8, Structure(192, "liae-ud", 256, 64, 64, 22), 300_000),
    Row(12, Structure(224, "liae-ud", 256, 64, 64, 22), 300_000),
    Row(16, Structure(256, "liae-ud", 288, 80, 80, 28), 400_000),
    Row(24, Structure(320, "liae-ud", 320, 88, 88, 32), 500_000),
)


@dataclass(frozen=True)
class Faces:
    """What a recipe looks at in the face sets.

    src_side, dst_side  pixels of the frame along a side of the larger crops
    color_distance      Lab, between the mean skins
    covered             share of dst's head directions that src has, 0..1; None: too few faces to tell
    """

    src_side: float
    dst_side: float
    color_distance: float
    covered: float | None


@dataclass(frozen=True)
class Recipe:
    """What to train. reasons: a line each, for the person."""

    structure: Structure
    iterations: int
    ct_mode: str
    random_src_flip: bool
    reasons: tuple[str, ...]

    @property
    def options(self) -> dict:
        """As an answers file has them, but for the batch size."""
        return {
            **asdict(self.structure),
            "face_type": "wf",
            "ct_mode": self.ct_mode,
            "random_src_flip": self.random_src_flip,
            "clipgrad": True,
            "keep_best": True,
        }


def row_for(memory: float | None) -> Row:
    """memory  bytes of the device that has least; None: the processor"""
    if memory is None:
        return ON_CPU
    room = REPORTED_LESS * memory / GIGABYTE
    return [row for row in ON_GPU if row.gigabytes <= room][-1]


def choose_recipe(memory: float | None, faces: Faces | None) -> Recipe:
    """The recipe for a device (see `row_for`) and faces; None: those are not extracted yet."""
    row = row_for(memory)
    largest, reasons = row.structure.resolution, [device_reason(row, memory)]
    if faces is None:
        return Recipe(row.structure, row.iterations, "none", False, tuple(reasons))
    resolution = min(largest, resolution_of(faces))
    if resolution < largest:
        reasons.append(size_reason(faces, resolution, largest))
    differs = faces.color_distance >= COLORS_APART
    if differs:
        reasons.append(tr("Color transfer rct: the skin colors of src and dst differ."))
    flips = faces.covered is not None and faces.covered < POORLY_COVERED
    if flips:
        reasons.append(tr("src faces are mirrored at random: src lacks head directions of dst."))
    structure = Structure(**{**asdict(row.structure), "resolution": resolution})
    return Recipe(structure, row.iterations, "rct" if differs else "none", flips, tuple(reasons))


def resolution_of(faces: Faces) -> int:
    """The largest that both face sets have pixels for."""
    return max(SMALLEST, int(min(faces.src_side, faces.dst_side)) // STEP * STEP)


def device_reason(row: Row, memory: float | None) -> str:
    made, facts = row.structure, {"archi": row.structure.archi, "dims": row.structure.dims}
    if memory is None:
        return tr("CPU: a small model, {archi}, dims {dims}, resolution {size}.", size=made.resolution, **facts)
    return tr(
        "{gigabytes:.0f} GB of device memory: {archi}, dims {dims}, resolution up to {size}.",
        gigabytes=memory / GIGABYTE, size=made.resolution, **facts,
    )  # fmt: skip


def size_reason(faces: Faces, resolution: int, largest: int) -> str:
    return tr(
        "Resolution {size} instead of {largest}: the faces are {src} pixels wide in src, {dst} in dst.",
        size=resolution, largest=largest, src=round(faces.src_side), dst=round(faces.dst_side),
    )  # fmt: skip


def stages_for(iterations: int, *, by_plateau: bool) -> tuple[Stage, ...]:
    """Warped faces, then faces as they are, then learning-rate dropout; in a short training faces as they are.

    by_plateau  each may end before its share of `iterations`, as soon as nothing improves
    """
    if iterations < SHORT:
        return (Stage(until_iter=iterations, values={"random_warp": False, "uniform_yaw": False}),)
    early = ends(iterations, FALL_WARPED) if by_plateau else {}
    late = ends(iterations, FALL_SHARP) if by_plateau else {}
    return (
        Stage(until_iter=int(WARPED * iterations), values={"random_warp": True, "uniform_yaw": True}, **early),
        Stage(until_iter=int(SHARPENED * iterations), values={"random_warp": False, "uniform_yaw": False}, **late),
        Stage(until_iter=iterations, values={"lr_dropout": "y"}),
    )


def ends(iterations: int, share: float) -> dict:
    """A stage that ends when the loss or the score of the swap no longer improves."""
    return {"until_plateau": Plateau(share, max(1, iterations // 10)), "until_best_age": max(1, iterations // 5)}


def iterations_within(seconds: float, milliseconds: float) -> int:
    """How many iterations a time has room for, a little less for saves and previews."""
    return max(1, int(0.95 * 1000 * seconds / milliseconds))
