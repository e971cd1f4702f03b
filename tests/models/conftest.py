"""What the model tests share: small option sets, recorded cases, weights by formula."""

import zlib

import numpy as np
import pytest

from models.engine import runtime

runtime.prepare("cpu")

SMALL = {
    "resolution": 64,
    "archi": "df",
    "ae_dims": 16,
    "e_dims": 6,
    "d_dims": 4,
    "d_mask_dims": 2,
    "masked_training": True,
    "eyes_mouth_prio": False,
    "blur_out_mask": False,
    "adabelief": True,
    "lr_dropout": "n",
    "clipgrad": False,
    "random_warp": True,
    "gan_power": 0.0,
    "gan_patch_size": 8,
    "gan_dims": 8,
    "true_face_power": 0.0,
    "face_style_power": 0.0,
    "bg_style_power": 0.0,
    "pretrain": False,
}


@pytest.fixture(scope="session")
def answers():
    """Options of the recorded tiny model, with changes."""

    def change(**changes) -> dict:
        assert changes.keys() <= SMALL.keys()
        return SMALL | changes

    return change


@pytest.fixture(scope="session")
def recorded(fixtures):
    """Arrays of one file of recorded outputs."""

    def read(name: str) -> dict[str, np.ndarray]:
        with np.load(fixtures / "models" / f"{name}.npz") as arrays:
            return dict(arrays)

    return read


@pytest.fixture(scope="session")
def random_batch():
    """A batch of noise, the face in the middle."""
    from models.classes.pair_batch import PairBatch

    def draw(size: int = 2, side: int = 64, seed: int = 0) -> PairBatch:
        rng = np.random.default_rng(seed)
        mask, eyes = np.zeros((2, size, side, side, 1), np.float32)
        mask[:, side // 4 : 3 * side // 4, side // 4 : 3 * side // 4] = 1
        eyes[:, 3 * side // 8 : side // 2, 5 * side // 16 : 11 * side // 16] = 1
        pictures = rng.random((4, size, side, side, 3), np.float32)
        return PairBatch(pictures[0], pictures[1], mask, eyes, pictures[2], pictures[3], mask, eyes)

    return draw


@pytest.fixture(scope="session")
def formula_weight():
    """The weight of the golden cases for a variable's path and shape."""

    def draw(path: str, shape: tuple) -> np.ndarray:
        rng = np.random.RandomState(zlib.crc32(path.encode()) & 0x7FFFFFFF)
        return (rng.standard_normal(tuple(shape)) * 0.05).astype(np.float32)

    return draw


@pytest.fixture(scope="session")
def use_formula(formula_weight):
    """Give every variable of a layer its golden weight."""

    def assign(layer) -> None:
        for variable in layer.weights:
            variable.assign(formula_weight(variable.path, variable.shape))

    return assign


class AsBuilt:
    """A model that is given out again and again as it was built: building takes a second, compiling its step ten."""

    def __init__(self, model):
        self.model, self.start = model, (model.weights(), model.optimizer_state())

    def again(self):
        self.model.limit_steps()
        self.model.load(*self.start)
        return self.model


@pytest.fixture(scope="session")
def plain_once(answers) -> AsBuilt:
    from models.classes.saehd import SAEHD

    return AsBuilt(SAEHD.build(answers(), seed=1))


@pytest.fixture
def plain(plain_once):
    """A SAEHD with nothing switched on, as it was built."""
    return plain_once.again()


@pytest.fixture(scope="session")
def as_built():
    """`as_built(model).again()`: the model as it is now."""
    return AsBuilt


@pytest.fixture(scope="session")
def recorded_batch(recorded):
    from models.classes.pair_batch import PairBatch

    names = [
        "warped_src",
        "target_src",
        "target_srcm",
        "target_srcm_em",
        "warped_dst",
        "target_dst",
        "target_dstm",
        "target_dstm_em",
    ]
    start = recorded("saehd_start")
    return PairBatch(*(start[f"batch.{name}"] for name in names))


@pytest.fixture(scope="session")
def recorded_model(recorded, answers):
    """The recorded tiny SAEHD at its recorded first weights; the code discriminator's are by formula."""
    from models.classes.saehd import SAEHD

    def build(**changes):
        model = SAEHD.build(answers(**changes), seed=0)
        model.load(recorded("saehd_start"))
        first = 0
        for variable in model.parts["code_discriminator"].weights if "code_discriminator" in model.parts else ():
            j = np.arange(first, first + np.prod(variable.shape))
            variable.assign((0.05 * np.sin(0.37 * j + 0.01 * (j % 101))).astype(np.float32).reshape(variable.shape))
            first += len(j)
        return model

    return build


@pytest.fixture(scope="session")
def reference_background():
    """Make a model take the surroundings of the src target for the background style, as the reference does (Q2)."""
    from models.classes.saehd_losses import SaehdLosses

    class ReferenceLosses(SaehdLosses):
        def background_area(self, swapped_face, src):
            return 1 - src.soft_mask

    def change(model):
        ours = model.compute_losses
        model.compute_losses = ReferenceLosses(
            ours.networks,
            ours.train,
            powers=ours.powers,
            resolution=ours.resolution,
            code_discriminator=ours.code_discriminator,
            patch_discriminator=ours.patch_discriminator,
        )
        model.compile()
        return model

    return change
