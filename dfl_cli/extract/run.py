"""The two passes of an extraction as the person sees them: what is left to do, how it goes on, and what came of it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath

from dfl_cli.errors import UserError
from dfl_cli.extract.analysis import FaceNetworks
from dfl_cli.extract.analyze import CHUNK, Analysis, analyze
from dfl_cli.extract.choose import Choice, choose_faces
from dfl_cli.extract.cut import CutSettings, is_crop_too_large
from dfl_cli.extract.cutting import Cutter, Cutting, Plan, cut_faces, plan_cutting
from dfl_cli.extract.earlier import clear_the_way, fits, open_index
from dfl_cli.extract.index import ExtractIndex
from dfl_cli.extract.networks import NetworkChoice
from dfl_cli.extract.people.census import take_census
from dfl_cli.extract.people.references import Reference, read_references
from dfl_cli.extract.people.wanted import Wish, wanted_parts
from dfl_cli.extract.places import Places, frames_of
from dfl_cli.extract.records import FaceRecord, FrameRecord
from dfl_cli.extract.report import report_bad, report_result, result_of
from dfl_cli.extract.sources import FolderSource, Source
from dfl_cli.extract.who import mention_unsure, show_people
from dfl_cli.frames import list_frames, time_key
from dfl_cli.options.outputs import confirm
from dfl_cli.shards.shard import Shard
from dfl_cli.store.shard_lock import ShardLock
from dfl_cli.terminal.console import notice, progress_or_lines, say
from dfl_cli.terminal.interrupt import Interrupt
from dfl_cli.terminal.names import shortened
from dfl_cli.translate import ntr, tr
from samplers.files.atomic_file import remove_leftovers
from samplers.geometry.face_types import FaceType


@dataclass(frozen=True)
class Job:
    """An extraction as it was asked for. asks: whether the person can be asked. person_flag: what chooses somebody else."""

    places: Places
    answers: Mapping
    networks: NetworkChoice
    again: bool
    overwrite: bool
    asks: bool
    person: str | None = None
    references: Sequence[Path] = ()
    person_flag: str = "--person"
    shard: Shard | None = None

    @property
    def settings(self) -> CutSettings:
        answers = self.answers
        return CutSettings(answers["face_type"], answers["image_size"], answers["jpeg_quality"], answers["classic"])

    def is_plausible(self, face: FaceRecord) -> bool:
        """DeepFaceLab's networks do not say how sure they are of landmarks, so it compares the crop with the box."""
        if face.by_hand or not self.networks.dfl:
            return True
        face_type = FaceType.from_short(self.settings.face_type)
        return not is_crop_too_large(face.landmarks, face.box, face_type, self.settings.size)


def run_job(job: Job) -> tuple[Mapping, int]:
    """What came of it, as for --json, and the exit code. The folders are locked. Raises UserError, UnwritableFrame, NotAVideo."""
    places = job.places
    remove_leftovers(places.aligned)
    source = open_source(job)
    networks = job.networks.open()  # first: what is wrong with them is reported before anything else
    references = read_references(job.references, networks)
    index, has_frames = open_index(
        places, source.identity(), networks.name, again=job.again, overwrite=job.overwrite, asks=job.asks
    )
    with index, Interrupt() as interrupt:
        if index.source is None:
            if not has_frames:
                source.make_room(overwrite=job.overwrite or job.again)  # before the index says that the frames are ours
            index.start(source.identity(), networks.name)
        source = source.without_decoding(index)
        analysis = analyze_with_progress(source, index, job, interrupt, networks)
        frames = records_in_order(source, index)
        choice, cutting, plan = Choice({}, {}), Cutting(), Plan()
        if not analysis.stopped:
            choice = choose(frames, references, job)
            plan = plan_cutting(choice, index, places.aligned, job.settings)
            make_room(plan, index, job)
            index.set_settings({**asdict(job.settings), "max_faces": job.answers["max_faces"]})
            cutting = cut_with_progress(plan, index, job, interrupt)
        stopped = analysis.stopped or cutting.stopped
        result = result_of(frames, choice, plan, [*analysis.bad, *cutting.bad], places.aligned)
        report_result(result, analysis, cutting, plan, places, stopped=stopped)
    return result, interrupt.exit_code if stopped else 0


def choose(frames: Sequence[FrameRecord], references: Sequence[Reference], job: Job) -> Choice:
    """Whose faces are cut. Raises UserError."""
    census = take_census(frames, job.is_plausible)
    wish = Wish(job.person, references, job.answers["max_faces"], job.asks, job.person_flag)
    parts = wanted_parts(census, wish, show=lambda: show_people(census, job.places, on_screen=job.asks))
    mention_unsure(census, parts)
    return choose_faces(census, parts=parts, max_faces=wish.max_faces, smooth=job.answers["smooth"])


def open_source(job: Job) -> Source:
    """Raises UserError, NotAVideo."""
    if not job.places.video:
        return FolderSource(job.places.frames, frames_of(job.places))
    from dfl_cli.extract.video_source import VideoSource  # needs PyAV

    return VideoSource(job.places.video, job.places.frames, job.answers)


def analyze_with_progress(
    source: Source, index: ExtractIndex, job: Job, interrupt: Interrupt, networks: FaceNetworks
) -> Analysis:
    left = frames_left(source, index, job.shard)
    began = time.monotonic()
    with progress_or_lines(left, tr("Looking for faces"), unit=tr("frames")) as bar:

        def show(analysis: Analysis) -> None:
            rate = analysis.faces / max(time.monotonic() - began, 1e-3)
            faces = ntr("{count} face", "{count} faces", count=analysis.faces)
            bar.set_postfix_str(tr("{faces}, {rate:.1f} faces/s", faces=faces, rate=rate), refresh=False)
            bar.update(1)

        return analyze(
            source, index, job.networks, workers=job.answers["workers"], opened=networks, shard=job.shard,
            on_frame=show, stopped=lambda: bool(interrupt.signal),
        )  # fmt: skip


def frames_left(source: Source, index: ExtractIndex, shard: Shard | None) -> int:
    """How many are still to be looked at, about; 0: not known."""
    if not shard:
        return max(source.total - len(index.frames), 0)
    if isinstance(source, FolderSource):
        known = {place for place, path in enumerate(source.frames) if path.name in index.frames}
    else:
        known = {int(PurePath(name).stem) - 1 for name in index.frames if PurePath(name).stem.isdecimal()}
    own = (place for place in range(source.total) if place // CHUNK % shard.count == shard.number - 1)
    return sum(place not in known for place in own)


def records_in_order(source: Source, index: ExtractIndex) -> list[FrameRecord]:
    """What is known of the frames of `source`, in the order of time; frames that are gone are left out."""
    if isinstance(source, FolderSource):
        return [index.frame(path.name) for path in source.frames if path.name in index.frames]
    return [index.frame(name) for name in sorted(index.frames, key=time_key)]


def make_room(plan: Plan, index: ExtractIndex, job: Job) -> None:
    """Move what must not be overwritten, and faces that are no longer wanted, to the trash. Raises UserError."""
    if plan.changed:
        allow_replacing(plan.changed, job)
    clear_the_way(plan, index, job.places)


def allow_replacing(names: Sequence[str], job: Job) -> None:
    what = tr("{folder} contains faces that were changed since they were extracted.", folder=job.places.aligned)
    saw = ntr("{count} file: {names}", "{count} files: {names}", count=len(names), names=shortened(names, 3))
    if job.overwrite:
        return
    if job.asks:
        notice(tr("{what}: {saw}", what=what.rstrip(".。"), saw=saw))
        if confirm(tr("Move them to {folder}?", folder=job.places.trash)):
            return
    raise UserError(
        what,
        saw=saw,
        fix=tr("Add --overwrite to move them to {folder}, or use another folder.", folder=job.places.trash),
    )


def cut_with_progress(plan: Plan, index: ExtractIndex, job: Job, interrupt: Interrupt) -> Cutting:
    places, debug = job.places, job.places.debug if job.answers["output_debug"] else None
    cutter = Cutter(places.frames, places.aligned, job.settings, debug)
    total = len(index.frames) if debug else len({plan.wanted[name].frame.name for name in plan.stale})
    if not total:
        return Cutting()
    with progress_or_lines(total, tr("Cutting faces"), unit=tr("frames")) as bar:
        return cut_faces(
            plan, index, cutter, workers=job.answers["workers"],
            on_frame=lambda: bar.update(1), stopped=lambda: bool(interrupt.signal),
        )  # fmt: skip


def run_shard(job: Job) -> tuple[Mapping, int]:
    """The first pass over the part of a shard: what came of it, as for --json, and the exit code. It locks the folders.

    Raises UserError, InUse, UnwritableFrame, NotAVideo.
    """
    source = open_source(job)
    networks = job.networks.open()
    with shard_locks(job, source.identity(), networks.name), Interrupt() as interrupt:
        index = ExtractIndex(job.places.aligned, job.shard)
        refuse_unfit(index, source, networks.name, job.places)
        with index:
            index.start(source.identity(), networks.name)
            analysis = analyze_with_progress(source, index, job, interrupt, networks)
    report_shard(analysis, job)
    result = {
        "shard": str(job.shard),
        "frames": analysis.frames,
        "faces": analysis.faces,
        "unreadable_frames": [one.name for one in analysis.bad],
    }
    return result, interrupt.exit_code if analysis.stopped else 0


@contextmanager
def shard_locks(job: Job, identity: Mapping, networks: str) -> Iterator[None]:
    """Within it, other shards with the same source and networks write to the same folders, and nobody else."""
    common = repr([sorted(identity.items()), networks]).encode(errors="surrogatepass")
    settings = hashlib.blake2b(common, digest_size=16).hexdigest()
    with ExitStack() as locks:
        for folder in job.places.written:
            locks.enter_context(ShardLock(folder, job.shard, settings))
        yield


def refuse_unfit(index: ExtractIndex, source: Source, networks: str, places: Places) -> None:
    """Raises UserError where something would have to be moved away: a shard cannot know what other shards need."""
    if index.source is None:
        in_the_way = places.video is not None and places.frames.is_dir() and list_frames(places.frames)
        what = tr("{folder} contains frames of another extraction.", folder=places.frames)
    else:
        in_the_way = not fits(index, source.identity(), networks)
        what = tr("{folder} contains the faces of another source, or found by other networks.", folder=places.aligned)
    if in_the_way:
        raise UserError(what, fix=tr("Use empty folders, or the same source and networks for all shards."))


def report_shard(analysis: Analysis, job: Job) -> None:
    report_bad(analysis.bad)
    if analysis.stopped:
        say(tr("Stopped. Run the same command again to go on."))
        return
    say(
        tr(
            "Shard {shard} is done: {faces} in {frames}.",
            shard=job.shard,
            faces=ntr("{count} face", "{count} faces", count=analysis.faces),
            frames=ntr("{count} frame", "{count} frames", count=analysis.frames),
        )
    )
    say(
        tr(
            "When all shards are, run the same command without --shard: it looks at frames that are missing, and cuts the "
            "faces."
        )
    )
