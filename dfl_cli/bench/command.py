"""`dfl bench`: how fast parts of the work run on this machine."""

import argparse
import contextlib
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.options.flags import add_device_flags, add_flags, given_flags, spellings
from dfl_cli.store.workspace import existing_folder
from dfl_cli.terminal.console import say
from dfl_cli.translate import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION", title=tr("actions"))
    add_step(actions)
    add_samples(actions)
    add_merge(actions)
    add_save(actions)


def run(args: argparse.Namespace) -> int:
    return args.act(args)


def add_action(actions, name: str, act: Callable[[argparse.Namespace], int], about: str) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=about, description=about)
    parser.set_defaults(act=act)
    parser.add_argument("--json", action="store_true", help=tr("Print one JSON object and nothing else."))
    return parser


def tell(args: argparse.Namespace, found: Mapping, lines: Callable[[Mapping], list[str]]) -> int:
    """`found` as `--json` or for a person."""
    if args.json:
        print(json.dumps(found))
    else:
        say("\n".join(lines(found)))
    return 0


def add_step(actions) -> None:
    parser = add_action(actions, "step", bench_step, tr("how long a training step of a model takes"))
    add_device_flags(parser)
    add_flags(parser, [SAEHD.table], tr("options of the model"))


def bench_step(args: argparse.Namespace) -> int:
    from dfl_cli.bench.step import measure
    from dfl_cli.devices import choose_devices, list_gpus

    devices = choose_devices(list_gpus(), cpu=args.cpu, given=args.gpus, silent=True)
    return tell(args, measure(given_flags(args), devices=devices), lines_about_step)


def lines_about_step(found: Mapping) -> list[str]:
    line = "A step takes {step} ms on {device}, {rate} faces per second; the first one, which is compiled, {first} s."
    return [
        tr("A model of {millions:.1f} million weights.", millions=found["weights"] / 1e6),
        tr(
            line,
            step=found["step_ms"],
            device=found["device"],
            rate=found["faces_per_second"],
            first=found["first_step_seconds"],
        ),
    ]


def add_samples(actions) -> None:
    parser = add_action(actions, "samples", bench_samples, tr("training samples per second, for each color transfer"))
    parser.add_argument(*spellings("--src"), type=Path, help=tr("Faces to measure with; synthetic ones if left out."))
    parser.add_argument(*spellings("--dst"), type=Path, help=tr("Faces that lend their colors; --src if left out."))
    parser.add_argument(
        "--resolution",
        type=int,
        default=128,
        choices=range(64, 641, 16),
        metavar="64-640",
        help=tr("Pixels; a multiple of 16."),
    )


def bench_samples(args: argparse.Namespace) -> int:
    from dfl_cli.bench.samples import measure, synthetic_faces
    from dfl_cli.faceset.loading import load_faceset

    if args.src or args.dst:
        src, dst = args.src or args.dst, args.dst or args.src
        src = load_faceset(existing_folder(src, "--src"))
        dst = load_faceset(existing_folder(dst, "--dst"))
        found = measure(src, dst, resolution=args.resolution)
    else:
        with synthetic_faces() as (src, dst):
            found = measure(src, dst, resolution=args.resolution)
    return tell(args, found, lines_about_samples)


def lines_about_samples(found: Mapping) -> list[str]:
    said = [tr("Samples per second of one core, by color transfer:")]
    said += [f"  {mode:5}{rate:10.0f}" for mode, rate in found["samples_per_second_per_core"].items()]
    return [*said, tr("Where the time of a first sample goes:"), *shares_and_scaling(found)]


def shares_and_scaling(found: Mapping) -> list[str]:
    said = [f"  {part:10}{share:5.0%}" for part, share in found["shares"].items()]
    said.append(tr("Speed of a batch, from file to file, by number of workers:"))
    return said + [f"  {workers:>3}{times:7.2f}x" for workers, times in found["scaling"].items()]


def add_merge(actions) -> None:
    add_action(actions, "merge", bench_merge, tr("frames merged per second, for some modes and color transfers"))


def bench_merge(args: argparse.Namespace) -> int:
    from dfl_cli.bench.merge import measure

    return tell(args, measure(), lines_about_merge)


def lines_about_merge(found: Mapping) -> list[str]:
    text = "Frames per second of one core, 1280 x 720 with a face of 290 pixels, model of 128 pixels, without files:"
    said = [tr(text), *(f"  {mode:20}{rate:8.1f}" for mode, rate in found["frames_per_second_per_core"].items())]
    return [*said, tr("Where the time of an overlay goes:"), *shares_and_scaling(found)]


def add_save(actions) -> None:
    parser = add_action(actions, "save", bench_save, tr("how long a save takes, and how long training pauses for it"))
    parser.add_argument(
        "--folder", type=Path, default=Path(), help=tr("A folder on the disk to measure; nothing is left in it.")
    )
    add_device_flags(parser)
    add_flags(parser, [SAEHD.table], tr("options of the model"))


def bench_save(args: argparse.Namespace) -> int:
    from dfl_cli.bench.save import measure
    from dfl_cli.devices import choose_devices, list_gpus

    devices = choose_devices(list_gpus(), cpu=args.cpu, given=args.gpus, silent=True)
    folder = existing_folder(args.folder.absolute(), "--folder")
    with contextlib.redirect_stdout(io.StringIO()):  # the loss lines of the session
        found = measure(folder, given_flags(args), devices=devices)
    return tell(args, found, lines_about_save)


def lines_about_save(found: Mapping) -> list[str]:
    return [
        tr(
            "A save of {megabytes} MB takes {seconds} s; writing as much at one go {plain} s.",
            megabytes=found["bytes"] // 1_000_000,
            seconds=found["save_seconds"],
            plain=found["plain_write_seconds"],
        ),
        tr(
            "Training pauses {pause} ms for it; an iteration takes {iteration} ms.",
            pause=found["pause_ms"],
            iteration=found["iteration_ms"],
        ),
    ]
