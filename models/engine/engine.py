"""What models need of the framework that computes, and which framework that is. Loads none until `engine` is called."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import keras
    import numpy as np

    from models.engine.train_step import Objective, Passes

ENGINES = ("tensorflow", "jax")  # names of Keras' backends, and of the packages beside this file
DEFAULT = "tensorflow"


class Engine(Protocol):
    """The module `engine` of a package beside this file. Networks, losses and optimizers are Keras and know nothing of it.

    ComputeError  what the framework raises where a device cannot compute something
    Segments      those of one pass with gradient checkpointing: `run(compute, inputs, weights)`, see `checkpointing.segment`
    """

    ComputeError: type[Exception]
    Segments: type

    def compile_step(
        self,
        compute_losses: Callable,
        objectives: Sequence[Objective],
        *,
        reported: Sequence[str],
        devices: Sequence[str],
        afterwards: Callable[[], None] = ...,
        loss_scale=None,
        passes: Passes = ...,
        jit: bool = ...,
    ) -> Callable:
        """A function (batch) -> StepResult. A batch is any nested structure of arrays whose first axis is the faces.

        compute_losses  (batch) -> dict of (B,) float32 losses: those reported and each objective's
        reported        names of the losses in StepResult
        devices         names of those that share the batch, which divides by their number
        afterwards      what else is part of an applied step, after its updates
        loss_scale      `precision.LossScale`, for float16
        passes          how each device goes through its part of the batch
        jit             compile by XLA where that is a choice
        Gradients are of a loss' sum over a device's part of the batch, and their mean over the devices. No variable changes
        before all of them are known. The function raises OutOfMemory.
        """

    def in_passes(
        self,
        compute_losses: Callable,
        objectives: Sequence[Objective],
        *,
        reported: Sequence[str],
        passes: Passes,
        scale,
    ) -> Callable:
        """A function (batch) -> `losses_and_gradients` of it, in `passes`."""

    def losses_and_gradients(
        self, compute_losses: Callable, objectives: Sequence[Objective], batch, *, scale=None
    ) -> tuple[dict, list]:
        """The losses, and for each objective the gradients of its loss to its own variables.

        scale  what losses are multiplied by on the way to the gradients, see `LossScale`; None: 1
        """

    def global_norm(self, gradients: Sequence):
        """Of all gradients together. Not finite where one of them is not, or where its square, which slots keep, is not."""

    def compile_forward(self, function: Callable, *shapes: tuple) -> Callable:
        """`function` of pictures as a function of NumPy arrays with any batch size.

        shapes  (H, W, C) of each argument
        The function raises OutOfMemory.
        """

    def uniform(self, stream: int, iteration, shape: tuple):
        """float32 numbers 0..1 that depend on nothing but the arguments: the same on every device and engine.

        stream, iteration  0..2**31 - 1
        """

    def leaky_relu(self, x, slope: float):
        """Its gradient at exactly 0, which much of a masked picture is, is `slope`."""

    def approach(self, slot: keras.Variable, value, share: float) -> None:
        """Let the running mean `slot` go `share` of the way to `value`."""

    def squared_difference(self, a, b):
        """(a - b)^2"""

    def scaled_step(self, variable, direction, slot: keras.Variable, *, rate, epsilon: float) -> None:
        """variable -= rate * direction / (sqrt(slot) + epsilon); `variable` is what Keras gives to `update_step`."""

    def computing_devices(self) -> list[str]:
        """The devices that compute a step: every GPU that `runtime.prepare` left visible, else the processor."""

    def on(self, device: str) -> AbstractContextManager:
        """Inside it, new arrays are made and computed with on that device."""

    def put(self, array: np.ndarray) -> Any:
        """`array` in the memory of the device of `on`."""

    def weights_on(self, *, gpu: bool) -> AbstractContextManager:
        """Inside it, new weights and optimizer slots go into the memory of the first GPU, or into the computer's.

        The second is slower, and leaves more of the GPU to the batch. Without a GPU there is no difference.
        """

    def seconds_of_convolution(self, kind: str, batch: int) -> float:
        """Of one of a usual shape with its gradients, in the number format `kind`. Raises ComputeError."""

    def products(self, precision: str) -> list[tuple[Callable[[], object], float]]:
        """Large products, each as a function that waits for its result, and its billions of operations."""

    def peak_gpu_memory(self) -> int | None:
        """Bytes on the GPU that took most since the program began; None on the processor."""


def engine() -> Engine:
    """The one that `runtime.prepare` has chosen: Keras has one backend per process."""
    import keras

    return importlib.import_module(f"models.engine.{keras.backend.backend()}.engine")
