"""What an extraction does between its two passes, for as many frames as a film has: index, tracks, people, smoothing, plan.

The frames are drawn records, so nothing is decoded. Time and memory should grow as the number of frames.

    python benchmarks/long_extraction.py [--frames 25000 50000 100000] [--shot 120]
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from dfl_cli.extract.choose import choose_faces  # noqa: E402 - found by the line above
from dfl_cli.extract.cut import CutSettings, digest_of  # noqa: E402
from dfl_cli.extract.cutting import frames_to_cut, plan_cutting  # noqa: E402
from dfl_cli.extract.index import CutFile, ExtractIndex  # noqa: E402
from dfl_cli.extract.people.census import take_census  # noqa: E402
from dfl_cli.extract.records import FaceRecord, FrameRecord  # noqa: E402
from dfl_cli.frames import time_key  # noqa: E402
from drawn_tracks import SHAPE, identity_of  # noqa: E402

PEOPLE = 12  # of whom two share a shot
SETTINGS = CutSettings("wf", 512, 90, False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, nargs="+", default=[25000, 50000, 100000])
    parser.add_argument("--shot", type=int, default=120, help="frames between two cuts")
    given = parser.parse_args()
    print(f"{'frames':>8} " + " ".join(f"{name:>13}" for name in STEPS) + "   MiB at most, index")
    for count in given.frames:
        with tempfile.TemporaryDirectory() as folder:
            times = measure(Path(folder), count, given.shot)
            size = sum(path.stat().st_size for path in Path(folder).iterdir()) >> 20
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        print(
            f"{count:8d} " + " ".join(f"{times[name]:11.2f} s" for name in STEPS) + f"   {most:6d} {size:6d}",
            flush=True,
        )


STEPS = ("write index", "read index", "who is who", "smooth", "choose", "plan", "plan again", "queue")


def measure(folder: Path, count: int, shot: int) -> dict[str, float]:
    """Seconds of each step."""
    times: dict[str, float] = {}

    @contextmanager
    def timed(name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        times[name] = time.perf_counter() - began

    records = drawn_records(count, shot)
    with timed("write index"), ExtractIndex(folder) as index:
        index.start({"frames": "files"}, "drawn")
        for record in records:
            index.add_frame(record)
        index.complete(count)
    del records, index
    with timed("read index"):
        index = ExtractIndex(folder)
        frames = [index.frame(name) for name in sorted(index.frames, key=time_key)]
    with timed("who is who"):
        census = take_census(frames)
    with timed("smooth"):
        census.landmarks(smooth=True)
    with timed("choose"):
        choice = choose_faces(census, parts=None, max_faces=1, smooth=False)
    with timed("plan"):
        plan = plan_cutting(choice, index, folder, SETTINGS)
    index.files = {
        name: CutFile(digest_of(face, SETTINGS), "1-a", face.landmarks) for name, face in plan.wanted.items()
    }
    with timed("plan again"):
        plan_cutting(choice, index, folder, SETTINGS)
    with timed("queue"):
        assert sum(1 for _ in frames_to_cut(plan, index, every=False)) == len(plan.wanted)
    assert len(frames) == count
    assert len(census.grouping.people) == min(PEOPLE, 2 * -(-count // shot))
    return times


def drawn_records(count: int, shot: int) -> list[FrameRecord]:
    """Two faces in most frames, who tremble and wander; other people from cut to cut."""
    rng = np.random.default_rng(1)
    people = [identity_of(who) for who in range(PEOPLE)]
    expression, records = np.zeros(52, np.float32), []
    for number in range(count):
        scene, step = divmod(number, shot)
        faces = [
            face_of(people[(2 * scene + one) % PEOPLE], 150 + 340 * one + step / 3, rng, expression) for one in (0, 1)
        ]
        shade = np.full((8, 8), 60 + 60 * (scene % 3), np.uint8)
        records.append(
            FrameRecord(f"{number + 1:06d}.png", (640, 480), "812345-9fe1", shade, tuple(faces[: 1 + (number % 7 > 0)]))
        )
    return records


def face_of(identity: np.ndarray, x: float, rng: np.random.Generator, expression: np.ndarray) -> FaceRecord:
    points = np.float32(SHAPE + np.float32([x, 240]) + rng.normal(0, 0.5, SHAPE.shape))
    left, top = points.min(axis=0)
    right, bottom = points.max(axis=0)
    seen = identity + np.float32(rng.normal(0, 0.03, 128))
    seen /= np.linalg.norm(seen)
    return FaceRecord((left, top, right, bottom), points, 0.9, 12.0, seen, expression)


if __name__ == "__main__":
    main()
