"""SAEHD's training step on JAX: the networks, losses and optimizers of `models`, without `models.engine`.

Set KERAS_BACKEND=jax before the import. The step is a pure function; see `JaxSaehd.step`.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import keras

from models.classes.pair_batch import PairBatch
from models.classes.saehd_losses import SaehdLosses
from models.networks.blocks import Downscale, Residual, Upscale
from models.networks.df import Df
from models.networks.discriminators import CodeDiscriminator, PatchDiscriminator
from models.networks.initial import initialize
from models.networks.liae import Liae
from models.optimizers import AdaBelief, RMSprop
from models.powers import Powers
from models.spec import ModelSpec, TrainSpec

LEARNING_RATE = 5e-5  # of models/model.py, which needs the engine
FIRST_SCALE = 2.0**13  # of losses in float16; halved by every overflow, never raised again
POLICIES = {"float32": "float32", "tf32": "float32", "bfloat16": "mixed_bfloat16", "float16": "mixed_float16"}


class State(NamedTuple):
    """All that a step changes."""

    weights: list  # arrays, in the order of `JaxSaehd.weights`
    slots: list  # of the optimizers, with their counters
    scale: Any  # () float32, what losses are multiplied by before gradients are taken


class Objective(NamedTuple):
    """A loss and the only weights it moves."""

    loss: str
    optimizer: keras.optimizers.Optimizer
    variables: list


def compute_in(precision: str) -> None:
    """Before anything is built. float32 is that of 24 bits; tf32 lets matrix units round its factors to 11 bits."""
    keras.config.set_dtype_policy(POLICIES[precision])
    jax.config.update("jax_default_matmul_precision", "highest" if precision == "float32" else "default")


class JaxSaehd:
    """What `models.classes.saehd_model.SaehdModel` is, for JAX: the same first weights for the same seed.

    options     as the table of SAEHD answers them; lr_dropout must be n
    checkpoint  what is computed again on the way back: none, parts (encoder, inters, decoders), blocks (their blocks)
    """

    def __init__(self, options: Mapping, *, seed: int, precision: str, checkpoint: str = "none"):
        spec, train = ModelSpec.from_options(options), TrainSpec.from_options(options)
        self.training, self.seed = train.effective(spec.archi), seed
        self.scaled = precision == "float16"
        self.networks = Df(spec) if spec.archi.base == "df" else Liae(spec)
        self.weights, self.objectives = [], []
        for name, part in self.networks.parts.items():
            initialize(part, name, seed)
            if checkpoint != "none":
                recompute(part, blocks=checkpoint == "blocks")
        trained = self.networks.trained_parts(random_warp=self.training.random_warp)
        self.add_objective("generator", self.networks.parts, trained=trained)
        self.compute_losses = SaehdLosses(
            self.networks,
            self.training,
            powers=Powers(self.training),
            resolution=spec.resolution,
            code_discriminator=self.code_discriminator(spec) if self.training.true_face_power else None,
            patch_discriminator=self.patch_discriminator(spec) if self.training.gan_power else None,
        )
        self.slots = [variable for objective in self.objectives for variable in objective.optimizer.variables]

    def add_objective(self, loss: str, parts: Mapping, *, trained=None) -> None:
        optimizer = (AdaBelief if self.training.adabelief else RMSprop)(
            LEARNING_RATE, clip_norm=1.0 if self.training.clipgrad else None
        )
        variables = [variable for part in parts.values() for variable in part.weights]
        optimizer.build(variables)
        self.weights += variables
        moved = [variable for name in trained or parts for variable in parts[name].weights]
        self.objectives.append(Objective(loss, optimizer, moved))

    def code_discriminator(self, spec: ModelSpec) -> CodeDiscriminator:
        side = spec.archi.code_side(spec.resolution)
        judge = CodeDiscriminator(side, name="dis")
        return self.add_judge("code_discriminator", judge, (side, side, spec.ae_dims))

    def patch_discriminator(self, spec: ModelSpec) -> PatchDiscriminator:
        judge = PatchDiscriminator(self.training.gan_patch_size, self.training.gan_dims, name="D_src")
        return self.add_judge("GAN", judge, (spec.resolution, spec.resolution, 3))

    def add_judge(self, name: str, judge, seen: tuple):
        judge(keras.KerasTensor((None, *seen)))  # creates the weights
        initialize(judge, name, self.seed)
        self.add_objective(name, {name: judge})
        return judge

    def first_state(self) -> State:
        """Copies, since a compiled step overwrites what it is given."""
        copies = ([jnp.array(variable.value) for variable in group] for group in (self.weights, self.slots))
        return State(*copies, jnp.float32(FIRST_SCALE if self.scaled else 1.0))

    def losses(self, weights: list, batch: PairBatch) -> dict:
        with keras.StatelessScope(state_mapping=list(zip(self.weights, weights, strict=True))):
            return self.compute_losses(batch)

    def gradients(self, weights: list, scale, batch: PairBatch) -> tuple[dict, list[list]]:
        """All losses (B,), and the gradients of each objective to its own weights.

        Each objective differentiates a forward pass of its own; the compiler computes equal passes once.
        """
        places = {id(variable): place for place, variable in enumerate(self.weights)}
        found, losses = [], {}
        for objective in self.objectives:
            own = [places[id(variable)] for variable in objective.variables]

            def total(values, own=own, name=objective.loss):
                replaced = list(weights)
                for place, value in zip(own, values, strict=True):
                    replaced[place] = value
                losses = self.losses(replaced, batch)
                return jnp.sum(losses[name]) * scale, losses

            scaled, losses = jax.grad(total, has_aux=True)([weights[place] for place in own])
            found.append([gradient / scale for gradient in scaled])
        return losses, found

    def step(self, state: State, batch: PairBatch) -> tuple[State, Any]:
        """To be compiled. Also gives float32 (3,): loss of src and dst before it, and 1 if it was applied, else 0.

        As in the step of `models.engine`, nothing changes unless every loss and gradient is finite.
        """
        losses, gradients = self.gradients(state.weights, state.scale, batch)
        norms = [jnp.sqrt(sum(jnp.sum(jnp.square(one)) for one in own)) for own in gradients]
        means = [jnp.mean(loss) for loss in losses.values()]
        sound = jnp.all(jnp.isfinite(jnp.stack(means)))
        finite = sound & jnp.all(jnp.isfinite(jnp.stack(norms)))
        weights, slots = jax.lax.cond(
            finite, self.updated, lambda weights, slots, _: (weights, slots), state.weights, state.slots, gradients
        )
        overflowed = sound & ~finite & (state.scale > 1)
        scale = jnp.where(overflowed, state.scale / 2, state.scale)
        told = jnp.stack([jnp.mean(losses["src"]), jnp.mean(losses["dst"]), finite.astype(jnp.float32)])
        return State(weights, slots, scale), told

    def updated(self, weights: list, slots: list, gradients: list) -> tuple[list, list]:
        mapping = [*zip(self.weights, weights, strict=True), *zip(self.slots, slots, strict=True)]
        with keras.StatelessScope(state_mapping=mapping) as scope:
            for objective, own in zip(self.objectives, gradients, strict=True):
                objective.optimizer.apply(own, objective.variables)
        after = [scope.get_current_value(variable) for variable, _ in mapping]
        return after[: len(weights)], after[len(weights) :]

    def reconstruct(self, weights: list, src, dst) -> tuple:
        """To be compiled: `src` and `dst` (B, R, R, 3) as the network paints them."""
        with keras.StatelessScope(state_mapping=list(zip(self.weights, weights, strict=True))):
            faces = self.networks.reconstruct(src, dst)
        return faces.src, faces.dst


def recompute(part: keras.layers.Layer, *, blocks: bool) -> None:
    """Let `part`, or each of its blocks, keep only its inputs for the way back."""
    found = [one for one in part._flatten_layers() if isinstance(one, (Downscale, Upscale, Residual))]
    for layer in found if blocks else [part]:

        def call(x, before=layer.call):
            return jax.checkpoint(lambda x: before(x))(x)  # a new function: jax keeps what it traced by function

        layer.call = call
