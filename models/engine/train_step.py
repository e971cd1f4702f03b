"""One compiled step: forward once, all losses, all gradients, then the updates. And compiled forward functions.

One of the few files that name TensorFlow, see `docs/decisions/`.
"""

import zlib
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from models.engine.out_of_memory import as_out_of_memory
from models.engine.precision import LEAST_SCALE, LossScale
from models.engine.tensorflow.accumulate import accumulated
from models.engine.tensorflow.distribute import beside, shared
from models.engine.tensorflow.weight_values import read_once, values_of


class Objective(NamedTuple):
    """A loss, and the only variables it moves."""

    loss: str  # its key among the computed losses
    optimizer: keras.optimizers.Optimizer
    variables: list[keras.Variable]


class Passes(NamedTuple):
    """How a batch goes through the networks.

    count    of equal parts, one after the other
    draw     (batch) -> the batch that losses are computed of, with what is drawn at random for all its faces together
    weights  that are read once for all parts
    """

    count: int = 1
    draw: Callable = lambda batch: batch
    weights: Sequence[keras.Variable] = ()


ONE_PASS = Passes()


class StepResult(NamedTuple):
    """What a step found.

    losses      float32 (L,): means of the reported losses before it, in the order of `Model.loss_names`
    applied     False when a loss or a gradient was not finite: nothing has changed, neither weights nor slots nor counters
    overflowed  it was not applied because gradients were too large for float16; the next step scales them by less
    """

    losses: np.ndarray
    applied: bool
    overflowed: bool = False


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
    """A function (batch) -> StepResult. A batch is any nested structure of arrays whose first axis is the faces.

    compute_losses  (batch) -> dict of (B,) float32 losses: those reported and each objective's
    reported        names of the losses in StepResult
    devices         names of those that share the batch, which divides by their number
    afterwards      what else is part of an applied step, after its updates
    loss_scale      for float16
    passes          how each device goes through its part of the batch
    Gradients are of a loss' sum over a device's part of the batch. No variable changes before all of them are known.
    The function raises OutOfMemory.
    """
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
            overflowed = sound & ~finite & (loss_scale.value > LEAST_SCALE)
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
    """Of all gradients together. Not finite where one of them is not, or where its square, which slots keep, is not."""
    return tf.sqrt(2.0 * tf.add_n([tf.nn.l2_loss(gradient) for gradient in gradients]))


def in_passes(
    compute_losses: Callable, objectives: Sequence[Objective], *, reported: Sequence[str], passes: Passes, scale
) -> Callable:
    """A function (batch) -> `losses_and_gradients` of it, in `passes`."""
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
    """The losses, and for each objective the gradients of its loss to its own variables.

    scale  what losses are multiplied by on the way to the gradients, see `LossScale`; None: 1
    """
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
    """`function` of pictures as a function of NumPy arrays with any batch size, compiled once.

    shapes  (H, W, C) of each argument
    The function raises OutOfMemory.
    """
    specs = [tf.TensorSpec((None, *shape), tf.float32) for shape in shapes]
    compiled = tf.function(function, input_signature=specs, autograph=False)

    def forward(*pictures: np.ndarray):
        with as_out_of_memory():
            results = compiled(*(tf.convert_to_tensor(picture, tf.float32) for picture in pictures))
            return tf.nest.map_structure(lambda tensor: tensor.numpy(), results)

    return forward


def seeded_mask(seed: int, keep: float, *, on_processor: bool = False) -> Callable:
    """Learning-rate dropout: `draw_mask` for an optimizer that keeps a weight's step with probability `keep`.

    on_processor  draw where the memory is the computer's: slower, and leaves more of the GPU to the batch

    The mask is a pure function of (seed, variable, iteration), so that a resumed run draws what one go would have.
    """

    def draw_mask(iteration, path: str, shape: tuple):
        with tf.device("CPU:0") if on_processor else nullcontext():
            return tf.cast(seeded_uniform(f"{seed}/{path}", iteration, shape) < keep, tf.float32)

    return draw_mask


def seeded_choice(seed: int, *, count: int, total: int) -> Callable:
    """A function (iteration, rows) -> 0/1 float32 (rows, total): in each row exactly `count` ones, at places of its own.

    A pure function of (seed, iteration), as `seeded_mask` is.
    """

    def choose(iteration, rows):
        uniform = seeded_uniform(f"{seed}/choice", iteration, (rows, total))
        ranks = tf.argsort(tf.argsort(uniform, axis=1, stable=True), axis=1)
        return tf.cast(ranks < count, tf.float32)

    return choose


def seeded_uniform(name: str, iteration, shape: tuple):
    """Numbers 0..1 that depend on nothing but the arguments."""
    stream = zlib.crc32(name.encode()) & 0x7FFFFFFF
    return tf.random.stateless_uniform(shape, seed=tf.stack([stream, tf.cast(iteration, tf.int32)]))
