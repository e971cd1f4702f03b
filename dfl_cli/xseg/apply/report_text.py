"""What `dfl xseg apply` says: lines for a person, facts for a program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dfl_cli.faceset.loading import skipped_facts
from dfl_cli.terminal.names import quoted, shortened
from dfl_cli.translate import ntr, tr
from dfl_cli.xseg.apply.run import Report
from dfl_cli.xseg.apply.sheet import Worst
from dfl_cli.xseg.predict import MaskNetwork
from samplers.files.face import Skipped
from samplers.geometry.face_types import FaceType

NAMES_SHOWN = 5


@dataclass(frozen=True)
class Done:
    network: MaskNetwork
    face_type: FaceType | None
    faces: int
    up_to_date: int  # faces that had the masks of this network already
    report: Report
    worst: Worst
    skipped: Sequence[Skipped]
    sheet: Path | None
    stopped: bool
    seconds: float


def lines(done: Done, folder: Path) -> list[str]:
    """For a person."""
    report = done.report
    said = []
    if report.applied or not done.up_to_date:
        name = done.network.name
        said.append(
            ntr("{count} mask applied by {name}.", "{count} masks applied by {name}.", count=report.applied, name=name)
        )
    if done.up_to_date:
        said.append(
            ntr(
                "{count} face already has its mask by this network.",
                "{count} faces already have their masks by this network.",
                count=done.up_to_date,
            )
        )
    if report.replaced:
        said.append(
            ntr(
                "{count} earlier mask was replaced; it is kept for --undo.",
                "{count} earlier masks were replaced; they are kept for --undo.",
                count=report.replaced,
            )
        )
    if done.skipped:
        said.append(ntr("{count} image was skipped.", "{count} images were skipped.", count=len(done.skipped)))
    if done.worst.unsure:
        names = shortened([name for name, _ in done.worst.unsure], NAMES_SHOWN)
        said.append(tr("Least sure: {names}", names=names))
    if done.worst.flicker:
        names = shortened([name for name, _ in done.worst.flicker], NAMES_SHOWN)
        said.append(tr("Largest change from the neighboring frames: {names}", names=names))
    if done.sheet:
        said.append(tr("Pictures of them: {path}", path=done.sheet))
    if report.applied:
        said.append(tr("To undo: dfl xseg {by} {folder} --undo", by="apply", folder=quoted(folder)))
    if done.stopped:
        said.append(tr("Stopped. Run the same command again to paint the remaining masks."))
    return said


def facts(done: Done) -> dict:
    """What --json prints."""
    return {
        "model": done.network.name,
        "iteration": done.network.iteration,
        "face_type": done.face_type.short if done.face_type is not None else "same",
        "faces": done.faces,
        "applied": done.report.applied,
        "replaced": done.report.replaced,
        "up_to_date": done.up_to_date,
        "skipped": skipped_facts(done.skipped),
        "least_sure": [{"name": name, "confidence": value} for name, value in done.worst.unsure],
        "largest_change": [{"name": name, "change": value} for name, value in done.worst.flicker],
        "sheet": done.sheet and str(done.sheet),
        "stopped": done.stopped,
        "seconds": done.seconds,
    }
