"""What every model class shares: parts with their weights, optimizers with their slots, one compiled step."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from types import MappingProxyType

import keras
import numpy as np

from models.averages import MovingAverages, part_of
from models.engine.checkpointing import checkpointing
from models.engine.engine import engine
from models.engine.precision import LossScale
from models.engine.seeded import seeded_mask
from models.engine.train_step import Objective, Passes, StepResult
from models.networks.initial import initialize, named_weights
from models.optimizers import CosineWave, SlotOptimizer
from models.powers import Powers
from models.weights import MissingWeights, check

LEARNING_RATE = 5e-5
DROPOUT_KEEP = 0.3  # of the weights move in one step while lr_dropout is on
COSINE_PERIOD = 500  # steps

EMPTY: Mapping = MappingProxyType({})


class Model:
    """Parts, optimizers and training. A subclass builds them and gives `compute_losses` and `reconstructions`.

    parts        name -> layer, in the reference's file order; the name starts its weight keys
    optimizers   name -> optimizer built for the weights of its parts
    loss_names   of the reported losses, in the order of `StepResult.losses`
    adversaries  part -> optimizer of the discriminators. They come and go with their options: stored weights may lack
                 them, and what is stored of one that is off now is given back untouched with the next save.
    """

    loss_names: tuple[str, ...]
    adversaries: Mapping[str, str] = EMPTY

    def __init__(self, *, resolution: int, seed: int):
        self.resolution, self.seed = resolution, seed
        self.parts: dict[str, keras.layers.Layer] = {}
        self.optimizers: dict[str, SlotOptimizer] = {}
        self.objectives: list[Objective] = []
        self.powers = Powers(None)
        self.checkpointing, self.passes = False, 1
        self.moving_averages: MovingAverages | None = None
        self.precision = keras.config.dtype_policy().compute_dtype  # what networks compute in
        self.loss_scale = LossScale() if self.precision == "float16" else None
        self.idle_weights: dict[str, np.ndarray] = {}
        self.idle_state: dict[str, np.ndarray] = {}

    def add_part(self, name: str, part: keras.layers.Layer) -> None:
        """Take in a built layer and give it its first weights."""
        initialize(part, name, self.seed)
        self.parts[name] = part

    def add_objective(
        self, loss: str, optimizer: SlotOptimizer, *, name: str, parts: Iterable[str], trained=None
    ) -> None:
        """Let `loss` move the weights of `trained` (default: all of `parts`); slots exist for all of `parts`."""
        parts = list(parts)
        optimizer.build([variable for part in parts for variable in self.parts[part].weights])
        variables = [variable for part in (trained or parts) for variable in self.parts[part].weights]
        self.optimizers[name] = optimizer
        self.objectives.append(Objective(loss, optimizer, variables))

    def make_optimizer(self, kind: type[SlotOptimizer], *, lr_dropout: str, clipgrad: bool) -> SlotOptimizer:
        """The one of SAEHD and AMP (models.md 4). With `lr_dropout` other than n the learning rate swings, too."""
        clip_norm = 1.0 if clipgrad else None
        if lr_dropout == "n":
            return kind(LEARNING_RATE, clip_norm=clip_norm)
        wave = CosineWave(LEARNING_RATE, COSINE_PERIOD)
        return kind(
            wave, clip_norm=clip_norm, draw_mask=seeded_mask(self.seed, DROPOUT_KEEP, on_processor=lr_dropout == "cpu")
        )

    def compile(self, *, jit: bool = False) -> None:
        self.run_step = engine().compile_step(
            checkpointing(self.compute_losses) if self.checkpointing else self.compute_losses,
            self.objectives,
            reported=self.loss_names,
            devices=engine().computing_devices(),
            afterwards=self.update_averages,
            loss_scale=self.loss_scale,
            passes=Passes(self.passes, self.draw, list(self.named_weights().values())),
            jit=jit,
        )

    def save_memory(self, *, checkpointing: bool, passes: int) -> None:
        """Before the first step.

        checkpointing  inner results of the networks are computed again on the way back
        passes         in which a step goes through its batch, whose size divides by them
        """
        self.checkpointing, self.passes = checkpointing, passes
        self.compile()

    def draw(self, batch):
        """`batch` with what a step draws at random for its faces; both are shared out to devices and passes."""
        return batch

    def keep_averages(self, decay: float) -> None:
        """From the first step on, and not later: keep moving averages of all weights but the discriminators'."""
        generator = {key: v for key, v in self.named_weights().items() if part_of(key) not in self.adversaries}
        self.moving_averages = MovingAverages(generator, decay)

    def update_averages(self) -> None:
        if self.moving_averages:
            self.moving_averages.update()

    def train(self, batch) -> StepResult:
        """One step on `batch`, a structure of arrays. It changes nothing unless losses and gradients are finite."""
        return self.run_step(batch)

    def limit_steps(self, *, learning_rate_scale: float = 1.0, clip_norm: float | None = None) -> None:
        """Smaller steps from now on, without recompiling: all rates times the scale, each loss' gradients to that norm.

        Without arguments: as the options say.
        """
        for optimizer in self.optimizers.values():
            optimizer.limit_steps(learning_rate_scale=learning_rate_scale, clip_norm=clip_norm)

    def set_power(self, name: str, value: float) -> None:
        """How much a loss counts from now on, as `gan_power`, without recompiling. Raises PowerNotActive."""
        self.powers.set(name, value)

    def compute_losses(self, batch) -> dict:
        """Losses by name, each float32 (B,): those of `loss_names`, and those that objectives move weights by."""
        raise NotImplementedError

    def reconstructions(self, batch, count: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Name -> what the network paints of the first `count` faces of `batch`, and what it should; (B, H, W, C)."""
        raise NotImplementedError

    @property
    def learning_rate(self) -> float:
        """Of the next step of the autoencoder, whose optimizer comes first."""
        return float(next(iter(self.optimizers.values())).learning_rate)

    def weights(self, *, reuse: Mapping[str, np.ndarray] = EMPTY) -> dict[str, np.ndarray]:
        """A copy of every weight, keys as `encoder/down1/downs_0/conv1/weight`.

        reuse  an earlier copy, whose arrays are overwritten and given back: up to 25 times faster than fresh memory
        """
        return copied(self.named_weights(), reuse) | self.idle_weights

    def optimizer_state(self, *, reuse: Mapping[str, np.ndarray] = EMPTY) -> dict[str, np.ndarray]:
        """A copy of every counter and slot, keys as `src_dst_opt/ms_encoder/down1/downs_0/conv1/weight_0`."""
        return copied(self.saved_variables()[1], reuse) | self.idle_state

    def averages(self, *, reuse: Mapping[str, np.ndarray] = EMPTY) -> dict[str, np.ndarray]:
        """A copy of the moving averages and their counter, keys as those of `weights`; empty where none are kept."""
        return copied(self.saved_variables()[2], reuse)

    def averaged(self) -> AbstractContextManager:
        """Inside it `view` and `swap` paint with the moving averages, where they are kept. No place to train or to save."""
        return self.moving_averages.swapped_in() if self.moving_averages else nullcontext()

    def saved_variables(self) -> tuple[Mapping, Mapping, Mapping]:
        """What `weights`, `optimizer_state` and `averages` copy, without what is idle; key -> variable each."""
        scale = self.loss_scale.state() if self.loss_scale else {}
        averages = self.moving_averages.named_state() if self.moving_averages else {}
        return self.named_weights(), {**self.named_state(), **scale}, averages

    def named_weights(self) -> dict[str, keras.Variable]:
        return {
            f"{name}/{path}": variable
            for name, part in self.parts.items()
            for path, variable in named_weights(part).items()
        }

    def named_state(self) -> dict[str, keras.Variable]:
        return {
            f"{name}/{key}": variable
            for name, optimizer in self.optimizers.items()
            for key, variable in optimizer.state().items()
        }

    def load(
        self,
        weights: Mapping,
        optimizer_state: Mapping | None = None,
        *,
        averages: Mapping | None = None,
        fresh: Iterable[str] = (),
    ) -> list[str]:
        """Take over stored arrays; names and shapes are checked before anything changes.

        averages  as `averages` gives them; without them they begin at the weights. Passed over where none are kept.
        fresh     parts that are initialized again in spite of what is stored, slots included (see `parts_to_reinitialize`)
        returns   the model's parts that are initialized again: `fresh`, and discriminators that `weights` do not have
        Raises WeightMismatch, MissingWeights. Slots not in `optimizer_state` become zero (without `optimizer_state`
        they stay). Names the model lacks are passed over, but for discriminators, see `adversaries`.
        """
        fresh = set(fresh)
        absent = {name for name in self.adversaries if not has_part(weights, name)}
        reinitialized = [name for name in self.parts if name in absent | fresh]
        wanted = {key: v for key, v in self.named_weights().items() if key.partition("/")[0] not in reinitialized}
        slots, zeroed = self.named_state(), self.slots_of(reinitialized)
        if missing := [key for key in wanted if key not in weights]:
            raise MissingWeights(missing)
        check({key: variable.shape for key, variable in wanted.items()}, weights)
        check({key: v.shape for key, v in slots.items() if key not in zeroed}, optimizer_state or {})
        if self.moving_averages and averages:
            self.moving_averages.check(averages, reinitialized=reinitialized)

        for name in reinitialized:
            initialize(self.parts[name], name, self.seed)
        for key, variable in wanted.items():
            variable.assign(weights[key])
        for key, variable in slots.items():
            if key in zeroed or optimizer_state is not None:
                stored = None if key in zeroed else optimizer_state.get(key)
                variable.assign(np.zeros(variable.shape, variable.dtype) if stored is None else stored)
        if self.loss_scale:
            self.loss_scale.load(optimizer_state or {})
        if self.moving_averages:
            self.moving_averages.load(averages or {}, reinitialized=reinitialized if averages else self.parts)
        idle = {name: optimizer for name, optimizer in self.adversaries.items() if name not in {*self.parts, *fresh}}
        self.idle_weights = with_prefixes(weights, idle.keys())
        self.idle_state = with_prefixes(optimizer_state or {}, idle.values())
        return reinitialized

    def slots_of(self, parts: Iterable[str]) -> set[str]:
        """Keys of the slots of `parts`, with the counter of an optimizer that has no other part."""
        paths = {variable.path for part in parts for variable in self.parts[part].weights}
        keys = set()
        for name, optimizer in self.optimizers.items():
            own = paths & set(optimizer.paths)
            keys |= {f"{name}/{slot}_{path}_0" for slot in optimizer.slot_names for path in own}
            if len(own) == len(optimizer.paths):
                keys.add(f"{name}/iters")
        return keys


def copied(variables: Mapping[str, keras.Variable], reuse: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The values of `variables`, in the arrays of `reuse` where they fit."""
    copies = {}
    for name, variable in variables.items():
        value = np.asarray(keras.ops.convert_to_tensor(variable))  # on a processor this is the variable's own memory
        if value.dtype == np.int32:  # a counter of Keras' optimizers, which is int64 on TensorFlow
            value = value.astype(np.int64)
        old = reuse.get(name)
        if old is None or old.shape != value.shape or old.dtype != value.dtype:
            copies[name] = np.array(value)
        else:
            copies[name] = old
            np.copyto(old, value)
    return copies


def has_part(weights: Mapping, name: str) -> bool:
    return any(key.startswith(f"{name}/") for key in weights)


def with_prefixes(arrays: Mapping, names: Iterable[str]) -> dict:
    """Those of `arrays` whose key starts with one of `names`."""
    names = set(names)
    return {key: array for key, array in arrays.items() if key.partition("/")[0] in names}
