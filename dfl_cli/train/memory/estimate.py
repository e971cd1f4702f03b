"""How much memory training takes, estimated from the options, which of them cost most, and a batch size that fits. Pure.

Counted are the numbers (float32) that every layer of a class' layout puts out for a face, and its weights. A step then takes

    4 bytes x (COPIES x numbers per face x batch size + weights x (2 + 2 x slots + masks + moving averages))

where one weight and its slots are held, and a gradient and the next slots come and go. COPIES is measured; the
estimate was within 15 % of what a processor really took (docs/LOG.md), and is meant to rank settings.
"""

from collections.abc import Mapping
from typing import NamedTuple

from dfl_cli.classes.registry import CLASSES
from dfl_cli.options.option import by_key, resolve

NUMBER = 4  # bytes
COPIES = 2.0  # of a layer's output that the way back needs: before and after activation, rearranged; measured
LOSS_MAPS = 30  # images that one reported loss computes for a face
USABLE = 0.9  # of free memory: the rest is lost between the pieces


class MemoryNeeded(NamedTuple):
    """Bytes of training."""

    per_face: int  # of one src and one dst face together: what the batch size multiplies
    working: int  # gradients, next slots and masks: there during a step
    held: int  # weights, their averages and optimizer: there all the time, on the device

    def total(self, batch_size: int) -> int:
        return self.per_face * batch_size + self.working + self.held


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
    parts = [part for part in network.layout(options).parts if part.required or options.get(part.power)]
    outputs = sum(part.faces * part.outputs for part in parts)
    outputs += len(network.loss_names) * LOSS_MAPS * 3 * options["resolution"] ** 2
    weights = sum(part.weights for part in parts)
    kept = sum(part.weights for part in parts if part.required) if options.get("ema", "off") != "off" else 0
    slots, masks = network.optimizer_memory(options)
    held = weights * (1 + slots) + kept
    if gpu and not options.get("models_opt_on_gpu", True):
        held = 0
    return MemoryNeeded(int(NUMBER * COPIES * outputs), NUMBER * weights * (1 + slots + masks), NUMBER * held)


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
    return found


def batch_that_fits(model_class: str, options: Mapping, free: float, *, most: int, gpu: bool, devices: int = 1) -> int:
    """The largest batch size by estimate, at most `most`; 0 when not even the least would fit.

    free     bytes before the model is there
    devices  how many share the batch, whose size divides by their number
    """
    needed = memory_needed(model_class, options, gpu=gpu)
    room = USABLE * free - needed.working - needed.held
    share = max(0, int(room / needed.per_face))
    return down_to(min(share * devices, most), devices)


def down_to(size: int, step: int) -> int:
    return size - size % step
