"""Losses and gradients of a batch, in one pass or in several, and gradient checkpointing."""

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import keras
from keras import ops

from models.engine.checkpointing import activated
from models.engine.jax.scope import Scope, values_of
from models.engine.train_step import Objective, Passes


def losses_and_gradients(
    compute_losses: Callable, objectives: Sequence[Objective], batch, *, scale=None
) -> tuple[dict, list]:
    """The networks run forward once; each objective goes a way back of its own."""
    moved = {id(variable): variable for objective in objectives for variable in objective.variables}
    factor = jnp.float32(1) if scale is None else jnp.asarray(ops.convert_to_tensor(scale))

    def followed(values):
        with Scope(zip(moved.values(), values, strict=True)):
            losses = compute_losses(batch)
        return {one.loss: jnp.sum(losses[one.loss]) * factor for one in objectives}, losses

    values = values_of(moved.values())
    _, changes, losses = jax.linearize(followed, values, has_aux=True)
    places = {key: place for place, key in enumerate(moved)}
    gradients = []
    for objective in objectives:
        back = jax.linear_transpose(lambda *moves, name=objective.loss: changes(list(moves))[name], *values)
        found = back(jnp.float32(1))
        gradients.append([found[places[id(variable)]] / factor for variable in objective.variables])
    return losses, gradients


def global_norm(gradients: Sequence):
    return jnp.sqrt(sum(jnp.sum(jnp.square(jnp.asarray(gradient))) for gradient in gradients))


def in_passes(
    compute_losses: Callable, objectives: Sequence[Objective], *, reported: Sequence[str], passes: Passes, scale
) -> Callable:
    names = sorted({*reported, *(objective.loss for objective in objectives)})

    def compute(batch):
        return losses_and_gradients(compute_losses, objectives, batch, scale=scale)

    def compute_passes(batch):
        parts = jax.tree.map(lambda array: jnp.reshape(array, (passes.count, -1, *array.shape[1:])), batch)
        zeros = [[jnp.zeros(variable.shape, jnp.float32) for variable in one.variables] for one in objectives]

        def one_pass(sums, part):
            losses, gradients = compute(part)
            return jax.tree.map(jnp.add, sums, gradients), {name: losses[name] for name in names}

        sums, losses = jax.lax.scan(one_pass, zeros, parts)
        return {name: jnp.reshape(loss, (-1,)) for name, loss in losses.items()}, sums

    return compute if passes.count == 1 else compute_passes


class Segments:
    """Those of one pass: XLA orders what is computed again."""

    def run(self, compute: Callable, inputs: tuple, weights: list[keras.Variable]):
        def plain(inputs, values):
            with activated(None), Scope(zip(weights, values, strict=True)):
                return compute(*inputs)

        return jax.checkpoint(plain)(inputs, values_of(weights))
