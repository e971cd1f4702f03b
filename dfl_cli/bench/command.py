"""`dfl bench`: how fast parts of the work run on this machine."""

import argparse
import contextlib
import io
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from dfl_cli.classes.registry import DEFAULT, trained_classes
from dfl_cli.classes.saehd import SAEHD
from dfl_cli.classes.xseg import XSEG
from dfl_cli.options.flags import add_device_flags, add_flags, add_prefer_flag, given_flags, spellings, whole_number
from dfl_cli.store.workspace import existing_folder
from dfl_cli.terminal.console import Console, say
from dfl_cli.translate import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION", title=tr("actions"))
    add_step(actions)
    add_samples(actions)
    add_merge(actions)
    add_save(actions)
    add_extract(actions)
    add_xseg(actions)


def run(args: argparse.Namespace) -> int:
    return args.act(args)


def add_action(actions, name: str, act: Callable[[argparse.Namespace], int], about: str) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=about, description=about)
    parser.set_defaults(act=act)
    parser.add_argument("--json", action="store_true", help=tr("Print a single JSON object."))
    return parser


def print_result(args: argparse.Namespace, found: Mapping, lines: Callable[[Mapping], list[str]]) -> int:
    """`found` as `--json` or for a person."""
    if args.json:
        print(json.dumps(found))
    else:
        say("\n".join(lines(found)))
    return 0


def devices_of(args: argparse.Namespace) -> list:
    """The GPUs to measure. Which one was taken is reported on stderr: stdout is for the result."""
    from dfl_cli.devices import choose_devices, list_gpus

    console = Console()
    console.output = sys.stderr
    return choose_devices(list_gpus(), cpu=args.cpu, given=args.gpus, silent=True, console=console)


def add_step(actions) -> None:
    classes = trained_classes()
    parser = add_action(actions, "step", bench_step, tr("time, speed and memory of a training step"))
    parser.add_argument("--model", choices=list(classes), default=DEFAULT.name, help=tr("Model class."))
    parser.add_argument(
        "--iterations", type=whole_number(1), metavar="N", default=20, help=tr("Steps to measure; default: 20.")
    )
    add_device_flags(parser)
    add_flags(parser, [one.table for one in classes.values()], tr("options of the model"))


def bench_step(args: argparse.Namespace) -> int:
    from dfl_cli.bench.step import measure

    found = measure(given_flags(args), model_class=args.model, devices=devices_of(args), iterations=args.iterations)
    return print_result(args, found, lines_about_step)


def lines_about_step(found: Mapping) -> list[str]:
    times = found["ms_per_iteration"]
    said = [
        tr(
            "{model} with {millions:.1f} million weights, {resolution} pixels, batch size {batch_size}, {precision}, "
            "on {device}.",
            **{key: found[key] for key in ("model", "resolution", "batch_size", "precision", "device")},
            millions=found["weights"] / 1e6,
        ),
        tr(
            "A step takes {median} ms (median of {count}; {low} to {high} without the quickest and slowest tenth), which "
            "is {rate} faces per second. The first one, with compilation, took {first} s.",
            median=times["median"],
            low=times["p10"],
            high=times["p90"],
            count=found["iterations"],
            rate=found["faces_per_second"],
            first=found["first_step_seconds"],
        ),
        work_line(found),
    ]
    if found["peak_memory_mb"]:
        said.append(tr("Memory at most: {memory} MB.", memory=found["peak_memory_mb"]))
    return said


def work_line(found: Mapping) -> str:
    """What a step computes, and how fast compared with what is possible."""
    return tr(
        "It needs {work} billion operations, {speed} billion a second: {fraction:.0%} of the {most} that large "
        "convolutions and matrix products reach here in {precision}.",
        work=found["gflop_per_iteration"],
        speed=found["achieved_gflops"],
        fraction=found["ceiling_fraction"],
        most=found["ceiling_gflops"],
        precision=found["precision"],
    )


def add_samples(actions) -> None:
    parser = add_action(actions, "samples", bench_samples, tr("training samples per second, by color transfer mode"))
    parser.add_argument(*spellings("--src"), type=Path, help=tr("Face set to measure with; default: drawn faces."))
    parser.add_argument(*spellings("--dst"), type=Path, help=tr("Face set that provides the colors; default: --src."))
    add_prefer_flag(parser)
    parser.add_argument(
        "--resolution",
        type=int,
        default=128,
        choices=range(64, 641, 16),
        metavar="64-640",
        help=tr("Resolution in pixels; a multiple of 16."),
    )


def bench_samples(args: argparse.Namespace) -> int:
    from dfl_cli.bench.samples import measure, synthetic_faces
    from dfl_cli.faceset.loading import existing_face_folder, load_faceset

    if args.src or args.dst:
        src, dst = args.src or args.dst, args.dst or args.src
        src = load_faceset(existing_face_folder(src, "--src"), args.prefer)
        dst = load_faceset(existing_face_folder(dst, "--dst"), args.prefer)
        found = measure(src, dst, resolution=args.resolution)
    else:
        with synthetic_faces() as (src, dst):
            found = measure(src, dst, resolution=args.resolution)
    return print_result(args, found, lines_about_samples)


def lines_about_samples(found: Mapping) -> list[str]:
    said = [tr("Samples per second and core, by color transfer mode:")]
    said += [f"  {mode:5}{rate:10.0f}" for mode, rate in found["samples_per_second_per_core"].items()]
    return [*said, tr("Time spent on the first sample of a face:"), *shares_and_scaling(found)]


def shares_and_scaling(found: Mapping) -> list[str]:
    said = [f"  {part:10}{share:5.0%}" for part, share in found["shares"].items()]
    said.append(tr("Whole batches, file to file, by number of workers:"))
    return said + [f"  {workers:>3}{times:7.2f}x" for workers, times in found["scaling"].items()]


def add_merge(actions) -> None:
    add_action(actions, "merge", bench_merge, tr("merged frames per second, for some modes and color transfers"))


def bench_merge(args: argparse.Namespace) -> int:
    from dfl_cli.bench.merge import measure

    return print_result(args, measure(), lines_about_merge)


def lines_about_merge(found: Mapping) -> list[str]:
    about = tr(
        "Frames per second and core, 1280 x 720, face 290 pixels wide, model resolution 128, without file access:"
    )
    said = [about, *(f"  {mode:20}{rate:8.1f}" for mode, rate in found["frames_per_second_per_core"].items())]
    return [*said, tr("Time spent on an overlay:"), *shares_and_scaling(found)]


def add_save(actions) -> None:
    parser = add_action(actions, "save", bench_save, tr("time of a save, and how long it pauses training"))
    parser.add_argument(
        "--folder", type=Path, default=Path(), help=tr("A folder on the disk to measure; nothing is left behind.")
    )
    add_device_flags(parser)
    add_flags(parser, [SAEHD.table], tr("options of the model"))


def bench_save(args: argparse.Namespace) -> int:
    from dfl_cli.bench.save import measure

    devices = devices_of(args)
    folder = existing_folder(args.folder.absolute(), "--folder")
    with contextlib.redirect_stdout(io.StringIO()):  # the loss lines of the session
        found = measure(folder, given_flags(args), devices=devices)
    return print_result(args, found, lines_about_save)


def lines_about_save(found: Mapping) -> list[str]:
    return [
        tr(
            "A save of {megabytes} MB takes {seconds} s; writing the same amount in one go takes {plain} s.",
            megabytes=found["bytes"] // 1_000_000,
            seconds=found["save_seconds"],
            plain=found["plain_write_seconds"],
        ),
        tr(
            "Training pauses for {pause} ms; an iteration takes {iteration} ms.",
            pause=found["pause_ms"],
            iteration=found["iteration_ms"],
        ),
    ]


def add_extract(actions) -> None:
    add_action(actions, "extract", bench_extract, tr("frames per second of an extraction, everything included"))


def bench_extract(args: argparse.Namespace) -> int:
    from dfl_cli.bench.extract import measure

    return print_result(args, measure(), lines_about_extract)


def lines_about_extract(found: Mapping) -> list[str]:
    about = tr("Frames per second and core, one face in each, from the video to the files of the faces:")
    said = [about, *(f"  {size:12}{rate:8.1f}" for size, rate in found["frames_per_second_per_core"].items())]
    for size, parts in found["shares"].items():
        said.append(tr("Time spent on a frame of {size}:", size=size))
        said += [f"  {part:10}{share:5.0%}" for part, share in parts.items()]
    said.append(tr("A whole video by number of workers:"))
    return said + [f"  {workers:>3}{times:7.2f}x" for workers, times in found["scaling"].items()]


def add_xseg(actions) -> None:
    about = tr("masks per second, and time and speed of a training step of XSeg beside one of SAEHD")
    parser = add_action(actions, "xseg", bench_xseg, about)
    parser.add_argument(
        "--iterations", type=whole_number(1), metavar="N", default=10, help=tr("Steps to measure; default: 10.")
    )
    add_device_flags(parser)
    add_flags(parser, [XSEG.table], tr("options of the model"))


def bench_xseg(args: argparse.Namespace) -> int:
    from dfl_cli.bench.xseg import measure

    found = measure(given_flags(args), devices=devices_of(args), rounds=args.iterations)
    return print_result(args, found, lines_about_xseg)


def lines_about_xseg(found: Mapping) -> list[str]:
    return [
        tr(
            "{rate} masks per second on {device}, in batches of {count}; reading and storing faces do not count.",
            rate=found["apply_faces_per_second"],
            device=found["device"],
            count=found["apply_batch"],
        ),
        tr(
            "A training step of {batch_size} faces in {precision} takes {median} ms (median of {count}; {low} to {high} "
            "without the quickest and slowest tenth), {ratio} times one of {plain} with its default options.",
            **{key: found[key] for key in ("batch_size", "precision")},
            median=found["ms_per_iteration"]["median"],
            low=found["ms_per_iteration"]["p10"],
            high=found["ms_per_iteration"]["p90"],
            count=found["iterations"],
            ratio=found["step_ratio"],
            plain=found["plain_model"],
        ),
        work_line(found),
    ]
