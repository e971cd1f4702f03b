"""One compiled step: forward once, all losses, all gradients, then the updates. And compiled forward functions.

The functions are those of `models.engine.engine.Engine`.
"""

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from models.engine.out_of_memory import as_out_of_memory
from models.engine.precision import LEAST_SCALE, LossScale
from models.engine.tensorflow.accumulate import accumulated
from models.engine.tensorflow.distribute import beside, shared
from models.engine.tensorflow.weight_values import read_once, values_of
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
    jit: bool = False,
) -> Callable:
    scale = loss_scale.value if loss_scale else None
    compute = shared(in_passes(compute_losses, objectives, reported=reported, passes=passes, scale=scale), devices)
    begun = tf.Variable(0, dtype=tf.int64, trainable=False)  # updates; counted before any of their changes
    done = 0  # of them

    @tf.function(jit_compile=jit, reduce_retracing=True, autograph=False)
    def step(batch):
        losses, gradients = compute(passes.draw(batch))
        means = {name: tf.reduce_mean(loss) for name, loss in losses.items()}
        norms = [global_norm(own) for own in gradients]

        def update():
            with tf.control_dependencies([begun.assign_add(1)]), beside(objectives[0].variables):
                for objective, own, norm in zip(objectives, gradients, norms, strict=True):
                    objective.optimizer.apply(objective.optimizer.clip_to_limit(own, norm), objective.variables)
                afterwards()
            return True

        sound = tf.reduce_all(tf.math.is_finite(list(means.values())))
        finite = sound & tf.reduce_all(tf.math.is_finite(norms))
        overflowed = tf.constant(False)
        if loss_scale:
            overflowed = sound & ~finite & (loss_scale.value.value > LEAST_SCALE)
        found = fetched([means[name] for name in reported], flags=[finite, overflowed])  # before the updates
        tf.cond(finite, update, lambda: False)
        if loss_scale:
            loss_scale.after(finite, overflowed)
        return found

    def run(batch) -> StepResult:
        nonlocal done
        with as_out_of_memory(intact=lambda: int(begun) == done):
            found = step(tf.nest.map_structure(tf.convert_to_tensor, batch)).numpy()
        applied, overflowed = map(bool, found[-2:])
        done += applied
        return StepResult(found[:-2], applied, overflowed)

    return run


def fetched(numbers: Sequence, *, flags: Sequence):
    """All scalars as one float32 array in the computer's memory: whoever reads it does not wait for what comes after."""
    found = tf.stack([*numbers, *(tf.cast(flag, tf.float32) for flag in flags)])
    with tf.device("CPU:0"):
        return tf.identity(found)


def global_norm(gradients: Sequence):
    return tf.sqrt(2.0 * tf.add_n([tf.nn.l2_loss(gradient) for gradient in gradients]))


def in_passes(
    compute_losses: Callable, objectives: Sequence[Objective], *, reported: Sequence[str], passes: Passes, scale
) -> Callable:
    compute = accumulated(
        lambda batch: losses_and_gradients(compute_losses, objectives, batch, scale=scale),
        passes.count,
        names={*reported, *(objective.loss for objective in objectives)},
        shapes=[[tuple(variable.shape) for variable in objective.variables] for objective in objectives],
    )

    def compute_with_weights(batch):
        with read_once(passes.weights):
            return compute(batch)

    return compute_with_weights


def losses_and_gradients(
    compute_losses: Callable, objectives: Sequence[Objective], batch, *, scale=None
) -> tuple[dict, list]:
    variables = [variable for objective in objectives for variable in objective.variables]
    with read_once(variables), tf.GradientTape(persistent=len(objectives) > 1) as tape:
        moved = [values_of(objective.variables) for objective in objectives]
        tape.watch(moved)
        losses = compute_losses(batch)
        followed = {one.loss: losses[one.loss] if scale is None else losses[one.loss] * scale for one in objectives}
    gradients = [tape.gradient(followed[one.loss], own) for one, own in zip(objectives, moved, strict=True)]
    if scale is not None:
        gradients = [[gradient / scale for gradient in own] for own in gradients]
    return losses, gradients


def compile_forward(function: Callable, *shapes: tuple) -> Callable:
    specs = [tf.TensorSpec((None, *shape), tf.float32) for shape in shapes]
    compiled = tf.function(function, input_signature=specs, autograph=False)

    def forward(*pictures: np.ndarray):
        with as_out_of_memory():
            results = compiled(*(tf.convert_to_tensor(picture, tf.float32) for picture in pictures))
            return tf.nest.map_structure(lambda tensor: tensor.numpy(), results)

    return forward
