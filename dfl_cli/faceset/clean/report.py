"""What `dfl faceset clean` says: the picture sheet, lines for a person, facts for a program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dfl_cli.extract.people.contact_sheet import FACES, contact_sheet, save_sheet
from dfl_cli.faceset.clean.defects import Defect
from dfl_cli.faceset.clean.proposals import Limits, Proposal, badness
from dfl_cli.faceset.identify import NAMES_SHOWN, Verdict, shrunk
from dfl_cli.faceset.loading import skipped_facts
from dfl_cli.terminal.names import shortened
from dfl_cli.translate import ntr, tr
from samplers.files.faces import Skipped, UnreadableImage

ROWS_OF_ONE = 3  # rows of faces for a defect
LABEL = 220  # pixels for its name and count


@dataclass(frozen=True)
class Found:
    """What a look at a face set found. verdict: None where nobody asked whose faces they are."""

    count: int  # faces that could be read
    proposals: Sequence[Proposal]
    limits: Limits
    verdict: Verdict | None
    skipped: Sequence[Skipped]

    def having(self, defect: Defect) -> list[Proposal]:
        """The proposals for one defect, the worst first."""
        found = [each for each in self.proposals if defect in each.defects]
        return sorted(found, key=lambda each: badness(each, defect))


def write_sheet(found: Found, folder: Path) -> Path | None:
    """The proposed faces by defect in a picture beside the set; None where it cannot be written, which is reported."""
    return save_sheet(folder, contact_sheet(sheet_rows(found), label_width=LABEL), name="clean")


def sheet_rows(found: Found) -> list[tuple[str, list[np.ndarray]]]:
    rows = []
    for defect in Defect:
        proposals = found.having(defect)
        chosen = proposals[: FACES * ROWS_OF_ONE]
        for number, start in enumerate(range(0, len(chosen), FACES)):
            label = "" if number else f"{defect.value}  {len(proposals)}"
            rows.append((label, pictures(chosen[start : start + FACES])))
    return rows


def pictures(proposals: Sequence[Proposal]) -> list[np.ndarray]:
    found = []
    for each in proposals:
        try:
            found.append(shrunk(each.measured.face))
        except UnreadableImage:  # gone since it was measured
            continue
    return found


def title_of(defect: Defect, limits: Limits, count: int) -> str:
    match defect:
        case Defect.BLURRED:
            return ntr("{count} blurred face", "{count} blurred faces", count=count)
        case Defect.TINY:
            return ntr(
                "{count} face smaller than {size:.0f} pixels in its frame",
                "{count} faces smaller than {size:.0f} pixels in their frames",
                count=count,
                size=limits.size,
            )
        case Defect.DUPLICATE:
            return ntr("{count} duplicate", "{count} duplicates", count=count)
        case Defect.STRANGER:
            return ntr("{count} face of others", "{count} faces of others", count=count)
        case Defect.LANDMARKS:
            return ntr(
                "{count} face with implausible landmarks", "{count} faces with implausible landmarks", count=count
            )
        case Defect.CLOSED_EYES:
            return ntr("{count} face with closed eyes", "{count} faces with closed eyes", count=count)
    raise ValueError(defect)


def lines(found: Found, sheet: Path | None) -> list[str]:
    """For a person."""
    if not found.proposals:
        return [ntr("Nothing to remove in {count} face.", "Nothing to remove in {count} faces.", count=found.count)]
    said = [
        tr(
            "Proposed for removal: {proposed} of {faces}.",
            proposed=len(found.proposals),
            faces=ntr("{count} face", "{count} faces", count=found.count),
        )
    ]
    for defect in Defect:
        if proposals := found.having(defect):
            names = shortened([each.name for each in proposals], NAMES_SHOWN)
            title = title_of(defect, found.limits, len(proposals))
            said.append("  " + tr("{title}: {names}", title=title, names=names))
    if sheet:
        said.append(tr("Pictures of them: {path}", path=sheet))
    return said


def facts(found: Found, sheet: Path | None, moved_to: Path | None) -> dict:
    """What --json prints."""
    return {
        "faces": found.count,
        "proposed": [proposal_facts(each) for each in found.proposals],
        "counts": {defect.value: len(found.having(defect)) for defect in Defect},
        "wanted": list(found.verdict.kept) if found.verdict else [],
        "unsure": list(found.verdict.unsure) if found.verdict else [],
        "limits": {"sharpness": found.limits.sharpness, "size": found.limits.size},
        "skipped": skipped_facts(found.skipped),
        "sheet": sheet and str(sheet),
        "moved_to": moved_to and str(moved_to),
    }


def proposal_facts(proposal: Proposal) -> dict:
    face = proposal.measured
    return {
        "name": proposal.name,
        "reasons": [defect.value for defect in proposal.defects],
        "duplicate_of": proposal.duplicate_of,
        "person": proposal.person,
        "sharpness": face.sharpness,
        "size": face.size,
        "landmark_distance": face.seen and face.seen.distance,
        "blink": face.seen and face.seen.blink,
    }
