"""`dfl demo`: two synthetic people, a small model, the merge, and how close it came to the true swap.

With --from-video the people are two films: faces are extracted from them, and the result is a film as well.
"""

import argparse
import os
from pathlib import Path

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.errors import UserError
from dfl_cli.options.flags import whole_number
from dfl_cli.options.outputs import own_folder
from dfl_cli.options.wizard import ask_table
from dfl_cli.store.lock import FolderLock
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import open_model
from dfl_cli.store.workspace import Workspace
from dfl_cli.terminal.console import counted_progress
from dfl_cli.train.plan import Plan
from dfl_cli.translate import tr
from samplers.files.atomic_file import DanglingLink, is_dangling_link

WORKSPACE, VIDEO_WORKSPACE = "demo-workspace", "demo-video-workspace"
NAME = "demo"
ITERATIONS = 1800  # under three minutes on two cores
SEED = 1
PEOPLE = {"src_faces": 100, "dst_frames": 48, "liveliness": 0.65}  # calm enough for a model that trains for minutes
AUTOSAVE_MINUTES = 1
# A model that a processor can train while somebody waits: small, and shown faces as they are rather than bent.
OPTIONS = {
    "resolution": 64,
    "face_type": "wf",
    "archi": "df-ud",
    "ae_dims": 64,
    "e_dims": 24,
    "d_dims": 24,
    "d_mask_dims": 16,
    "batch_size": 2,
    "random_warp": False,
    "random_dst_flip": False,
    "eyes_mouth_prio": True,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workspace", type=Path, help=tr("Output folder."))
    parser.add_argument(
        "--iterations",
        type=whole_number(1),
        default=ITERATIONS,
        help=tr("Number of training iterations; more gives a better swap."),
    )
    parser.add_argument(
        "--from-video",
        action="store_true",
        help=tr("Start from two drawn videos: extract the faces from them, and merge into a video."),
    )


def run(args: argparse.Namespace) -> int:
    """The whole job; started again in the same workspace it goes on where it was."""
    given = args.workspace or Path(VIDEO_WORKSPACE if args.from_video else WORKSPACE)
    workspace = Workspace(given.expanduser().absolute())
    if is_dangling_link(workspace.root):
        raise DanglingLink(workspace.root)
    fix = tr("Use an empty folder, or one that does not exist, with --workspace.")
    if workspace.root.is_file():
        raise UserError(tr("{path} is a file.", path=workspace.root), fix=fix)
    with FolderLock(workspace.root):
        own_folder(
            workspace.root,
            fix=fix,
            made_before=lambda folder: (folder / "truth" / "complete").is_file(),
        )
        refuse_other_kind(workspace, from_video=args.from_video)
        return (run_from_video if args.from_video else run_from_faces)(workspace, args.iterations)


def run_from_faces(workspace: Workspace, iterations: int) -> int:
    draw_people(workspace)
    code = train(workspace, iterations)
    if code:
        return code
    from dfl_cli.demo.result import compare, merge

    merge(workspace, NAME)
    compare(workspace, NAME)
    return 0


def run_from_video(workspace: Workspace, iterations: int) -> int:
    from dfl_cli.demo.from_video import draw_videos, extract_faces, merge_into_video
    from dfl_cli.demo.people import SyntheticPlan as People

    draw_videos(workspace, People(**PEOPLE))
    code = extract_faces(workspace) or train(workspace, iterations) or merge_into_video(workspace, NAME)
    if code:
        return code
    from dfl_cli.demo.result import compare

    compare(workspace, NAME)
    return 0


def refuse_other_kind(workspace: Workspace, *, from_video: bool) -> None:
    """Raises UserError for a workspace that the demo has begun the other way."""
    has_videos = os.path.lexists(workspace.root / "data_src.mp4")
    if from_video and not has_videos and (workspace.root / "truth").exists():
        raise UserError(
            tr("{folder} contains a demo without videos.", folder=workspace.root),
            fix=tr("Leave out --from-video, or use another folder with --workspace."),
        )
    if has_videos and not from_video:
        raise UserError(
            tr("{folder} contains a demo with videos.", folder=workspace.root),
            fix=tr("Add --from-video, or use another folder with --workspace."),
        )


def draw_people(workspace: Workspace) -> None:
    """The two face sets, the frames and the true swap, unless they are already there."""
    from dfl_cli.demo.people import SyntheticPlan as People
    from dfl_cli.demo.people import write_workspace

    complete = workspace.root / "truth" / "complete"
    if complete.exists():
        return
    with counted_progress(tr("Drawing two people")) as show:
        write_workspace(workspace.root, People(**PEOPLE), on_progress=show)
    complete.touch()


def train(workspace: Workspace, iterations: int) -> int:
    """Train up to `iterations`. Returns 0, or 128 + signal if a signal stopped it after saving."""
    from dfl_cli.faceset.loading import load_faceset

    src, dst = load_faceset(workspace.src), load_faceset(workspace.dst)
    from models.engine import runtime

    runtime.prepare("cpu", deterministic=True, seed=SEED)

    from dfl_cli.demo.training import train_with_bar

    model_dir = ModelDir(workspace.models / NAME)
    with model_dir.lock():
        return train_with_bar(make_plan(workspace, model_dir, iterations), src, dst)


def make_plan(workspace: Workspace, model_dir: ModelDir, iterations: int) -> Plan:
    saved = open_model(model_dir) if model_dir.exists else None
    given = {"target_iter": iterations} if saved else {**OPTIONS, "target_iter": iterations}
    facts = {"is_saved": saved is not None}
    options = ask_table(SAEHD.table, given=given, stored=saved and saved.options, facts=facts, ask_now=False)
    return Plan(
        model_dir=model_dir,
        model_class=SAEHD.name,
        saved=saved,
        init_from=None,
        options=options,
        devices=[],
        face_folders={"src": workspace.src, "dst": workspace.dst},
        pretraining=None,
        seed=SEED,
        history_seed=SEED,
        repeatable=True,
        autosave_minutes=AUTOSAVE_MINUTES,
        preview="file",
    )
