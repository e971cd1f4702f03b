"""What is known about a saved model: `dfl model list` and `dfl model info`."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from dfl_cli.classes.registry import CLASSES
from dfl_cli.options.summary import summary_box
from dfl_cli.registration.record import KEY as REGISTRATION
from dfl_cli.registration.record import Registration
from dfl_cli.registration.words import registration_lines
from dfl_cli.store.generation import UNREADABLE, Generation, reading_fault, size_fault
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.registration_file import registration_of
from dfl_cli.store.saved_model import SavedModel
from dfl_cli.store.state import State
from dfl_cli.terminal.console import progress
from dfl_cli.terminal.width import display_width
from dfl_cli.translate import labeled, listed, ntr, remarked, tr
from dfl_cli.units import MEGABYTE, size_text
from samplers.files.names import printable


def describe(model_dir: ModelDir) -> dict[str, Any]:
    """The facts about a model as `--json` prints them; every checksum is verified, with a progress bar.

    `healthy` is whether the newest save is whole; iteration, options and time are those of the newest save that is.
    """
    with progress(megabytes_of(model_dir), tr("Checking {name}", name=model_dir.name), unit="MB", keep=False) as bar:
        done = 0

        def count(more: int) -> None:
            nonlocal done
            done += more
            bar.update(done // MEGABYTE - bar.n)

        faults = [one.fault(count) for one in model_dir.generations()]
    return facts_of(model_dir, faults)


def quick_facts(model_dir: ModelDir) -> dict[str, Any]:
    """The same facts without reading the weights: a save counts as whole if its files have the right sizes."""
    return facts_of(model_dir, [fault_of_sizes(one) for one in model_dir.generations()])


def facts_of(model_dir: ModelDir, faults: Sequence[str | None]) -> dict[str, Any]:
    generations = model_dir.generations()
    whole = [one for one, fault in zip(generations, faults, strict=True) if fault is None]
    newest = (whole or generations)[0] if generations else None
    state = state_of(newest.folder) if newest else State()
    registration = registration_of(SavedModel(model_dir, newest, state)) if newest else None
    return {
        "name": model_dir.name,
        "model_class": state.get("model_class") or class_of(model_dir),
        "iteration": state.get("iteration"),
        "options": state.get("options", {}),
        "saved_at": state.saved_at,
        REGISTRATION: registration and registration.as_dict(),
        "bytes": model_dir.bytes(),
        "healthy": bool(faults) and faults[0] is None,
        "doubtful": bool(state.suspicion),
        "rollbacks": state.guard["rollbacks"],
        "skipped_steps": state.guard["skipped_steps"],
        "generations": [
            {"name": one.folder.name, **when(one.folder), "healthy": fault is None, "fault": fault}
            for one, fault in zip(generations, faults, strict=True)
        ],
        "best": best_facts(model_dir),
        "backups": [backup_facts(folder, generations, faults) for folder in model_dir.backups()],
    }


def best_facts(model_dir: ModelDir) -> dict[str, Any] | None:
    """The save that a training with keep_best has kept; null without one."""
    best = model_dir.best()
    return best and {**when(best.folder), **best.state()["quality"]}


def backup_facts(folder: Path, generations: Sequence[Generation], faults: Sequence[str | None]) -> dict[str, Any]:
    """`linked`: the saves whose files are its own, too; `at_risk`: whether one of them is damaged."""
    linked = {
        one.folder.name: fault
        for one, fault in zip(generations, faults, strict=True)
        if Generation(folder).shares_files_with(one)
    }
    at_risk = any(fault is not None for fault in linked.values())
    return {"id": folder.name, **when(folder), "linked": list(linked), "at_risk": at_risk}


def when(folder: Path) -> dict[str, Any]:
    state = state_of(folder)
    return {"iteration": state.get("iteration"), "saved_at": state.saved_at}


def state_of(folder: Path) -> State:
    """state.json of a save or backup; empty if it cannot be read."""
    try:
        return Generation(folder).state()
    except UNREADABLE:
        return State()


def class_of(model_dir: ModelDir) -> str | None:
    try:
        return model_dir.header()["model_class"]
    except UNREADABLE:
        return None


def fault_of_sizes(generation: Generation) -> str | None:
    """What is wrong with the sizes of the files; None if they are those of the manifest."""
    try:
        for name, listed in generation.files().items():
            if fault := size_fault(generation.folder / name, listed["bytes"]):
                return fault
        generation.state()
    except UNREADABLE as error:
        return reading_fault(error)
    return None


def megabytes_of(model_dir: ModelDir) -> int:
    """Of all saves together."""
    return sum(path.stat().st_size for one in model_dir.generations() for path in one.folder.iterdir()) // MEGABYTE


def table_of_models(described: Sequence[dict]) -> list[str]:
    """A line per model under a heading, columns aligned."""
    heading = [tr("name"), tr("class"), tr("iteration"), tr("saved"), tr("size"), ""]
    rows = [heading, *(row_of(facts) for facts in described)]
    widths = [max(display_width(row[column]) for row in rows) for column in range(len(heading))]
    return ["  ".join(padded(text, width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def row_of(facts: dict) -> list[str]:
    iteration = "?" if facts["iteration"] is None else str(facts["iteration"])
    state = "" if facts["healthy"] else tr("damaged")
    return [
        printable(facts["name"]),
        printable(facts["model_class"] or "?"),
        iteration,
        local_time(facts["saved_at"]),
        size_text(facts["bytes"]),
        state,
    ]


def padded(text: str, width: int) -> str:
    return text + " " * (width - display_width(text))


def lines_about(facts: dict) -> list[str]:
    """The summary box, then the state of the files."""
    lines = [box(facts), ""]
    # Translators: the time of the newest save.
    lines += [labeled(tr("saved"), local_time(facts["saved_at"])), labeled(tr("size"), size_text(facts["bytes"]))]
    if facts["healthy"]:
        lines.append(tr("The newest save is intact."))
    else:
        lines.append(tr("The newest save is damaged."))
        lines += ["  " + labeled(one["name"], one["fault"]) for one in facts["generations"] if one["fault"]]
        lines.append("  " + advice(facts))
    if (known := CLASSES.get(facts["model_class"])) and known.network.swaps:
        lines += registration_lines(Registration.from_state(facts), iteration=facts["iteration"])
    if facts["doubtful"]:
        lines.append(tr("It was made while training looked unstable."))
    if facts["rollbacks"] or facts["skipped_steps"]:
        # Translators: how often; see "Training went back to a save {times}".
        times = ntr("{count} time", "{count} times", count=facts["rollbacks"])
        steps = ntr("{count} step", "{count} steps", count=facts["skipped_steps"])
        lines.append(tr("Training was rolled back {times} and skipped {steps}.", times=times, steps=steps))
    if facts["best"]:
        lines.append(best_line(facts["best"]))
    if facts["backups"]:
        iteration = tr("iteration")
        kept = listed(remarked(one["id"], f"{iteration} {one['iteration']}") for one in facts["backups"])
        lines.append(tr("Backups: {backups}", backups=kept))
        lines += lines_about_links(facts)
    return lines


def best_line(best: dict) -> str:
    return tr(
        "Best save: iteration {iteration}, identity transfer {identity:.2f}, expression correlation {expression:.2f}; used by "
        "dfl merge --best.",
        iteration=best["iteration"],
        identity=best["identity_transfer"],
        expression=best["expression_correlation"],
    )


def lines_about_links(facts: dict) -> list[str]:
    linked = [one["id"] for one in facts["backups"] if one["linked"]]
    if not linked:
        return []
    return [
        tr(
            "Hard-linked to a save, so that damage to one damages both: {backups}. For an independent copy: "
            "dfl model backup {name} --copy",
            backups=listed(linked),
            name=facts["name"],
        )
    ]


def advice(facts: dict) -> str:
    if any(one["healthy"] for one in facts["generations"]):
        return tr("Training and merging use the previous save.")
    independent = [one["id"] for one in facts["backups"] if not one["at_risk"]]
    if facts["backups"] and not independent:
        return tr(
            "All backups share files with a damaged save; dfl model restore {name} checks them.", name=facts["name"]
        )
    if independent and facts["backups"][0]["at_risk"]:
        return tr("Restore backup {id}: dfl model restore {name} --from {id}", name=facts["name"], id=independent[0])
    return tr("Restore a backup: dfl model restore {name}", name=facts["name"])


def box(facts: dict) -> str:
    known, options = CLASSES.get(facts["model_class"]), facts["options"]
    table, shown = (known.listed, known.effective_options(options)) if known else ((), options)
    return summary_box(table, name=facts["name"], iteration=facts["iteration"] or 0, options=shown, devices=None)


def local_time(saved_at: str | None) -> str:
    """A time of state.json in the zone of the machine, to the minute."""
    try:
        return datetime.fromisoformat(saved_at).astimezone().strftime("%Y-%m-%d %H:%M")
    except (TypeError, ValueError):
        return "?"
