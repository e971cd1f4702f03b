"""What a number format costs and gives on a GPU: time, memory and quality of SAEHD's training step, on JAX.

    python benchmarks/gpu_precision.py --faces SETS --output OUT [--minutes 6.5] [--tiny]
    python benchmarks/gpu_precision.py --check TENSORFLOW_PYTHON

SETS holds two folders of faces, man_a (src) and man_b (dst). OUT receives gpu_precision.json, rewritten after each result.
The repository must be on PYTHONPATH; TensorFlow is needed for --check only, which compares five steps of this script's
step with the project's own in float32. Every model runs in a process of its own, so that peaks of memory are clean.
Models whose speed is measured are compiled several at once, then timed one after the other with the device to themselves.
"""

import argparse
import json
import os
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
from gpu_precision_work import READY, WORK

PRECISIONS = ("float32", "tf32", "bfloat16", "float16")  # tf32: float32 whose products matrix units round, JAX' default
USUAL = {"ae_dims": 256, "e_dims": 64, "d_dims": 64, "d_mask_dims": 22, "batch_size": 8}
GAN = {"gan_power": 0.1, "gan_patch_size": 16, "gan_dims": 16, "true_face_power": 0.01, "random_warp": False}
MODELS = {  # the most wanted first
    "df-ud 128": {**USUAL, "archi": "df-ud", "resolution": 128},
    "df-ud 224": {**USUAL, "archi": "df-ud", "resolution": 224},
    "df 64": {**USUAL, "archi": "df", "resolution": 64},
    "liae-ud 128": {**USUAL, "archi": "liae-ud", "resolution": 128},
    "df-ud 128 GAN true face": {**USUAL, **GAN, "archi": "df-ud", "resolution": 128},
}
SMALL = {"ae_dims": 64, "e_dims": 32, "d_dims": 32, "d_mask_dims": 16, "batch_size": 8, "archi": "df", "resolution": 64}
TINY = {"ae_dims": 32, "e_dims": 16, "d_dims": 16, "d_mask_dims": 16, "batch_size": 2, "resolution": 64}


class Child:
    """A process that does one piece of work; its results and its end come through `events` as (child, result or None)."""

    def __init__(self, work: str, arguments: dict, events: queue.Queue, *, python: str = sys.executable):
        environment = os.environ | {
            "KERAS_BACKEND": arguments.get("backend", "jax"), "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore",
        }  # fmt: skip
        self.work, self.arguments, self.events, self.results = work, arguments, events, []
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115, lives as long as the child
        line = [python, __file__, "--child", json.dumps([work, arguments])]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self.errors, "text": True}
        self.process = subprocess.Popen(line, env=environment, **pipes)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self) -> None:
        for line in self.process.stdout:
            if line.startswith("{"):
                self.results.append(json.loads(line))
                self.events.put((self, self.results[-1]))
            elif line.strip() == READY:
                self.events.put((self, READY))
        self.process.wait()
        self.events.put((self, None))

    def go_on(self) -> None:
        with suppress(OSError):
            self.process.stdin.write("\n")
            self.process.stdin.flush()

    def stop(self) -> None:
        self.process.kill()

    def complaint(self) -> str:
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")[-1500:]


class Measurement:
    """All parts in order of their worth, until the time is over; what is known so far is on disk after every result."""

    def __init__(self, arguments):
        self.began, self.seconds = time.monotonic(), 60 * arguments.minutes
        self.output, self.faces, self.tiny = arguments.output, arguments.faces, arguments.tiny
        self.concurrent = arguments.concurrent
        self.found = {
            "device": device(),
            "compiled_at_once": self.concurrent,
            "quality": [],
            "speed": [],
            "failures": [],
            "stages": [],
        }
        self.folder = Path(tempfile.mkdtemp(prefix="gpu_precision"))
        self.small = {**SMALL, **TINY} if self.tiny else SMALL
        self.iterations, self.every, self.steps = (8, 4, 3) if self.tiny else (1600, 200, 50)
        self.seeds = [1, 2] if self.tiny else [1, 2, 3, 4, 5]
        self.files = {str(seed): str(self.folder / f"{seed}.npz") for seed in self.seeds}

    @property
    def left(self) -> float:
        return self.seconds - (time.monotonic() - self.began)

    def run(self) -> None:
        makers = [self.maker(seed) for seed in self.seeds]
        early = self.seeds[: len(self.seeds) // 2 + 1]
        late = self.seeds[len(early) :]
        self.judge("quality, first seeds", {"float32": early, "bfloat16": early}, limit=150)
        speeds = self.wanted_speeds()
        for place in range(0, len(speeds), self.concurrent):
            self.measure(speeds[place : place + self.concurrent], limit=170)
        everything = {"bfloat16": late, "float32": late, "float16": self.seeds, "tf32": self.seeds}
        self.judge("quality, the rest", {"float16": early} if self.tiny else everything, limit=300)
        for maker in makers:
            maker.stop()
        self.print_quality()
        print(f"{self.seconds - self.left:.0f} s in all, {len(self.found['failures'])} failures", flush=True)

    def wanted_speeds(self) -> list[tuple]:
        """(model, precision, what is computed again on the way back), the most wanted first."""
        plain = [(name, precision, "none") for name in MODELS for precision in PRECISIONS]
        kinds = [(precision, checkpoint) for precision in ("float32", "bfloat16") for checkpoint in ("parts", "blocks")]
        again = [("df-ud 224", *kind) for kind in kinds]
        return [*plain[-4:], again[-1]] if self.tiny else plain + again

    def maker(self, seed: int) -> Child:
        batches = {"seed": seed, "batches": self.iterations, "given": self.small}
        return Child("samples", {"faces": str(self.faces), "file": self.files[str(seed)], **batches}, queue.Queue())

    def judge(self, stage: str, seeds: dict, *, limit: float) -> None:
        """Train in several precisions at once: only the result counts here."""
        began, events = time.monotonic(), queue.Queue()
        common = {"files": self.files, "iterations": self.iterations, "every": self.every, "given": self.small}
        children = [
            Child("quality", {"precision": precision, "seeds": chosen, **common}, events)
            for precision, chosen in seeds.items()
            if self.left > 20
        ]
        for _, result in self.results_of(children, events, limit):
            self.found["quality"].append(result)
            self.write()
            if result["iteration"] == self.iterations:
                print(self.clock(), json.dumps(result), flush=True)
        self.end_stage(stage, began)
        self.print_quality()

    def measure(self, wanted: list, *, limit: float) -> None:
        """Compile all at once, then let each have the device for itself."""
        began, events = time.monotonic(), queue.Queue()
        children = []
        for name, precision, checkpoint in wanted:
            given = {**MODELS[name], **TINY} if self.tiny else MODELS[name]
            arguments = {"name": name, "precision": precision, "checkpoint": checkpoint, "given": given}
            if self.left > 20:
                children.append(Child("speed", {**arguments, "steps": self.steps}, events))
        for _, result in self.results_of(children, events, limit):
            self.found["speed"].append(result)
            self.write()
            print(self.clock(), speed_line(result), flush=True)
        self.end_stage(f"speed of {wanted[0]} and {len(wanted) - 1} more", began)

    def results_of(self, children: list, events: queue.Queue, limit: float):
        """(child, result) as they come. Those that say that they are ready go on one by one, once none compiles any more."""
        running, ready, measuring = set(children), [], None
        end = time.monotonic() + min(limit, self.left - 5)
        # After three quarters of the time those still compiling are given up, so that the others can be measured.
        give_up = time.monotonic() + 0.75 * (end - time.monotonic())
        while running:
            try:
                child, result = events.get(timeout=max(0.05, min(1.0, end - time.monotonic())))
            except queue.Empty:
                child = result = None
            if result == READY:
                ready.append(child)
            elif result is not None:
                yield child, result
            elif child in running:
                self.finish(child, running)
                measuring = None if child is measuring else measuring
            now = time.monotonic()
            if now > end or (ready and not measuring and now > give_up):
                for late in [one for one in running if now > end or (one not in ready and one is not measuring)]:
                    late.stop()
            if ready and not measuring and len(ready) == len(running):
                measuring = ready.pop(0)
                measuring.go_on()

    def finish(self, child: Child, running: set) -> None:
        running.discard(child)
        if child.process.returncode:
            told = {key: value for key, value in child.arguments.items() if key in ("name", "precision", "checkpoint")}
            failure = {"work": child.work, **told, "code": child.process.returncode, "said": child.complaint()}
            self.found["failures"].append(failure)
            self.write()
            print(self.clock(), "FAILED", json.dumps(failure)[:800], flush=True)

    def end_stage(self, stage: str, began: float) -> None:
        self.found["stages"].append({"stage": stage, "seconds": round(time.monotonic() - began, 1)})
        self.write()
        print(f"{self.clock()} {stage}: {time.monotonic() - began:.0f} s", flush=True)

    def clock(self) -> str:
        return f"[{self.seconds - self.left:5.1f} s]"

    def write(self) -> None:
        self.output.mkdir(parents=True, exist_ok=True)
        part = self.output / "gpu_precision.json.part"
        part.write_text(json.dumps(self.found, indent=1), encoding="utf-8")
        part.replace(self.output / "gpu_precision.json")

    def print_quality(self) -> None:
        """At the last iteration: each precision, and how it differs from float32 with the same seed."""
        last = [one for one in self.found["quality"] if one["iteration"] == self.iterations]
        print(
            "precision, seeds, then PSNR in dB and SSIM: mean, mean ± deviation of the difference to float32",
            flush=True,
        )
        for precision in PRECISIONS:
            cells = []
            for measure, digits in (("psnr", 3), ("ssim", 5)):
                values, base = of_both(last, precision, measure), of_both(last, "float32", measure)
                pairs = [value - base[seed] for seed, value in values.items() if seed in base]
                spread = statistics.stdev(pairs) if len(pairs) > 1 else 0.0
                if values:
                    cells.append(f"{statistics.mean(values.values()):8.{digits}f}")
                if pairs:
                    cells.append(f"{statistics.mean(pairs):+.{digits}f} ± {spread:.{digits}f}")
            if cells:
                print(f"{precision:10} {len(values)}  " + "  ".join(cells), flush=True)


def of_both(results: list, precision: str, measure: str) -> dict:
    """By seed: the mean of src and dst."""
    chosen = [one for one in results if one["precision"] == precision]
    return {one["seed"]: (one["src"][measure] + one["dst"][measure]) / 2 for one in chosen}


def speed_line(result: dict) -> str:
    ms = result["ms_per_iteration"]
    peak = (result["peak_bytes"] or 0) / 2**20
    return (
        f"{result['model']:24} {result['precision']:9} {result['checkpoint']:7} {ms['median']:8.2f} ms "
        f"({ms['p10']:.2f}..{ms['p90']:.2f}), unwaited {result['ms_without_waiting']:.2f}, "
        f"first {result['first_step_seconds']:.0f} s, peak {peak:.0f} MiB, planned {(result['compiled_bytes'] or 0) / 2**20:.0f} MiB"
    )


def device() -> str:
    """Asked for in another process: this one must leave the device alone."""
    code = (
        "import jax, keras, numpy\n"
        "print(jax.devices()[0].device_kind, *(f'{one.__name__} {one.__version__}' for one in (jax, keras, numpy)))"
    )
    environment = os.environ | {"KERAS_BACKEND": "jax", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    print(done.stdout or done.stderr, flush=True)
    return done.stdout.strip()


def check(python: str) -> None:
    """Five float32 steps here and in TensorFlow, and with recomputation. Exits with 1 where losses differ too much.

    Discriminators amplify rounding from step to step: only the first two steps count then.
    """
    wrong = False
    for archi, more in (("df-ud", {}), ("liae-ud", {}), ("df-ud", GAN | {"gan_patch_size": 8})):
        given = {**TINY, **more, "archi": archi}
        reference = losses_from(python, {"backend": "tensorflow", "given": given})
        for checkpoint in ("none", "parts", "blocks"):
            losses = losses_from(sys.executable, {"backend": "jax", "given": given, "checkpoint": checkpoint})
            differences = np.abs(losses / reference - 1).max(axis=1)
            wrong = wrong or differences[: 2 if more else 5].max() > 2e-5
            shown = " ".join(f"{one:.1e}" for one in differences)
            print(archi, "GAN" if more else "", checkpoint, losses[-1], "relative differences", shown, flush=True)
    sys.exit(int(wrong))


def losses_from(python: str, arguments: dict) -> np.ndarray:
    """(5, 2): of src and dst."""
    events = queue.Queue()
    child = Child("losses", arguments, events, python=python)
    while events.get()[1] is not None:
        pass
    if not child.results:
        sys.exit(child.complaint())
    return np.array(child.results[0]["losses"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=Path)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--minutes", type=float, default=6.5)
    parser.add_argument("--concurrent", type=int, default=4, help="models compiled at once")
    parser.add_argument("--tiny", action="store_true", help="small models and few steps, to try the script")
    parser.add_argument("--check", metavar="TENSORFLOW_PYTHON")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        work, given = json.loads(arguments.child)
        WORK[work](**given)
    elif arguments.check:
        check(arguments.check)
    else:
        Measurement(arguments).run()


if __name__ == "__main__":
    main()
