"""What to do where a folder has no usable faces: where faces are nearby, or what the files in it are."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from dfl_cli.terminal.names import quoted, shortened
from dfl_cli.translate import ntr, tr
from samplers.files.dfl_pack import PACK_NAME, read_pack
from samplers.files.face import READ_ERRORS, Skipped
from samplers.files.face_folder import ALIGNED, list_folder, suffix_of
from samplers.files.face_zip import ZIP_NAME, read_zip
from samplers.files.faces import IMAGE_SUFFIXES, Face, read_face
from samplers.files.foreign_files import own_files
from samplers.files.names import printable
from samplers.files.reason import Fault
from samplers.pose_coverage import evenly

PROBED = 8  # images of a folder that are opened to learn whether it holds faces
MOST_FOLDERS = 50  # looked into on each level
PLACES_SHOWN = 3
PACK_SUFFIXES = {".pak", ".zip"}
ARCHIVE_SUFFIXES = {".7z", ".rar", ".tar", ".gz", ".tgz"}
FACES_OF_ANOTHER_KIND = {
    Fault.UNKNOWN_FACE_TYPE,
    Fault.LANDMARKS,
    Fault.HOSTILE,
    Fault.ENCRYPTED,
    Fault.COMPRESSION,
}
VIDEO_SUFFIXES = {".mp4", ".mkv", ".mov", ".avi", ".webm", ".m4v", ".wmv", ".flv"}


def advice(folder: Path, skipped: Sequence[Skipped]) -> str:
    """What the person probably wants to do about `folder`, in which every picture was `skipped`."""
    faults = Counter(each.reason.fault for each in skipped)
    most = faults.most_common(1)[0][0] if faults else None
    if most is Fault.PNG_FACE:
        return tr("dfl faceset convert {folder}", folder=quoted(folder))
    if most in FACES_OF_ANOTHER_KIND:
        return advice_on(most)
    if elsewhere := advice_on_places(folder):
        return elsewhere
    if (folder / ZIP_NAME).is_file() and most is None:
        return tr("dfl faceset unpack {folder}", folder=quoted(folder))
    return advice_on_archives(folder) or (advice_on(most) if most else advice_on_nothing(folder))


def advice_on_places(folder: Path) -> str | None:
    """About faces near `folder`, which need not exist; None without any."""
    places = [str(place) for place in places_with_faces(folder)]
    if not places:
        return None
    return ntr(
        "There are faces in another folder. You probably mean {folders}",
        "There are faces in other folders. You probably mean one of these: {folders}",
        count=len(places),
        folders=shortened(places, PLACES_SHOWN),
    )


def places_with_faces(folder: Path) -> Iterator[Path]:
    """Folders nearby that hold faces: inside, two levels down, the one around, or an `aligned` beside."""
    seen = {folder}
    for place in nearby(folder):
        if place not in seen and has_faces(place):
            yield place
        seen.add(place)


def nearby(folder: Path) -> Iterator[Path]:
    inner = folders_in(folder)
    yield from inner
    for each in inner:
        yield from folders_in(each)
    yield from (path for path in folders_in(folder.parent) if path.name.lower().startswith(ALIGNED))
    yield folder.parent


def folders_in(folder: Path) -> list[Path]:
    try:
        return [path for path in sorted(own_files(folder)) if path.is_dir()][:MOST_FOLDERS]
    except OSError:
        return []


def has_faces(folder: Path) -> bool:
    """Whether a folder's own files are a face set, by a few of them."""
    try:
        contents = list_folder(folder)
        if contents.packs:
            return any(faces_in_pack(contents.path(name)) for name in contents.packs)
    except READ_ERRORS:
        return False
    names = [] if contents.persons else [name for name, _ in contents.pictures]
    return any(isinstance(read_face(folder / name, name), Face) for name in evenly(names, PROBED))


def faces_in_pack(path: Path) -> int:
    return len(read_zip(path, IMAGE_SUFFIXES).entries if path.name == ZIP_NAME else read_pack(path))


def advice_on_archives(folder: Path) -> str | None:
    """About packs under other names, and archives that cannot be read."""
    names = sorted(path.name for path in own_files(folder) if path.is_file())
    packs = [name for name in names if suffix_of(name) in PACK_SUFFIXES and name not in (PACK_NAME, ZIP_NAME)]
    if packs:
        right = f"faceset{suffix_of(packs[0])}"
        return tr("Rename {name} to {right} if the faces are in it.", name=printable(packs[0]), right=right)
    archives = [name for name in names if suffix_of(name) in ARCHIVE_SUFFIXES]
    if archives:
        return tr("Unpack {name} first if the faces are in it.", name=printable(archives[0]))
    return None


def advice_on_nothing(folder: Path) -> str:
    """About a folder without a picture."""
    videos = sorted(path.name for path in own_files(folder) if suffix_of(path.name) in VIDEO_SUFFIXES)
    if videos:
        return tr(
            "Extract the faces first: dfl extract --input {name} --output FOLDER.",
            name=printable(videos[0]),
        )
    return tr("Give a folder of aligned faces, as dfl extract or DeepFaceLab writes it.")


def advice_on(fault: Fault) -> str:
    """What to do about the most frequent fault."""
    match fault:
        case Fault.UNKNOWN_FACE_TYPE:
            return tr("Extract the faces again with one of the types h, mf, f, wf or head.")
        case Fault.LANDMARKS:
            return tr("Extract the faces again.")
        case Fault.HOSTILE:
            return tr("Do not use these files. Get the faces from a source you trust, or extract them yourself.")
        case Fault.ENCRYPTED:
            return tr("Unpack the zip file with its password into a folder, and give that folder.")
        case Fault.COMPRESSION:
            return tr("Unpack the zip file with another program into a folder, and give that folder.")
        case Fault.EMPTY:
            return tr("Copy the files again; a full disk or an interrupted copy leaves empty files.")
        case Fault.NO_FACE_DATA | Fault.MARK_ONLY:
            return tr(
                "These look like frames or ordinary images. Extract the faces first with dfl extract --input FRAMES --output "
                "FOLDER, then give that folder."
            )
        case Fault.TRUNCATED | Fault.DAMAGED | Fault.NOT_AN_IMAGE:
            return tr("Copy or download the files again, or extract the faces again.")
    return tr("Give a folder of aligned faces, as dfl extract or DeepFaceLab writes it.")
