"""Before a training that costs something new: a probe, offered to the person at the terminal."""

import argparse
from dataclasses import replace

from dfl_cli.errors import UserError
from dfl_cli.options.confirm import ask_yes_no
from dfl_cli.terminal.console import Console, is_interactive, notice
from dfl_cli.train.costs.model_costs import ModelCosts
from dfl_cli.train.costs.probe import Probe, measured, probe_line
from dfl_cli.train.memory.advice import NEXT_LINE, savings_advice, smaller_batch
from dfl_cli.train.memory.estimate import memory_needed
from dfl_cli.train.plan import Plan
from dfl_cli.translate import N_, tr

QUESTION = N_("Run 3 iterations first to measure time and memory (Ctrl-C skips it)?")


def offers_probe(args: argparse.Namespace, plan: Plan) -> bool:
    """Whether somebody is there to answer, and the costs are not those of the last run."""
    asks = is_interactive() and not (args.silent_start or args.answers or args.no_probe)
    return asks and not plan.nothing_to_do and (plan.saved is None or has_other_costs(plan))


def has_other_costs(plan: Plan) -> bool:
    """Whether a step of a saved model takes other time or memory than with the options it was saved with."""
    before, now, gpu = plan.saved.options, plan.options, bool(plan.devices)
    if before.get("batch_size") != now["batch_size"] or not plan.known.network.same_training(before, now):
        return True
    return memory_needed(plan.model_class, {**now, **before}, gpu=gpu) != memory_needed(plan.model_class, now, gpu=gpu)


def offer_probe(plan: Plan) -> Plan:
    """The plan to go on with: as it is, or with a smaller batch where the probe had no room.

    raises  UserError: it had no room, and the person does not want to go on
    """
    console = Console()
    if not ask_yes_no(QUESTION, default=True, console=console):
        return plan
    try:
        probe = measured(ModelCosts(model_class=plan.model_class, options=plan.options, devices=plan.devices))
    except KeyboardInterrupt:
        console.say()
        console.say(tr("Skipped. Training starts without it."))
        return plan
    finally:
        console.flush()  # keys pressed meanwhile are not for the training
    if probe.out_of_memory:
        return without_room(plan, probe, console)
    if probe.error:
        notice(tr("The probe failed; training may fail in the same way: {error}", error=probe.error))
    else:
        console.say(probe_line(probe))
    return replace(plan, iteration_ms=probe.ms)


def without_room(plan: Plan, probe: Probe, console: Console) -> Plan:
    size = smaller_batch(plan)
    trouble = does_not_fit(plan, probe, size)
    console.say(str(trouble))
    if size and ask_yes_no(tr("Continue with batch size {size}?", size=size), default=True, console=console):
        return replace(plan, options={**plan.options, "batch_size": size})
    if ask_yes_no(N_("Train with these settings anyway?"), console=console):
        return plan
    raise trouble


def does_not_fit(plan: Plan, probe: Probe, size: int) -> UserError:
    """`size`: a batch size that should fit by estimate; 0: none."""
    fix = [tr("Use a smaller batch: --batch-size {size} (estimate).", size=size)] if size else []
    fix += savings_advice(plan) or [tr("Close other programs that use this memory, or make the model smaller.")]
    return UserError(tr("These settings do not fit: memory ran out."), saw=probe.out_of_memory, fix=NEXT_LINE.join(fix))
