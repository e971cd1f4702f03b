"""The demo from films: two videos in, one video out, by the same code as `dfl extract` and `dfl merge --video`."""

import argparse
import os
from pathlib import Path

from dfl_cli.demo.people import SyntheticPlan
from dfl_cli.demo.people.videos import DST_VIDEO, SRC_VIDEO, write_videos
from dfl_cli.demo.result import SETTINGS
from dfl_cli.extract.command import run_locked
from dfl_cli.extract.networks import NetworkChoice
from dfl_cli.extract.places import Places
from dfl_cli.extract.run import Job
from dfl_cli.merge import command as merge_command
from dfl_cli.options.flags import SIDES
from dfl_cli.options.outputs import read_mark, write_mark
from dfl_cli.options.tables.extract import EXTRACT
from dfl_cli.options.wizard import ask_table
from dfl_cli.store.workspace import Workspace
from dfl_cli.terminal.console import counted_progress
from dfl_cli.translate import tr
from dfl_cli.video.files import as_user_error
from samplers.files.file_range import file_fingerprint
from samplers.files.names import free_path

VIDEOS = {"src": SRC_VIDEO, "dst": DST_VIDEO}
RESULT = "swapped.mp4"
FACE_SIZE = 256  # pixels, as in the demo without videos


def draw_videos(workspace: Workspace, plan: SyntheticPlan) -> None:
    """The two films and the true swap, unless they are already there. Raises UserError."""
    complete = workspace.root / "truth" / "complete"
    if complete.exists():
        return
    with as_user_error(), counted_progress(tr("Drawing two people")) as show:
        write_videos(workspace.root, plan, on_progress=show)
    complete.touch()


def extract_faces(workspace: Workspace) -> int:
    """Frames and faces of both films. Returns 0, or 128 + signal if a signal stopped it. Raises UserError."""
    for side in SIDES:
        answers = ask_table(
            EXTRACT, given={"image_size": FACE_SIZE}, facts={"is_video": True, "side": side}, ask_now=False
        )
        aligned = getattr(workspace, side)
        places = Places(workspace.root / VIDEOS[side], aligned.parent, aligned)
        _, code = run_locked(Job(places, answers, NetworkChoice(), again=False, overwrite=False, asks=False))
        if code:
            return code
    return 0


def merge_into_video(workspace: Workspace, name: str) -> int:
    """Merge all frames and make a video of them; the exit code of `dfl merge`. Raises UserError."""
    output = room_for_result(workspace.root)
    parser = argparse.ArgumentParser()
    merge_command.add_arguments(parser)
    settings = [word for key, value in SETTINGS.items() for word in (f"--{key.replace('_', '-')}", str(value))]
    folders = ["--workspace", str(workspace.root), "--video", str(workspace.root / DST_VIDEO), "--output", str(output)]
    code = merge_command.run(parser.parse_args([*folders, "--name", name, "--batch", "--keep", "--cpu", *settings]))
    if output.name == RESULT and output.is_file():
        write_mark(workspace.root, {**read_mark(workspace.root), RESULT: file_fingerprint(output)})
    return code


def room_for_result(folder: Path) -> Path:
    """Where the video goes: in place of the one of the last run only if nobody has changed it."""
    result = folder / RESULT
    if not os.path.lexists(result):
        return result
    if file_fingerprint(result) != read_mark(folder).get(RESULT, ""):
        return free_path(result)
    result.unlink()
    return result
