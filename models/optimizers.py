"""AdaBelief and RMSprop as the reference computes them (models.md 4): no bias correction, epsilon outside the root.

An update is bound by memory, not by arithmetic: slots and weights are changed in place, by few passes over them.
"""

import math
from collections.abc import Callable

import keras
from keras import ops

from models.engine.engine import engine

EPSILON = 1e-6


class CosineWave(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate swinging between `peak` and 0 once per `period` steps; the first step is number 1."""

    def __init__(self, peak: float, period: int):
        self.peak, self.period = peak, period

    def __call__(self, step):
        angle = (ops.cast(step, "float32") + 1) * (2 * math.pi / self.period)
        return self.peak * (ops.cos(angle) + 1) / 2

    def get_config(self):
        return {"peak": self.peak, "period": self.period}


class SlotOptimizer(keras.optimizers.Optimizer):
    """What both have in common: clipping by global norm, learning-rate dropout, slots under the reference's names.

    draw_mask   (iteration, path, shape) -> 0/1 tensor; multiplies each weight's step, moments are always updated.
                None: no dropout.
    clip_norm   limit of the norm over all gradients together; None: no limit
    """

    slot_names: tuple[str, ...]

    def __init__(self, learning_rate, *, clip_norm: float | None = None, draw_mask: Callable | None = None):
        super().__init__(learning_rate=learning_rate, global_clipnorm=clip_norm)
        self.draw_mask = draw_mask
        self.learning_rate_scale = keras.Variable(1.0, dtype="float32", trainable=False, name="learning_rate_scale")
        self.extra_clip_norm = keras.Variable(math.inf, dtype="float32", trainable=False, name="careful_norm")

    def limit_steps(self, *, learning_rate_scale: float, clip_norm: float | None) -> None:
        """From the next step on; 1 and None are what a new optimizer has."""
        self.learning_rate_scale.assign(learning_rate_scale)
        self.extra_clip_norm.assign(math.inf if clip_norm is None else clip_norm)

    def clip_to_limit(self, gradients, norm) -> list:
        """`gradients`, whose norm over all together is `norm`, shortened to the norm that `limit_steps` allows."""
        share = self.extra_clip_norm / norm
        return ops.cond(share < 1, lambda: [gradient * share for gradient in gradients], lambda: gradients)

    def build(self, variables):
        super().build(variables)
        self.paths = [variable.path for variable in variables]
        self.slots = {slot: self.add_optimizer_variables(variables, slot) for slot in self.slot_names}

    def update_step(self, gradient, variable, learning_rate):
        index = self._get_variable_index(variable)
        direction, slot = self.update_slots(ops.cast(gradient, "float32"), index)
        if self.draw_mask is not None:
            direction = direction * self.draw_mask(self.iterations, self.paths[index], tuple(variable.shape))
        rate = ops.cast(learning_rate, "float32") * self.learning_rate_scale
        engine().scaled_step(variable, direction, slot, rate=rate, epsilon=EPSILON)

    def update_slots(self, gradient, index: int) -> tuple:
        """Update the slots of variable `index`; returns where it goes, and the slot by whose root that is divided.

        Computes with `.value` of the slots: operators of Keras variables take long to be compiled.
        """
        raise NotImplementedError

    def state(self) -> dict[str, keras.Variable]:
        """Counter and slots by the reference's file keys, as `ms_encoder/down1/downs_0/conv1/weight_0`."""
        state = {"iters": self.iterations}
        for slot, variables in self.slots.items():
            state |= {f"{slot}_{path}_0": variable for path, variable in zip(self.paths, variables, strict=True)}
        return state


class AdaBelief(SlotOptimizer):
    """Steps scaled by how far a gradient is from what its running mean led to expect (Zhuang et al., 2020)."""

    slot_names = ("ms", "vs")

    def update_slots(self, gradient, index):
        mean, variance = self.slots["ms"][index], self.slots["vs"][index]
        engine().approach(mean, gradient, 1.0 - 0.9)
        engine().approach(variance, engine().squared_difference(gradient, mean.value), 1.0 - 0.999)
        return mean.value, variance


class RMSprop(SlotOptimizer):
    """Steps scaled by the running size of the gradient (Hinton, 2012); no momentum, not centered."""

    slot_names = ("acc",)

    def update_slots(self, gradient, index):
        slot = self.slots["acc"][index]
        engine().approach(slot, ops.square(gradient), 1.0 - 0.9)
        return gradient, slot
