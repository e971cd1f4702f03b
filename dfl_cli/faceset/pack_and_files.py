"""What the faces of a set were read from, where a folder has a pack and images, and whether the two agree."""

from collections.abc import Sequence
from typing import NamedTuple

from dfl_cli.terminal.names import shortened
from dfl_cli.translate import ntr, tr
from samplers.files.face_folder import suffix_of
from samplers.files.faces import FACE_SUFFIXES, Face, Faceset, Source, read_face
from samplers.pose_coverage import evenly

NAMES_SHOWN = 5
PROBED = 32  # images that are opened to learn whether those beside a pack are faces at all


class Differences(NamedTuple):
    """Names of faces."""

    only_in_pack: list[str]  # deleted beside it, perhaps on purpose
    only_in_files: list[str]
    changed: list[str]  # of another length in bytes

    def __bool__(self) -> bool:
        return any(map(len, self))


def compare(faceset: Faceset) -> Differences | None:
    """The pack that was used against the images beside it; None where there are none, or none that is a face."""
    contents = faceset.contents
    packed = {face.name: face.file_range.size for face in faceset}
    packed |= {each.name: None for each in faceset.skipped}  # its length does not matter
    if not contents.pictures or (contents.persons and not any("/" in name for name in packed)):
        return None
    files = {name: stamp.bytes for name, stamp in contents.pictures if suffix_of(name) in FACE_SUFFIXES}
    only_in_files = sorted(files.keys() - packed.keys())
    if only_in_files and not any(is_face(faceset, name) for name in evenly(only_in_files, PROBED)):
        files = {name: size for name, size in files.items() if name in packed}
        only_in_files = []
    if not files:
        return None
    changed = [name for name in files if packed.get(name) is not None and packed[name] != files[name]]
    return Differences(sorted(packed.keys() - files.keys()), only_in_files, sorted(changed))


def is_face(faceset: Faceset, name: str) -> bool:
    return isinstance(read_face(faceset.contents.path(name), name), Face)


def source_lines(faceset: Faceset) -> list[str]:
    """What a person has to know about where the faces come from; nothing for a plain folder or a lone pack."""
    contents, folder = faceset.contents, faceset.folder
    lines = []
    if faceset.source is Source.PERSONS:
        lines.append(
            ntr(
                "{folder}: faces from {count} subfolder: {names}",
                "{folder}: faces from {count} subfolders: {names}",
                count=len(contents.persons),
                folder=folder,
                names=shortened(contents.persons, NAMES_SHOWN),
            )
        )
    for name in contents.packs:
        if name != faceset.source.value and Source(name) not in faceset.unusable:
            used = source_text(faceset.source)
            lines.append(
                tr("{folder}: {source} is not used. Used instead: {other}.", folder=folder, source=name, other=used)
            )
    if faceset.source is Source.PACK:
        lines += pack_lines(faceset)
    return lines


def source_text(source: Source) -> str:
    return source.value if source in (Source.PACK, Source.ZIP) else tr("the image files")


def pack_lines(faceset: Faceset) -> list[str]:
    pack, folder, found = faceset.source.value, faceset.folder, compare(faceset)
    if found is None:
        return []
    if not found:
        return [tr("{folder}: {pack} is used; the image files are the same faces.", folder=folder, pack=pack)]
    return [
        tr("{folder}: {pack} is used, but the image files differ from it:", folder=folder, pack=pack),
        *(f"  {line}" for line in difference_lines(found)),
        tr("  To use the image files: --prefer files. To update the pack: dfl faceset pack --overwrite"),
    ]


def difference_lines(found: Differences) -> list[str]:
    lines = []
    if found.only_in_pack:
        lines.append(
            ntr(
                "{count} face is only in the pack: {names}",
                "{count} faces are only in the pack: {names}",
                count=len(found.only_in_pack),
                names=listed(found.only_in_pack),
            )
        )
    if found.only_in_files:
        lines.append(
            ntr(
                "{count} image file is not in the pack: {names}",
                "{count} image files are not in the pack: {names}",
                count=len(found.only_in_files),
                names=listed(found.only_in_files),
            )
        )
    if found.changed:
        lines.append(
            ntr(
                "{count} image file was changed: {names}",
                "{count} image files were changed: {names}",
                count=len(found.changed),
                names=listed(found.changed),
            )
        )
    return lines


def listed(names: Sequence[str]) -> str:
    return shortened(names, NAMES_SHOWN)
