"""How much memory training takes, estimated from the options, which of them cost most, and a batch size that fits. Pure.

Counted are the numbers that every layer of a class' layout puts out for a face, and its weights. At the peak of a step

    held        weights, slots and moving averages, 4 bytes each
    gradients   4 bytes for each weight; three times with several batches per iteration; 2 bytes more where layers compute in half
                precision, with rounded weights
    and what is larger of
    faces       batch size x COPIES x numbers per face, of 4 bytes, or HALF of that in half precision, and maps of the losses
    update      the next slots, steps and dropout masks

With gradient checkpointing a face takes what is kept between the segments, SEGMENT x the outputs of the largest one, and the
maps of one loss. COPIES, HALF, SEGMENT and LOSS_MAPS are measured (benchmarks/memory_estimate.py, docs/memory.md).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dfl_cli.classes.registry import CLASSES
from dfl_cli.options.option import by_key, resolve
from models.layout import Part

NUMBER = 4  # bytes
COPIES = 2.0  # of a layer's output that the way back needs: before and after activation, rearranged; measured
HALF = 0.57  # of the memory of a layer's outputs in half precision: some of them are cast; measured
SEGMENT = 1.8  # times the outputs of a segment: its gradients come while all of it is there; measured
LOSS_MAPS = 20  # images that one reported loss computes for a face; measured
ACCUMULATING = 3  # gradients of each weight: sums before and after, those of the present batch; measured
USABLE = 0.9  # of free memory: the rest is lost between the pieces


class MemoryNeeded(NamedTuple):
    """Bytes of training."""

    per_face: int  # of one src and one dst face together: what the batch size multiplies
    gradients: int
    update: int  # next slots and masks: at the end of a step, when faces take nothing any more
    held: int  # weights, their averages and optimizer: there all the time, on the device

    @property
    def working(self) -> int:
        """Beside faces and what is held, during a step."""
        return self.gradients + self.update

    def total(self, batch_size: int) -> int:
        return self.held + self.gradients + max(self.per_face * batch_size, self.update)


class MemorySaving(NamedTuple):
    """A setting, what it could be instead, and the bytes that would free."""

    key: str
    value: object
    instead: object
    bytes: int


def memory_needed(model_class: str, options: Mapping, *, gpu: bool) -> MemoryNeeded:
    """What training with `options`, all of the class, takes on the device."""
    network = CLASSES[model_class].network
    options = network.effective_options(options)
    parts = network.layout(options).present(options)
    weights, averaged = sum(part.weights for part in parts), averaged_weights(parts, options)
    slots, masks = network.optimizer_memory(options)
    held, update = weights * (1 + slots) + averaged, weights * (1 + slots + masks)
    if gpu and not options.get("models_opt_on_gpu", True):
        held, update = weights, 0  # the weights cross once for a step, which is computed with their copy
    half = options.get("precision", "float32") in ("bfloat16", "float16")
    gradients = NUMBER * weights * (ACCUMULATING if options.get("accumulate_steps", 1) > 1 else 1)
    return MemoryNeeded(
        bytes_per_face(parts, options, losses=len(network.loss_names), half=half),
        gradients + (NUMBER * weights // 2 if half else 0),
        NUMBER * update,
        NUMBER * held,
    )


def averaged_weights(parts: Sequence[Part], options: Mapping) -> int:
    """Weights that moving averages are kept of."""
    return sum(part.weights for part in parts if part.required) if options.get("ema", "off") != "off" else 0


def bytes_per_face(parts: Sequence[Part], options: Mapping, *, losses: int, half: bool) -> int:
    """Bytes that one src and one dst face take on the way forth and back."""
    size = COPIES * NUMBER * (HALF if half else 1)
    maps = COPIES * NUMBER * LOSS_MAPS * 3 * options["resolution"] ** 2  # float32 always
    if not options.get("gradient_checkpointing", False):
        return int(size * sum(part.faces * part.outputs for part in parts) + losses * maps)
    kept = sum(part.faces * part.kept for part in parts)
    largest = max(outputs for part in parts for outputs in part.segments)
    return int(size * (kept + SEGMENT * largest) + maps)


def memory_savings(model_class: str, options: Mapping, *, gpu: bool, devices: int = 1) -> list[MemorySaving]:
    """What each costly setting would free at half its size, or when it is off; the largest first."""
    now = peak_memory(model_class, options, gpu=gpu, devices=devices)
    found = []
    for key, instead in cheaper(model_class, options, gpu=gpu, devices=devices).items():
        less = now - peak_memory(model_class, {**options, key: instead}, gpu=gpu, devices=devices)
        if less > 0:
            found.append(MemorySaving(key, options[key], instead, less))
    return sorted(found, key=lambda saving: -saving.bytes)


def peak_memory(model_class: str, options: Mapping, *, gpu: bool, devices: int) -> int:
    """Bytes on the device that needs most: the first holds the weights, each takes its share of the batch."""
    return memory_needed(model_class, options, gpu=gpu).total(options["batch_size"] // devices)


def cheaper(model_class: str, options: Mapping, *, gpu: bool, devices: int) -> dict:
    """Setting -> what takes less memory, for those that are not at their least already."""
    known = by_key(CLASSES[model_class].listed)
    halves = [key for key in known if key == "resolution" or key.endswith("_dims")]
    found = {key: resolve(known[key], options[key] // 2, options)[0] for key in halves if key in options}
    if options["batch_size"] > devices:
        found["batch_size"] = down_to(options["batch_size"] // 2, devices) or devices
    found |= {key: 0.0 for key in known if key.endswith("_power") and options.get(key)}
    if options.get("adabelief"):
        found["adabelief"] = False
    if options.get("ema", "off") != "off":
        found["ema"] = "off"
    if options.get("lr_dropout") == "y":
        found["lr_dropout"] = "cpu"
    if gpu and options.get("models_opt_on_gpu"):
        found["models_opt_on_gpu"] = False
    if not options.get("gradient_checkpointing", True):
        found["gradient_checkpointing"] = True
    if options.get("precision") == "float32":
        found["precision"] = "bfloat16"
    return found


def batch_that_fits(model_class: str, options: Mapping, free: float, *, most: int, gpu: bool, devices: int = 1) -> int:
    """The largest batch size by estimate, at most `most`; 0 when not even the least would fit.

    free     bytes before the model is there
    devices  how many share the batch, whose size divides by their number
    """
    needed = memory_needed(model_class, options, gpu=gpu)
    room = USABLE * free - needed.gradients - needed.held
    if room < needed.update:
        return 0
    share = max(0, int(room / needed.per_face))
    return down_to(min(share * devices, most), devices)


def down_to(size: int, step: int) -> int:
    return size - size % step
