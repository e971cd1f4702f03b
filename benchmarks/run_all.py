"""Everything that `dfl bench` measures, for one machine and one commit: the table and the pictures of docs/performance.md.

    make bench                                   about twenty minutes on two quiet cores
    python benchmarks/run_all.py --quick --page PAGE --json FILE

Precisions take turns, each step in a process of its own, in two rounds. All figures also go to build/bench.json, of which
docs/pictures/performance.py draws the pictures.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from importlib.metadata import version
from math import prod
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from dfl_cli.bench.samples import batches, sample_spec, synthetic_faces  # noqa: E402 - found by the line above
from dfl_cli.classes.registry import CLASSES  # noqa: E402
from dfl_cli.options.wizard import ask_table  # noqa: E402
from dfl_cli.version import VERSION  # noqa: E402
from samplers.files.faces import open_faceset  # noqa: E402

PAGE, FIGURES = ROOT / "docs" / "performance.md", ROOT / "build" / "bench.json"
BEGIN, END = "<!-- measured by make bench -->", "<!-- end of what was measured -->"
PACKAGES = ("tensorflow", "keras", "numpy")
PRECISIONS = ("float32", "bfloat16")

USUAL = {"ae_dims": 256, "e_dims": 64, "d_dims": 64, "d_mask_dims": 22}
SMALL = {"ae_dims": 64, "e_dims": 32, "d_dims": 32, "d_mask_dims": 16}
TINY = {"ae_dims": 32, "e_dims": 16, "d_dims": 16, "d_mask_dims": 16}
DF_UD = {"archi": "df-ud", "resolution": 128, "batch_size": 4, **USUAL}
STEPS = {  # name: (model class, options, steps that are measured)
    "df 64, batch 8": ("SAEHD", {"archi": "df", "resolution": 64, "batch_size": 8, **SMALL}, 10),
    "df-ud 128, batch 4": ("SAEHD", DF_UD, 8),
    "the same with GAN and true face": ("SAEHD", {**DF_UD, "gan_power": 0.1, "true_face_power": 0.01}, 8),
    "df 128, batch 4": ("SAEHD", {**DF_UD, "archi": "df"}, 4),
    "liae-ud 128, batch 4": ("SAEHD", {**DF_UD, "archi": "liae-ud"}, 6),
    "Quick96, batch 4": ("Quick96", {"batch_size": 4}, 10),
}
PARTS = ("samples", "merge", "save", "extract")
BASE = {"archi": "df", "resolution": 64, "batch_size": 4, **SMALL}  # of which the growth of one thing is measured
GROWTH = {"resolution": (64, 96, 128, 192), "dims": (16, 32, 48, 64), "batch_size": (1, 2, 4, 8, 16)}
FACES = (100, 1000, 10_000)
QUICK_STEPS = {"df 64, batch 1": ("SAEHD", {"archi": "df", "resolution": 64, "batch_size": 1, **TINY}, 1)}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tiny model and one of everything, to try the script")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--page", type=Path, default=PAGE, help="where the table goes, between its two marks")
    parser.add_argument("--json", type=Path, default=FIGURES, help="where all figures go")
    parser.add_argument("--cpu", action="store_true", help="the processor even if there is a GPU")
    args = parser.parse_args(arguments)
    flags = ["--cpu"] if args.cpu else []
    steps, growth, faces = (QUICK_STEPS, {"resolution": (64,)}, (10, 20)) if args.quick else (STEPS, GROWTH, FACES)
    found = {
        "stamp": stamp(),
        "gigabytes_per_second": round(memory_speed() / 1e9, 1),
        "steps": measure_steps(steps, 1 if args.quick else args.rounds, flags),
        "parts": measure_parts(("save",) if args.quick else PARTS, flags, small=args.quick),
        "growth": {thing: measure_growth(thing, values, flags, small=args.quick) for thing, values in growth.items()},
        "faces": [startup(count) for count in faces],
    }
    args.json.parent.mkdir(parents=True, exist_ok=True)
    args.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    page = args.page.read_text(encoding="utf-8")
    args.page.write_text(with_table(page, "\n".join(table(found))), encoding="utf-8")


def stamp() -> dict:
    """What the figures are of: machine, versions, commit, moment, and how busy the machine was."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True
    ).stdout.strip()
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "commit": commit or "unknown",
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "dfl": VERSION,
        **{package: version(package) for package in PACKAGES},
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def bench(action: str, *flags: str) -> dict:
    """What `dfl bench ACTION --json` prints."""
    line = [sys.executable, "-m", "dfl_cli.main", "bench", action, "--json", *flags]
    print("dfl", *line[3:], file=sys.stderr, flush=True)
    done = subprocess.run(line, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def as_flags(options: Mapping) -> list[str]:
    return [f"--{key.replace('_', '-')}={value}" for key, value in options.items()]


def measure_steps(steps: Mapping, rounds: int, flags: Sequence[str]) -> dict:
    """Name -> what `summary_of` says, precisions in turns: the second round begins with the one the first ended with."""
    runs: dict[str, dict[str, list]] = {name: {kind: [] for kind in PRECISIONS} for name in steps}
    for number in range(rounds):
        for name, (model_class, options, iterations) in steps.items():
            for kind in PRECISIONS[:: -1 if number % 2 else 1]:
                run = [f"--model={model_class}", f"--precision={kind}", f"--iterations={iterations}"]
                runs[name][kind].append(bench("step", *run, *as_flags(options), *flags))
    return {
        name: summary_of(runs[name]) | {"operations_per_number": operations_per_number(model_class, options)}
        for name, (model_class, options, _) in steps.items()
    }


def summary_of(runs: Mapping[str, Sequence[Mapping]]) -> dict:
    """For each precision the median over the rounds; the ratio is that of each round's pair."""

    def middle(kind: str, key: str) -> float:
        return statistics.median(run[key] for run in runs[kind])

    times = {kind: [run["ms_per_iteration"]["median"] for run in runs[kind]] for kind in PRECISIONS}
    found = {
        kind: {
            "ms": statistics.median(times[kind]),
            "rounds": times[kind],
            **{
                key: middle(kind, key)
                for key in (
                    "achieved_gflops",
                    "ceiling_gflops",
                    "ceiling_fraction",
                    "peak_memory_mb",
                    "first_step_seconds",
                )
            },
        }
        for kind in PRECISIONS
    }
    ratios = [narrow / wide for wide, narrow in zip(times["float32"], times["bfloat16"], strict=True)]
    first = runs["float32"][0]
    return {
        **found,
        "ratio": round(statistics.median(ratios), 3),
        "gflop": first["gflop_per_iteration"],
        "device": first["device"],
    }


def operations_per_number(model_class: str, options: Mapping) -> float:
    """Of all layers: operations for each number that has to come from memory or go there at least once.

    A convolution reads its map and its kernel and writes a map, forward as for either gradient; strides, which make the
    first of the maps larger, are passed over.
    """
    known = CLASSES[model_class]
    options = known.effective_options(known.with_fixed(ask_table(known.table, given=options, ask_now=False)))
    operations, numbers = 0, 0
    for one in known.network.passes(options):
        faces = one.faces * options["batch_size"]
        for layer in one.layers:
            kernel = max(layer.tensors.values(), key=prod)
            operations += 2 * faces * layer.multiply_adds
            numbers += faces * layer.places * sum(kernel[-2:]) + prod(kernel)
    return round(operations / numbers, 1)


def memory_speed(megabytes: int = 64) -> float:
    """Bytes a second that all cores together read and write while they copy; the best of some rounds."""
    cores = os.cpu_count() or 1
    arrays = [(np.ones(megabytes << 17), np.ones(megabytes << 17)) for _ in range(cores)]
    with ThreadPoolExecutor(cores) as pool:

        def copy_all() -> None:
            list(pool.map(lambda pair: np.copyto(*pair), arrays))

        best = min(seconds(copy_all) for _ in range(8))
    return 2 * sum(one.nbytes for one, _ in arrays) / best


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure_parts(parts: Sequence[str], flags: Sequence[str], *, small: bool) -> dict:
    """Sampling, merging, saving and extracting."""
    with tempfile.TemporaryDirectory(prefix="dfl-bench-") as folder:
        own = {"save": [f"--folder={folder}", *flags, *(as_flags(TINY) if small else [])]}
        return {part: bench(part, *own.get(part, [])) for part in parts}


def measure_growth(thing: str, values: Sequence[int], flags: Sequence[str], *, small: bool) -> list[dict]:
    """How time and memory of a step grow with one thing, everything else staying as in BASE."""
    found = []
    for value in values:
        changes = {"e_dims": value, "d_dims": value, "ae_dims": 2 * value} if thing == "dims" else {thing: value}
        options = {**BASE, **(TINY if small else {}), **changes}
        run = bench("step", "--precision=float32", f"--iterations={1 if small else 5}", *as_flags(options), *flags)
        found.append(
            {
                "value": value,
                "ms": run["ms_per_iteration"]["median"],
                "peak_memory_mb": run["peak_memory_mb"],
                "gflop": run["gflop_per_iteration"],
            }
        )
    return found


def startup(count: int) -> dict:
    """Seconds from opening a set of `count` faces (links to a few files) to its first batch, without an index and with one."""
    with synthetic_faces() as (src, _), tempfile.TemporaryDirectory(prefix="dfl-bench-") as name:
        files = sorted(src.folder.glob("*.jpg"))
        for number in range(count):
            os.link(files[number % len(files)], Path(name) / f"{number:06}.jpg")
        first, again = (seconds(lambda: first_batch(Path(name))) for _ in range(2))
    return {"faces": count, "first_seconds": round(first, 3), "again_seconds": round(again, 3)}


def first_batch(folder: Path) -> None:
    faces = open_faceset(folder)
    with batches(faces, faces, sample_spec(faces, 64), workers=1) as made:
        next(made)


def table(found: Mapping) -> list[str]:
    """What stands between the marks, line by line."""
    facts = found["stamp"]
    versions = ", ".join(f"{name} {facts[name]}" for name in ("python", "dfl", *PACKAGES))
    device = next(iter(found["steps"].values()))["device"]
    return [
        f"{facts['date']}, commit {facts['commit']}, computed on {device}; {facts['processor']}, {facts['system']}, memory",
        f"{found['gigabytes_per_second']} GB/s; {versions}; load at the start {facts['load']}.",
        "",
        "| step | 10^9 operations | float32: ms | of the ceiling | MB | bfloat16: ms | of the ceiling | MB | bfloat16 / float32 |",
        "|---|---|---|---|---|---|---|---|---|",
        *(step_row(name, one) for name, one in found["steps"].items()),
        "",
        f"Ceilings: {ceilings(found)}.",
        "",
        *(f"- `dfl bench {part}`: {summary}" for part, summary in part_lines(found["parts"]).items()),
        "",
    ]


def step_row(name: str, one: Mapping) -> str:
    cells = [name, f"{one['gflop']:.0f}"]
    for kind in PRECISIONS:
        own = one[kind]
        low, high = min(own["rounds"]), max(own["rounds"])
        cells += [
            f"{own['ms']:.0f} ({low:.0f}-{high:.0f})", f"{own['ceiling_fraction']:.0%}", f"{own['peak_memory_mb']:.0f}",
        ]  # fmt: skip
    return "| " + " | ".join([*cells, f"{one['ratio']:.2f}"]) + " |"


def ceilings(found: Mapping) -> str:
    def highest(kind: str) -> float:
        return max(one[kind]["ceiling_gflops"] for one in found["steps"].values())

    return ", ".join(f"{kind} {highest(kind):.0f} GFLOP/s" for kind in PRECISIONS)


def part_lines(parts: Mapping[str, Mapping]) -> dict[str, str]:
    lines = {}
    for part, found in parts.items():
        if part == "save":
            lines[part] = (
                f"{found['bytes'] / 1e6:.0f} MB in {found['save_seconds']} s (written in one go: {found['plain_write_seconds']} s); "
                f"training pauses for {found['pause_ms']} ms, an iteration takes {found['iteration_ms']} ms"
            )
        else:
            rates = next(value for key, value in found.items() if key.endswith("_per_second_per_core"))
            scaling = ", ".join(
                f"{workers} workers {times}x" for workers, times in found["scaling"].items() if workers != "1"
            )
            lines[part] = "per second and core: " + ", ".join(f"{k} {v:g}" for k, v in rates.items()) + f"; {scaling}"
    return lines


def with_table(page: str, written: str) -> str:
    before, mark, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (mark and end):
        raise SystemExit(f"the page lacks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{written}{END}{after}"


if __name__ == "__main__":
    main()
