"""The gradients of a large batch in the memory of a small one: its parts go through the network one after the other."""

from collections.abc import Callable, Iterable, Sequence

import tensorflow as tf


def accumulated(compute: Callable, passes: int, *, names: Iterable[str], shapes: Sequence[Sequence[tuple]]) -> Callable:
    """`compute` in `passes` equal parts of a batch, whose number of faces they divide.

    compute  (batch) -> (losses, gradients), see `distribute.shared`
    names    of the losses that are returned
    shapes   of the gradients, lists of one objective's each
    """
    if passes == 1:
        return compute
    names = sorted(names)

    def compute_passes(batch):
        parts = tf.nest.map_structure(lambda array: tf.reshape(array, (passes, -1, *array.shape[1:])), batch)

        def one_pass(index, losses, sums):
            found, gradients = compute(tf.nest.map_structure(lambda array: array[index], parts))
            losses = {name: losses[name].write(index, found[name]) for name in names}
            return index + 1, losses, tf.nest.map_structure(tf.add, sums, gradients)

        losses = {name: tf.TensorArray(tf.float32, size=passes, name=name) for name in names}
        zeros = [[tf.zeros(shape) for shape in own] for own in shapes]
        _, losses, sums = tf.while_loop(
            lambda index, *_: index < passes,
            one_pass,
            (tf.constant(0), losses, zeros),
            parallel_iterations=1,  # a second one at the same time would need its memory, too
            maximum_iterations=passes,
        )
        return {name: tf.reshape(array.stack(), (-1,)) for name, array in losses.items()}, sums

    return compute_passes
