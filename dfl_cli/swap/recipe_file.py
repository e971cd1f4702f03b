"""The fourth stage: `swap.toml` in the workspace, an answers file that a person may edit between two runs."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.devices import Gpu, choose_devices, device_facts, list_gpus
from dfl_cli.errors import UserError
from dfl_cli.options.answers_file import STAGE as STAGE_KEY
from dfl_cli.options.answers_file import literal
from dfl_cli.options.kinds import AUTO
from dfl_cli.options.option import by_key
from dfl_cli.options.wizard import ask_table
from dfl_cli.swap.fit import faces_of
from dfl_cli.swap.job import Limit, Swap
from dfl_cli.swap.recipe import Recipe, choose_recipe, iterations_within, stages_for
from dfl_cli.terminal.console import notice, say
from dfl_cli.train.costs.model_costs import ModelCosts
from dfl_cli.train.costs.probe import Probe, run_probe
from dfl_cli.train.memory.advice import memory_for_training
from dfl_cli.train.memory.estimate import down_to
from dfl_cli.train.report import duration
from dfl_cli.translate import tr
from samplers.files.atomic_file import write_atomically
from samplers.files.regular_file import LARGEST_TYPED, read_regular

STAGE = "recipe"
BATCH = 8  # faces of an iteration, where there is room
BATCH_ON_CPU = 4


class Chosen(NamedTuple):
    """options: the lines above the stages. ms: of an iteration, None where nothing was measured."""

    options: Mapping
    iterations: int  # that such a model usually needs
    reasons: Sequence[str]
    ms: float | None

    def iterations_for(self, limit: Limit) -> int:
        """In all: what was asked for, or what there is time for."""
        if limit.target is not None:
            return limit.target
        if limit.seconds is not None and self.ms:
            return iterations_within(limit.seconds, self.ms)
        return self.iterations


def write_recipe(swap: Swap) -> int:
    """Choose a recipe, or leave the one there is where a person has written or edited it. Returns 0. Raises UserError."""
    file, record = swap.recipe_file, swap.state.done.get(STAGE)
    if swap.answers:
        take_answers(swap)
        return 0
    there = digest_of(swap) if file.exists() else None
    if there not in (None, *our_digests(record)):
        say(tr("Training with {file}, which was edited.", file=file))
        return 0
    inputs = {"faces": swap.state.done.get("fit"), **swap.limit.facts}
    if there and there == record["digest"] and record["inputs"] in (None, inputs):
        say(tr("Done before: {file}", file=file))
        return 0
    keeps_model = swap.model_dir.exists and record is not None and record["options"]
    chosen = Chosen(*(record[name] for name in Chosen._fields)) if keeps_model else choose(swap)
    text = recipe_text(chosen, swap.limit)
    put(swap, text.encode(), {"inputs": inputs, **chosen._asdict()})
    for line in explanation(chosen, swap.limit):
        say(line)
    say(tr("The recipe is {file}; edit it and run the same command again to train with other settings.", file=file))
    return 0


def take_answers(swap: Swap) -> None:
    """Copy the file of --answers into the workspace. Raises UserError where an edited recipe is there."""
    content = read_regular(swap.answers, limit=LARGEST_TYPED)
    file, record = swap.recipe_file, swap.state.done.get(STAGE)
    if file.exists() and digest_of(swap) not in (digest(content), *our_digests(record)):
        raise UserError(
            tr("{file} was edited, and --answers is another recipe.", file=file),
            fix=tr("Leave out --answers to use the edited one, or remove it."),
        )
    put(swap, content, {"inputs": None, "options": None})
    say(tr("Training with {file}, a copy of {answers}.", file=file, answers=swap.answers))


def put(swap: Swap, content: bytes, facts: Mapping) -> None:
    """Write the recipe. Its digest is noted first: a file without a note would be taken for the person's."""
    before = digest_of(swap) if swap.recipe_file.exists() else ""
    swap.state.finish(STAGE, {"digest": digest(content), "before": before, **facts})
    if before != digest(content):
        write_atomically(swap.recipe_file, content)


def our_digests(record: Mapping | None) -> tuple[str, ...]:
    """Of the recipe that was written, and of the one before it, which a kill may have left in its place."""
    return (record["digest"], record["before"]) if record else ()


def choose(swap: Swap) -> Chosen:
    """A recipe for this machine and these faces; measured where that is wanted."""
    devices = devices_of(swap)
    recipe = choose_recipe((memory_for_training(devices) or None) if devices else None, faces_of(swap))
    costs = with_batch(recipe, devices)
    costs, found = measured(costs) if swap.probes else (costs, None)
    options = {**recipe.options, "batch_size": costs.options["batch_size"]}
    return Chosen(options, recipe.iterations, recipe.reasons, found and found.ms)


def devices_of(swap: Swap) -> list[Gpu]:
    """Raises UserError."""
    flags = list(swap.device_flags)
    given = flags[1] if flags[:1] == ["--gpus"] else None
    return choose_devices(list_gpus(), cpu="--cpu" in flags, given=given, silent=True)


def with_batch(recipe: Recipe, devices: Sequence[Gpu]) -> ModelCosts:
    """The largest batch that has room in every stage, up to the usual size."""
    facts = {**device_facts(devices), "finds_batch_size": True}
    given = {**recipe.options, "batch_size": AUTO, "lr_dropout": "y"}  # the stage that needs most
    answers = ask_table(SAEHD.table, given=given, facts=facts, ask_now=False)
    costs = ModelCosts(model_class=SAEHD.name, options=SAEHD.with_fixed(answers), devices=devices).with_number()
    usual = max(len(devices), down_to(BATCH, max(1, len(devices)))) if devices else BATCH_ON_CPU
    return with_batch_size(costs, min(usual, costs.options["batch_size"]))


def with_batch_size(costs: ModelCosts, size: int) -> ModelCosts:
    return replace(costs, options={**costs.options, "batch_size": size})


def measured(costs: ModelCosts) -> tuple[ModelCosts, Probe]:
    """The costs, with a smaller batch where the probe ran out of memory, and what the probe found."""
    notice(tr("Measuring in a process of its own; compiling takes most of the time."))
    least = max(1, len(costs.devices))
    while (probe := run_probe(costs)).out_of_memory and costs.options["batch_size"] > least:
        costs = with_batch_size(costs, max(least, down_to(costs.options["batch_size"] // 2, least)))
        notice(tr("Memory ran out; trying batch size {size}.", size=costs.options["batch_size"]))
    return costs, probe


def explanation(chosen: Chosen, limit: Limit) -> list[str]:
    """Why this recipe, and how long it takes."""
    lines = [*chosen.reasons, tr("Batch size {size}.", size=chosen.options["batch_size"])]
    iterations = chosen.iterations_for(limit)
    if chosen.ms is None:
        return [*lines, tr("{count:,} iterations at most.", count=iterations)]
    longest = duration(min(iterations * chosen.ms / 1000, limit.longest))
    time = tr(
        "{ms:.0f} ms per iteration: {count:,} iterations at most, about {time}.",
        ms=chosen.ms, count=iterations, time=longest,
    )  # fmt: skip
    return [*lines, time]


def recipe_text(chosen: Chosen, limit: Limit) -> str:
    """An answers file of `dfl train`."""
    options = by_key(SAEHD.table)
    head = [
        tr("Chosen by dfl swap. Edit it and run the same command again: edits are kept."),
        tr("resolution, face_type, archi and dims are fixed once the model has been saved."),
        *chosen.reasons,
    ]
    lines = [f"# {line}" for line in head]
    lines += [f"{key} = {literal(value)}  # {tr(options[key].label)}" for key, value in chosen.options.items()]
    by_plateau = not limit.is_given or (limit.target is None and chosen.ms is None)
    for stage in stages_for(chosen.iterations_for(limit), by_plateau=by_plateau):
        lines += ["", f"[[{STAGE_KEY}]]", *(f"{key} = {literal(value)}" for key, value in stage.as_data().items())]
    return "\n".join(lines) + "\n"


def digest_of(swap: Swap) -> str:
    return digest(read_regular(swap.recipe_file, limit=LARGEST_TYPED))


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
