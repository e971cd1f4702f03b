"""What a session does about a training that has broken down: leave steps out, go back to a save, be careful, give up."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING

from dfl_cli.store.model_dir import Generation
from dfl_cli.train.guard.guard import Verdict, variety
from dfl_cli.train.guard.report import careful_no_more_line, rollback_line, skipped_line

if TYPE_CHECKING:
    from dfl_cli.train.session import Session

ROLLBACKS = 3  # in one careful time; one more verdict ends the training
CAREFUL_ITERATIONS = 2000
CLIP_NORM = 1.0
FACES = 2  # of each side, painted for a look


class GaveUp(Exception):
    """The training of `iteration` has broken down and going back has not helped, or there is no save to go back to.

    rollbacks  in this careful time
    kept       iteration of the save that is on the disk; None without any
    """

    def __init__(self, verdict: Verdict, *, iteration: int, rollbacks: int, kept: int | None):
        super().__init__(f"iteration {iteration}: {verdict}")
        self.verdict, self.iteration, self.rollbacks, self.kept = verdict, iteration, rollbacks, kept


@dataclass(frozen=True)
class Record:
    """What a model has been through; part of state.json.

    passed_over    batches that are in no iteration: the next batch is number iteration + passed_over
    skipped        steps that were left out
    rollbacks      all there have been
    strikes        rollbacks of the present careful time: each halves the steps
    careful_until  iteration at which it ends
    """

    passed_over: int = 0
    skipped: int = 0
    rollbacks: int = 0
    strikes: int = 0
    careful_until: int = 0

    @classmethod
    def from_state(cls, state: Mapping) -> "Record":
        """Of state.json; a save from before there was a record has an empty one."""
        stored = state.get("guard", {})
        return cls(**{field.name: stored.get(field.name, 0) for field in fields(cls)})

    def as_state(self) -> dict:
        return {"guard": asdict(self)}

    def bad_step(self) -> "Record":
        return replace(self, passed_over=self.passed_over + 1, skipped=self.skipped + 1)

    def rollback(self, iteration: int, *, to: int) -> "Record":
        """After going back from `iteration`: what comes are other batches than those that led there."""
        return replace(
            self,
            passed_over=self.passed_over + iteration - to,
            rollbacks=self.rollbacks + 1,
            strikes=self.strikes + 1,
            careful_until=to + CAREFUL_ITERATIONS,
        )

    def forgiven(self) -> "Record":
        """The careful time is over."""
        return replace(self, strikes=0, careful_until=0)

    @property
    def care(self) -> dict:
        """The arguments of `model.be_careful`."""
        return {"learning_rate_scale": 0.5**self.strikes, "clip_norm": CLIP_NORM if self.strikes else None}


def mind_step(session: "Session", losses) -> None:
    """After a step that was applied. Raises GaveUp."""
    verdict = session.guard.step(session.iteration, losses) or look(session)
    if verdict:
        go_back(session, verdict)
    elif session.record.strikes and session.iteration >= session.record.careful_until:
        session.take_care(session.record.forgiven())
        session.report.notice(careful_no_more_line(session.iteration))


def mind_bad_step(session: "Session") -> None:
    """After a step that was left out. Raises GaveUp."""
    session.record = session.record.bad_step()
    if is_round(session.record.skipped):
        session.report.notice(skipped_line(session.iteration + 1, session.record.skipped))
    verdict = session.guard.bad_step(session.iteration)
    if verdict:
        go_back(session, verdict)


def look(session: "Session") -> Verdict | None:
    """See from time to time whether the network still paints faces."""
    pictures = session.guard.pictures
    if session.iteration < pictures.next_look:
        return None
    trained = session.previews.batch
    src, dst = trained.target_src[:FACES], trained.target_dst[:FACES]
    try:
        seen = session.model.view(src, dst)
    except MemoryError:
        pictures.put_off(session.iteration)  # training can do without
        return None
    return pictures.look(session.iteration, (variety(seen["SS"], src), variety(seen["DD"], dst)))


def go_back(session: "Session", verdict: Verdict) -> None:
    """Load the best save there is and go on from it with other batches and shorter steps.

    Raises:
        GaveUp: the model in memory is not worth saving; what is on the disk is the best there is.
    """
    session.finish_saving()
    found = best_save(session, verdict.since)
    broken, strikes = session.iteration, session.record.strikes
    if found is None or strikes >= ROLLBACKS:
        kept = found[1] if found and put_first(session, found[0]) else session.kept
        raise GaveUp(verdict, iteration=broken, rollbacks=strikes, kept=kept)
    generation, iteration = found
    session.tried.add(generation.folder.name)
    session.load(generation, iteration)
    session.take_care(session.record.rollback(broken, to=iteration))
    session.report.notice(
        rollback_line(verdict, session.options, broken=broken, iteration=iteration, care=session.record)
    )


def best_save(session: "Session", since: int) -> tuple[Generation, int] | None:
    """The newest whole save of better times, and its iteration in this session.

    Of less use are those from which the training has broken down again before it was calm, and those later than `since`,
    though all was calm when they were made; doubtful ones are of none.
    """
    found = []
    for generation in session.model_dir.generations():
        if generation.fault() is None and not generation.doubtful:
            iteration = iteration_in(generation.state(), session.options)
            if iteration <= session.iteration:
                found.append((generation, iteration))
    return min(found, key=lambda one: (one[0].folder.name in session.tried, one[1] > since), default=None)


def put_first(session: "Session", good: Generation) -> bool:
    """Where the newest save is a doubtful one, make `good` the newest, so that the next session goes on from it."""
    if not session.model_dir.newest()[0].doubtful:
        return False
    session.model_dir.restore(good.folder)
    return True


def iteration_in(state: Mapping, options: Mapping) -> int:
    """Where a save stands for a model with `options`: one of pretraining is the beginning of what came after it."""
    left_pretraining = state["options"].get("pretrain", False) and not options.get("pretrain", False)
    return 0 if left_pretraining else state["iteration"]


def is_round(count: int) -> bool:
    """1, 10, 100, ...: what happens often is said less and less."""
    return count == 10 ** (len(str(count)) - 1)
