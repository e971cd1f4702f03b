"""What the machine has: graphics cards, memory, disk, terminal, language."""

import locale
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from dfl_cli.devices import list_gpus
from dfl_cli.doctor.finding import GOOD, NOTE, PROBLEM, Finding
from dfl_cli.engines import capabilities
from dfl_cli.terminal.console import is_terminal
from dfl_cli.translate import language, listed, ntr, remarked, tr
from dfl_cli.units import GIGABYTE, MEGABYTE, size_text

LOW_DISK = 5 * GIGABYTE  # two saves and some backups of a usual model
LOW_MEMORY = 4 * GIGABYTE
SLOW_DISK = 50 * MEGABYTE  # bytes per second; a save of 500 MB takes ten seconds there
TEST_FILE_BYTES = 64 << 20  # bytes, enough to leave a drive's first cache
XLA_ABORTS = 12.0  # compute capability from which compiling with XLA ends the process (TensorFlow 2.21)


def findings(folder: Path) -> list[Finding]:
    return [graphics(), memory(), disk(folder), terminal(), display(), language_finding()]


def graphics() -> Finding:
    cards = list_gpus()
    if not cards:
        return Finding(
            key="gpu", state=NOTE, text=tr("No NVIDIA GPU with a driver"), facts={"gpus": []},
            advice=tr("Training on the CPU works but is slow. If there is a GPU, install its driver and pip install "
"\"dfl-trainer[gpu]\"."),
        )  # fmt: skip
    known = capabilities()
    facts = [
        {"index": card.index, "name": card.name, "bytes": card.total, "free": card.free, **known.get(card.name, {})}
        for card in cards
    ]
    names = listed(
        remarked(one["name"], listed([size_text(one["bytes"]), one.get("capability", "?")])) for one in facts
    )
    text = tr("GPUs (memory, compute capability): {names}", names=names)
    if any(one.get("capability", 0) >= XLA_ABORTS for one in facts):
        advice = tr("Leave XLA off: it crashes on GPUs of this generation.")
        return Finding(key="gpu", state=NOTE, text=text, advice=advice, facts={"gpus": facts})
    return Finding(key="gpu", state=GOOD, text=text, facts={"gpus": facts})


def memory() -> Finding:
    from samplers.face_cache import free_memory

    free, cores = free_memory(), os.cpu_count() or 1
    text = ntr(
        "{count} core, {free} of memory free", "{count} cores, {free} of memory free", count=cores, free=size_text(free)
    )
    facts = {"cores": cores, "free_bytes": free}
    if free >= LOW_MEMORY:
        return Finding(key="memory", state=GOOD, text=text, facts=facts)
    advice = tr("Close other programs. While training, a smaller --cache-gb and --batch-size use less.")
    return Finding(key="memory", state=NOTE, text=text, advice=advice, facts=facts)


def disk(folder: Path) -> Finding:
    """Free space of the disk that `folder` is on, and how quickly what is written there is safe from a power cut."""
    free = shutil.disk_usage(folder).free
    try:
        facts = {"folder": str(folder), "free_bytes": free, **speed(folder)}
    except OSError as error:
        return Finding(
            key="disk", state=PROBLEM, text=tr("Cannot write to {folder}: {reason}", folder=folder, reason=error.strerror),
            advice=tr("Choose a writable folder, or change the permissions."), facts={"folder": str(folder)},
        )  # fmt: skip
    text = tr(
        "{folder}: {free} free, {speed}/s for durable writes, {wait:.1f} ms for a small file",
        folder=folder,
        free=size_text(free),
        speed=size_text(facts["bytes_per_second"]),
        wait=facts["small_file_ms"],
    )
    if free < LOW_DISK:
        return Finding(
            key="disk", state=NOTE, text=text, advice=tr("Free some space, or move the models elsewhere."), facts=facts
        )
    if facts["bytes_per_second"] < SLOW_DISK:
        return Finding(
            key="disk", state=NOTE, text=text, facts=facts,
            advice=tr("Saves are slow here, although training continues meanwhile. A local disk is better than a "
"network folder."),
        )  # fmt: skip
    return Finding(key="disk", state=GOOD, text=text, facts=facts)


def speed(folder: Path) -> dict[str, float]:
    """Bytes per second of one large file, and the milliseconds of a small one, both with fsync. Raises OSError."""
    with tempfile.TemporaryDirectory(prefix=".dfl-doctor-", dir=folder) as scratch:
        large = fsync_seconds(Path(scratch, "large"), os.urandom(TEST_FILE_BYTES))
        small = [fsync_seconds(Path(scratch, f"small{number}"), b"x") for number in range(5)]
    return {"bytes_per_second": TEST_FILE_BYTES / large, "small_file_ms": 1000 * statistics.median(small)}


def fsync_seconds(path: Path, content: bytes) -> float:
    started = time.perf_counter()
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return time.perf_counter() - started


def terminal() -> Finding:
    size = shutil.get_terminal_size()
    colors = os.environ.get("COLORTERM", "") in ("truecolor", "24bit")
    encoding = (sys.stdout.encoding or "ascii").lower()
    facts = {
        "terminal": is_terminal(sys.stdout), "type": os.environ.get("TERM", ""), "columns": size.columns, "lines": size.lines,
        "true_color": colors, "encoding": encoding, "ssh": "SSH_CONNECTION" in os.environ,
    }  # fmt: skip
    text = tr(
        "Terminal {type}, {columns} x {lines}, {encoding}",
        **{name: facts[name] or "-" for name in ("type", "columns", "lines", "encoding")},
    )
    if not encoding.startswith("utf"):
        advice = tr("Chinese text needs UTF-8: export LC_ALL=C.UTF-8, or PYTHONUTF8=1")
        return Finding(key="terminal", state=NOTE, text=text, advice=advice, facts=facts)
    if facts["terminal"] and not colors:
        advice = tr("--preview terminal works best with 24-bit color (COLORTERM=truecolor).")
        return Finding(key="terminal", state=NOTE, text=text, advice=advice, facts=facts)
    return Finding(key="terminal", state=GOOD, text=text, facts=facts)


def display() -> Finding:
    shown = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or ""
    if shown or sys.platform in ("win32", "darwin"):
        return Finding(key="display", state=GOOD, text=tr("Display available"), facts={"display": shown})
    return Finding(
        key="display", state=NOTE, text=tr("No display, no preview window"), facts={"display": ""},
        advice=tr("Use --preview terminal or open preview.png. For interactive merging, use dfl merge --web."),
    )  # fmt: skip


def language_finding() -> Finding:
    spoken = locale.setlocale(locale.LC_CTYPE)
    text = tr("Language {language}, locale {locale}", language=language(), locale=spoken)
    return Finding(key="language", state=GOOD, text=text, facts={"language": language(), "locale": spoken})
