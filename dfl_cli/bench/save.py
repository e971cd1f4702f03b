"""How long a save takes, and how long training waits for it: a real session, on the disk that is asked about."""

import os
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from dfl_cli.bench.samples import SYNTHETIC, synthetic_faces
from dfl_cli.classes.saehd import SAEHD
from dfl_cli.options.wizard import ask_table
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.train.plan import Plan

# Most of it are inter blocks, which are large and quick: 134 MB with the optimizer state, and an iteration of it is short.
OPTIONS = {
    "archi": "df",
    "resolution": 64,
    "face_type": "wf",
    "ae_dims": 256,
    "e_dims": 16,
    "d_dims": 16,
    "d_mask_dims": 16,
    "batch_size": 2,
}
FEW_FACES = SYNTHETIC._replace(src_faces=2, dst_frames=2, frame_size=(240, 240), face_size=128)
ROUNDS = 3
PLAIN_ITERATIONS = 3  # between two saves


def measure(folder: Path, options: Mapping, *, devices: Sequence) -> dict:
    """As `--json` prints it. `folder` says which disk is measured; nothing is left in it.

    bytes                 of one save
    save_seconds          from its beginning until it is on the disk, nothing else going on
    pause_ms              by how much the longest iteration during a save exceeds the others; the median of several saves
    iteration_ms          of an iteration without a save
    plain_write_seconds   one synced write of as many bytes
    """
    from models.engine import runtime

    runtime.prepare([gpu.index for gpu in devices] or "cpu", deterministic=False, seed=1)

    from dfl_cli.train.open_session import build, open_session  # after prepare: it loads TensorFlow

    with tempfile.TemporaryDirectory(prefix="dfl-bench-", dir=folder) as place, ExitStack() as stack:
        src, dst = stack.enter_context(synthetic_faces(FEW_FACES))
        plan = plan_for(Path(place), options, devices)
        session = open_session(plan, {"src": src, "dst": dst}, stack, model=build(plan))
        for _ in range(2):  # compiles the step and the previews, and takes the memory that later saves use again
            session.step()
            session.saves.save()
            session.saves.finish()
        rounds = [longest_iterations(session) for _ in range(ROUNDS)]
        saves = [seconds_of_save(session) for _ in range(ROUNDS)]
        generation, _ = session.model_dir.newest()
        size = sum(path.stat().st_size for path in generation.folder.iterdir())
        plain = [seconds_of_write(Path(place), size) for _ in range(ROUNDS)]
    ordinary = statistics.median(without for without, _ in rounds)
    pause = statistics.median(during - without for without, during in rounds)
    return {
        "bytes": size,
        "save_seconds": round(statistics.median(saves), 3),
        "pause_ms": round(1000 * max(0.0, pause), 1),
        "iteration_ms": round(1000 * ordinary, 1),
        "plain_write_seconds": round(statistics.median(plain), 3),
    }


def plan_for(folder: Path, options: Mapping, devices: Sequence) -> Plan:
    """A new model in `folder`, with the table's defaults for what was not given."""
    return Plan(
        model_dir=ModelDir(folder / "bench"),
        model_class=SAEHD.name,
        saved=None,
        init_from=None,
        options=ask_table(SAEHD.table, given={**OPTIONS, **options}, ask_now=False),
        devices=devices,
        face_folders={"src": folder, "dst": folder},
        pretraining=None,
        seed=1,
        history_seed=1,
        repeatable=False,
        autosave_minutes=1,
        preview="file",
    )


def longest_iterations(session) -> tuple[float, float]:
    """Seconds of the median iteration without a save, and of the longest from the beginning of a save to its end."""
    without = statistics.median(seconds_of_pass(session) for _ in range(PLAIN_ITERATIONS))
    during = [seconds_of_pass(session, save=True)]
    while session.saves.busy:
        during.append(seconds_of_pass(session))
    return without, max(during)


def seconds_of_pass(session, *, save: bool = False) -> float:
    """Of one iteration as the loop of training makes it."""
    started = time.perf_counter()
    session.step()
    session.saves.poll()
    if save:
        session.saves.save()
    return time.perf_counter() - started


def seconds_of_save(session) -> float:
    session.step()
    started = time.perf_counter()
    session.saves.background.save()  # the same without the previews
    session.saves.finish()
    return time.perf_counter() - started


def seconds_of_write(folder: Path, size: int) -> float:
    content = os.urandom(1 << 20)
    started = time.perf_counter()
    with (folder / "plain").open("wb") as file:
        for written in range(0, size, len(content)):
            file.write(content[: size - written])
        file.flush()
        os.fsync(file.fileno())
    return time.perf_counter() - started
