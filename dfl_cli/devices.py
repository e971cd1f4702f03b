"""Which GPUs there are and which of them to use, found out without loading TensorFlow."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dfl_cli.errors import UserError
from dfl_cli.options.kinds import Kind, plain
from dfl_cli.options.option import Option
from dfl_cli.options.question import ask
from dfl_cli.terminal.console import Console
from dfl_cli.translate import N_, clauses, listed, tr
from dfl_cli.units import size_text

QUERY = (
    "nvidia-smi",
    "--query-gpu=index,uuid,name,memory.total,memory.free",
    "--format=csv,noheader,nounits",
)
MEBIBYTE = 1 << 20  # nvidia-smi's unit
QUERY_TIMEOUT = 20  # a driver that hangs is as good as none


@dataclass(frozen=True)
class Gpu:
    """One GPU this process may use.

    `index` counts the GPUs that CUDA_VISIBLE_DEVICES leaves, in bus order, as TensorFlow does under CUDA_DEVICE_ORDER=PCI_BUS_ID.
    `total` and `free` are bytes, 0 where the driver does not tell.
    """

    index: int
    name: str
    uuid: str
    total: int
    free: int


def list_gpus(environment: Mapping[str, str] = os.environ) -> list[Gpu]:
    """The GPUs of this machine that CUDA_VISIBLE_DEVICES does not hide; empty without an NVIDIA driver."""
    try:
        answer = subprocess.run(
            QUERY, capture_output=True, text=True, errors="replace", timeout=QUERY_TIMEOUT, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return visible(parse_gpus(answer.stdout), environment.get("CUDA_VISIBLE_DEVICES"))


def parse_gpus(text: str) -> list[Gpu]:
    """GPUs from the output of QUERY; other lines, such as warnings, are passed over."""
    gpus = []
    for line in text.splitlines():
        fields = [field.strip() for field in line.split(",")]
        if len(fields) < 5 or not fields[0].isdecimal():
            continue
        index, uuid, *name, total, free = fields
        gpus.append(Gpu(int(index), ", ".join(name), uuid, memory(total), memory(free)))
    return gpus


def memory(field: str) -> int:
    """Bytes; 0 for `[N/A]` and `[Not Supported]`, which cards with shared memory answer."""
    return int(field) * MEBIBYTE if field.isdecimal() else 0


def visible(gpus: Sequence[Gpu], wanted: str | None) -> list[Gpu]:
    """The GPUs CUDA_VISIBLE_DEVICES names, renumbered in its order; as in CUDA, the first name that fits none ends the list."""
    if wanted is None:
        return list(gpus)
    shown = []
    for name in wanted.split(","):
        found = find_gpu(gpus, name.strip())
        if found is None:
            break
        shown.append(Gpu(len(shown), found.name, found.uuid, found.total, found.free))
    return shown


def find_gpu(gpus: Sequence[Gpu], name: str) -> Gpu | None:
    """By number, or by the beginning of the uuid."""
    matches = [
        gpu for gpu in gpus if (str(gpu.index) == name or (name.startswith("GPU-") and gpu.uuid.startswith(name)))
    ]
    return matches[0] if len(matches) == 1 else None


def best_gpu(gpus: Sequence[Gpu]) -> Gpu:
    """The one with most memory, the first of equals."""
    return max(gpus, key=lambda gpu: gpu.total)


def same_as_best(gpus: Sequence[Gpu]) -> list[Gpu]:
    """All that bear the name of the one with most memory: what is proposed for a model."""
    return [gpu for gpu in gpus if gpu.name == best_gpu(gpus).name]


def choose_devices(
    gpus: Sequence[Gpu],
    *,
    cpu: bool = False,
    given: str | None = None,
    silent: bool = False,
    console: Console | None = None,
) -> list[Gpu]:
    """The GPUs to work on, in their own order; an empty list is the processor (spec wizard.md 3.2).

    Args:
        cpu: --cpu was given.
        given: what --gpus was given, such as "0,1".
        silent: ask nothing; one GPU, the one with most memory, is taken and named.

    Raises:
        UserError: `given` names no GPU of this machine.
    """
    if cpu:
        return []
    if given is not None:
        return given_gpus(gpus, given)
    if not gpus:
        return []
    if silent:
        (console or Console()).say(tr("Using GPU {gpu}.", gpu=described(best_gpu(gpus))))
        return [best_gpu(gpus)]
    return ask_devices(gpus, console or Console())


def given_gpus(gpus: Sequence[Gpu], text: str) -> list[Gpu]:
    try:
        return pick(gpus, text)
    except ValueError:
        there = clauses(described(gpu) for gpu in gpus) or tr("no GPU")
        raise UserError(
            tr("--gpus {text}: no such GPU on this machine.", text=text),
            saw=there,
            fix=tr("Give numbers from the list separated by commas, or use --cpu."),
        ) from None


def pick(gpus: Sequence[Gpu], text: str) -> list[Gpu]:
    """GPUs by numbers such as `0,1`, or none for `CPU`. Raises ValueError."""
    text = plain(str(text)).lower()
    if text == "cpu":
        return []
    wanted = {int(part) for part in text.split(",")}
    if not wanted <= {gpu.index for gpu in gpus}:
        raise ValueError(text)
    return [gpu for gpu in gpus if gpu.index in wanted]


@dataclass(frozen=True)
class GpuNumbers(Kind):
    """Numbers of GPUs, or CPU; the value is the text."""

    gpus: tuple[Gpu, ...]

    def read(self, raw):
        pick(self.gpus, raw)
        return str(raw)

    def accepted(self):
        numbers = listed(str(gpu.index) for gpu in self.gpus)
        return tr("numbers from {numbers} separated by commas, or CPU", numbers=numbers)


def ask_devices(gpus: Sequence[Gpu], console: Console) -> list[Gpu]:
    lines = ["", tr("Choose one or several GPUs, numbers separated by commas."), "", "[CPU] : CPU"]
    for line in [*lines, *(f"  [{gpu.index}] : {gpu.name}{room(gpu)}" for gpu in gpus), ""]:
        console.say(line)
    question = Option(
        key="",
        label=N_("Which GPU indexes to choose?"),
        kind=GpuNumbers(tuple(gpus)),
        default="",
        help=N_(
            "Enter one number, several separated by commas, or CPU. Several cards split each batch between them, so use "
            "cards of the same speed and memory."
        ),
    )
    proposed = ",".join(str(gpu.index) for gpu in same_as_best(gpus))
    return pick(gpus, ask(question, proposed, known={}, console=console))


def described(gpu: Gpu) -> str:
    return f"{gpu.index}: {gpu.name}{room(gpu)}"


def room(gpu: Gpu) -> str:
    """Free and total memory, if the driver tells."""
    if not gpu.total:
        return ""
    return tr(" ({free} of {total} free)", free=size_text(gpu.free), total=size_text(gpu.total))


def device_facts(devices: Sequence[Gpu]) -> dict[str, int]:
    """What the rules of options look at: the memory of the weakest chosen GPU in bytes (0: processor), and how many share a batch."""
    return {
        "smallest_gpu_bytes": min((gpu.total for gpu in devices), default=0),
        "device_count": max(1, len(devices)),
    }
