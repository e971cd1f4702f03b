"""What `models` knows about a model class. Loads no Keras until a model is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from models.engine.out_of_memory import as_out_of_memory
from models.flops import Pass, gflop
from models.layout import Layout

if TYPE_CHECKING:
    from models.model import Model

# What every class is built with. The options of a class that does not ask for it lack it, and those of an old model.
FOR_EVERY_CLASS: Mapping = {
    "models_opt_on_gpu": True,
    "ema": "off",
    "precision": "float32",
    "accumulate_steps": 1,
    "gradient_checkpointing": False,
}


def faces_per_iteration(options: Mapping) -> int:
    """Of each side, on all devices together."""
    return options["batch_size"] * options.get("accumulate_steps", FOR_EVERY_CLASS["accumulate_steps"])


class OptimizerMemory(NamedTuple):
    """Numbers that training needs for each weight, beside the weight and its gradient."""

    slots: int  # kept from step to step
    masks: int  # drawn for a step, on the device of the weights


@dataclass(frozen=True, kw_only=True, eq=False)
class NetworkClass:
    """The networks, losses and files of one model class.

    name              in model.json and in the names of DeepFaceLab's files
    loss_names        of the reported losses, in the order of `StepResult.losses`
    layout            options -> what the files of such a model hold; raises KeyError, `BadArchi`, `BadResolution`
    make              (options, seed) -> Model; imports Keras when it is called. None: the class is not trained here
    passes            options in force -> what goes through the networks in a step; raises as `layout` does
    training          options -> those of them the compiled step depends on, comparable
    optimizer_memory  options -> what the optimizers need
    parts_to_reinitialize    (options it was trained with, options now) -> parts to initialize again
    pretraining       what pretraining puts in the place of the answers, which stay stored (models.md 6.2)
    noise             (number of samples, resolution) -> a batch of random pictures, to try a step on
    swaps             whether its models put one face on another; then a sample is a face of src and one of dst
    """

    name: str
    loss_names: tuple[str, ...]
    layout: Callable[[Mapping], Layout]
    noise: Callable[[int, int], tuple]
    make: Callable[[Mapping, int], Model] | None = None
    passes: Callable[[Mapping], Sequence[Pass]] = lambda options: ()
    training: Callable[[Mapping], object] = lambda options: None
    optimizer_memory: Callable[[Mapping], OptimizerMemory] = lambda options: OptimizerMemory(slots=1, masks=0)
    parts_to_reinitialize: Callable[[Mapping, Mapping], list[str]] = lambda stored, options: []
    pretraining: Mapping = field(default_factory=dict)
    swaps: bool = True

    def build(self, options: Mapping, *, seed: int) -> Model:
        """A model with first weights drawn from `seed`; `options` has every option of the class. Raises OutOfMemory.

        Precision auto is float32 here: what is quick on this device is for the caller to find out.
        """
        from models.engine.engine import engine
        from models.engine.precision import computing_in

        everywhere = {**FOR_EVERY_CLASS, **options}
        policy = computing_in(everywhere["precision"])
        with as_out_of_memory(), engine().weights_on(gpu=everywhere["models_opt_on_gpu"]), policy:
            model = self.make(options, seed)
            if everywhere["ema"] != "off":
                model.keep_averages(float(everywhere["ema"]))
            checkpointing, passes = everywhere["gradient_checkpointing"], everywhere["accumulate_steps"]
            if checkpointing or passes > 1:
                model.save_memory(checkpointing=checkpointing, passes=passes)
        return model

    @property
    def faces_per_sample(self) -> int:
        return 2 if self.swaps else 1

    def same_training(self, before: Mapping, now: Mapping) -> bool:
        """Whether a model built for the options `before` can go on as it is when `now` hold."""
        return self.training(before) == self.training(now) and all(
            before.get(key, usual) == now.get(key, usual) for key, usual in FOR_EVERY_CLASS.items()
        )

    def gflop_per_iteration(self, options: Mapping) -> float:
        """Billions of operations of a step, see `models.flops`; `options` has every option of the class."""
        options = self.effective_options(options)
        return faces_per_iteration(options) * gflop(self.passes(options))

    def effective_options(self, options: Mapping) -> dict:
        """The options a step works with: the answers, or what pretraining puts in their place."""
        return {**options, **self.pretraining} if options.get("pretrain") else dict(options)
