"""What a model costs, from its options alone: parameters, memory by estimate, space on the disk. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from dfl_cli.classes.registry import CLASSES
from dfl_cli.devices import Gpu, device_facts
from dfl_cli.options.kinds import AUTO
from dfl_cli.store.model_dir import KEPT_BACKUPS, KEPT_GENERATIONS
from dfl_cli.train.memory.advice import memory_for_training
from dfl_cli.train.memory.estimate import NUMBER, MemoryNeeded, averaged_weights, batch_that_fits, memory_needed
from dfl_cli.translate import tr
from dfl_cli.units import size_text
from models.layout import Part

LARGEST_AUTO = 16  # of a batch size found by itself: larger ones are unusual, and only make each step longer


@dataclass(frozen=True, kw_only=True)
class ModelCosts:
    """One model class, all its options, and the GPUs it is to be trained on; none: the processor."""

    model_class: str
    options: Mapping
    devices: Sequence[Gpu] = ()

    @cached_property
    def effective(self) -> dict:
        return CLASSES[self.model_class].effective_options(self.options)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The networks that are there with these options."""
        return CLASSES[self.model_class].network.layout(self.effective).present(self.effective)

    @property
    def parameters(self) -> int:
        return sum(part.weights for part in self.parts)

    @property
    def weights_on_device(self) -> int:
        """Bytes; 0 where they stay in main memory."""
        return min(NUMBER * self.parameters, self.needed.held)

    @property
    def share(self) -> int:
        """Samples on each device."""
        return self.options["batch_size"] // max(1, len(self.devices))

    @cached_property
    def needed(self) -> MemoryNeeded:
        return memory_needed(self.model_class, self.options, gpu=bool(self.devices))

    @property
    def memory(self) -> int:
        """Bytes on the device that needs most, by estimate."""
        return self.needed.total(self.share)

    @cached_property
    def free(self) -> float | None:
        """Bytes that training could take; None where the driver of a GPU does not tell."""
        return memory_for_training(self.devices) or (None if self.devices else 0)

    @property
    def save_bytes(self) -> int:
        """Of one save on the disk."""
        network = CLASSES[self.model_class].network
        slots = network.optimizer_memory(self.effective).slots
        optimized = {part.name for one in network.layout(self.effective).optimizers for part in one.parts}
        trained = sum(part.weights for part in self.parts if part.name in optimized)
        return NUMBER * (self.parameters + slots * trained + averaged_weights(self.parts, self.effective))

    @property
    def saves(self) -> int:
        return KEPT_GENERATIONS

    @property
    def backups(self) -> int:
        """Copies of a save that automatic backups end up with."""
        return KEPT_BACKUPS if self.options["autobackup_hour"] else 0

    def with_number(self) -> "ModelCosts":
        """The same with the batch size that `auto` stands for."""
        if self.options["batch_size"] != AUTO:
            return self
        return replace(self, options={**self.options, "batch_size": largest_batch(self)})


def largest_batch(costs: ModelCosts) -> int:
    """What `auto` stands for: the largest batch that fits by estimate, at least one face on each device, at most LARGEST_AUTO."""
    devices = max(1, len(costs.devices))
    if costs.free is None:
        return default_batch(costs)
    size = batch_that_fits(
        costs.model_class, costs.options, costs.free, most=LARGEST_AUTO, gpu=bool(costs.devices), devices=devices
    )
    return size or devices


def default_batch(costs: ModelCosts) -> int:
    option = next(one for one in CLASSES[costs.model_class].table if one.key == "batch_size")
    facts = device_facts(costs.devices)
    return option.kind.clamp_to_limits(option.default_for(facts), facts)[0]


def auto_line(costs: ModelCosts) -> str:
    """The line about the batch size that was found."""
    size = costs.options["batch_size"]
    if costs.free is None:
        return tr("Batch size {size}: the default, because the free memory of the GPU is not known.", size=size)
    free = size_text(costs.free)
    if costs.memory > costs.free:
        return tr("Batch size {size}: by estimate even this does not fit in the {free} free.", size=size, free=free)
    if size + max(1, len(costs.devices)) > LARGEST_AUTO:
        return tr("Batch size {size}: the largest that auto takes; {free} free (estimate).", size=size, free=free)
    return tr("Batch size {size}: the largest that fits in the {free} free (estimate).", size=size, free=free)


def cost_line(costs: ModelCosts) -> str:
    """`84.1 million parameters, about 3.2 GB at batch size 8`."""
    costs = costs.with_number()
    return tr(
        "{millions:.1f} million parameters, about {memory} at batch size {batch_size}",
        millions=costs.parameters / 1e6,
        memory=size_text(costs.memory),
        batch_size=costs.options["batch_size"],
    )
