"""The first two stages: frames and faces of both videos, by the code of `dfl extract`."""

from dfl_cli.errors import UserError
from dfl_cli.extract.command import run_locked
from dfl_cli.extract.networks import NetworkChoice
from dfl_cli.extract.places import Places
from dfl_cli.extract.run import Job
from dfl_cli.options.tables.extract import EXTRACT
from dfl_cli.options.wizard import ask_table
from dfl_cli.swap.job import Swap
from dfl_cli.swap.sources import is_video
from dfl_cli.terminal.console import say
from dfl_cli.translate import ntr, tr


def extract(swap: Swap, side: str) -> int:
    """Returns 0, or 128 + signal if a signal stopped it. Raises UserError, also where there is no face."""
    facts, aligned = swap.wanted[side].facts, getattr(swap.workspace, side)
    if swap.state.is_done(side, facts) and aligned.is_dir():
        say(faces_line(swap.state.done[side].get("faces", 0), aligned))
        return 0
    refuse_other_person(swap, side)
    result, code = run_locked(extraction(swap, side))
    if code:
        return code
    if not result["faces"]:
        raise no_faces(swap, side)
    for stage in ("fit", "train", "film"):  # which were made of other faces
        swap.state.done.pop(stage, None)
    swap.state.finish(side, {**facts, "faces": result["faces"]})
    return 0


def extraction(swap: Swap, side: str) -> Job:
    source, aligned, wanted = swap.sources[side], getattr(swap.workspace, side), swap.wanted[side]
    places = Places(source, aligned.parent, aligned) if is_video(source) else Places(None, source, aligned)
    answers = ask_table(
        EXTRACT, given={"max_faces": 1}, facts={"is_video": is_video(source), "side": side}, ask_now=False
    )
    return Job(
        places, answers, NetworkChoice(), again=False, overwrite=swap.overwrite, asks=False,
        person=wanted.person, references=wanted.references, person_flag=f"--{side}-person",
    )  # fmt: skip


def faces_line(count: int, folder) -> str:
    faces = ntr("{count} face", "{count} faces", count=count)
    return tr("Done before: {faces} in {folder}", faces=faces, folder=folder)


def refuse_other_person(swap: Swap, side: str) -> None:
    """Raises UserError where a model has learned from somebody else already."""
    before = swap.state.done.get(side)
    if before and not swap.state.is_done(side, swap.wanted[side].facts) and swap.model_dir.exists:
        raise UserError(
            tr("The model of this workspace was trained with other faces of {side}.", side=side),
            saw=tr("other choices of people in {file}", file=swap.state.path),
            fix=tr("Use another folder with --workspace, or the same flags as before."),
        )


def no_faces(swap: Swap, side: str) -> UserError:
    return UserError(
        tr("There is no face in {side}.", side=side),
        saw=str(swap.sources[side]),
        fix=tr("Use a video that shows a face at least 10 pixels high that is not covered."),
    )
