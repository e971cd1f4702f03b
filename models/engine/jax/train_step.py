"""One compiled step as a pure function: what variables hold goes in, and comes out in the same memory. And compiled forward functions.

The functions are those of `models.engine.engine.Engine`.
"""

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import keras
import numpy as np

from models.engine.jax.devices import Sharing
from models.engine.jax.gradients import global_norm, in_passes
from models.engine.jax.scope import Scope, results, values_of, variables_of
from models.engine.out_of_memory import as_out_of_memory
from models.engine.precision import LEAST_SCALE, LossScale
from models.engine.train_step import ONE_PASS, Objective, Passes, StepResult


def compile_step(
    compute_losses: Callable,
    objectives: Sequence[Objective],
    *,
    reported: Sequence[str],
    devices: Sequence[str],
    afterwards: Callable[[], None] = lambda: None,
    loss_scale: LossScale | None = None,
    passes: Passes = ONE_PASS,
    jit: bool = False,  # it always is
) -> Callable:
    sharing = Sharing(devices) if len(devices) > 1 else None
    scale = loss_scale.value if loss_scale else None
    compute = in_passes(compute_losses, objectives, reported=reported, passes=passes, scale=scale)
    compiled: list = []  # the variables and the function, once there is a batch

    def update(gradients, norms) -> None:
        for objective, own, norm in zip(objectives, gradients, norms, strict=True):
            objective.optimizer.apply(objective.optimizer.clip_to_limit(own, norm), objective.variables)
        afterwards()

    def touch(batch) -> None:
        """What a step does to variables, without the gradients."""
        compute_losses(passes.draw(batch))
        zeros = [[jnp.zeros(variable.shape, jnp.float32) for variable in one.variables] for one in objectives]
        update(zeros, [jnp.float32(1)] * len(objectives))
        if loss_scale:
            loss_scale.after(jnp.array(True), jnp.array(False))

    def step(variables: list, batch):
        losses, gradients = compute(passes.draw(batch))
        gradients = [[gradient / len(devices) for gradient in own] for own in gradients]
        means = {name: jnp.mean(loss) for name, loss in losses.items()}
        norms = [global_norm(own) for own in gradients]
        sound = jnp.all(jnp.isfinite(jnp.stack(list(means.values()))))
        finite = sound & jnp.all(jnp.isfinite(jnp.stack(norms)))
        overflowed = sound & ~finite & (loss_scale.value.value > LEAST_SCALE) if loss_scale else jnp.array(False)
        assign_if(finite, variables, lambda: update(gradients, norms))
        if loss_scale:
            loss_scale.after(finite, overflowed)
        return jnp.stack([*(means[name] for name in reported), finite, overflowed]).astype(jnp.float32)

    def run(batch) -> StepResult:
        with as_out_of_memory():
            if not compiled:
                variables = variables_of(touch, batch)
                compiled[:] = variables, compile_with(variables, lambda batch: step(variables, batch))
        variables, compute_step = compiled
        values = unshared(values_of(variables))
        if sharing:
            values, batch = sharing.place(values, batch)
        with as_out_of_memory(intact=lambda: not any(value.is_deleted() for value in values)):
            after, found = compute_step(values, batch)
            found = np.asarray(found)
        for variable, value in zip(variables, after, strict=True):
            variable.assign(value)
        return StepResult(found[:-2], *map(bool, found[-2:]))

    return run


def compile_with(variables: Sequence[keras.Variable], function: Callable) -> Callable:
    """(values of the variables, inputs of `function`) -> (their values after it, what it returns). It takes over the values' memory."""

    def pure(values, *inputs):
        with Scope(zip(variables, values, strict=True)) as scope:
            found = function(*inputs)
        return results(scope, variables), found

    return jax.jit(pure, donate_argnums=0)


def assign_if(condition, variables: Sequence[keras.Variable], change: Callable[[], None]) -> None:
    """Let `change` assign to the variables where `condition` holds."""

    def changed(values):
        with Scope(zip(variables, values, strict=True)) as scope:
            change()
        return results(scope, variables)

    after = jax.lax.cond(condition, changed, lambda values: values, values_of(variables))
    for variable, value in zip(variables, after, strict=True):
        variable.assign(value)


def unshared(values: Sequence[jax.Array]) -> list[jax.Array]:
    """The same, each in memory of its own: two variables may hold one array after one was assigned to the other."""
    seen, own = set(), []
    for value in values:
        own.append(jnp.copy(value) if id(value) in seen else value)
        seen.add(id(value))
    return own


def compile_forward(function: Callable, *shapes: tuple) -> Callable:
    """Compiled once for each batch size."""
    variables: list[keras.Variable] = []

    @jax.jit
    def compiled(values, *pictures):
        with Scope(zip(variables, values, strict=True)):
            return function(*pictures)

    def forward(*pictures: np.ndarray):
        pictures = [np.asarray(picture, np.float32) for picture in pictures]
        with as_out_of_memory():
            if not variables:
                variables.extend(variables_of(function, *pictures))
            return jax.tree.map(np.asarray, compiled(values_of(variables), *pictures))

    return forward
