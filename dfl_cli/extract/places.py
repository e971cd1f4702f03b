"""Where an extraction reads and writes: a workspace as DeepFaceLab has it, or what the flags say."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.extract.index import ExtractIndex
from dfl_cli.frames import list_frames, namesakes
from dfl_cli.store.workspace import Workspace, workspace_for
from dfl_cli.terminal.console import notice
from dfl_cli.terminal.ignored_files import mention_ignored
from dfl_cli.translate import listed, tr
from dfl_cli.video.files import VIDEO_SUFFIXES, video_file
from dfl_cli.video.frame_files import mention_namesakes, mention_order, mention_orientation
from samplers.files.foreign_files import own_files
from samplers.files.names import existing_spelling, fitting


@dataclass(frozen=True)
class Places:
    """video: to take the frames from; None where they are files already."""

    video: Path | None
    frames: Path
    aligned: Path

    @property
    def written(self) -> list[Path]:
        """The folders that an extraction writes to."""
        return [self.aligned, *([self.frames] if self.video else [])]

    @property
    def trash(self) -> Path:
        return self.beside("_trash")

    @property
    def debug(self) -> Path:
        return self.beside("_debug")

    def beside(self, ending: str) -> Path:
        return self.aligned.with_name(fitting(self.aligned.name, ending))


def find_places(arguments: argparse.Namespace) -> Places:
    """Raises UserError."""
    refuse_unused(arguments)
    if arguments.input is not None:
        places = places_of_flags(arguments)
    else:
        places = places_in_workspace(arguments)
    if places.aligned.exists() and not places.aligned.is_dir():
        raise UserError(tr("{path} is a file.", path=places.aligned), fix=tr("Use another folder for --output."))
    if os.path.realpath(places.aligned) == os.path.realpath(places.frames):  # also by way of a link, or of ..
        raise UserError(
            tr("Frames and faces need two different folders."),
            saw=str(places.aligned),
            fix=tr("Use another folder for --output."),
        )
    return places


def refuse_unused(arguments: argparse.Namespace) -> None:
    """Raises UserError for flags that would do nothing beside the others."""
    if arguments.input is None:
        unused = {"--output": arguments.output, "--frames-output": arguments.frames_output}
    else:
        from_folder = arguments.input.expanduser().is_dir()
        unused = {
            "src": arguments.side == "src",
            "dst": arguments.side == "dst",
            "--workspace": arguments.workspace,
            "--frames-output": from_folder and arguments.frames_output,
        }
    refuse_flags(flag for flag, given in unused.items() if given)


def refuse_flags(unused: Iterable[str]) -> None:
    """Raises UserError if there is one."""
    flags = listed(unused)
    if flags:
        raise UserError(
            tr("{flags} cannot be used here.", flags=flags),
            fix=tr("Use dfl extract src --workspace FOLDER, or --input VIDEO_OR_FRAMES --output FOLDER."),
        )


def places_of_flags(arguments: argparse.Namespace) -> Places:
    if arguments.output is None:
        raise UserError(tr("{flag} is missing.", flag="--output"), fix=tr("Add --output FOLDER for the faces."))
    given = existing_spelling(arguments.input.expanduser().absolute())
    aligned = existing_spelling(arguments.output.expanduser().absolute())
    if given.is_dir():
        return Places(None, given, aligned)
    frames = arguments.frames_output or aligned.with_name(fitting(aligned.name, "_frames"))
    return Places(video_file(arguments.input), frames.expanduser().absolute(), aligned)


def places_in_workspace(arguments: argparse.Namespace) -> Places:
    root = workspace_for(arguments.workspace)
    if arguments.side is None or root is None:
        raise UserError(
            tr("It is not clear what to extract faces from."),
            fix=tr(
                "Use dfl extract src in a workspace, or with --workspace FOLDER or DFL_WORKSPACE; or use --input "
                "VIDEO_OR_FRAMES --output FOLDER."
            ),
        )
    if not root.is_dir():
        raise UserError(tr("There is no folder {path}.", path=root), fix=tr("Check the path."))
    aligned = getattr(Workspace(root), arguments.side)
    frames, video = aligned.parent, workspace_video(root, aligned.parent.name)
    has_frames = frames.is_dir() and bool(list_frames(frames))
    if video is None and not has_frames:
        raise UserError(
            tr("The workspace has neither a video {name}.mp4 nor frames in {folder}.", name=frames.name, folder=frames),
            fix=tr("Put one of them there, or use --input VIDEO_OR_FRAMES --output FOLDER."),
        )
    if has_frames and video is not None and not is_unfinished(aligned):
        notice(tr("Using the frames in {folder}. To use {video}, move them away.", folder=frames, video=video.name))
        return Places(None, frames, aligned)
    return Places(video, frames, aligned)


def workspace_video(root: Path, name: str) -> Path | None:
    """`data_src.mp4` or the like."""
    found = (path for path in own_files(root) if path.stem == name and path.suffix.lower() in VIDEO_SUFFIXES)
    return min(found, default=None)


def is_unfinished(aligned: Path) -> bool:
    """Whether frames of a video are there because an extraction from it was interrupted."""
    index = ExtractIndex(aligned)
    return index.source is not None and "video" in index.source and index.count is None


def frames_of(places: Places) -> list[Path]:
    """The frames that are files; what is odd about them is reported. Raises UserError if there are none."""
    mention_ignored(places.frames)
    frames = list_frames(places.frames)
    if not frames:
        raise UserError(
            tr("No images in {folder}.", folder=places.frames),
            saw=tr("No .jpg, .jpeg, .png, .tif or .tiff file."),
            fix=tr("Check the path."),
        )
    mention_namesakes(namesakes(places.frames, frames))
    mention_order(frames)
    mention_orientation(frames, extracting=True)
    return frames


def facts_of(places: Places) -> Mapping:
    """For the questions."""
    return {"is_video": places.video is not None}
