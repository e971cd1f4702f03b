"""Whether pictures in files are the frames of one video: their order, their sizes, and marks that turn them."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.frames import UnreadableFrame, read_pixels
from dfl_cli.terminal.console import notice, progress
from dfl_cli.terminal.names import shortened
from dfl_cli.translate import listed, ntr, tr
from samplers.files.image_header import ImageHeader, image_header

NAMES_SHOWN = 20  # of a list that may be as long as the video
SCHEMES_SHOWN = 3


def mention_namesakes(names: Sequence[str]) -> None:
    """Say which images are left out, see `namesakes`."""
    if names:
        notice(
            tr(
                "Skipped, because another image has the same name with a different extension: {frames}",
                frames=shortened(names, NAMES_SHOWN),
            )
        )


def mention_order(frames: Sequence[Path]) -> None:
    """Say in which order the frames are used where their names alone leave a doubt."""
    runs = runs_of_schemes(frames)
    same = same_numbers(frames)
    if len(runs) > 1 and any("#" in scheme_of(first) for first, _ in runs):
        shown = [
            first.name if first == last else f"{first.name} .. {last.name}" for first, last in runs[:SCHEMES_SHOWN]
        ]
        if len(runs) > SCHEMES_SHOWN:
            shown += ["...", frames[-1].name]
        notice(tr("The names of the frames follow different patterns. Their order is: {order}", order=listed(shown)))
    if same:
        notice(
            tr(
                "Frames with the same number are used one after the other: {names}",
                names=shortened([path.name for path in same], NAMES_SHOWN),
            )
        )


def runs_of_schemes(frames: Sequence[Path]) -> list[tuple[Path, Path]]:
    """First and last of each run of frames whose stems are alike but for their numbers."""
    runs: list[tuple[Path, Path]] = []
    for path in frames:
        if runs and scheme_of(path) == scheme_of(runs[-1][1]):
            runs[-1] = runs[-1][0], path
        else:
            runs.append((path, path))
    return runs


def scheme_of(path: Path) -> str:
    return re.sub(r"\d+", "#", path.stem)


def same_numbers(frames: Sequence[Path]) -> list[Path]:
    """Neighbors that differ in leading zeros alone, as 1.png and 01.png."""
    plain = [re.sub(r"\d+", lambda match: str(int(match[0])), path.stem) for path in frames]
    doubles = {place + step for place in range(len(frames) - 1) if plain[place] == plain[place + 1] for step in (0, 1)}
    return [frames[place] for place in sorted(doubles)]


def check_frames(frames: Sequence[Path]) -> None:
    """Before work begins: they have one size, and marks that would turn them are mentioned. Raises UserError."""
    mention_turned(check_sizes(frames))


def check_sizes(frames: Sequence[Path]) -> list[Path]:
    """The frames with a mark that would turn them. Raises UserError unless all have one size."""
    wanted, turned = None, []
    with progress(len(frames), tr("Checking frames"), unit=tr("frames"), keep=False) as bar:
        for path, header in headers_of(frames):
            bar.update(1)
            wanted = wanted or header.size
            if header.size != wanted:
                raise other_size(path, header.size, wanted)
            turned += [path] if header.orientation != 1 else []
    return turned


def mention_orientation(frames: Sequence[Path], *, extracting: bool = False) -> None:
    """Say which of the photos among the frames have a mark that would turn them. extracting: faces are still to be found."""
    photos = [path for path in frames if path.suffix.lower() in (".jpg", ".jpeg")]
    turned = [path for path, header in headers_of(photos) if header.orientation != 1]
    if extracting and turned:
        notice(
            ntr(
                "{name} is marked in EXIF to be shown rotated or mirrored. The mark is ignored, as in dfl merge: faces are "
                "found whichever way up they are.",
                "{count} images, {name} first, are marked in EXIF to be shown rotated or mirrored. The marks are ignored, "
                "as in dfl merge: faces are found whichever way up they are.",
                count=len(turned),
                name=turned[0].name,
            )
        )
    elif turned:
        mention_turned(turned)


def mention_turned(turned: Sequence[Path]) -> None:
    if turned:
        notice(
            ntr(
                "{name} is marked in EXIF to be shown rotated or mirrored. The mark is ignored: the pixels are used as they "
                "are stored, and the face must have been extracted from them like that.",
                "{count} images, {name} first, are marked in EXIF to be shown rotated or mirrored. The marks are ignored: "
                "the pixels are used as they are stored, and the faces must have been extracted from them like that.",
                count=len(turned),
                name=turned[0].name,
            )
        )


def size_of(frames: Sequence[Path]) -> tuple[int, int]:
    """(width, height) of the first frame that can be read. Raises UserError if none can."""
    for _, header in headers_of(frames):
        return header.size
    raise UserError(
        tr("None of the images can be read."),
        saw=str(frames[0]),
        fix=tr("Replace them, or use another folder."),
    )


def headers_of(frames: Sequence[Path]) -> Iterator[tuple[Path, ImageHeader]]:
    """Those that can be read; the others are reported when it is their turn."""
    for path in frames:
        try:
            header = image_header(path)
            if header is None:  # TIFF, which OpenCV turns upright
                header = ImageHeader(read_pixels(path).shape[1::-1])
        except (UnreadableFrame, OSError):
            continue
        yield path, header


def other_size(path: Path, found: tuple[int, int], wanted: tuple[int, int]) -> UserError:
    return UserError(
        tr("All frames of a video must have the same size."),
        saw=tr(
            "{name} is {found}, the first one is {wanted}",
            name=path.name,
            found="x".join(map(str, found)),
            wanted="x".join(map(str, wanted)),
        ),
        fix=tr("Remove the images that do not belong to the video."),
    )
