"""What the user reads and is asked when the memory is not enough for training."""

from collections.abc import Sequence
from dataclasses import replace

from dfl_cli.devices import Gpu
from dfl_cli.errors import UserError
from dfl_cli.options.confirm import confirm_in_trouble
from dfl_cli.options.option import Option, by_key
from dfl_cli.terminal.console import is_interactive, notice
from dfl_cli.train.kept_answers import store_answers
from dfl_cli.train.memory.estimate import MemorySaving, batch_that_fits, down_to, memory_needed, memory_savings
from dfl_cli.train.plan import Plan
from dfl_cli.translate import listed, remarked, tr
from dfl_cli.units import GIGABYTE, size_text
from models.engine.out_of_memory import quoted
from models.model_class import faces_per_iteration
from samplers.face_cache import free_memory

SETTINGS_NAMED = 5
COMPILER_MEMORY = 0.3 * GIGABYTE  # of main memory, for the training step
LARGEST_ERROR = 2  # the estimate is never off by more than this factor
NEXT_LINE = "\n       "


class EstimatedOutOfMemory(MemoryError):
    """Training would run out of memory, by estimate."""


class TrainingOutOfMemory(MemoryError):
    """Training has run out of memory.

    iteration  that could not be trained
    kept       iteration of the save on the disk; None without any
    """

    def __init__(self, error: MemoryError, *, iteration: int, kept: int | None):
        super().__init__(quoted(error))
        self.iteration, self.kept = iteration, kept


def with_smaller_batch(plan: Plan, error: MemoryError, *, built: bool) -> Plan:
    """The plan to restart with, by question, when not even the first iteration had room.

    built   whether the model itself had room
    raises  UserError: nobody can be asked or wants it, or a smaller batch does not help
    """
    short, foretold = error, isinstance(error, EstimatedOutOfMemory)
    if not isinstance(short, TrainingOutOfMemory):
        kept = plan.saved and plan.saved.iteration
        short = TrainingOutOfMemory(error, iteration=plan.iteration + 1, kept=kept)
    size = smaller_batch(plan, tried=not foretold) if built else 0
    trouble = explain_out_of_memory(short, plan, size, built=built)
    question = tr("Continue with batch size {size}?", size=size)
    if not size or short.iteration > plan.iteration + 1:
        raise trouble from error
    smaller = replace(plan, options={**plan.options, "batch_size": size}, chooses_faces=False, iteration_ms=None)
    store_answers(smaller, again=True)  # or the next try would be proposed what ran out of memory
    if not (is_interactive() and confirm_in_trouble(str(trouble), question)):
        raise trouble from error
    return smaller


def with_fitting_batch(plan: Plan) -> Plan:
    """The plan, or one with a smaller batch where training on the processor cannot have room.

    There TensorFlow cannot say so itself: the libraries below it, or the system, end the program when memory runs out.
    raises  UserError as `with_smaller_batch` does, when the estimate is beyond doubt; otherwise that is only said
    """
    if plan.devices:
        return plan
    free = memory_for_training()
    needed = memory_needed(plan.model_class, plan.options, gpu=False).total(plan.options["batch_size"])
    if needed <= free:
        return plan
    facts = tr("about {needed} needed (estimate), {free} free", needed=size_text(needed), free=size_text(free))
    if needed > LARGEST_ERROR * free:
        return with_smaller_batch(plan, EstimatedOutOfMemory(facts), built=True)
    size = smaller_batch(plan)
    notice(
        tr(
            "Memory may run out: {facts}. A smaller batch would be safe: --batch-size {size}.",
            facts=facts,
            size=size,
        )
    )
    return plan


def memory_for_training(gpus: Sequence[Gpu] = ()) -> float:
    """Bytes before the model is there: of the GPU that has least, 0 where the driver does not tell; without GPUs of the computer."""
    if gpus:
        return min(gpu.free or gpu.total for gpu in gpus)
    return max(0, free_memory() - COMPILER_MEMORY)


def smaller_batch(plan: Plan, *, tried: bool = False) -> int:
    """By estimate, and at most half of what was too large; 0 where not even the least has room.

    On GPUs, which refuse what they have no room for, the least is always worth trying.

    tried  the step has run out of memory, and its network still takes what it takes: what is free on the computer now tells
           nothing about a smaller batch
    """
    gpus, devices = plan.devices, max(1, len(plan.devices))
    free, half = memory_for_training(gpus), plan.options["batch_size"] // 2
    if (gpus and not free) or (tried and not gpus):  # the driver does not tell, or nobody can
        return down_to(half, devices)
    size = batch_that_fits(plan.model_class, plan.options, free, most=half, gpu=bool(gpus), devices=devices)
    return size or (devices if gpus and plan.options["batch_size"] > devices else 0)


def explain_out_of_memory(short: TrainingOutOfMemory, plan: Plan, size: int, *, built: bool) -> UserError:
    """`size` is the batch size that should fit; 0: none."""
    if built:
        what = tr(
            "Not enough memory for iteration {iteration} with batch size {batch_size}.",
            iteration=short.iteration,
            batch_size=plan.options["batch_size"],
        )
    else:
        what = tr("Not enough memory for the model itself.")
    if size:
        fix = [tr("Start again with --batch-size {size}, the estimate of what fits.", size=size)]
        steps = -(-faces_per_iteration(plan.options) // size)
        fix.append(tr("--accumulate-steps {steps} keeps as many faces per iteration as now.", steps=steps))
    else:
        fix = [tr("Close other programs that use this memory, or make the model smaller.")]
    fix += savings_advice(plan)
    return UserError(f"{what}\n{kept_line(short)}", saw=str(short), fix=NEXT_LINE.join(fix))


def savings_advice(plan: Plan) -> list[str]:
    """Lines about the settings that cost most; none where everything is at its least."""
    gpu, devices = bool(plan.devices), max(1, len(plan.devices))
    costly = memory_savings(plan.model_class, plan.options, gpu=gpu, devices=devices)[:SETTINGS_NAMED]
    if not costly:
        return []
    options = by_key(plan.known.listed)
    settings = listed(memory_saving_text(one, options[one.key]) for one in costly)
    return [
        tr("Largest savings (estimate): {settings}", settings=settings),
        tr("resolution, archi and dims are fixed once a model has weights; the other options can change."),
    ]


def kept_line(short: TrainingOutOfMemory) -> str:
    if short.kept is None:
        return tr("The model is new and has not been saved yet.")
    if short.kept >= short.iteration - 1:
        return tr("Nothing is lost: iteration {iteration} is saved.", iteration=short.kept)
    return tr("The latest save is iteration {iteration}.", iteration=short.kept)


def memory_saving_text(saving: MemorySaving, option: Option) -> str:
    """`d_dims 64 -> 32 (1.2 GB)`."""
    return remarked(
        f"{saving.key} {option.kind.show(saving.value)} -> {option.kind.show(saving.instead)}", size_text(saving.bytes)
    )
