"""How many training samples a core makes, what they cost where, and what more workers bring."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

import cv2

from dfl_cli.demo.people import SyntheticPlan, write_workspace
from samplers.batches import Batches
from samplers.colors.transfer import TRAINING_MODES
from samplers.face_cache import FaceCache, free_memory
from samplers.face_sampler import FaceSampler
from samplers.files.faces import open_faceset
from samplers.geometry.masks import eyes_mouth_mask
from samplers.prepared_face import face_mask
from samplers.spec import SampleSpec

MODES = ("none", *TRAINING_MODES)
BATCH_SIZE = 8
FACES = 64  # of each set, at most: no more than a few batches are made
ROUNDS = 5  # the best counts: whatever else runs only slows a round down
SECONDS = 0.5  # of a round, about
SYNTHETIC = SyntheticPlan(src_faces=16, dst_frames=8, frame_size=(480, 480), face_size=384)
LARGEST_WORKERS = 8


@contextmanager
def synthetic_faces(plan: SyntheticPlan | None = None) -> Iterator[tuple]:
    """Two small face sets of synthetic people, for as long as they are measured."""
    with tempfile.TemporaryDirectory(prefix="dfl-bench-") as folder:
        write_workspace(Path(folder), plan or SYNTHETIC)
        yield tuple(open_faceset(Path(folder) / side / "aligned") for side in ("data_src", "data_dst"))


def measure(src: Sequence, dst: Sequence, *, resolution: int) -> dict:
    """As `--json` prints it: rates in samples a processor second with all faces prepared; shares of a first sample; scaling."""
    cv2.setNumThreads(1)
    src, dst = src[:FACES], dst[:FACES]
    spec = sample_spec(src, resolution)
    return {
        "samples_per_second_per_core": {mode: rate(src, dst, with_mode(spec, mode)) for mode in MODES},
        "shares": shares(src, dst, spec),
        "scaling": scaling(src, dst, spec),
    }


def sample_spec(faces: Sequence, resolution: int) -> SampleSpec:
    """Samples as training draws them, of the faces' own type."""
    return SampleSpec(
        resolution=resolution,
        face_type=faces[0].face_type,
        random_flip=True,
        random_warp=True,
        ct_mode="none",
        exact_ct=False,
        random_hsv_power=0.0,
        centered_warp=False,
        smooth_resize=False,
    )


def with_mode(spec: SampleSpec, mode: str) -> SampleSpec:
    return replace(spec, ct_mode=mode)


def rate(src: Sequence, dst: Sequence, spec: SampleSpec) -> float:
    with batches(src, dst, spec, workers=1) as made:
        for number in range(2 * FACES // BATCH_SIZE + 1):  # two epochs: every face and reference is prepared
            made.make(number)
        once = seconds(lambda: made.make(0))
        count = max(1, int(SECONDS / max(once, 1e-6)))

        def make_all() -> None:
            for number in range(count):
                made.make(number)  # let go at once, as training does: keeping batches costs fresh memory for each

        best = min(seconds(make_all) for _ in range(ROUNDS))
    return round(count * BATCH_SIZE / best, 1)


def batches(src: Sequence, dst: Sequence, spec: SampleSpec, *, workers: int) -> Batches:
    reference = None if spec.ct_mode == "none" else dst
    cache = FaceCache(free_memory() // 4)
    return Batches(
        src, spec, batch_size=BATCH_SIZE, seed=1, side="src", workers=workers, reference=reference, cache=cache
    )


def seconds(work: Callable[[], object]) -> float:
    """Of this thread on a processor: other programs do not count."""
    start = time.thread_time()
    work()
    return time.thread_time() - start


def shares(src: Sequence, dst: Sequence, spec: SampleSpec) -> dict[str, float]:
    """Of a sample whose face is read for the first time, with rct: what each part takes of the processor time."""
    plain, colored = FaceSampler(spec), FaceSampler(with_mode(spec, "rct"))
    prepared = [plain.prepare(face) for face in src]
    measured = [colored.prepare(face) for face in src]
    lent = [colored.prepare_reference(face)[0] for face in dst]
    seeds = range(len(src))

    def each(work: Callable) -> float:
        return min(seconds(lambda: [work(number) for number in seeds]) for _ in range(ROUNDS))

    decode = each(lambda n: src[n].read())
    mask = each(lambda n: (face_mask(src[n], src[n].shape), eyes_mouth_mask(src[n].landmarks, src[n].shape)))
    preparing = each(lambda n: plain.prepare(src[n]))
    warp = each(lambda n: plain.draw(prepared[n], n))
    coloring = each(lambda n: colored.prepare(src[n])) - preparing
    drawing = each(lambda n: colored.draw(measured[n], n, lent[n % len(lent)])) - warp
    parts = {
        "decode": decode,
        "geometry": preparing - decode - mask,
        "mask": mask,
        "warp": warp,
        "color": coloring + drawing,
    }
    parts = {name: max(part, 0.0) for name, part in parts.items()}  # a difference of two measurements
    return {name: round(part / sum(parts.values()), 3) for name, part in parts.items()}


def scaling(src: Sequence, dst: Sequence, spec: SampleSpec) -> dict[str, float]:
    """Samples a second, by the clock, of several workers relative to one."""
    counts = [workers for workers in (1, 2, 4, LARGEST_WORKERS) if workers <= max(2, os.cpu_count() or 1)]
    with_all = {workers: throughput(src, dst, spec, workers) for workers in counts}
    return {str(workers): round(speed / with_all[1], 2) for workers, speed in with_all.items()}


def throughput(src: Sequence, dst: Sequence, spec: SampleSpec, workers: int) -> float:
    """Batches a second; the best of several rounds of some batches for each worker."""
    count = 25 * workers
    with batches(src, dst, spec, workers=workers) as made:
        for _ in islice(made, 3 * FACES // BATCH_SIZE):
            pass
        best = float("inf")
        for _ in range(ROUNDS):
            start = time.perf_counter()
            for _ in islice(made, count):
                pass
            best = min(best, time.perf_counter() - start)
    return count / best
