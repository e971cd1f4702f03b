"""The two videos of a swap, looked at before hours of work."""

from collections.abc import Mapping
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.swap.job import Wanted
from dfl_cli.swap.state import is_same
from dfl_cli.translate import tr
from dfl_cli.video.files import as_user_error, video_file
from samplers.files.face_folder import IMAGE_SUFFIXES
from samplers.files.names import existing_spelling


def src_of(given: Path) -> Path:
    """A video, or a folder of images. Raises UserError."""
    path = existing_spelling(given.expanduser().absolute())
    return path if path.is_dir() else readable_video(given)


def dst_of(given: Path) -> Path:
    """A video. Raises UserError."""
    path = given.expanduser().absolute()
    if path.is_dir():
        raise UserError(
            tr("dst has to be a video."),
            saw=tr("{path} (a folder)", path=path),
            fix=tr("Make a video of the frames first with dfl video join, or merge them with dfl merge."),
        )
    return readable_video(given)


def readable_video(given: Path) -> Path:
    """Raises UserError where its first picture cannot be read."""
    from dfl_cli.video.read import VideoReader

    path = video_file(given)
    if path.suffix.lower() in IMAGE_SUFFIXES:
        raise UserError(
            tr("{path} is an image, not a video.", path=path),
            fix=tr("Use a video; src may also be a folder of images."),
        )
    with as_user_error():
        VideoReader(path).facts()
    return path


def refuse_same_faces(videos: Mapping[str, Mapping], wanted: Mapping[str, Wanted]) -> None:
    """Raises UserError where src and dst are the same video, unless two people in it are named. videos: identities by side."""
    if is_same(videos["src"], videos["dst"]) and wanted["src"] == wanted["dst"]:
        raise UserError(
            tr("src and dst are the same video."),
            saw=str(videos["src"]["path"]),
            fix=tr("Use two videos; to swap two people of one, name them with --src-person and --dst-person."),
        )


def is_video(path: Path) -> bool:
    return not path.is_dir()
