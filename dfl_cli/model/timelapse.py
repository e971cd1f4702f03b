"""`dfl model timelapse`: the preview history of a model as a video, .mp4 or .gif."""

import argparse
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.options.flags import number_from, positive, spellings, whole_number
from dfl_cli.terminal.console import progress, say
from dfl_cli.translate import listed, ntr, tr
from samplers.files.atomic_file import replacing
from samplers.files.foreign_files import own_entries, own_files

GRAPH = 100  # pixels of the loss graph above a picture of the history
BITRATE = 8  # Mbit/s
TEXT = 14  # pixels
LARGEST_SIDE = 8192  # pixels of a video
GIF_UNIT = 0.01  # seconds
WRITTEN = re.compile(r"[0-9]{1,18}\.jpg")  # names of images in a history


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Beside the folder flags that every action of `dfl model` has."""
    parser.add_argument("name", metavar="NAME", help=tr("Name of the model."))
    parser.add_argument(
        *spellings("--output"), type=Path, required=True, metavar="FILE", help=tr("The video to write: .mp4 or .gif.")
    )
    parser.add_argument(
        "--preview", metavar="NAME", help=tr("Name of the preview, such as SAEHD masked; default: the first.")
    )
    parser.add_argument("--fps", type=number_from(0.1, 1000), default=25.0, help=tr("Frames per second."))
    parser.add_argument(
        "--seconds", type=positive, help=tr("Length of the video; images are dropped evenly. Default: all are shown.")
    )
    parser.add_argument(
        "--height", type=even, metavar="PIXELS", help=tr("Height of the video; default: that of the images.")
    )
    parser.add_argument(
        "--no-graph",
        dest="graph",
        action="store_false",
        help=tr("Crop the loss graph; the iteration is still shown."),
    )
    parser.add_argument("--no-label", dest="label", action="store_false", help=tr("Hide the iteration, too."))
    parser.add_argument("--overwrite", action="store_true", help=tr("Replace an existing file without asking."))


def even(text: str) -> int:
    value = whole_number(2, LARGEST_SIDE)(text)
    return value + value % 2


def run(args: argparse.Namespace) -> int:
    from dfl_cli.store.choose_model import existing_model
    from dfl_cli.store.workspace import existing_folder, folder_for
    from dfl_cli.video.files import OUTPUT_SUFFIXES, locked_output

    models = existing_folder(folder_for(args.models, args.workspace, "models", flag="--models"), "--models")
    folder = history_of(existing_model(models, args.name), args.preview)
    paths = spread(history_images(folder), args.seconds and round(args.seconds * args.fps))
    suffixes = (*OUTPUT_SUFFIXES, ".gif")
    with locked_output(args.output, overwrite=args.overwrite, suffixes=suffixes) as output:
        write_film(output, folder, paths, args)
    say(
        ntr(
            "{count} image of {preview}: {path}",
            "{count} images of {preview}: {path}",
            count=len(paths),
            preview=folder.name,
            path=output,
        )
    )
    return 0


def write_film(output: Path, folder: Path, paths: Sequence[Path], args: argparse.Namespace) -> None:
    write = write_gif if output.suffix.lower() == ".gif" else write_video
    with progress(len(paths), tr("Writing video")) as bar:
        frames = pictures(paths, height=args.height, graph=args.graph, label=args.label, on_picture=bar.update)
        first = next(frames, None)
        if first is None:
            raise no_pictures(folder)
        write(output, chain([first], frames), args.fps)


def history_of(model: Path, preview: str | None) -> Path:
    """The folder with the pictures of that preview, or of the first one.

    Raises:
        UserError: there are none.
    """
    history = model / "history"
    named = sorted(own_files(history)) if history.is_dir() else []
    folders = [path for path in named if path.is_dir() and history_images(path)]
    if not folders:
        raise no_pictures(history)
    found = [path for path in folders if preview in (None, path.name)]
    if not found:
        raise UserError(
            tr("There is no history for the preview {name}.", name=preview),
            saw=listed(path.name for path in folders),
            fix=tr("Choose one of these with --preview."),
        )
    return found[0]


def history_images(folder: Path) -> list[Path]:
    """Those that training wrote, by iteration; not a copy `00030 (1).jpg` beside them."""
    return sorted((path for path in own_entries(folder) if WRITTEN.fullmatch(path.name)), key=iteration_of)


def no_pictures(folder: Path) -> UserError:
    return UserError(
        tr("There is no preview history."),
        saw=tr("No images in {folder}.", folder=folder),
        fix=tr("Train with --write-preview-history y; an image is written every few iterations."),
    )


def iteration_of(path: Path) -> int:
    return int(path.stem)


def spread(paths: Sequence[Path], count: int | None) -> Sequence[Path]:
    """`count` of the paths, evenly, with the first and the last; all of them where there are no more."""
    if not count or count >= len(paths):
        return paths
    return [paths[round(number * (len(paths) - 1) / max(1, count - 1))] for number in range(count)]


def pictures(paths: Sequence[Path], *, height: int | None, graph: bool, label: bool, on_picture) -> Iterator:
    """(H, W, 3) uint8 BGR, all of the last one's size; files that cannot be read are left out."""
    from dfl_cli.frames import UnreadableFrame, read_frame

    size = None
    for path in [paths[-1], *paths]:
        try:
            picture = read_frame(path)
        except (UnreadableFrame, OSError):
            continue
        picture = picture if graph else picture[GRAPH:]
        if size is None:  # of the last picture, which is looked at first
            rows, columns = picture.shape[:2]
            size = (round(columns * height / rows), height) if height else (columns, rows)
            continue
        picture = fitted(picture, size)
        if label and not graph:
            write_label(picture, iteration_of(path))
        yield picture
        on_picture(1)


def fitted(picture, size: tuple[int, int]):
    """Scaled into `size` (width, height), with black beside it where the shape differs, as after a change of the batch size."""
    import cv2
    import numpy as np

    width, height = size
    scale = min(width / picture.shape[1], height / picture.shape[0])
    if scale != 1:
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        inner = (min(width, round(picture.shape[1] * scale)), min(height, round(picture.shape[0] * scale)))
        picture = cv2.resize(picture, inner, interpolation=method)
    whole = np.zeros((height, width, 3), np.uint8)
    whole[: picture.shape[0], : picture.shape[1]] = picture
    return whole


def write_label(picture, iteration: int) -> None:
    """The iteration in the lower left corner, legible on any picture."""
    import cv2

    corner = (4, picture.shape[0] - 5)
    for color, weight in (((0, 0, 0), 900), ((255, 255, 255), 400)):
        cv2.putText(picture, str(iteration), corner, color, cv2.FontFace("sans"), TEXT, weight)


def write_video(path: Path, frames: Iterator, fps: float) -> None:
    from dfl_cli.video.files import as_user_error
    from dfl_cli.video.write import VideoWriter

    rate = Fraction(fps).limit_denominator(1001)
    with as_user_error(), VideoWriter(path, rate=rate, bitrate=BITRATE) as video:
        for frame in frames:
            video.add(frame)


def write_gif(path: Path, frames: Iterator, fps: float) -> None:
    """Endlessly repeated; a picture stays for whole hundredths of a second."""
    from PIL import Image

    images = (Image.fromarray(frame[:, :, ::-1].copy()) for frame in frames)
    duration = max(2, round(1 / fps / GIF_UNIT)) * 10  # milliseconds; players slow faster ones down
    with replacing(path) as partial:
        next(images).save(partial, format="GIF", save_all=True, append_images=images, duration=duration, loop=0)
