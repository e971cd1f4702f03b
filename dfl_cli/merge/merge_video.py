"""`dfl merge --video`: the pictures of a video, merged as files like any others, become a video again.

Pictures in files make an interrupted merge go on where it stopped. Those that were taken from the video just for this lie beside the
result in a folder `<result>.merging`, which goes when the result is there.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from dfl_cli.errors import UserError
from dfl_cli.faceset.loading import load_faceset
from dfl_cli.frames import list_frames
from dfl_cli.merge.journal import BEGUN, FILE_NAME, read_entries
from dfl_cli.options.confirm import ask_yes_no
from dfl_cli.options.flags import given_flags
from dfl_cli.options.outputs import empty_own_folder, own_folder, remove_own_folder
from dfl_cli.options.tables.video import VIDEO_OUTPUT
from dfl_cli.options.wizard import ask_table
from dfl_cli.provenance.marking import signer_of
from dfl_cli.store.installing import complete_interrupted
from dfl_cli.store.workspace import Workspace, existing_folder, folder_for, workspace_for
from dfl_cli.terminal.console import is_interactive, notice, print_error, say
from dfl_cli.terminal.names import shortened
from dfl_cli.text_files.schema import Fields, MapOf, Whole, Words, WrongField, read_checked
from dfl_cli.translate import N_, ntr, tr
from dfl_cli.video.extract import digits_for, expected_frames, one_size, report_damage, write_pictures
from dfl_cli.video.files import as_user_error, locked_output, video_file
from dfl_cli.video.frame_files import check_sizes, headers_of, size_of
from dfl_cli.video.inherit import inheriting, shape_for
from dfl_cli.video.join import VideoOutput, frame_timing, join, nothing_to_sign, packet_of, refuse_unsignable
from dfl_cli.video.read import VideoReader
from dfl_cli.video.streams import StreamCopy
from samplers.files.atomic_file import write_atomically
from samplers.files.file_range import FileRange, content_fingerprint, file_fingerprint
from samplers.files.foreign_files import OURS, own_files
from samplers.files.names import existing_spelling, fitting
from samplers.files.regular_file import LARGEST_TEXT, read_regular

NOTE = "video.json"  # in our folder: which film its frames are of
SUBFOLDERS = ("frames", "merged")
VIDEO_NOTE = Fields(
    {"bytes": Whole(high=2**63)},
    {"content": Words(), "path": Words(), "changed": Whole(high=2**63), "frames": MapOf(Words())},
)
VIDEO_OUTPUT_KEYS = {option.key for option in VIDEO_OUTPUT}


class VideoFolders(NamedTuple):
    """Where the pictures of a video are, and where the merged ones go."""

    frames: Path
    merged: Path
    own: Path | None  # the folder beside the result that goes in the end; None: the person's folders


def merge_video(arguments: argparse.Namespace, merge_pictures: Callable[[argparse.Namespace], int]) -> int:
    """Merge `arguments.video` into `arguments.output`; the exit code of merging its pictures. Raises UserError."""
    if arguments.output is None:
        raise UserError(
            tr("{flag} is missing.", flag="--output"), fix=tr("Give the video to write: --output result.mp4")
        )
    with as_user_error():
        video = video_file(arguments.video)
        if arguments.shard:
            return shard_of_merge(video, arguments, merge_pictures)
        with locked_output(arguments.output, overwrite=arguments.overwrite, sources=[video]) as output:
            return video_from_merge(video, output, arguments, merge_pictures)


def shard_of_merge(
    video: Path, arguments: argparse.Namespace, merge_pictures: Callable[[argparse.Namespace], int]
) -> int:
    """Merge a shard's part of the pictures; a run without --shard makes the video. Raises UserError."""
    folders = video_folders(arguments, arguments.output.expanduser().absolute())
    if folders.own and not is_from(folders.own / NOTE, video):
        raise UserError(
            tr("Shards need the frames of the video as files."),
            saw=str(video),
            fix=tr("Extract them once with dfl video extract, and give their folder to all shards with --frames."),
        )
    return merge_pictures(for_pictures(arguments, folders))


def video_from_merge(
    video: Path, output: Path, arguments: argparse.Namespace, merge_pictures: Callable[[argparse.Namespace], int]
) -> int:
    answers = ask_table(VIDEO_OUTPUT, given=only(given_flags(arguments), VIDEO_OUTPUT_KEYS), ask_now=False)
    signer = signer_of(arguments)
    if signer:
        refuse_unsignable(output)
    folders = video_folders(arguments, output)
    if folders.own:
        own_folder(
            folders.own,
            fix=tr("Rename that folder, or use another name with --output."),
            made_before=made_before_marks,
        )
        extract_frames(video, folders.own, lambda: digits_of_faces(arguments), may_discard=arguments.overwrite)
    complete_interrupted(folders.frames)
    frames = list_frames(folders.frames)
    if not folders.own:
        check_sizes(frames)  # marks that would turn them are mentioned where they are merged
    result = plan(video, output, answers, frames)
    code = merge_pictures(for_pictures(arguments, folders))
    if code not in (0, 1):
        return code
    merged = [merged_or_original(path, folders.merged) for path in frames]
    if code:
        merged = of_one_size(merged)
    stated = None if arguments.no_metadata else packet_of(merged)
    if signer and stated is None:
        print_error(str(nothing_to_sign()))
    shape = shape_for(size_of(merged), VideoReader(video).facts())  # not that of the frames in raw-predict
    join(merged, result._replace(packet=stated, signer=signer if stated else None, original=video, pixel_shape=shape))
    if folders.own:
        remove_frames(folders.own)
    (print_error if code else say)(
        ntr("{count} frame: {path}", "{count} frames: {path}", count=len(merged), path=output)
    )
    return code


def made_before_marks(folder: Path) -> bool:
    """Whether an earlier version, which set no marks, took frames from a video into `folder`."""
    try:
        keys = set(json.loads(read_regular(folder / NOTE, limit=LARGEST_TEXT)))
    except (OSError, ValueError, TypeError, RecursionError):
        return False
    return keys == {"path", "bytes", "changed"} and {path.name for path in own_files(folder)} <= {*SUBFOLDERS, NOTE}


def is_ours(path: Path) -> bool:
    """Whether a file in our folder is a frame, a merged frame, or a note of this program."""
    return path.name == NOTE or (path.stem.isdecimal() and path.suffix == ".png") or path.name.startswith(OURS)


def unchanged_in(own: Path) -> Callable[[Path], bool]:
    """Tells a file of this program that nobody has changed since, as by retouching it, from one that is the person's now.

    What was noted of none, by an earlier version, counts as unchanged.
    """
    frames, merged = noted_frames(own / NOTE), read_entries(own / "merged" / FILE_NAME)

    def is_unchanged(path: Path) -> bool:
        if not is_ours(path) or path.suffix != ".png":
            return is_ours(path)
        if path.parent.name == "frames":
            return not frames or frames.get(path.name) == file_fingerprint(path)
        entry = merged.get(path.stem)
        written = entry.files and entry.files.get("picture") if entry else None
        return not merged or entry == BEGUN or written == file_fingerprint(path)

    return is_unchanged


def remove_frames(own: Path) -> None:
    """Remove our folder; it stays where the person has put something into it, or changed it."""
    kept = remove_own_folder(own, SUBFOLDERS, unchanged_in(own))
    if kept:
        nobodys = {path.name: "" for path in kept if path.parent.name == "frames"}
        write_note(own, {"bytes": 0, "content": "", "frames": nobodys})  # of no video: a later run asks about them
        notice(
            ntr(
                "{count} file in {folder} was not written by dfl, or changed since, and was kept: {names}",
                "{count} files in {folder} were not written by dfl, or changed since, and were kept: {names}",
                count=len(kept),
                folder=own,
                names=shortened([path.name for path in kept], 3),
            )
        )


def only(given: dict, keys: set) -> dict:
    return {key: value for key, value in given.items() if key in keys}


def for_pictures(arguments: argparse.Namespace, folders: VideoFolders) -> argparse.Namespace:
    """What merging the pictures is told. Only the video is signed: nobody sees its single pictures."""
    changed = {"video": None, "frames": folders.frames, "output": folders.merged, "sign": None}
    return argparse.Namespace(**vars(arguments) | changed | {f"option_{key}": None for key in VIDEO_OUTPUT_KEYS})


def video_folders(arguments: argparse.Namespace, output: Path) -> VideoFolders:
    """The person's pictures if there are any, else a folder of our own beside the result."""
    own = output.with_name(fitting(output.name, ".merging"))
    is_wanted = arguments.workspace or arguments.aligned is None  # faces from elsewhere belong to another film
    root = workspace_for(arguments.workspace) if is_wanted else None
    workspace = Workspace(root) if root else None
    if arguments.frames:
        frames = arguments.frames.expanduser().absolute()
    elif workspace and workspace.frames.is_dir() and list_frames(workspace.frames):
        frames = workspace.frames
    else:
        return VideoFolders(own / "frames", own / "merged", own)
    merged = workspace.merged if workspace else output.with_name(fitting(output.stem, "_merged"))
    return VideoFolders(frames, merged, None)


def extract_frames(video: Path, own: Path, digits: Callable[[], int], *, may_discard: bool = False) -> None:
    """The pictures of `video` in `own`/frames, unless they are there from an earlier, interrupted run.

    digits       asked where they are in doubt: of the numbers in the names that the faces have of their frames; 0 if none has a number
    may_discard  whether frames merged from another video may go
    """
    note = own / NOTE
    if is_from(note, video):
        return
    if not may_discard:
        confirm_discarding(own)
    empty_own_folder(own, SUBFOLDERS, is_ours)  # frames of another film, or not all of this one
    (own / "frames").mkdir(exist_ok=True)
    reader = VideoReader(video)
    facts = reader.facts()
    total = expected_frames(facts)
    count = write_pictures(
        one_size(reader.frames(), video, facts), own / "frames", "png",
        total=total, digits=0 if digits_for(total) == digits_for(0) else digits(),
    )  # fmt: skip
    report_damage(reader, facts, count)
    noted = {path.name: file_fingerprint(path) for path in list_frames(own / "frames")}
    write_note(own, identity_of(video) | {"frames": noted})


def write_note(own: Path, facts: dict) -> None:
    write_atomically(own / NOTE, json.dumps(facts).encode())


def identity_of(video: Path) -> dict:
    """By its content: copying or touching a video changes no picture."""
    return {"bytes": video.stat().st_size, "content": content_fingerprint(FileRange(video)).hex()}


def is_from(note: Path, video: Path) -> bool:
    """Whether the pictures beside the note were taken from `video`, all of them."""
    try:
        found = read_checked(note, VIDEO_NOTE)
    except (WrongField, OSError):
        return False
    if "content" in found:
        return {key: found[key] for key in ("bytes", "content")} == identity_of(video)
    return (found["bytes"], found.get("changed")) == (
        video.stat().st_size,
        video.stat().st_mtime_ns,
    )  # of earlier versions


def noted_frames(note: Path) -> dict[str, str]:
    """The frames that were taken from a video -> their fingerprints, as the note beside them says."""
    try:
        return read_checked(note, VIDEO_NOTE).get("frames", {})
    except (WrongField, OSError):
        return {}


def confirm_discarding(own: Path) -> None:
    """Ask before merged frames are deleted that do not belong to this video, or frames that the person has changed.

    Raises UserError where nobody says yes.
    """
    unchanged = unchanged_in(own)
    count = sum(path.suffix == ".png" for path in own_files(own / "merged")) if (own / "merged").is_dir() else 0
    if (own / "frames").is_dir():
        count += sum(path.suffix == ".png" and not unchanged(path) for path in own_files(own / "frames"))
    if not count:
        return
    what = tr("{folder} holds merged or retouched frames of another video.", folder=own)
    saw = ntr("{count} frame", "{count} frames", count=count)
    if is_interactive():
        notice(tr("{what}: {saw}", what=what.rstrip(".。"), saw=saw))
        if ask_yes_no(N_("Delete them?")):
            return
    raise UserError(
        what, saw=saw, fix=tr("Choose another --output, move the folder away, or delete its contents with --overwrite.")
    )


def digits_of_faces(arguments: argparse.Namespace) -> int:
    """Of the numbers of frames that the faces name: an extraction pads them to 5 digits, or to the length of the video."""
    aligned = existing_folder(folder_for(arguments.aligned, arguments.workspace, "dst", flag="--aligned"), "--aligned")
    stems = (PurePath(face.source_filename or "").stem for face in load_faceset(aligned))
    return min((len(stem) for stem in stems if stem.isdecimal()), default=0)


def plan(video: Path, output: Path, answers: dict, frames: Sequence[Path]) -> VideoOutput:
    """The video to be made of pictures like `frames`, with all else that `video` has. Raises UserError for frames of another one."""
    reader, count = VideoReader(video), len(frames)
    there = len(reader.times(count))
    if there != count:
        raise UserError(
            tr("The frames do not match the video."),
            saw=tr(
                "{pictures}, {frames} in {name}",
                pictures=ntr("{count} image", "{count} images", count=count),
                frames=ntr("{count} frame", "{count} frames", count=there),
                name=video.name,
            ),
            fix=tr("Extract all frames with dfl video extract and the faces from these, or leave out --frames."),
        )
    result = VideoOutput(output, frame_timing(video, count), None if answers["lossless"] else answers["bitrate"])
    return inheriting(result, StreamCopy(video), size_of(frames))


def merged_or_original(frame: Path, merged: Path) -> Path:
    """The result of `frame`; the frame itself where there is none, as for a file that is no picture."""
    result = existing_spelling(merged / f"{frame.stem}.png")
    return result if result.is_file() else frame


def of_one_size(pictures: Sequence[Path]) -> list[Path]:
    """`pictures`, in place of each that has another size than most the one before it: in raw-predict, a frame that failed."""
    sizes = {path: header.size for path, header in headers_of(pictures)}
    if len(set(sizes.values())) < 2:
        return list(pictures)
    usual = Counter(sizes.values()).most_common(1)[0][0]
    last = next(path for path in pictures if sizes.get(path) == usual)
    kept = []
    for path in pictures:
        if sizes.get(path, usual) == usual:
            last = path
        else:
            notice(tr("{name} has another size; repeating the previous frame.", name=path.name))
        kept.append(last)
    return kept
