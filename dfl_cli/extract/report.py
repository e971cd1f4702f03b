"""What came of an extraction, for a person and for --json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dfl_cli.errors import explain_in_a_line
from dfl_cli.extract.analyze import Analysis, BadFrame
from dfl_cli.extract.choose import Choice
from dfl_cli.extract.cutting import Cutting, Plan
from dfl_cli.extract.places import Places
from dfl_cli.extract.records import FrameRecord
from dfl_cli.frames import UnreadableFrame
from dfl_cli.terminal.console import notice, print_error, say
from dfl_cli.terminal.names import shortened
from dfl_cli.translate import labeled, ntr, system_reason, tr
from samplers.files.atomic_file import write_atomically

NAMES_SHOWN = 20  # of a list that may be as long as the video
LIST_NAME = "frames_without_face.txt"  # in the folder of the faces


def result_of(
    frames: Sequence[FrameRecord], choice: Choice, plan: Plan, bad: Sequence[BadFrame], aligned: Path
) -> dict[str, Any]:
    """As --json prints it, but for the seconds."""
    return {
        "frames": len({frame.name for frame in frames} | {one.name for one in bad}),
        "faces": sum((aligned / name).is_file() for name in plan.wanted),
        "frames_without_face": [frame.name for frame in frames if not any(face.is_sure for face in frame.faces)],
        "unreadable_frames": [one.name for one in bad],
        "people": [{"name": name, "faces": count} for name, count in choice.people.items()],
    }


def report_result(
    result: Mapping, analysis: Analysis, cutting: Cutting, plan: Plan, places: Places, *, stopped: bool
) -> None:
    report_bad([*analysis.bad, *cutting.bad])
    if stopped:
        say(tr("Stopped. Run the same command again to go on."))
        return
    report_without_face(result["frames_without_face"], places.aligned / LIST_NAME)
    if result["frames_without_face"] and not result["people"] and not result["faces"]:
        notice(
            tr(
                "No face was found at all. Check that the frames show faces at least 10 pixels high that are not covered; "
                "--detector uses another network."
            )
        )
    if plan.deleted:
        notice(
            ntr(
                "{count} face was deleted after it was extracted and stays deleted; --again extracts it again.",
                "{count} faces were deleted after they were extracted and stay deleted; --again extracts them again.",
                count=len(plan.deleted),
            )
        )
    if not analysis.frames and not cutting.faces:
        say(tr("Nothing to do, all faces are up to date."))
    say(
        tr(
            "{faces} in {frames}: {folder}",
            faces=ntr("{count} face", "{count} faces", count=result["faces"]),
            frames=ntr("{count} frame", "{count} frames", count=result["frames"]),
            folder=places.aligned,
        )
    )


def report_bad(bad: Sequence[BadFrame]) -> None:
    if not bad:
        return
    print_error(
        ntr(
            "{count} frame cannot be read and was skipped:",
            "{count} frames cannot be read and were skipped:",
            count=len(bad),
        )
    )
    for one in bad[:NAMES_SHOWN]:
        notice("  " + labeled(one.name, reason(one.error)))
    if len(bad) > NAMES_SHOWN:
        notice(tr("  and {more} more", more=len(bad) - NAMES_SHOWN))


def reason(error: Exception) -> str:
    if isinstance(error, UnreadableFrame):
        return error.text
    return system_reason(error) if isinstance(error, OSError) else explain_in_a_line(error)


def report_without_face(names: Sequence[str], path: Path) -> None:
    """Say which frames have no face, and write them to a file; one of an earlier run goes where there are none."""
    if not names:
        path.unlink(missing_ok=True)
        return
    write_atomically(path, "".join(f"{name}\n" for name in names).encode(errors="surrogateescape"))
    notice(
        ntr(
            "No face in {count} frame: {frames}",
            "No face in {count} frames: {frames}",
            count=len(names),
            frames=shortened(names, NAMES_SHOWN),
        )
    )
    notice(tr("They are listed in {path}.", path=path))
