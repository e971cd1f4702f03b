"""The last stage: merge all frames of dst and make a video of them, by the code of `dfl merge --video`."""

import argparse
import os
from pathlib import Path

from dfl_cli.merge import command as merge_command
from dfl_cli.options.flags import SIDES
from dfl_cli.options.stages import Schedule
from dfl_cli.store.saved_model import models_of, open_best, open_model
from dfl_cli.swap.job import MODEL_NAME, Swap
from dfl_cli.terminal.console import say
from dfl_cli.terminal.names import quoted
from dfl_cli.translate import tr
from dfl_cli.video.files import as_user_error, locked_output, output_file
from dfl_cli.video.join import packet_of
from dfl_cli.xseg.predict import XSEG
from samplers.files.file_range import file_fingerprint

STAGE = "film"
BEING_WRITTEN = ""
WITH_XSEG = "learned-prd*learned-dst*XSeg-prd*XSeg-dst"


def is_ours(swap: Swap) -> bool:
    """Whether the output is the film of an earlier run, unchanged; also of one that was killed just after it was written."""
    noted = swap.state.done.get(STAGE, {})
    if noted.get("path") != str(swap.output):
        return False
    if noted.get("file") == BEING_WRITTEN:
        return packet_of([swap.output]) is not None
    return noted.get("file") == file_fingerprint(swap.output)


def check_output(swap: Swap) -> bool:
    """Before hours of work: whether the output may be replaced, asked where somebody is there. Raises UserError."""
    there = os.path.lexists(swap.output)
    output_file(swap.output, overwrite=swap.overwrite or is_ours(swap), sources=sources_of(swap))
    return there


def sources_of(swap: Swap) -> list[Path]:
    return [swap.sources[side] for side in SIDES if swap.sources[side].is_file()]


def make_film(swap: Swap, *, may_replace: bool) -> int:
    """The exit code of `dfl merge`; at 1 the film is there, but frames in it could not be merged. Raises UserError."""
    from dfl_cli.merge.merge_video import video_from_merge

    best = merges_best(swap)
    model = (open_best if best else open_model)(swap.model_dir).fingerprint
    if is_ours(swap) and swap.state.is_done(STAGE, {"model": model}):
        say(tr("Done before: {path}", path=swap.output))
        return 0
    dst = swap.sources["dst"]
    with (
        as_user_error(),
        locked_output(swap.output, overwrite=may_replace, sources=sources_of(swap)) as output,
    ):
        swap.state.finish(STAGE, {"path": str(swap.output), "file": BEING_WRITTEN})
        code = video_from_merge(dst, output, merge_arguments(swap, best=best), merge_command.run)
    if code in (0, 1):
        facts = {"path": str(swap.output), "file": file_fingerprint(swap.output), "model": model}
        swap.state.finish(STAGE, facts)
    return code


def merges_best(swap: Swap) -> bool:
    """Whether the save with the best score is merged: only one of the last stage, for later stages sharpen what no score sees."""
    best, newest = swap.model_dir.best_state(), open_model(swap.model_dir)
    return best is not None and best.iteration >= Schedule.from_state(newest.state).began and best.quality is not None


def merge_arguments(swap: Swap, *, best: bool) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    merge_command.add_arguments(parser)
    words = ["--workspace", str(swap.workspace.root), "--video", str(swap.sources["dst"])]
    words += ["--output", str(swap.output), "--name", MODEL_NAME, "--batch", "--keep", *swap.device_flags]
    if best:
        words.append("--best")
    if list(models_of(swap.workspace.models, [XSEG])):
        words += ["--mask-mode", WITH_XSEG]
    return parser.parse_args(words)


def last_lines(swap: Swap) -> list[str]:
    """Where the film is, and how it gets better."""
    root, dst, output = map(quoted, (swap.workspace.root, swap.sources["dst"], swap.output))
    again = f"dfl merge --workspace {root} --video {dst} --output {output} --overwrite --web"
    return [
        tr("The swapped video: {path}", path=swap.output),
        tr("Train longer: run the same command with a longer --time or a larger --target-iter."),
        tr("Adjust the merge in the browser: {command}", command=again),
    ]
